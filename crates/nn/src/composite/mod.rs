//! Composite nodes: what could be built from smaller operations, as one node with a derivative of its own.
//!
//! They are faster, they keep digits that the parts would lose, and they make the picture of a network readable. All
//! are [`TensorOp`](tape::TensorOp)s like a user's own; tests compare each with the same thing made of primitive
//! operations, and walk over all that are listed here. What is not listed cannot be recorded.

mod absolute_error;
mod affine;
mod dropout;
mod elementwise;
mod hinge;
mod labels;
mod losses;
mod nll;
mod probabilities;
mod reduction;
mod row;
mod sigmoid_cross_entropy;
mod softmax_cross_entropy;
mod squared_error;
mod target;

use tape::listing::Listed;
use tape::{Element, Error, Tensor};

tape::operations! {
    absolute_error::AbsoluteError,
    absolute_error::HuberLoss,
    absolute_error::SmoothL1Loss,
    affine::AffineMap,
    dropout::Drop,
    hinge::HingeLoss,
    nll::LogLikelihood,
    probabilities::BinaryCrossEntropy,
    probabilities::KlDivergence,
    sigmoid_cross_entropy::SigmoidCrossEntropy,
    softmax_cross_entropy::CrossEntropy,
    squared_error::SquaredError,
}

pub use absolute_error::{AbsoluteError, Absolutes, Huber, HuberLoss, SmoothL1, SmoothL1Loss};
pub use affine::Affine;
pub(crate) use dropout::dropout;
pub use elementwise::{Case, ElementwiseLoss, Fault, Formula, Targets};
pub use hinge::{Hinge, HingeLoss};
pub use losses::Losses;
pub use nll::NegativeLogLikelihood;
pub use probabilities::{Bernoulli, BinaryCrossEntropy, KlDivergence, RelativeEntropy};
pub use reduction::Reduction;
pub use sigmoid_cross_entropy::SigmoidCrossEntropy;
pub use softmax_cross_entropy::SoftmaxCrossEntropy;
pub use squared_error::{SquaredError, Squares};
pub use target::Target;

/// Records a node: an operation of the list on its operands.
#[track_caller]
fn record<'t, T: Element>(
    operation: impl Listed,
    operands: &[Tensor<'t, T>],
) -> Result<Tensor<'t, T>, Error> {
    operands[0].tape().apply(operation.operation::<T>(), operands)
}
