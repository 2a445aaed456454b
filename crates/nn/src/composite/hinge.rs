//! The loss of a margin.

use tape::listing::Description;
use tape::{Element, Tensor};

use super::elementwise::{Case, ElementwiseLoss, Fault, Formula, Targets};

/// The hinge loss `max(0, 1 − t·x)` of two classes that are called 1 and −1, with a choice of reduction: a prediction
/// on the right side by a margin of 1 costs nothing.
///
/// # Shapes
/// Predictions and targets of one shape.
///
/// # Derivative
/// `−t` in the prediction and `−x` in a target that is no constant, inside the margin; else 0.
///
/// # At kinks
/// 0 where `t·x = 1`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{HingeLoss, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![0.5, 0.5, 3.0]);
/// let loss = HingeLoss::new().reduction(Reduction::None).of(y, &[1.0, -1.0, 1.0]);
/// assert_eq!(loss.value(), array![0.5, 1.5, 0.0].into_dyn());
/// ```
///
/// Source: C. Cortes and V. Vapnik, *Support-vector networks* (1995).
pub type HingeLoss = ElementwiseLoss<Hinge>;

/// The formula of [`HingeLoss`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl HingeLoss {
    /// The mean over all elements.
    pub fn new() -> Self {
        Self::by(Hinge)
    }
}

/// What is missing from the margin: no more than 0 where nothing is.
fn missing<T: Element>(x: T, t: T) -> T {
    T::one() - t * x
}

impl Formula for Hinge {
    const DESCRIPTION: Description = Description {
        name: "hinge",
        formula: "max(0, 1 − t·x), t = ±1, reduced",
        derivative: "−t g in x and −x g in t where t·x < 1, else 0",
        kinks: "0 at t·x = 1",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        let missing = missing(x, t);
        if missing <= T::zero() { T::zero() } else { missing }
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        if missing(x, t) <= T::zero() { (T::zero(), T::zero()) } else { (-t, -x) }
    }

    fn fault<T: Element>(&self, _: T, t: T) -> Option<Fault<T>> {
        (t.abs() != T::one()).then_some(Fault { of: "target", number: t, is: "neither 1 nor -1" })
    }

    fn cases() -> Vec<Case<Self>> {
        vec![Case { formula: Self, predictions: -2.0..=2.0, targets: Targets::OneOf(&[1.0, -1.0, -1.0]) }]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        vec![(Self, [1.0, 1.0, 0.0, 0.0, 0.0]), (Self, [0.5, -1.0, 1.5, 1.0, -0.5])]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        Some((1.0 - t * x).relu())
    }
}
