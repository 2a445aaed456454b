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
    select: ;
    slice: ;
    softmax: ;
    sum: Sum, Mean;
}

pub use conv::{Convolution, PerAxis};
pub use slice::Span;
