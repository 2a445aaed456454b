//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, and the methods that record it.

mod bridge;
mod concat;
mod layout;
mod logsumexp;
mod matmul;
mod max;
mod select;
mod slice;
mod softmax;
mod sum;

pub use slice::Span;
