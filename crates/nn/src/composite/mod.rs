//! Composite nodes: what could be built from smaller operations, as one node with a derivative of its own.
//!
//! They are faster, they keep digits that the parts would lose, and they make the picture of a network readable. All
//! are [`TensorOp`](tape::TensorOp)s like a user's own; tests compare each with the same thing made of primitive
//! operations.

mod affine;
mod losses;
mod mse;
mod reduction;
mod row;
mod sigmoid_cross_entropy;
mod softmax_cross_entropy;
mod target;

pub use affine::Affine;
pub use losses::Losses;
pub use mse::SquaredError;
pub use reduction::Reduction;
pub use sigmoid_cross_entropy::SigmoidCrossEntropy;
pub use softmax_cross_entropy::SoftmaxCrossEntropy;
pub use target::Target;
