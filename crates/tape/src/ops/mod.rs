//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    batch_norm: BatchNorm, BatchNormEvaluation;
    bridge: ;
    concat: ;
    group_norm: GroupNorm;
    layer_norm: LayerNorm;
    layout: ;
    logsumexp: ;
    matmul: ;
    max: ;
    normalise: ;
    rms_norm: RmsNorm;
    select: ;
    slice: ;
    softmax: ;
    sum: Sum, Mean;
}

pub use batch_norm::RunningStatistics;
pub use slice::Span;
