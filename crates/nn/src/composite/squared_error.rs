//! Squared differences.

use tape::listing::Description;
use tape::{Element, Tensor};

use super::elementwise::{Case, ElementwiseLoss, Formula, Targets};

/// Squared differences `(x − t)²`, with a choice of reduction. The mean is [`mse`](crate::Losses::mse).
///
/// # Shapes
/// Prediction and targets of one shape. Nothing is broadcast: `[N, 1]` against `[N]` is an error.
///
/// # Derivative
/// `2(x − t)` in the prediction, its negative in a target that is no constant.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{Reduction, SquaredError};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![1.0, 4.0]);
/// let loss = SquaredError::new().reduction(Reduction::None).of(y, &[0.0, 1.0]);
/// assert_eq!(loss.value(), array![1.0, 9.0].into_dyn());
/// ```
pub type SquaredError = ElementwiseLoss<Squares>;

/// The formula of [`SquaredError`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Squares;

impl SquaredError {
    /// The mean over all elements.
    pub fn new() -> Self {
        Self::by(Squares)
    }
}

impl Formula for Squares {
    const DESCRIPTION: Description = Description {
        name: "mse",
        formula: "(x − t)², reduced",
        derivative: "2(x − t) g in x, −2(x − t) g in t",
        kinks: "",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        (x - t) * (x - t)
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        let slope = T::of(2.0) * (x - t);
        (slope, -slope)
    }

    fn cases() -> Vec<Case<Self>> {
        vec![Case { formula: Self, predictions: -2.0..=2.0, targets: Targets::Within(-2.0..=2.0) }]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        Some((x - t).square())
    }
}
