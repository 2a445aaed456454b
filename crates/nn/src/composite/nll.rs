//! The negative logarithm of the probability of a class, from logarithms of probabilities.

use tape::listing::{Described, Description, Sample};
use tape::{Element, Error, Forward, Shape, Tensor, TensorOp, View, Vjp};

use super::labels::{self, Classes, counted, label, weight};
use super::{Reduction, record};
use crate::or_panic;

const NAME: &str = "nll";

/// The negative log-likelihood of classes from the logarithms of their probabilities, in nats, with weights of classes,
/// a label that is ignored, and a choice of reduction. The plain mean is [`nll`](crate::Losses::nll).
///
/// The loss of a row with label `t` is `−w_t x_t`. The mean divides by `Σ w_t` over the labels that are not ignored;
/// where that is 0 the loss is 0. Where the logarithms come from `log_softmax`,
/// [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy) of the logits is the same in one node.
///
/// # Shapes
/// `[…, C]` and a label for each row.
///
/// # Derivative
/// `−w_t` in the logarithm of the label, else 0.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{NegativeLogLikelihood, Reduction};
/// let tape = tape::Tape::<f64>::new();
/// let x = tape.tensor(array![[0.25f64, 0.75], [0.5, 0.5]]).ln();
/// let loss = NegativeLogLikelihood::new().ignore(9).reduction(Reduction::Sum).of(x, &[0, 9]);
/// assert_eq!(loss.value()[[]], 4f64.ln());
/// ```
///
/// Source: `PyTorch`, `NLLLoss`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NegativeLogLikelihood {
    classes: Classes,
    reduction: Reduction,
}

impl NegativeLogLikelihood {
    /// The mean over all rows; all classes count the same.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much each class counts.
    ///
    /// # Panics
    /// A weight is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weights(self, weights: impl Into<Vec<f64>>) -> Self {
        Self { classes: self.classes.weights(weights.into()), ..self }
    }

    /// Rows with this label count nothing. It need not be a class.
    #[must_use]
    pub fn ignore(self, label: usize) -> Self {
        Self { classes: self.classes.ignore(label), ..self }
    }

    /// Another reduction.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The loss: a tensor without axes, or one number a row with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of`](Self::try_of) fails.
    #[track_caller]
    pub fn of<'t, T: Element>(&self, logarithms: Tensor<'t, T>, labels: &[usize]) -> Tensor<'t, T> {
        or_panic(self.try_of(logarithms, labels))
    }

    /// The loss.
    ///
    /// # Errors
    /// There are no classes, or no rows to take a mean of; there is not one label to each row, nor one weight to each
    /// class; a label is not below the number of classes.
    #[track_caller]
    pub fn try_of<'t, T: Element>(
        &self,
        logarithms: Tensor<'t, T>,
        labels: &[usize],
    ) -> Result<Tensor<'t, T>, Error> {
        record(LogLikelihood(self.reduction), &self.classes.labelled(NAME, logarithms, labels)?)
    }
}

/// Operands: logarithms, labels and, where there are some, the weights of the classes.
#[derive(Clone, Debug)]
pub(super) struct LogLikelihood(Reduction);

impl LogLikelihood {
    fn divisor<T: Element>(&self, inputs: &[View<'_, T>]) -> T {
        match self.0 {
            Reduction::Mean => labels::total_weight(inputs[1], inputs.get(2).copied()),
            other => other.divisor(inputs[1].shape),
        }
    }
}

impl<T: Element> TensorOp<T> for LogLikelihood {
    fn name(&self) -> &'static str {
        NAME
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        labels::loss_of_rows(inputs, self.0)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, targets, weights) = (pass.inputs[0], pass.inputs[1], pass.inputs.get(2).copied());
        let classes = x.shape.last().copied().unwrap_or_default();
        self.0.reduce(targets.data.len(), self.divisor(pass.inputs), pass.output, |first, losses| {
            for (loss, row) in losses.iter_mut().zip(first..) {
                let of_label = |label| counted(weight(weights, label), -x.data[row * classes + label]);
                *loss = label(targets, row).map_or_else(T::zero, of_label);
            }
        });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, targets, weights) = (pass.input(0), pass.input(1), pass.inputs().get(2).copied());
        let classes = x.shape.last().copied().unwrap_or_default();
        let upstream = self.0.upstream(pass.upstream(), self.divisor(pass.inputs()));
        if let Some(to) = pass.downstream(0) {
            let gradient = to.zeroed();
            for row in 0..targets.data.len() {
                if let Some(label) = label(targets, row) {
                    let downstream = &mut gradient[row * classes + label];
                    *downstream = *downstream - weight(weights, label) * upstream(row);
                }
            }
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        // An impossible row that counts nothing would give a NaN.
        let possible = inputs[0].value().iter().all(|x| x.is_finite());
        let divisor = (self.0 == Reduction::Mean).then(|| labels::total_in(inputs));
        possible.then(|| self.0.in_parts(labels::losses_in_parts(inputs[0], inputs), divisor))
    }
}

impl Described for LogLikelihood {
    const DESCRIPTION: Description = Description {
        name: NAME,
        formula: "−w_t x_t of each row, with t its label, reduced",
        derivative: "−w_t g in x_t, else 0",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let rows: [(&[usize], &[f64]); 4] = [
            (&[3, 4], &[0.0, 3.0, 1.0]),
            (&[4], &[2.0]),
            (&[2, 2, 3], &[2.0, -1.0, 0.0, 1.0]),
            (&[2, 1], &[0.0, 0.0]),
        ];
        labels::samples(&rows, Self)
    }
}
