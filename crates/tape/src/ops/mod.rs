//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    attention: Attention;
    batch_norm: BatchNorm, BatchNormEvaluation;
    bridge: ;
    cell: ;
    concat: ;
    group_norm: GroupNorm;
    gru: GruCell;
    layer_norm: LayerNorm;
    layout: ;
    logsumexp: ;
    lstm: LstmCell;
    matmul: ;
    max: ;
    normalise: ;
    rms_norm: RmsNorm;
    select: ;
    slice: ;
    softmax: ;
    sum: Sum, Mean;
}

pub use attention::{AttentionMask, AttentionOptions};
pub use batch_norm::RunningStatistics;
pub use slice::Span;
