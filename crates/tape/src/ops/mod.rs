//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    axes: ;
    bridge: Get;
    clamp: ;
    concat: Concat, Stack;
    cumsum: Cumsum;
    diagonal: Diagonal;
    einsum: ;
    gather: Gather, ScatterAdd;
    indices: ;
    layout: Reshape, Permute, BroadcastTo;
    logsumexp: LogSumExp;
    matmul: Matmul, Outer;
    max: Max, Min, Amax, Amin;
    norm: Norm;
    pad: Pad;
    part: Part;
    prod: Prod;
    repeat: Repeat;
    select: Select;
    slice: Slice;
    softmax: Softmax, LogSoftmax;
    stop_gradient: StopGradient;
    sum: Sum, Mean;
    take: Take;
    triangle: Triangle;
    variance: Var, Std;
}

pub use slice::Span;
