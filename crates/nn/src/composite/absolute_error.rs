//! Absolute differences, and those that are squares near 0.

use tape::listing::Description;
use tape::{Element, Tensor};

use super::elementwise::{Case, ElementwiseLoss, Formula, Targets};

/// Absolute differences `|x − t|`, with a choice of reduction. The mean is [`mae`](crate::Losses::mae).
///
/// # Shapes
/// Prediction and targets of one shape.
///
/// # Derivative
/// The sign of `x − t` in the prediction, its negative in a target that is no constant.
///
/// # At kinks
/// 0 where prediction and target are equal.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{AbsoluteError, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![1.0, 4.0, 2.0]);
/// let loss = AbsoluteError::new().reduction(Reduction::Sum).of(y, &[0.0, 6.0, 2.0]).to_scalar();
/// assert_eq!(loss.value(), 3.0);
/// assert_eq!(loss.backward().wrt(y), array![1.0, -1.0, 0.0].into_dyn());
/// ```
///
/// Source: `PyTorch`, `L1Loss`.
pub type AbsoluteError = ElementwiseLoss<Absolutes>;

/// Squares of small differences, absolute values of great ones: `d²/2` where `|d| ≤ δ`, else `δ(|d| − δ/2)`, for
/// `d = x − t`; with a choice of reduction. The mean is [`huber`](crate::Losses::huber).
///
/// # Shapes
/// Prediction and targets of one shape.
///
/// # Derivative
/// `d` in the prediction, kept between `−δ` and `δ`; its negative in a target that is no constant.
///
/// # At kinks
/// The loss has a derivative everywhere. The second one jumps from 1 to 0 where `|d| = δ`, and is 1 there.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{HuberLoss, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![1.0, 4.0]);
/// let loss = HuberLoss::new(2.0).reduction(Reduction::None).of(y, &[0.0, 0.0]);
/// assert_eq!(loss.value(), array![0.5, 6.0].into_dyn());
/// ```
///
/// Source: P. Huber, *Robust estimation of a location parameter* (1964); `PyTorch`, `HuberLoss`.
pub type HuberLoss = ElementwiseLoss<Huber>;

/// Squares of small differences, absolute values of great ones: `d²/(2β)` where `|d| < β`, else `|d| − β/2`, for
/// `d = x − t`; with a choice of reduction. It is [`HuberLoss`] over its parameter.
///
/// # Shapes
/// Prediction and targets of one shape.
///
/// # Derivative
/// `d/β` in the prediction, kept between −1 and 1; its negative in a target that is no constant.
///
/// # At kinks
/// The second derivative jumps from `1/β` to 0 where `|d| = β`, and is 0 there. With a `β` of 0 this is
/// [`AbsoluteError`].
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{Reduction, SmoothL1Loss};
/// let tape = tape::Tape::<f64>::new();
/// let y = tape.tensor(array![1.0, 4.0]);
/// let loss = SmoothL1Loss::new(2.0).reduction(Reduction::None).of(y, &[0.0, 0.0]);
/// assert_eq!(loss.value(), array![0.25, 3.0].into_dyn());
/// ```
///
/// Source: R. Girshick, *Fast R-CNN* (2015), equation 3; `PyTorch`, `SmoothL1Loss` (the parameter).
pub type SmoothL1Loss = ElementwiseLoss<SmoothL1>;

/// The formula of [`AbsoluteError`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Absolutes;

/// The formula of [`HuberLoss`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    delta: f64,
}

/// The formula of [`SmoothL1Loss`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothL1 {
    beta: f64,
}

impl AbsoluteError {
    /// The mean over all elements.
    pub fn new() -> Self {
        Self::by(Absolutes)
    }
}

impl HuberLoss {
    /// The mean over all elements. Differences above `delta` count by their absolute value.
    ///
    /// # Panics
    /// `delta` is not above 0, or not finite.
    #[track_caller]
    pub fn new(delta: f64) -> Self {
        assert!(delta > 0.0 && delta.is_finite(), "a bound is a number above 0, not {delta}");
        Self::by(Huber { delta })
    }
}

impl SmoothL1Loss {
    /// The mean over all elements. Differences from `beta` on count by their absolute value.
    ///
    /// # Panics
    /// `beta` is negative or not finite.
    #[track_caller]
    pub fn new(beta: f64) -> Self {
        assert!(beta >= 0.0 && beta.is_finite(), "a bound is a number from 0, not {beta}");
        Self::by(SmoothL1 { beta })
    }
}

/// 1, −1, 0, or NaN of a NaN.
fn sign<T: Element>(d: T) -> T {
    if d > T::zero() {
        T::one()
    } else if d < T::zero() {
        -T::one()
    } else {
        d * T::zero()
    }
}

impl Formula for Absolutes {
    const DESCRIPTION: Description = Description {
        name: "mae",
        formula: "|x − t|, reduced",
        derivative: "sign(x − t) g in x, −sign(x − t) g in t",
        kinks: "0 at x = t",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        (x - t).abs()
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        let slope = sign(x - t);
        (slope, -slope)
    }

    fn cases() -> Vec<Case<Self>> {
        vec![Case { formula: Self, predictions: -2.0..=2.0, targets: Targets::Within(-2.0..=2.0) }]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        vec![(Self, [1.5, 1.5, 0.0, 0.0, 0.0])]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        Some((x - t).abs())
    }
}

impl Formula for Huber {
    const DESCRIPTION: Description = Description {
        name: "huber",
        formula: "d²/2 where |d| ≤ δ, else δ(|d| − δ/2), for d = x − t, reduced",
        derivative: "min(max(d, −δ), δ) g in x, its negative in t",
        kinks: "second derivative 1 at |d| = δ",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        let (d, delta) = (x - t, T::of(self.delta));
        let size = d.abs();
        if size > delta { delta * (size - T::of(0.5 * self.delta)) } else { T::of(0.5) * d * d }
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        let (d, delta) = (x - t, T::of(self.delta));
        let slope = if d.abs() > delta { delta * sign(d) } else { d };
        (slope, -slope)
    }

    fn cases() -> Vec<Case<Self>> {
        let case = |delta| Case {
            formula: Self { delta },
            predictions: -2.0..=2.0,
            targets: Targets::Within(-2.0..=2.0),
        };
        vec![case(1.0), case(0.25), case(10.0)]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        vec![
            (Self { delta: 1.0 }, [2.0, 1.0, 0.5, 1.0, -1.0]),
            (Self { delta: 2.0 }, [-3.0, 1.0, 6.0, -2.0, 2.0]),
        ]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        let (d, delta) = (x - t, T::of(self.delta));
        let size = d.abs();
        let (near, far) = (d.square() * T::of(0.5), (size - T::of(0.5 * self.delta)) * delta);
        Some(Tensor::select((size - delta).step(), far, near))
    }
}

impl Formula for SmoothL1 {
    const DESCRIPTION: Description = Description {
        name: "smooth_l1",
        formula: "d²/(2β) where |d| < β, else |d| − β/2, for d = x − t, reduced",
        derivative: "min(max(d/β, −1), 1) g in x, its negative in t",
        kinks: "second derivative 0 at |d| = β; with β = 0, 0 at x = t",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        let (d, beta) = (x - t, T::of(self.beta));
        let size = d.abs();
        if size < beta { T::of(0.5) * d * d / beta } else { size - T::of(0.5 * self.beta) }
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        let (d, beta) = (x - t, T::of(self.beta));
        let slope = if d.abs() < beta { d / beta } else { sign(d) };
        (slope, -slope)
    }

    fn cases() -> Vec<Case<Self>> {
        let case = |beta| Case {
            formula: Self { beta },
            predictions: -2.0..=2.0,
            targets: Targets::Within(-2.0..=2.0),
        };
        vec![case(1.0), case(0.25), case(0.0)]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        vec![
            (Self { beta: 1.0 }, [2.0, 1.0, 0.5, 1.0, -1.0]),
            (Self { beta: 0.0 }, [1.5, 1.5, 0.0, 0.0, 0.0]),
        ]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        let d = x - t;
        let size = d.abs();
        if self.beta == 0.0 {
            return Some(size);
        }
        let (near, far) = (d.square() / T::of(2.0 * self.beta), size - T::of(0.5 * self.beta));
        Some(Tensor::select((self.beta - size).step(), near, far))
    }
}
