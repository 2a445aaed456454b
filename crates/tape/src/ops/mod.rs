//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: ;
    concat: ;
    layout: ;
    logsumexp: ;
    matmul: ;
    max: ;
    select: ;
    slice: ;
    softmax: ;
    sum: Sum, Mean;
}

pub use slice::Span;
