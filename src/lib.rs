//! The facade.
pub use {nn, tape};
/// Everything that the examples use.
pub mod prelude {
    pub use nn::prelude::*;
    pub use tape::{Error, Gradients, Rule, Scalar, Span, Tape, Tensor, TensorOp};
}
