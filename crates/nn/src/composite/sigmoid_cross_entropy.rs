//! The cross-entropy of two classes, from logits, as one node.

use tape::listing::{Described, Description, Drawn, Sample};
use tape::{Element, Error, ErrorKind, Forward, Rule, Shape, Tensor, TensorOp, View, Vjp, slices};

use super::labels::counted;
use super::{Reduction, Target, record};
use crate::or_panic;

const NAME: &str = "sigmoid_cross_entropy";

/// The cross-entropy of the sigmoid of logits, in nats, with a weight for class 1 and a choice of reduction. The
/// plain mean is [`sigmoid_cross_entropy`](crate::Losses::sigmoid_cross_entropy).
///
/// `(1 − t)·ln(1 + eˣ) + w·t·ln(1 + e⁻ˣ)`, where neither power can overflow.
///
/// # Derivative
/// `(1 − t)·σ(x) − w·t·σ(−x)`; in a target that is no constant, `w·ln(1 + e⁻ˣ) − ln(1 + eˣ)`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{Reduction, SigmoidCrossEntropy};
/// let tape = tape::Tape::<f64>::new();
/// let logits = tape.tensor(array![0.0, 0.0]);
/// let loss = SigmoidCrossEntropy::new().positive_weight(3.0).reduction(Reduction::None);
/// let ln2 = 2f64.ln();
/// assert_eq!(loss.of(logits, &[0.0, 1.0]).value(), array![ln2, 3.0 * ln2].into_dyn());
/// ```
///
/// Source: `PyTorch`, `BCEWithLogitsLoss` (the weight); Bishop 2006, equation 4.90 (the loss).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SigmoidCrossEntropy {
    reduction: Reduction,
    positive: f64,
}

impl Default for SigmoidCrossEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl SigmoidCrossEntropy {
    /// The mean over all elements; both classes count the same.
    pub fn new() -> Self {
        Self { reduction: Reduction::Mean, positive: 1.0 }
    }

    /// Another reduction.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// How much class 1 counts against class 0. The mean still divides by the number of elements.
    ///
    /// # Panics
    /// The weight is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn positive_weight(self, weight: f64) -> Self {
        assert!(weight >= 0.0 && weight.is_finite(), "a weight is a number from 0, not {weight}");
        Self { positive: weight, ..self }
    }

    /// The loss: a tensor without axes, or of the logits' shape with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of`](Self::try_of) fails.
    #[track_caller]
    pub fn of<'t, T: Element>(self, logits: Tensor<'t, T>, targets: impl Target<'t, T>) -> Tensor<'t, T> {
        or_panic(self.try_of(logits, targets))
    }

    /// The loss.
    ///
    /// # Errors
    /// The shapes differ, a target is outside `[0, 1]`, or there are no elements to take a mean of.
    #[track_caller]
    pub fn try_of<'t, T: Element>(
        self,
        logits: Tensor<'t, T>,
        targets: impl Target<'t, T>,
    ) -> Result<Tensor<'t, T>, Error> {
        let targets = targets.target(logits.tape(), logits.shape()).map_err(|error| error.operation(NAME))?;
        record(self, &[logits, targets])
    }
}

/// Logits that are worked on at a time.
const CHUNK: usize = 128;

/// `−|x|`, in two branches: `abs` has a kink at 0, and none of this has.
fn folded<T: Element>(x: T) -> T {
    if x > T::zero() { -x } else { x }
}

/// `e^(−|x|)` for at most [`CHUNK`] numbers.
fn powers<T: Element>(x: &[T]) -> [T; CHUNK] {
    let mut powers = [T::zero(); CHUNK];
    powers.iter_mut().zip(x).for_each(|(power, &x)| *power = folded(x));
    slices::exp(&mut powers[..x.len()]);
    powers
}

/// Replaces each number by `f(k, ln(1 + e^(−|x[k]|)))`.
fn fill<T: Element>(x: &[T], out: &mut [T], f: impl Fn(usize, T) -> T) {
    for (at, (x, out)) in (0..).step_by(CHUNK).zip(x.chunks(CHUNK).zip(out.chunks_mut(CHUNK))) {
        slices::map(Rule::Ln1p, &powers(x)[..x.len()], out);
        out.iter_mut().zip(at..).for_each(|(out, k)| *out = f(k, *out));
    }
}

/// `ln(1 + eˣ)` and `ln(1 + e⁻ˣ)`, given `ln(1 + e^(−|x|))`.
fn softplus<T: Element>(x: T, small: T) -> (T, T) {
    if x > T::zero() { (x + small, small) } else { (small, small - x) }
}

/// `σ(x)` and `σ(−x)`, given `e^(−|x|)`.
fn sigmoids<T: Element>(x: T, small: T) -> (T, T) {
    let (of_positive, of_negative) = (T::one() / (T::one() + small), small / (T::one() + small));
    if x > T::zero() { (of_positive, of_negative) } else { (of_negative, of_positive) }
}

impl<T: Element> TensorOp<T> for SigmoidCrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (x, t) = (inputs[0], inputs[1]);
        if x.shape != t.shape && x.shape.strip_suffix(&[1]) != Some(t.shape) {
            return Err(Error::new(ErrorKind::Shape, "logits and targets differ in shape"));
        }
        if let Some(k) = t.data.iter().position(|&t| !(t >= T::zero() && t <= T::one())) {
            let (index, target) = (tape::shape::unravel(k, t.shape), t.data[k]);
            let text = format!("the target {target} at index {index:?} is outside [0, 1]");
            return Err(Error::new(ErrorKind::Value, text));
        }
        self.reduction.shape(x.shape, "no elements")
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, t) = (pass.inputs[0].data, pass.inputs[1].data);
        let weight = T::of(self.positive);
        let loss = |k: usize, small: T| {
            let (negative, positive) = softplus(x[k], small);
            counted(T::one() - t[k], negative) + counted(weight * t[k], positive)
        };
        self.reduction.reduce(
            x.len(),
            self.reduction.divisor(pass.inputs[0].shape),
            pass.output,
            |first, losses| {
                fill(&x[first..][..losses.len()], losses, |k, small| loss(first + k, small));
            },
        );
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let divisor = self.reduction.divisor(pass.input(0).shape);
        let upstream = self.reduction.upstream(pass.upstream(), divisor);
        let (x, t, weight) = (pass.input(0).data, pass.input(1).data, T::of(self.positive));
        if let Some(to) = pass.downstream(0) {
            for at in (0..x.len()).step_by(CHUNK) {
                let end = x.len().min(at + CHUNK);
                for (k, small) in (at..end).zip(powers(&x[at..end])) {
                    let (positive, negative) = sigmoids(x[k], small);
                    let slope = ((T::one() - t[k]) * positive - weight * t[k] * negative) * upstream(k);
                    to.gradient[k] = if to.accumulate { to.gradient[k] + slope } else { slope };
                }
            }
        }
        if let Some(to) = pass.downstream(1) {
            to.add(|k| {
                // ln(1 + eˣ) − ln(1 + e⁻ˣ) is x.
                let (_, positive) = softplus(x[k], folded(x[k]).exp().ln_1p());
                ((weight - T::one()) * positive - x[k]) * upstream(k)
            });
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let x = inputs[0];
        let shape: Vec<isize> = x.shape().iter().map(|&extent| extent.cast_signed()).collect();
        let t = if inputs[1].shape() == x.shape() { inputs[1] } else { inputs[1].reshape(&shape) };
        // An infinite logit that costs nothing would give a NaN.
        let finite = x.value().iter().all(|x| x.is_finite());
        finite.then(|| {
            let positive = t * (-x).softplus();
            let weighted = if self.positive == 1.0 { positive } else { positive * T::of(self.positive) };
            self.reduction.in_parts((1.0 - t) * x.softplus() + weighted, None)
        })
    }
}

impl Described for SigmoidCrossEntropy {
    const DESCRIPTION: Description = Description {
        name: NAME,
        formula: "(1 − t)·ln(1 + eˣ) + w·t·ln(1 + e⁻ˣ), reduced",
        derivative: "((1 − t)·σ(x) − w·t·σ(−x)) g in x, (w·ln(1 + e⁻ˣ) − ln(1 + eˣ)) g in t",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let shapes: [(&[usize], &[usize]); 6] = [
            (&[2, 3], &[2, 3]),
            (&[3, 1], &[3]),
            (&[1], &[1]),
            (&[], &[]),
            (&[2, 0], &[2, 0]),
            (&[140], &[140]),
        ];
        let mut samples = Vec::new();
        for (reduction, positive) in Reduction::ALL.into_iter().flat_map(|r| [1.0, 2.5, 0.0].map(|w| (r, w)))
        {
            for (logits, targets) in shapes {
                if !(logits.contains(&0) && reduction == Reduction::Mean) {
                    let operands = [Drawn::real(logits), Drawn::real(targets).within(0.05..=0.95)];
                    samples.push(Sample::new(Self { reduction, positive }, operands));
                }
            }
        }
        samples
    }
}
