//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

mod attention;
mod axes;
mod batch_norm;
mod bridge;
mod cell;
mod clamp;
mod concat;
mod conv;
mod conv_transpose;
mod cumsum;
mod diagonal;
mod einsum;
mod gather;
mod group_norm;
mod gru;
mod indices;
mod layer_norm;
mod layout;
mod logsumexp;
mod lstm;
mod matmul;
mod max;
mod norm;
mod normalise;
mod outer;
mod pad;
mod part;
mod pool;
mod prod;
mod repeat;
mod rms_norm;
mod row_norm;
mod select;
mod slice;
mod softmax;
mod stop_gradient;
mod sum;
mod take;
mod triangle;
mod variance;

use crate::operations;

operations! {
    attention::Attention,
    batch_norm::BatchNorm,
    batch_norm::BatchNormEvaluation,
    bridge::Get,
    concat::Concat,
    concat::Stack,
    conv::Convolve,
    conv_transpose::ConvolveTransposed,
    cumsum::Cumsum,
    diagonal::Diagonal,
    gather::Gather,
    gather::ScatterAdd,
    group_norm::GroupNorm,
    gru::GruCell,
    layer_norm::LayerNorm,
    layout::Reshape,
    layout::Permute,
    layout::BroadcastTo,
    logsumexp::LogSumExp,
    lstm::LstmCell,
    matmul::Matmul,
    max::Max,
    max::Min,
    max::Amax,
    max::Amin,
    norm::Norm,
    outer::Outer,
    pad::Pad,
    part::Part,
    pool::MaxPool,
    pool::AvgPool,
    pool::AdaptiveAvgPool,
    prod::Prod,
    repeat::Repeat,
    rms_norm::RmsNorm,
    select::Select,
    slice::Slice,
    softmax::Softmax,
    softmax::LogSoftmax,
    stop_gradient::StopGradient,
    sum::Sum,
    sum::Mean,
    take::Take,
    triangle::Triangle,
    variance::Var,
    variance::Std,
}

pub use attention::{AttentionMask, AttentionOptions};
pub use batch_norm::RunningStatistics;
pub use conv::{Convolution, PerAxis};
pub use pool::Pool;
pub use slice::Span;
