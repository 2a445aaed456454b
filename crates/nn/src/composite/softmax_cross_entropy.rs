//! The cross-entropy of softmax, from logits, as one node.

use tape::listing::{Described, Description, Drawn, Sample};
use tape::{Element, Error, ErrorKind, Forward, Shape, Tensor, TensorOp, View, Vjp, slices};

use super::labels::{self, Classes, label, rows_and_classes, weight};
use super::row::Row;
use super::{Reduction, Target, record};
use crate::or_panic;

const NAME: &str = "softmax_cross_entropy";

/// The cross-entropy of the softmax of logits, in nats, with weights of classes, label smoothing, a label that is
/// ignored, and a choice of reduction. The plain means are the methods of [`Losses`](crate::Losses).
///
/// With `lⱼ = ln Σₖ e^(xₖ) − xⱼ`, the loss of a row with label `t` is `(1 − ε) w_t l_t + (ε/C) Σⱼ wⱼ lⱼ`, and with
/// probabilities `q` it is `Σⱼ wⱼ ((1 − ε) qⱼ + ε/C) lⱼ`. The mean divides by `Σ w_t` over the labels that are not
/// ignored, or, with probabilities, by the number of rows; where that is 0 the loss is 0.
///
/// # Shapes
/// `[…, C]`, and a label for each row or probabilities `[…, C]`.
///
/// # Derivative
/// With `aⱼ` the factor of `lⱼ` above, `pⱼ Σₖ aₖ − aⱼ`; in probabilities that are no constant, `wⱼ (1 − ε) lⱼ`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{Reduction, SoftmaxCrossEntropy};
/// let tape = tape::Tape::<f64>::new();
/// let logits = tape.tensor(array![[0.0, 0.0], [3.0, -1.0], [1e4, -1e4]]);
/// let loss = SoftmaxCrossEntropy::new().weights([2.0, 1.0]).ignore(9).reduction(Reduction::None);
/// assert_eq!(loss.of(logits, &[0, 9, 0]).value(), array![2.0 * 2f64.ln(), 0.0, 0.0].into_dyn());
/// ```
///
/// Source: `PyTorch`, `CrossEntropyLoss` (weights, smoothing, ignored labels); C. Szegedy and others, *Rethinking the
/// Inception architecture* (2016), section 7 (smoothing).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoftmaxCrossEntropy {
    classes: Classes,
    smoothing: f64,
    reduction: Reduction,
}

impl SoftmaxCrossEntropy {
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

    /// How much of each row's probability is spread evenly over all classes.
    ///
    /// # Panics
    /// The share is outside `[0, 1]`.
    #[must_use]
    #[track_caller]
    pub fn label_smoothing(self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a share is a number from 0 to 1, not {share}");
        Self { smoothing: share, ..self }
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

    /// The loss against class indices: a tensor without axes, or one number a row with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of`](Self::try_of) fails.
    #[track_caller]
    pub fn of<'t, T: Element>(&self, logits: Tensor<'t, T>, labels: &[usize]) -> Tensor<'t, T> {
        or_panic(self.try_of(logits, labels))
    }

    /// The loss against class indices.
    ///
    /// # Errors
    /// There are no classes, or no rows to take a mean of; there is not one label to each row, nor one weight to each
    /// class; a label is not below the number of classes.
    #[track_caller]
    pub fn try_of<'t, T: Element>(
        &self,
        logits: Tensor<'t, T>,
        labels: &[usize],
    ) -> Result<Tensor<'t, T>, Error> {
        record(self.operation(true), &self.classes.labelled(NAME, logits, labels)?)
    }

    /// The loss against rows of probabilities: a tensor without axes, or one number a row with [`Reduction::None`].
    ///
    /// # Panics
    /// As [`try_of_probs`](Self::try_of_probs) fails.
    #[track_caller]
    pub fn of_probs<'t, T: Element>(&self, logits: Tensor<'t, T>, rows: impl Target<'t, T>) -> Tensor<'t, T> {
        or_panic(self.try_of_probs(logits, rows))
    }

    /// The loss against rows of probabilities.
    ///
    /// # Errors
    /// There are no classes, or no rows to take a mean of; the shapes differ; there is not one weight to each class; a
    /// probability is negative or not finite. That a row sums to 1 is not asked for.
    #[track_caller]
    pub fn try_of_probs<'t, T: Element>(
        &self,
        logits: Tensor<'t, T>,
        rows: impl Target<'t, T>,
    ) -> Result<Tensor<'t, T>, Error> {
        let targets = rows.target(logits.tape(), logits.shape()).map_err(|error| error.operation(NAME))?;
        record(self.operation(false), &self.classes.weighted(logits, targets)?)
    }

    fn operation(&self, labelled: bool) -> CrossEntropy {
        CrossEntropy { labelled, smoothing: self.smoothing, reduction: self.reduction }
    }
}

/// Operands: logits, targets and, where there are some, the weights of the classes.
#[derive(Clone, Debug)]
pub(super) struct CrossEntropy {
    /// Targets are class indices.
    labelled: bool,
    smoothing: f64,
    reduction: Reduction,
}

/// What the forward pass keeps: for each logit the derivative of its row's loss; for each row its greatest logit, the
/// logarithm of `Σ e^(x − greatest)`, and its loss; and what the upstream gradient is to be divided by.
struct Saved<S> {
    slopes: S,
    rows: S,
    divisor: S,
}

/// Numbers that are kept for a row.
const KEPT: usize = 3;

/// Logits that are worked on together: few enough to stay in the first-level cache.
const GROUP: usize = 2048;

fn saved<T>(all: &[T], logits: usize) -> Saved<&[T]> {
    let (slopes, rest) = all.split_at(logits);
    let (rows, divisor) = rest.split_at(rest.len() - 1);
    Saved { slopes, rows, divisor }
}

fn saved_mut<T>(all: &mut [T], logits: usize) -> Saved<&mut [T]> {
    let (slopes, rest) = all.split_at_mut(logits);
    let (rows, divisor) = rest.split_at_mut(rest.len() - 1);
    Saved { slopes, rows, divisor }
}

impl CrossEntropy {
    /// The factor of `−ln pₖ` for a target probability `q`.
    fn factor<T: Element>(&self, classes: usize, weights: Option<View<'_, T>>, k: usize, q: T) -> T {
        let mixed = T::of(1.0 - self.smoothing) * q + T::of(self.smoothing / classes as f64);
        weight(weights, k) * mixed
    }

    /// The loss of row `i`. `powers` become its derivatives.
    fn loss<T: Element>(
        &self,
        row: &Row<'_, T>,
        i: usize,
        targets: View<'_, T>,
        weights: Option<View<'_, T>>,
        powers: &mut [T],
    ) -> T {
        let classes = powers.len();
        if !self.labelled {
            let q = &targets.data[i * classes..][..classes];
            return row.of_factors(|k| self.factor(classes, weights, k, q[k]), powers);
        }
        let Some(label) = label(targets, i) else {
            powers.fill(T::zero());
            return T::zero();
        };
        let one = |k: usize| if k == label { T::one() } else { T::zero() };
        match self.smoothing {
            0.0 => row.of_label(label, weight(weights, label), powers),
            _ => row.of_factors(|k| self.factor(classes, weights, k, one(k)), powers),
        }
    }

    /// What the sum of the losses is divided by.
    fn divisor<T: Element>(&self, inputs: &[View<'_, T>]) -> T {
        let rows = inputs[0].shape.split_last().map_or(&[][..], |(_, rows)| rows);
        match self.reduction {
            Reduction::Mean if self.labelled => labels::total_weight(inputs[1], inputs.get(2).copied()),
            other => other.divisor(rows),
        }
    }

    /// How much each class of each row counts, step by step.
    fn factors_in_parts<'t, T: Element>(&self, inputs: &[Tensor<'t, T>]) -> Tensor<'t, T> {
        let classes = inputs[0].shape().last().copied().unwrap_or(1);
        let q = if self.labelled { labels::one_hot(inputs[1], classes) } else { inputs[1] };
        let mixed = match self.smoothing {
            0.0 => q,
            share => q * T::of(1.0 - share) + T::of(share / classes as f64),
        };
        inputs.get(2).map_or(mixed, |&weights| mixed * weights)
    }
}

impl<T: Element> TensorOp<T> for CrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (logits, targets) = (inputs[0], inputs[1]);
        let shape = labels::loss_of_rows(inputs, self.reduction)?;
        if self.labelled {
            return Ok(shape);
        }
        if logits.shape != targets.shape {
            return Err(Error::new(ErrorKind::Shape, "logits and probabilities differ in shape"));
        }
        let negative = |t: &T| !(*t >= T::zero() && t.is_finite());
        if let Some(k) = targets.data.iter().position(negative) {
            let (index, value) = (tape::shape::unravel(k, targets.shape), targets.data[k]);
            let text = format!("{value} at index {index:?} is no probability");
            return Err(Error::new(ErrorKind::Value, text));
        }
        Ok(shape)
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        let (rows, _) = rows_and_classes(inputs[0].shape).unwrap_or_default();
        inputs[0].data.len() + KEPT * rows + 1
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (logits, targets, weights) = (pass.inputs[0], pass.inputs[1], pass.inputs.get(2).copied());
        let saved = saved_mut(pass.saved, logits.data.len());
        let (_, classes) = rows_and_classes(logits.shape).unwrap_or_default();
        let group = (GROUP / classes.max(1)).max(1);
        let logits = logits.data.chunks(group * classes.max(1));
        let slopes = saved.slopes.chunks_mut(group * classes.max(1));
        let kept = saved.rows.chunks_mut(group * KEPT);
        for (g, ((x, slopes), kept)) in logits.zip(slopes).zip(kept).enumerate() {
            let rows = x.chunks_exact(classes).zip(slopes.chunks_exact_mut(classes));
            rows.for_each(|(x, powers)| Row::shift(x, powers));
            slices::exp(slopes);
            let rows = x.chunks_exact(classes).zip(slopes.chunks_exact_mut(classes));
            for (i, ((x, powers), kept)) in (g * group..).zip(rows.zip(kept.chunks_exact_mut(KEPT))) {
                let row = Row::new(x, powers);
                let loss = self.loss(&row, i, targets, weights, powers);
                kept.copy_from_slice(&[row.greatest(), row.log_total, loss]);
            }
        }
        let losses = || saved.rows.chunks_exact(KEPT).map(|kept| kept[KEPT - 1]);
        saved.divisor[0] = self.divisor(pass.inputs);
        self.reduction.reduce(losses().len(), saved.divisor[0], pass.output, |first, terms| {
            terms.iter_mut().zip(losses().skip(first)).for_each(|(term, loss)| *term = loss);
        });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (logits, weights) = (pass.input(0), pass.inputs().get(2).copied());
        let (_, classes) = rows_and_classes(logits.shape).unwrap_or_default();
        let saved = saved(pass.saved(), logits.data.len());
        let upstream = self.reduction.upstream(pass.upstream(), saved.divisor[0]);
        if let Some(to) = pass.downstream(0) {
            let rows =
                to.gradient.chunks_exact_mut(classes.max(1)).zip(saved.slopes.chunks_exact(classes.max(1)));
            for (row, (downstream, slopes)) in rows.enumerate() {
                let upstream = upstream(row);
                for (downstream, &slope) in downstream.iter_mut().zip(slopes) {
                    let contribution = slope * upstream;
                    *downstream = if to.accumulate { *downstream + contribution } else { contribution };
                }
            }
        }
        if self.labelled {
            return;
        }
        if let Some(to) = pass.downstream(1) {
            let share = T::of(1.0 - self.smoothing);
            to.add(|k| {
                let (row, class) = (k / classes, k % classes);
                let kept = &saved.rows[KEPT * row..];
                let surprise = kept[1] - (logits.data[k] - kept[0]);
                weight(weights, class) * share * surprise * upstream(row)
            });
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        // An impossible class that counts nothing would give a NaN.
        if inputs[0].value().iter().any(|x| !x.is_finite()) {
            return None;
        }
        let logarithms = inputs[0].log_softmax(-1);
        let losses = if self.labelled && self.smoothing == 0.0 {
            labels::losses_in_parts(logarithms, inputs)
        } else {
            let factors = self.factors_in_parts(inputs);
            let losses = -(factors * logarithms).sum_axes(&[-1], false);
            if self.labelled { labels::kept_in_parts(losses, inputs[1]) } else { losses }
        };
        let divisor = self.labelled && self.reduction == Reduction::Mean;
        Some(self.reduction.in_parts(losses, divisor.then(|| labels::total_in(inputs))))
    }
}

impl Described for CrossEntropy {
    const DESCRIPTION: Description = Description {
        name: NAME,
        formula: "Σⱼ aⱼ (ln Σₖ e^(xₖ) − xⱼ) of each row, a from label or probabilities, weights and smoothing, reduced",
        derivative: "(pⱼ Σₖ aₖ − aⱼ) g in x, wⱼ (1 − ε)(ln Σₖ e^(xₖ) − xⱼ) g in probabilities",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let rows: [(&[usize], &[f64]); 5] = [
            (&[3, 4], &[0.0, 3.0, 1.0]),
            (&[4], &[2.0]),
            (&[2, 2, 3], &[2.0, -1.0, 0.0, 1.0]),
            (&[2, 1], &[0.0, 0.0]),
            (&[2, 3], &[-1.0, -1.0]),
        ];
        let of_labels = |smoothing| {
            labels::samples(&rows, move |reduction| Self { labelled: true, smoothing, reduction })
        };
        let of_probabilities = |smoothing| {
            let operation = move |reduction| Self { labelled: false, smoothing, reduction };
            let mut samples = labels::samples(&rows[..4], operation);
            for sample in &mut samples {
                sample.operands[1] = Drawn::real(&sample.operands[0].shape).within(0.05..=1.0);
            }
            samples
        };
        [of_labels(0.0), of_labels(0.3), of_probabilities(0.0), of_probabilities(0.3)].concat()
    }
}
