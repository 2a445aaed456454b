//! The classes with the greatest logits, and how often they are right.

use std::panic::Location;

use ndarray::{ArrayView, ArrayView1, Dimension};
use tape::{Element, Error, ErrorKind};

use super::{greatest, labelled, matrix};
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
    share(logits, labels, 1).map_err(|e| e.operation("accuracy").at(at))
}

/// The share of the rows whose label is among the columns of the `k` greatest logits; 0 where there are no rows.
///
/// With `k = 1` it is [`accuracy`]. Of equal logits, that of the first column counts as the greatest. A label whose logit is
/// NaN is never among them, whatever `k`, and a NaN elsewhere takes no place.
///
/// # Shapes
/// `[rows, classes]` and `rows` labels. A view of any dimension type that has two axes is taken.
///
/// # Panics
/// See [`try_top_k_accuracy`].
///
/// ```
/// use ndarray::array;
/// let logits = array![[0.1, 2.0, 1.0], [3.0, -3.0, 0.0], [0.0, 1.0, 2.0]];
/// assert_eq!(nn::metrics::top_k_accuracy(logits.view(), &[2, 0, 0], 2), 2.0 / 3.0);
/// ```
#[track_caller]
pub fn top_k_accuracy<T: Element, D: Dimension>(
    logits: ArrayView<'_, T, D>,
    labels: &[usize],
    k: usize,
) -> f64 {
    or_panic(try_top_k_accuracy(logits, labels, k))
}

/// [`top_k_accuracy`], or an error.
///
/// # Errors
/// Those of [`try_accuracy`]; `k` is 0 or larger than the number of classes.
///
/// ```
/// use ndarray::array;
/// let error = nn::metrics::try_top_k_accuracy(array![[0.1, 2.0]].view(), &[1], 5).unwrap_err();
/// assert!(error.to_string().starts_with("top_k_accuracy: [1, 2]: k must be 1 to 2, and is 5"));
/// ```
#[track_caller]
pub fn try_top_k_accuracy<T: Element, D: Dimension>(
    logits: ArrayView<'_, T, D>,
    labels: &[usize],
    k: usize,
) -> Result<f64, Error> {
    let at = Location::caller();
    share(logits, labels, k).map_err(|e| e.operation("top_k_accuracy").at(at))
}

fn share<T: Element, D: Dimension>(
    logits: ArrayView<'_, T, D>,
    labels: &[usize],
    k: usize,
) -> Result<f64, Error> {
    let rows = labelled(logits, labels)?;
    let (n, classes) = rows.dim();
    if n == 0 {
        return Ok(0.0);
    }
    if k == 0 || k > classes {
        let text = format!("k must be 1 to {classes}, and is {k}");
        return Err(Error::new(ErrorKind::Value, text).shapes([rows.shape()]));
    }
    let hits = rows.rows().into_iter().zip(labels).filter(|(row, label)| before(row, **label) < k).count();
    Ok(hits as f64 / n as f64)
}

/// How many columns come before that one in the order of the greatest; of a NaN, no number is as large.
fn before<T: Element>(row: &ArrayView1<'_, T>, label: usize) -> usize {
    let own = row[label];
    if own.is_nan() {
        return usize::MAX;
    }
    row.iter().enumerate().filter(|&(column, &x)| x > own || (x == own && column < label)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2, array};
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
        assert!(label.contains("accuracy.rs"), "{label}");
        let count = text(try_accuracy(two.view(), &[0]).unwrap_err());
        assert!(count.starts_with("accuracy: [2, 2]: 2 labels expected, found 1"), "{count}");
        let axes = text(try_argmax(Array1::<f32>::zeros(3).view()).unwrap_err());
        assert!(axes.starts_with("argmax: [3]: two axes are expected, rows and columns"), "{axes}");
        let empty = try_argmax(Array2::<f32>::zeros((3, 0)).view()).unwrap_err();
        assert_eq!(empty.kind(), ErrorKind::Empty);
    }

    #[test]
    #[should_panic(expected = "accuracy: [1, 2]: 1 label expected, found 3")]
    fn the_plain_name_panics_with_the_same_text() {
        accuracy(array![[0.0f32, 1.0]].view(), &[0, 1, 0]);
    }

    #[test]
    fn the_label_is_among_the_first_k() {
        let nan = f32::NAN;
        let rows =
            array![[3.0, 2.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0], [nan, 5.0, nan, 4.0], [nan, nan, nan, nan]];
        let at = |labels: &[usize]| [1, 2, 3, 4].map(|k| 4.0 * top_k_accuracy(rows.view(), labels, k));
        assert_eq!(at(&[0, 0, 1, 0]), [3.0, 3.0, 3.0, 3.0]);
        assert_eq!(at(&[1, 2, 3, 1]), [0.0, 2.0, 3.0, 3.0]);
        assert_eq!(at(&[3, 3, 0, 2]), [0.0, 0.0, 0.0, 2.0]);
        assert_eq!(top_k_accuracy(Array2::<f32>::zeros((0, 3)).view(), &[], 1), 0.0);
    }

    #[test]
    fn scikit_learn_counts_the_same() {
        // sklearn.metrics.top_k_accuracy_score of these, which has the same numbers for want of ties.
        let scores = array![
            [0.5, 0.2, 0.2001, 0.1],
            [0.3, 0.4, 0.2, 0.1],
            [0.2, 0.4, 0.3, 0.1],
            [0.7, 0.2, 0.1, 0.0],
            [0.1, 0.2, 0.3, 0.4],
            [0.4, 0.3, 0.2, 0.1],
            [0.25, 0.26, 0.27, 0.22]
        ];
        let labels = [0, 1, 2, 2, 3, 1, 0];
        assert_eq!(
            [1, 2, 3, 4].map(|k| top_k_accuracy(scores.view(), &labels, k)),
            [3.0 / 7.0, 5.0 / 7.0, 1.0, 1.0]
        );
    }

    proptest! {
        #[test]
        fn top_one_is_accuracy_and_top_all_is_all(
            rows in prop::collection::vec((0usize..4, prop::array::uniform4(-2i8..3)), 1..20),
        ) {
            let labels: Vec<_> = rows.iter().map(|(label, _)| *label).collect();
            let logits = Array2::from_shape_fn((rows.len(), 4), |(r, c)| f64::from(rows[r].1[c]));
            let right = argmax(logits.view()).iter().zip(&labels).filter(|(a, b)| a == b).count();
            let top = [1, 2, 3, 4].map(|k| top_k_accuracy(logits.view(), &labels, k));
            prop_assert_eq!(top[0], right as f64 / labels.len() as f64);
            prop_assert_eq!(top[0], accuracy(logits.view(), &labels));
            prop_assert!(top.is_sorted());
            prop_assert_eq!(top[3], 1.0);
        }
    }
}
