//! Labels of classes, as losses take them: whole numbers in the graph, classes that count differently, and a label that
//! counts nothing.

use std::panic::Location;

use smallvec::SmallVec;
use tape::listing::{Drawn, Sample};
use tape::{Element, Error, ErrorKind, Shape, Tensor, TensorData, View, slices};

use super::Reduction;

/// A prediction, its targets and, where there are some, the weights of the classes.
pub(super) type Operands<'t, T> = SmallVec<[Tensor<'t, T>; 3]>;

/// What the user says of the classes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Classes {
    weights: Option<Vec<f64>>,
    ignored: Option<usize>,
}

impl Classes {
    /// How much each class counts.
    #[track_caller]
    pub(super) fn weights(self, weights: Vec<f64>) -> Self {
        for &weight in &weights {
            assert!(weight >= 0.0 && weight.is_finite(), "a weight is a number from 0, not {weight}");
        }
        Self { weights: Some(weights), ..self }
    }

    /// The label that counts nothing.
    pub(super) fn ignore(self, label: usize) -> Self {
        Self { ignored: Some(label), ..self }
    }

    /// The operands of a loss against class indices. A label that is wrong leaves nothing on the tape.
    #[track_caller]
    pub(super) fn labelled<'t, T: Element>(
        &self,
        operation: &'static str,
        x: Tensor<'t, T>,
        labels: &[usize],
    ) -> Result<Operands<'t, T>, Error> {
        let (here, shape) = (Location::caller(), x.shape());
        self.check::<T>(shape, labels)
            .map_err(|error| error.operation(operation).shapes([shape]).at(here))?;
        // The labels stand in the graph, as numbers of the tape's type; −1 marks those that are ignored.
        let label = |row: usize| match labels[row] {
            label if self.ignored == Some(label) => -T::one(),
            label => T::of(label as f64),
        };
        let rows = Shape::from_slice(&shape[..shape.len() - 1]);
        let targets = x.tape().try_constant(TensorData::Written(rows, &label))?;
        self.weighted(x, targets)
    }

    /// The operands of a loss against these targets.
    #[track_caller]
    pub(super) fn weighted<'t, T: Element>(
        &self,
        x: Tensor<'t, T>,
        targets: Tensor<'t, T>,
    ) -> Result<Operands<'t, T>, Error> {
        let mut operands = Operands::from_slice(&[x, targets]);
        if let Some(weights) = &self.weights {
            let shape = Shape::from_slice(&[weights.len()]);
            operands.push(x.tape().try_constant(TensorData::Written(shape, &|k| T::of(weights[k])))?);
        }
        Ok(operands)
    }

    fn check<T: Element>(&self, shape: &[usize], labels: &[usize]) -> Result<(), Error> {
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
pub(super) fn rows_and_classes(shape: &[usize]) -> Result<(usize, usize), Error> {
    let Some((&classes, rows)) = shape.split_last() else {
        return Err(Error::new(ErrorKind::Shape, "an axis of classes is wanted"));
    };
    match rows.iter().product() {
        rows @ 1.. if classes == 0 => {
            Err(Error::new(ErrorKind::Empty, format!("{rows} rows without a class")))
        }
        rows => Ok((rows, classes)),
    }
}

/// The shape of a loss of rows, or what is wrong with the weights, the third operand.
pub(super) fn loss_of_rows<T>(inputs: &[View<'_, T>], reduction: Reduction) -> Result<Shape, Error> {
    let shape = inputs[0].shape;
    let (_, classes) = rows_and_classes(shape)?;
    if let Some(weights) = inputs.get(2).filter(|weights| weights.shape != [classes]) {
        let text = format!("{classes} weights expected, found {}", weights.data.len());
        return Err(Error::new(ErrorKind::Shape, text));
    }
    reduction.shape(&shape[..shape.len() - 1], "an empty batch")
}

/// The class of a row, or nothing where its label is ignored.
pub(super) fn label<T: Element>(labels: View<'_, T>, row: usize) -> Option<usize> {
    labels.data[row].to_usize()
}

/// How much a class counts.
pub(super) fn weight<T: Element>(weights: Option<View<'_, T>>, class: usize) -> T {
    weights.map_or_else(T::one, |weights| weights.data[class])
}

/// How much all rows count together: what a mean over labels divides by.
pub(super) fn total_weight<T: Element>(labels: View<'_, T>, weights: Option<View<'_, T>>) -> T {
    slices::sum_of(labels.data.len(), |first, terms| {
        for (term, row) in terms.iter_mut().zip(first..) {
            *term = label(labels, row).map_or_else(T::zero, |label| weight(weights, label));
        }
    })
}

/// The same, from the operands of a loss.
pub(super) fn total_in<T: Element>(inputs: &[Tensor<'_, T>]) -> T {
    let views = inputs.iter().map(|tensor| {
        let data = tensor.value().to_slice().expect("numbers of a tape lie in row-major order");
        View { shape: tensor.shape(), data }
    });
    let views: SmallVec<[_; 3]> = views.collect();
    total_weight(views[1], views.get(2).copied())
}

/// The losses of rows by their labels, step by step: the logarithm of the label's probability, and how much it counts.
pub(super) fn losses_in_parts<'t, T: Element>(
    logarithms: Tensor<'t, T>,
    inputs: &[Tensor<'t, T>],
) -> Tensor<'t, T> {
    let labels = inputs[1];
    let ignored = labels.value().iter().any(|&label| label < T::zero());
    let index = if ignored { labels.clamp_min(T::zero()) } else { labels };
    let weighted = inputs.get(2).map_or(logarithms, |&weights| logarithms * weights);
    let losses = -weighted.gather(-1, index.unsqueeze(-1)).squeeze(-1);
    kept_in_parts(losses, labels)
}

/// Losses without those of rows whose label is ignored.
pub(super) fn kept_in_parts<'t, T: Element>(losses: Tensor<'t, T>, labels: Tensor<'t, T>) -> Tensor<'t, T> {
    if labels.value().iter().all(|&label| label >= T::zero()) {
        return losses;
    }
    Tensor::select((labels + T::one()).step().named("kept"), losses, T::zero())
}

/// Rows with a 1 at the label, and of zeros where it is ignored.
pub(super) fn one_hot<T: Element>(labels: Tensor<'_, T>, classes: usize) -> Tensor<'_, T> {
    let mut shape = Shape::from_slice(labels.shape());
    shape.push(classes);
    let mut rows = vec![T::zero(); labels.value().len() * classes];
    for (row, label) in labels.value().iter().enumerate() {
        if let Some(class) = label.to_usize() {
            rows[row * classes + class] = T::one();
        }
    }
    labels.tape().constant((shape, rows)).named("one-hot")
}

/// What counts `factor` times. What is impossible, and does not count, costs nothing: 0 · ∞ is 0 here. The factor may have
/// a derivative all the same.
pub(super) fn counted<T: Element>(factor: T, surprise: T) -> T {
    T::chain(Some(surprise), factor)
}

/// Cases for tests of a loss against labels: each of these shapes with its labels, with weights of the classes and
/// without, in every reduction; and an empty batch.
pub(super) fn samples<O>(rows: &[(&[usize], &[f64])], operation: impl Fn(Reduction) -> O) -> Vec<Sample<O>> {
    let mut samples = Vec::new();
    for reduction in Reduction::ALL {
        for &(shape, labels) in rows {
            let (classes, rows) = shape.split_last().expect("an axis of classes");
            let weights: Vec<f64> = (0..*classes).map(|class| 0.5 + class as f64).collect();
            let operands =
                [Drawn::real(shape), Drawn::given(rows, labels), Drawn::given(&[*classes], &weights)];
            samples.push(Sample::new(operation(reduction), operands[..2].to_vec()));
            samples.push(Sample::new(operation(reduction), operands));
        }
    }
    for reduction in [Reduction::Sum, Reduction::None] {
        let operands = [Drawn::real(&[0, 3]), Drawn::given(&[0], &[])];
        samples.push(Sample::new(operation(reduction), operands));
    }
    samples
}
