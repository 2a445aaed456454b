//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: ;
    concat: ;
    layout: ;
    logsumexp: LogSumExp;
    matmul: Matmul;
    max: Max, Min, Amax, Amin;
    select: ;
    slice: ;
    softmax: Softmax, LogSoftmax;
    sum: Sum, Mean;
}

pub use slice::Span;
