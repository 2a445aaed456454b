//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    axes: ;
    bridge: Get;
    clamp: ;
    concat: Concat, Stack;
    gather: Gather, ScatterAdd;
    indices: ;
    layout: Reshape, Permute, BroadcastTo;
    logsumexp: ;
    matmul: ;
    max: ;
    pad: Pad;
    part: Part;
    repeat: Repeat;
    select: Select;
    slice: Slice;
    softmax: ;
    stop_gradient: StopGradient;
    sum: Sum, Mean;
    take: Take;
    triangle: Triangle;
}

pub use slice::Span;
