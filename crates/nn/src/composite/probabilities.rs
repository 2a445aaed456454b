//! Losses of probabilities: the cross-entropy of two classes, and the divergence of two distributions.

use tape::listing::Description;
use tape::{Element, Tensor};

use super::elementwise::{Case, ElementwiseLoss, Fault, Formula, Targets};

/// The cross-entropy of two classes from the probability `x` of class 1, in nats, with a choice of reduction:
/// `−t·ln x − (1 − t)·ln(1 − x)`, where no logarithm is taken below −100.
///
/// Where probabilities come from logits, [`SigmoidCrossEntropy`](crate::SigmoidCrossEntropy) takes the logits
/// themselves: it keeps digits, and a gradient, that a probability rounded to 0 or 1 has lost.
///
/// # Shapes
/// Probabilities and targets of one shape, all from 0 to 1.
///
/// # Derivative
/// `(x − t)/(x(1 − x))` in the probability, `ln(1 − x) − ln x` in a target that is no constant.
///
/// # At kinks
/// A logarithm that is held at −100 has no derivative: at `x = 0` the gradient is `1 − t`, at `x = 1` it is `−t`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{BinaryCrossEntropy, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let p = tape.tensor(array![0.5, 1.0]);
/// let loss = BinaryCrossEntropy::new().reduction(Reduction::None).of(p, &[1.0, 0.0]);
/// assert_eq!(loss.value(), array![2f64.ln(), 100.0].into_dyn());
/// ```
///
/// Source: `PyTorch`, `BCELoss` (the bound of −100); Bishop 2006, equation 4.90 (the loss).
pub type BinaryCrossEntropy = ElementwiseLoss<Bernoulli>;

/// The Kullback-Leibler divergence from the distribution whose logarithms are predicted to the target distribution, in
/// nats, with a choice of reduction: `t·(ln t − x)` with `x` the logarithm of a probability, and `0 ln 0 = 0`.
///
/// [`Reduction::BatchMean`](crate::Reduction::BatchMean) gives the divergence of the distributions of one row each, on average.
///
/// # Shapes
/// Logarithms and targets of one shape.
///
/// # Derivative
/// `−t` in the logarithm; in a target that is no constant `ln t − x + 1`. With targets that are logarithms themselves,
/// `−eᵗ` and `eᵗ(t − x + 1)`.
///
/// # At kinks
/// `t ln t` has no derivative at a target of 0; it counts as constant there, and the gradient is `−x`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{KlDivergence, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let logarithms = tape.tensor(array![[0.25f64, 0.75]]).ln();
/// let loss = KlDivergence::new().reduction(Reduction::BatchMean).of(logarithms, &array![[1.0, 0.0]]);
/// assert_eq!(loss.value()[[]], 4f64.ln());
/// ```
///
/// Source: S. Kullback and R. Leibler, *On information and sufficiency* (1951); `PyTorch`, `KLDivLoss`.
pub type KlDivergence = ElementwiseLoss<RelativeEntropy>;

/// The formula of [`BinaryCrossEntropy`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bernoulli;

/// The formula of [`KlDivergence`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelativeEntropy {
    log_target: bool,
}

impl BinaryCrossEntropy {
    /// The mean over all elements.
    pub fn new() -> Self {
        Self::by(Bernoulli)
    }
}

impl KlDivergence {
    /// The mean over all elements, for targets that are probabilities.
    pub fn new() -> Self {
        Self::by(RelativeEntropy { log_target: false })
    }

    /// The same for targets that are the logarithms of probabilities.
    pub fn of_logarithms() -> Self {
        Self::by(RelativeEntropy { log_target: true })
    }
}

/// Where the logarithms of [`BinaryCrossEntropy`] end.
const LEAST: f64 = -100.0;

/// A logarithm, or the least one: a constant, so that nothing flows through the logarithm of 0.
fn held<T: Element>(logarithm: T) -> T {
    if logarithm < T::of(LEAST) { T::of(LEAST) } else { logarithm }
}

fn outside<T: Element>(x: T) -> bool {
    !(x >= T::zero() && x <= T::one())
}

impl Formula for Bernoulli {
    const DESCRIPTION: Description = Description {
        name: "binary_cross_entropy",
        formula: "−t·ln x − (1 − t)·ln(1 − x), logarithms from −100, reduced",
        derivative: "(x − t)/(x(1 − x)) g in x, (ln(1 − x) − ln x) g in t",
        kinks: "1 − t at x = 0, −t at x = 1",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        (t - T::one()) * held((-x).ln_1p()) - t * held(x.ln())
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        let one = T::one();
        let (of_1, of_0) = (x.ln(), (-x).ln_1p());
        let in_x = match (of_1 < T::of(LEAST), of_0 < T::of(LEAST)) {
            (true, _) => (one - t) / (one - x),
            (_, true) => -t / x,
            _ => (x - t) / (x * (one - x)),
        };
        (in_x, held(of_0) - held(of_1))
    }

    fn fault<T: Element>(&self, x: T, t: T) -> Option<Fault<T>> {
        let is = "outside [0, 1]";
        match (outside(x), outside(t)) {
            (true, _) => Some(Fault { of: "prediction", number: x, is }),
            (_, true) => Some(Fault { of: "target", number: t, is }),
            _ => None,
        }
    }

    fn cases() -> Vec<Case<Self>> {
        vec![Case { formula: Self, predictions: 0.05..=0.95, targets: Targets::Within(0.05..=0.95) }]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        vec![
            (Self, [0.0, 1.0, 100.0, 0.0, 100.0]),
            (Self, [0.0, 0.0, 0.0, 1.0, 100.0]),
            (Self, [1.0, 0.0, 100.0, 0.0, -100.0]),
            (Self, [1.0, 1.0, 0.0, -1.0, -100.0]),
        ]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        let least = T::of(LEAST);
        // The bound is a step of its own where it holds something.
        let held =
            |x: Tensor<'t, T>| if x.value().iter().any(|x| *x < least) { x.clamp_min(least) } else { x };
        let (of_1, of_0) = (held(x.ln()), held((1.0 - x).ln()));
        Some(-(t * of_1 + (1.0 - t) * of_0))
    }
}

impl Formula for RelativeEntropy {
    const DESCRIPTION: Description = Description {
        name: "kl_div",
        formula: "t·(ln t − x), or eᵗ(t − x) for targets that are logarithms, reduced",
        derivative: "−t g in x, (ln t − x + 1) g in t; or −eᵗ g and eᵗ(t − x + 1) g",
        kinks: "−x in t at t = 0",
    };

    fn loss<T: Element>(&self, x: T, t: T) -> T {
        if self.log_target {
            // Of an impossible event, whatever its logarithm is multiplied by.
            let p = t.exp();
            return if t == T::neg_infinity() { p } else { p * (t - x) };
        }
        if !t.is_zero() {
            return t * (t.ln() - x);
        }
        // An impossible prediction of what does not happen costs nothing.
        if x.is_infinite() { T::zero() } else { -t * x }
    }

    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T) {
        if self.log_target {
            let p = t.exp();
            return if t == T::neg_infinity() { (-p, p) } else { (-p, p * (t - x + T::one())) };
        }
        (-t, if t.is_zero() { -x } else { t.ln() - x + T::one() })
    }

    fn fault<T: Element>(&self, _: T, t: T) -> Option<Fault<T>> {
        let probability = self.log_target || t >= T::zero() && t.is_finite();
        (!probability).then_some(Fault { of: "target", number: t, is: "no probability" })
    }

    fn cases() -> Vec<Case<Self>> {
        let case = |log_target, targets| Case {
            formula: Self { log_target },
            predictions: -3.0..=-0.1,
            targets: Targets::Within(targets),
        };
        vec![case(false, 0.05..=1.0), case(true, -3.0..=-0.1)]
    }

    fn points() -> Vec<(Self, [f64; 5])> {
        let inf = f64::INFINITY;
        vec![
            (Self { log_target: false }, [-0.5, 0.0, 0.0, 0.0, 0.5]),
            (Self { log_target: true }, [-0.5, -inf, 0.0, 0.0, 0.0]),
        ]
    }

    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        if self.log_target {
            // Of an impossible event the steps would give a NaN.
            let possible = t.value().iter().all(|t| t.is_finite());
            return possible.then(|| t.exp() * (t - x));
        }
        // Of what never happens the logarithm has no derivative.
        let possible = x.value().iter().all(|x| x.is_finite()) && t.value().iter().all(|t| !t.is_zero());
        possible.then(|| t * (t.ln() - x))
    }
}
