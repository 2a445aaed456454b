//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: Get, Stack;
    concat: Concat;
    cumsum: Cumsum;
    diagonal: Diagonal;
    einsum: ;
    layout: Reshape, Permute, BroadcastTo;
    logsumexp: LogSumExp;
    matmul: Matmul, Outer;
    max: Max, Min, Amax, Amin;
    norm: Norm;
    prod: Prod;
    select: Select;
    slice: Slice;
    softmax: Softmax, LogSoftmax;
    stop_gradient: StopGradient;
    sum: Sum, Mean;
    variance: Var, Std;
}

pub use slice::Span;
