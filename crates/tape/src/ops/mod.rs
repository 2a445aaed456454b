//! Structured tensor operations, a file each: the operation, its vector-Jacobian product, what it says of itself, and the
//! methods that record it.

use crate::operations;

operations! {
    bridge: ;
    concat: ;
    conv: Convolve;
    conv_transpose: ConvolveTransposed;
    layout: ;
    logsumexp: ;
    matmul: ;
    max: ;
    pool: MaxPool, AvgPool, AdaptiveAvgPool;
    select: ;
    slice: ;
    softmax: ;
    sum: Sum, Mean;
}

pub use conv::{Convolution, PerAxis};
pub use pool::Pool;
pub use slice::Span;
