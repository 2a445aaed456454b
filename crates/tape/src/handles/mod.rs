//! What users hold: scalars and tensors, their operators, and their methods.

mod apply;
mod nested;
mod operators;
mod scalar;
mod tensor;

pub use scalar::{IntoScalar, Scalar};
pub use tensor::{Tensor, TensorOperand};
