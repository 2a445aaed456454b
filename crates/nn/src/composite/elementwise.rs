//! Losses that compare each prediction with its own target: the node that all of them are, and its builder.

use std::fmt::Debug;
use std::ops::RangeInclusive;

use tape::listing::{Described, Description, Drawn, Listed, Sample, Special};
use tape::{Element, Error, ErrorKind, Forward, Shape, Tensor, TensorOp, View, Vjp};

use super::{Reduction, Target, record};
use crate::or_panic;

/// The loss of one prediction against its target.
pub trait Formula: Clone + Debug + 'static {
    /// What it does; the name is that of the node.
    const DESCRIPTION: Description;

    /// The loss of the prediction `x` against the target `t`.
    fn loss<T: Element>(&self, x: T, t: T) -> T;

    /// Its derivatives in the prediction and in the target.
    fn slopes<T: Element>(&self, x: T, t: T) -> (T, T);

    /// The losses of predictions and targets, step by step: see [`TensorOp::in_parts`].
    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>, t: Tensor<'t, T>) -> Option<Tensor<'t, T>> {
        let _ = (x, t);
        None
    }

    /// What is wrong with a pair for which there is no loss: the number, and what it is not allowed to be.
    fn fault<T: Element>(&self, x: T, t: T) -> Option<Fault<T>> {
        let _ = (x, t);
        None
    }

    /// Cases for tests: parameters in several values, each with the numbers that predictions and targets are.
    fn cases() -> Vec<Case<Self>>;

    /// Points at which something was agreed: a prediction and a target, their loss, and what goes back to each from an
    /// upstream gradient of 1.
    fn points() -> Vec<(Self, [f64; 5])> {
        Vec::new()
    }
}

/// A number for which there is no loss.
#[derive(Clone, Copy, Debug)]
pub struct Fault<T> {
    /// The number is the prediction, or the target.
    pub of: &'static str,
    /// The number.
    pub number: T,
    /// What is wrong with it.
    pub is: &'static str,
}

/// Numbers to try a [`Formula`] on.
#[derive(Clone, Debug)]
pub struct Case<F> {
    /// The formula with its parameters.
    pub formula: F,
    /// Where predictions are drawn from.
    pub predictions: RangeInclusive<f64>,
    /// Where targets are drawn from.
    pub targets: Targets,
}

/// Targets to try a [`Formula`] on.
#[derive(Clone, Debug)]
pub enum Targets {
    /// Drawn from an interval.
    Within(RangeInclusive<f64>),
    /// These, in turn.
    OneOf(&'static [f64]),
}

/// A loss of each prediction against its own target, by a formula, and what becomes of these losses.
///
/// It goes by the names [`SquaredError`](crate::SquaredError), [`AbsoluteError`](crate::AbsoluteError),
/// [`HuberLoss`](crate::HuberLoss), [`SmoothL1Loss`](crate::SmoothL1Loss),
/// [`BinaryCrossEntropy`](crate::BinaryCrossEntropy), [`KlDivergence`](crate::KlDivergence) and
/// [`HingeLoss`](crate::HingeLoss): see there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ElementwiseLoss<F> {
    formula: F,
    reduction: Reduction,
}

impl<F: Formula> ElementwiseLoss<F> {
    /// The mean over all elements.
    pub(super) fn by(formula: F) -> Self {
        Self { formula, reduction: Reduction::Mean }
    }

    /// Another reduction.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The loss: a tensor without axes, or of the prediction's shape with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of`](Self::try_of) fails.
    #[track_caller]
    pub fn of<'t, T: Element>(self, prediction: Tensor<'t, T>, targets: impl Target<'t, T>) -> Tensor<'t, T>
    where
        Self: Listed,
    {
        or_panic(self.try_of(prediction, targets))
    }

    /// The loss.
    ///
    /// # Errors
    /// The shapes differ, there are no elements to take a mean of, or a number is none that the formula takes.
    #[track_caller]
    pub fn try_of<'t, T: Element>(
        self,
        prediction: Tensor<'t, T>,
        targets: impl Target<'t, T>,
    ) -> Result<Tensor<'t, T>, Error>
    where
        Self: Listed,
    {
        let targets = targets.target(prediction.tape(), prediction.shape());
        let targets = targets.map_err(|error| error.operation(F::DESCRIPTION.name))?;
        record(self, &[prediction, targets])
    }
}

impl<T: Element, F: Formula> TensorOp<T> for ElementwiseLoss<F> {
    fn name(&self) -> &'static str {
        F::DESCRIPTION.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (x, t) = (inputs[0], inputs[1]);
        if x.shape != t.shape {
            return Err(Error::new(ErrorKind::Shape, "prediction and targets differ in shape"));
        }
        let mut faults = x.data.iter().zip(t.data).map(|(&x, &t)| self.formula.fault(x, t)).enumerate();
        if let Some((k, Fault { of, number, is })) = faults.find_map(|(k, fault)| Some((k, fault?))) {
            let index = tape::shape::unravel(k, x.shape);
            let text = format!("the {of} {number} at index {index:?} is {is}");
            return Err(Error::new(ErrorKind::Value, text));
        }
        self.reduction.shape(x.shape, "no elements")
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, t) = (pass.inputs[0], pass.inputs[1].data);
        let divisor = self.reduction.divisor(x.shape);
        self.reduction.reduce(t.len(), divisor, pass.output, |first, losses| {
            let pairs = x.data[first..].iter().zip(&t[first..]);
            losses.iter_mut().zip(pairs).for_each(|(loss, (&x, &t))| *loss = self.formula.loss(x, t));
        });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, t) = (pass.input(0), pass.input(1).data);
        let upstream = self.reduction.upstream(pass.upstream(), self.reduction.divisor(x.shape));
        let slopes = |k: usize| self.formula.slopes(x.data[k], t[k]);
        if let Some(to) = pass.downstream(0) {
            to.add(|k| slopes(k).0 * upstream(k));
        }
        if let Some(to) = pass.downstream(1) {
            to.add(|k| slopes(k).1 * upstream(k));
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        self.formula.in_parts(inputs[0], inputs[1]).map(|losses| self.reduction.in_parts(losses, None))
    }
}

/// Shapes to try a loss on: one element, none, one sample, several of several elements.
const SHAPES: [&[usize]; 5] = [&[3, 2], &[4], &[1, 1], &[], &[2, 0]];

impl<F: Formula> Described for ElementwiseLoss<F> {
    const DESCRIPTION: Description = F::DESCRIPTION;

    fn samples() -> Vec<Sample<Self>> {
        let mut samples = Vec::new();
        for Case { formula, predictions, targets } in F::cases() {
            for (reduction, shape) in Reduction::ALL.into_iter().flat_map(|r| SHAPES.map(|shape| (r, shape)))
            {
                let n = shape.iter().product();
                if n == 0 && reduction == Reduction::Mean {
                    continue;
                }
                let targets = match &targets {
                    Targets::Within(range) => Drawn::real(shape).within(range.clone()),
                    Targets::OneOf(numbers) => {
                        let numbers: Vec<f64> = numbers.iter().copied().cycle().take(n).collect();
                        Drawn::given(shape, &numbers)
                    }
                };
                let operation = Self { formula: formula.clone(), reduction };
                samples
                    .push(Sample::new(operation, [Drawn::real(shape).within(predictions.clone()), targets]));
            }
        }
        samples
    }

    fn specials() -> Vec<Special<Self>> {
        let special = |(formula, [x, t, loss, in_x, in_t]): (F, [f64; 5])| Special {
            operation: Self { formula, reduction: Reduction::None },
            operands: [x, t].map(|number| (Shape::from_slice(&[1]), vec![number])).into(),
            output: vec![loss],
            gradients: [in_x, in_t].map(|gradient| Some(vec![gradient])).into(),
        };
        F::points().into_iter().map(special).collect()
    }
}
