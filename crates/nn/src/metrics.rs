//! How good an answer is: [`argmax`], [`accuracy`], and labels as rows of zeros and a one.

use std::panic::Location;

use ndarray::{Array2, ArrayView, ArrayView1, ArrayView2, Dimension, Ix2};
use tape::{Element, Error, ErrorKind};

use crate::or_panic;

/// The column of the greatest number of each row, the first of them at a tie.
///
/// A NaN never wins: it is passed over. A row of nothing but NaN has no greatest number and gives 0;
/// [`accuracy`] counts such a row as wrong whatever its label.
///
/// # Shapes
/// `[rows, columns]` → `rows` indices. A view of any dimension type that has two axes is taken.
///
/// # Panics
/// See [`try_argmax`].
///
/// ```
/// use ndarray::array;
/// let logits = array![[0.1, 2.0, -1.0], [3.0, 3.0, f64::NAN]];
/// assert_eq!(nn::metrics::argmax(logits.view()), [1, 0]);
/// ```
#[track_caller]
pub fn argmax<T: Element, D: Dimension>(rows: ArrayView<'_, T, D>) -> Vec<usize> {
    or_panic(try_argmax(rows))
}

/// [`argmax`], or an error.
///
/// # Errors
/// There are not two axes, or rows have no columns.
///
/// ```
/// use ndarray::Array2;
/// let nothing = Array2::<f32>::zeros((3, 0));
/// assert!(nn::metrics::try_argmax(nothing.view()).is_err());
/// ```
#[track_caller]
pub fn try_argmax<T: Element, D: Dimension>(rows: ArrayView<'_, T, D>) -> Result<Vec<usize>, Error> {
    let at = Location::caller();
    let rows = matrix(rows).map_err(|e| e.operation("argmax").at(at))?;
    Ok(rows.rows().into_iter().map(|row| greatest(&row).unwrap_or(0)).collect())
}

/// The share of the rows whose greatest logit is that of the label; 0 where there are no rows.
///
/// Ties go to the first column, as in [`argmax`]. A row of nothing but NaN is wrong, so a network that has diverged
/// does not score the share of class 0.
///
/// # Shapes
/// `[rows, classes]` and `rows` labels. A view of any dimension type that has two axes is taken.
///
/// # Panics
/// See [`try_accuracy`].
///
/// ```
/// use ndarray::array;
/// let logits = array![[0.1, 2.0], [3.0, -3.0], [0.0, 1.0]];
/// assert_eq!(nn::metrics::accuracy(logits.view(), &[1, 0, 0]), 2.0 / 3.0);
/// ```
#[track_caller]
pub fn accuracy<T: Element, D: Dimension>(logits: ArrayView<'_, T, D>, labels: &[usize]) -> f64 {
    or_panic(try_accuracy(logits, labels))
}

/// [`accuracy`], or an error.
///
/// # Errors
/// There are not two axes, rows have no columns, there is not one label to each row, or a label is not a column.
///
/// ```
/// use ndarray::array;
/// let error = nn::metrics::try_accuracy(array![[0.1, 2.0]].view(), &[1, 0]).unwrap_err();
/// assert!(error.to_string().starts_with("accuracy: [1, 2]: 1 label expected, found 2"));
/// ```
#[track_caller]
pub fn try_accuracy<T: Element, D: Dimension>(
    logits: ArrayView<'_, T, D>,
    labels: &[usize],
) -> Result<f64, Error> {
    let at = Location::caller();
    correct(logits, labels).map_err(|e| e.operation("accuracy").at(at))
}

fn correct<T: Element, D: Dimension>(logits: ArrayView<'_, T, D>, labels: &[usize]) -> Result<f64, Error> {
    let rows = matrix(logits)?;
    let (n, classes) = rows.dim();
    if labels.len() != n {
        let text = format!("{n} label{} expected, found {}", if n == 1 { "" } else { "s" }, labels.len());
        return Err(Error::new(ErrorKind::Shape, text).shapes([rows.shape()]));
    }
    check_labels(labels, classes).map_err(|e| e.shapes([rows.shape()]))?;
    let hits =
        rows.rows().into_iter().zip(labels).filter(|(row, label)| greatest(row) == Some(**label)).count();
    Ok(if n == 0 { 0.0 } else { hits as f64 / n as f64 })
}

/// A row for each label: 1 in the label's column, 0 elsewhere.
///
/// # Shapes
/// `rows` labels → `[rows, classes]`
///
/// # Panics
/// See [`try_one_hot`].
///
/// ```
/// use ndarray::array;
/// assert_eq!(nn::metrics::one_hot::<f32>(&[2, 0], 3), array![[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]);
/// ```
#[track_caller]
pub fn one_hot<T: Element>(labels: &[usize], classes: usize) -> Array2<T> {
    or_panic(try_one_hot(labels, classes))
}

/// [`one_hot`], or an error.
///
/// # Errors
/// A label is not below `classes`; the number of elements overflows or memory for them cannot be had.
///
/// ```
/// let error = nn::metrics::try_one_hot::<f32>(&[0, 7], 3).unwrap_err();
/// assert!(error.to_string().starts_with("one_hot: the label 7 of row 1 is none of the 3 classes"));
/// ```
#[track_caller]
pub fn try_one_hot<T: Element>(labels: &[usize], classes: usize) -> Result<Array2<T>, Error> {
    let at = Location::caller();
    indicator(labels, classes).map_err(|e| e.operation("one_hot").at(at))
}

fn indicator<T: Element>(labels: &[usize], classes: usize) -> Result<Array2<T>, Error> {
    check_labels(labels, classes)?;
    let shape = [labels.len(), classes];
    let len = tape::shape::elements(&shape)?;
    let mut values = Vec::new();
    values.try_reserve_exact(len).map_err(|_| {
        Error::new(ErrorKind::Memory, format!("no memory for {len} elements")).shapes([shape])
    })?;
    values.resize(len, T::zero());
    for (row, &label) in labels.iter().enumerate() {
        values[row * classes + label] = T::one();
    }
    Array2::from_shape_vec(shape, values).map_err(|e| Error::new(ErrorKind::Shape, e.to_string()))
}

/// The rows, where there are two axes and at least one column.
fn matrix<T, D: Dimension>(rows: ArrayView<'_, T, D>) -> Result<ArrayView2<'_, T>, Error> {
    let shape = tape::Shape::from_slice(rows.shape());
    let fault = |kind, text: &str| Error::new(kind, text).shapes([&shape]);
    let rows = rows
        .into_dimensionality::<Ix2>()
        .map_err(|_| fault(ErrorKind::Shape, "two axes are expected, rows and columns"))?;
    match rows.dim() {
        (1.., 0) => Err(fault(ErrorKind::Empty, "a row without columns has no greatest number")),
        _ => Ok(rows),
    }
}

/// The first of the greatest, NaN passed over.
fn greatest<T: Element>(row: &ArrayView1<'_, T>) -> Option<usize> {
    let mut best: Option<(usize, T)> = None;
    for (column, &x) in row.iter().enumerate().filter(|(_, x)| !x.is_nan()) {
        if best.is_none_or(|(_, greatest)| x > greatest) {
            best = Some((column, x));
        }
    }
    best.map(|(column, _)| column)
}

fn check_labels(labels: &[usize], classes: usize) -> Result<(), Error> {
    match labels.iter().enumerate().find(|&(_, &label)| label >= classes) {
        Some((row, label)) => {
            let text = format!("the label {label} of row {row} is none of the {classes} classes");
            Err(Error::new(ErrorKind::Value, text))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    #[test]
    fn ties_nan_and_infinities() {
        let nan = f32::NAN;
        let inf = f32::INFINITY;
        let rows = array![
            [1.0, 1.0, 0.0],
            [nan, 1.0, 2.0],
            [2.0, nan, 1.0],
            [nan, nan, -inf],
            [nan, nan, nan],
            [-inf, -inf, -inf],
            [0.0, inf, inf],
            [-0.0, 0.0, -1.0],
        ];
        assert_eq!(argmax(rows.view()), [0, 2, 0, 2, 0, 0, 1, 0]);
        assert_eq!(argmax(rows.view().into_dyn()), argmax(rows.view()));
        assert_eq!(argmax(Array2::<f32>::zeros((0, 0)).view()), [0usize; 0]);
    }

    #[test]
    fn a_diverged_network_is_wrong_about_every_row() {
        assert_eq!(accuracy(array![[f64::NAN, f64::NAN], [f64::NAN, f64::NAN]].view(), &[0, 1]), 0.0);
    }

    #[test]
    fn no_rows_score_nothing() {
        assert_eq!(accuracy(Array2::<f32>::zeros((0, 5)).view(), &[]), 0.0);
    }

    #[test]
    fn faults_are_named() {
        let text = |e: Error| e.to_string();
        let two = array![[0.0, 1.0], [1.0, 0.0]];
        let label = text(try_accuracy(two.view(), &[0, 2]).unwrap_err());
        assert!(
            label.starts_with("accuracy: [2, 2]: the label 2 of row 1 is none of the 2 classes (at "),
            "{label}"
        );
        assert!(label.contains("metrics.rs"), "{label}");
        let count = text(try_accuracy(two.view(), &[0]).unwrap_err());
        assert!(count.starts_with("accuracy: [2, 2]: 2 labels expected, found 1"), "{count}");
        let axes = text(try_argmax(Array1::<f32>::zeros(3).view()).unwrap_err());
        assert!(axes.starts_with("argmax: [3]: two axes are expected, rows and columns"), "{axes}");
        let empty = try_argmax(Array2::<f32>::zeros((3, 0)).view()).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::Empty);
        let huge = try_one_hot::<f64>(&[0, 1, 2, 3], usize::MAX / 2).unwrap_err();
        assert_eq!(huge.kind(), ErrorKind::Memory);
        let large = try_one_hot::<f64>(&[0], 1 << 61).unwrap_err();
        assert_eq!(large.kind(), ErrorKind::Memory);
    }

    #[test]
    #[should_panic(expected = "accuracy: [1, 2]: 1 label expected, found 3")]
    fn the_plain_name_panics_with_the_same_text() {
        accuracy(array![[0.0f32, 1.0]].view(), &[0, 1, 0]);
    }

    proptest! {
        #[test]
        fn one_hot_is_undone_by_argmax(labels in prop::collection::vec(0usize..7, 0..40)) {
            let rows = one_hot::<f32>(&labels, 7);
            prop_assert_eq!(rows.dim(), (labels.len(), 7));
            prop_assert_eq!(rows.sum(), labels.len() as f32);
            prop_assert_eq!(&argmax(rows.view()), &labels);
            prop_assert_eq!(accuracy(rows.view(), &labels), if labels.is_empty() { 0.0 } else { 1.0 });
        }
    }
}
