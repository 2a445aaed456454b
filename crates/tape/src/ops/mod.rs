//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: ;
    concat: ;
    cumsum: Cumsum;
    diagonal: Diagonal;
    einsum: ;
    layout: ;
    logsumexp: LogSumExp;
    matmul: Matmul, Outer;
    max: Max, Min, Amax, Amin;
    norm: Norm;
    prod: Prod;
    select: ;
    slice: ;
    softmax: Softmax, LogSoftmax;
    sum: Sum, Mean;
    variance: Var, Std;
}

pub use slice::Span;
