//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    attention: Attention;
    axes: ;
    batch_norm: BatchNorm, BatchNormEvaluation;
    bridge: Get;
    cell: ;
    clamp: ;
    concat: Concat, Stack;
    conv: Convolve;
    conv_transpose: ConvolveTransposed;
    cumsum: Cumsum;
    diagonal: Diagonal;
    einsum: ;
    gather: Gather, ScatterAdd;
    group_norm: GroupNorm;
    gru: GruCell;
    indices: ;
    layer_norm: LayerNorm;
    layout: Reshape, Permute, BroadcastTo;
    logsumexp: LogSumExp;
    lstm: LstmCell;
    matmul: Matmul, Outer;
    max: Max, Min, Amax, Amin;
    norm: Norm;
    normalise: ;
    pad: Pad;
    part: Part;
    pool: MaxPool, AvgPool, AdaptiveAvgPool;
    prod: Prod;
    repeat: Repeat;
    rms_norm: RmsNorm;
    select: Select;
    slice: Slice;
    softmax: Softmax, LogSoftmax;
    stop_gradient: StopGradient;
    sum: Sum, Mean;
    take: Take;
    triangle: Triangle;
    variance: Var, Std;
}

pub use attention::{AttentionMask, AttentionOptions};
pub use batch_norm::RunningStatistics;
pub use conv::{Convolution, PerAxis};
pub use pool::Pool;
pub use slice::Span;
