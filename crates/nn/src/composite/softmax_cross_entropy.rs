//! The cross-entropy of softmax, from logits, as one node.

use std::panic::Location;

use smallvec::SmallVec;
use tape::{Element, Error, ErrorKind, Forward, Shape, Tensor, TensorData, TensorOp, View, Vjp, slices};

use super::row::Row;
use super::{Reduction, Target};
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
    weights: Option<Vec<f64>>,
    smoothing: f64,
    ignored: Option<usize>,
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
        let weights = weights.into();
        for &weight in &weights {
            assert!(weight >= 0.0 && weight.is_finite(), "a weight is a number from 0, not {weight}");
        }
        Self { weights: Some(weights), ..self }
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
        Self { ignored: Some(label), ..self }
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
        let here = Location::caller();
        let shape = logits.shape();
        self.check_labels::<T>(shape, labels)
            .map_err(|error| error.operation(NAME).shapes([shape]).at(here))?;
        // The labels stand in the graph, as numbers of the tape's type; −1 marks those that are ignored.
        let label = |row: usize| match labels[row] {
            label if self.ignored == Some(label) => -T::one(),
            label => T::of(label as f64),
        };
        let rows = Shape::from_slice(&shape[..shape.len() - 1]);
        let targets = logits.tape().try_constant(TensorData::Written(rows, &label))?;
        self.record(logits, targets, true)
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
        self.record(logits, targets, false)
    }

    #[track_caller]
    fn record<'t, T: Element>(
        &self,
        logits: Tensor<'t, T>,
        targets: Tensor<'t, T>,
        labelled: bool,
    ) -> Result<Tensor<'t, T>, Error> {
        let tape = logits.tape();
        let mut operands = SmallVec::<[_; 3]>::from_slice(&[logits, targets]);
        if let Some(weights) = &self.weights {
            let shape = Shape::from_slice(&[weights.len()]);
            operands.push(tape.try_constant(TensorData::Written(shape, &|k| T::of(weights[k])))?);
        }
        let Self { smoothing, reduction, .. } = *self;
        tape.apply(CrossEntropy { labelled, smoothing, reduction }, &operands)
    }

    fn check_labels<T: Element>(&self, shape: &[usize], labels: &[usize]) -> Result<(), Error> {
        let (rows, classes) = rows_and_classes(shape)?;
        if labels.len() != rows {
            let text =
                format!("{rows} label{} expected, found {}", if rows == 1 { "" } else { "s" }, labels.len());
            return Err(Error::new(ErrorKind::Shape, text));
        }
        let wrong = |&(_, &label): &(usize, &usize)| label >= classes && self.ignored != Some(label);
        if let Some((row, label)) = labels.iter().enumerate().find(wrong) {
            let text = format!("the label {label} of row {row} is none of the {classes} classes");
            return Err(Error::new(ErrorKind::Value, text));
        }
        let number = |class: usize| T::of(class as f64);
        if rows > 0 && !(number(classes) - number(classes - 1)).is_one() {
            let text = format!("numbers of the tape cannot count {classes} classes");
            return Err(Error::new(ErrorKind::Value, text));
        }
        Ok(())
    }
}

/// All axes but the last are rows. Rows without a class are an error.
fn rows_and_classes(shape: &[usize]) -> Result<(usize, usize), Error> {
    let Some((&classes, rows)) = shape.split_last() else {
        return Err(Error::new(ErrorKind::Shape, "logits have an axis of classes"));
    };
    match rows.iter().product() {
        rows @ 1.. if classes == 0 => {
            Err(Error::new(ErrorKind::Empty, format!("{rows} rows without a class")))
        }
        rows => Ok((rows, classes)),
    }
}

/// Operands: logits, targets and, where there are some, the weights of the classes.
struct CrossEntropy {
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
        let Some(label) = targets.data[i].to_usize() else {
            powers.fill(T::zero());
            return T::zero();
        };
        let one = |k: usize| if k == label { T::one() } else { T::zero() };
        match self.smoothing {
            0.0 => row.of_label(label, weight(weights, label), powers),
            _ => row.of_factors(|k| self.factor(classes, weights, k, one(k)), powers),
        }
    }

    /// What a mean divides by: the sum of the weights of all labels, or the number of rows of probabilities. Where that
    /// is 0 it is ∞, so that the mean is 0.
    fn rows_that_count<T: Element>(
        &self,
        targets: View<'_, T>,
        weights: Option<View<'_, T>>,
        rows: usize,
    ) -> T {
        let count = slices::sum_of(rows, |first, terms| {
            for (term, row) in terms.iter_mut().zip(first..) {
                *term = match (self.labelled, targets.data[row].to_usize()) {
                    (false, _) => T::one(),
                    (true, Some(label)) => weight(weights, label),
                    (true, None) => T::zero(),
                };
            }
        });
        if count.is_zero() { T::infinity() } else { count }
    }
}

fn weight<T: Element>(weights: Option<View<'_, T>>, class: usize) -> T {
    weights.map_or_else(T::one, |weights| weights.data[class])
}

impl<T: Element> TensorOp<T> for CrossEntropy {
    fn name(&self) -> &'static str {
        NAME
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (logits, targets) = (inputs[0], inputs[1]);
        let (rows, classes) = rows_and_classes(logits.shape)?;
        if !self.labelled {
            if logits.shape != targets.shape {
                return Err(Error::new(ErrorKind::Shape, "logits and probabilities differ in shape"));
            }
            let negative = |t: &T| !(*t >= T::zero() && t.is_finite());
            if let Some(k) = targets.data.iter().position(negative) {
                let (index, value) = (tape::shape::unravel(k, targets.shape), targets.data[k]);
                let text = format!("{value} at index {index:?} is no probability");
                return Err(Error::new(ErrorKind::Value, text));
            }
        }
        if let Some(weights) = inputs.get(2).filter(|weights| weights.shape != [classes]) {
            let text = format!("{classes} weights expected, found {}", weights.data.len());
            return Err(Error::new(ErrorKind::Shape, text));
        }
        match self.reduction {
            Reduction::None => Ok(Shape::from_slice(&logits.shape[..logits.shape.len() - 1])),
            Reduction::Mean if rows == 0 => {
                Err(Error::new(ErrorKind::Empty, "there is no mean over an empty batch"))
            }
            Reduction::Mean | Reduction::Sum => Ok(Shape::new()),
        }
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
        saved.divisor[0] = match self.reduction {
            Reduction::Mean => self.rows_that_count(targets, weights, losses().len()),
            Reduction::Sum | Reduction::None => T::one(),
        };
        if self.reduction == Reduction::None {
            pass.output.iter_mut().zip(losses()).for_each(|(output, loss)| *output = loss);
        } else {
            let sum = slices::sum_of(losses().len(), |first, terms| {
                terms.iter_mut().zip(losses().skip(first)).for_each(|(term, loss)| *term = loss);
            });
            pass.output[0] = sum / saved.divisor[0];
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (logits, weights) = (pass.input(0), pass.inputs().get(2).copied());
        let (_, classes) = rows_and_classes(logits.shape).unwrap_or_default();
        let (saved, upstream) = (saved(pass.saved(), logits.data.len()), pass.upstream());
        let each = self.reduction == Reduction::None;
        let upstream = |row: usize| upstream[if each { row } else { 0 }] / saved.divisor[0];
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
}
