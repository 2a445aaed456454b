//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: Get, Stack;
    concat: Concat;
    layout: Reshape, Permute, BroadcastTo;
    logsumexp: LogSumExp;
    matmul: Matmul;
    max: Max, Min, Amax, Amin;
    select: Select;
    slice: Slice;
    softmax: Softmax, LogSoftmax;
    stop_gradient: StopGradient;
    sum: Sum, Mean;
}

pub use slice::Span;
