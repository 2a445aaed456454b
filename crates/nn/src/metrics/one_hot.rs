//! Labels as rows of zeros and a one.

use std::panic::Location;

use ndarray::Array2;
use tape::{Element, Error};

use super::{check_labels, filled};
use crate::or_panic;

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
    let mut rows = filled([labels.len(), classes], T::zero())?;
    for (row, &label) in labels.iter().enumerate() {
        rows[[row, label]] = T::one();
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{accuracy, argmax};
    use proptest::prelude::*;
    use tape::ErrorKind;

    #[test]
    fn what_does_not_fit_into_memory_is_an_error() {
        let huge = try_one_hot::<f64>(&[0, 1, 2, 3], usize::MAX / 2).unwrap_err();
        assert_eq!(huge.kind(), ErrorKind::Memory);
        let large = try_one_hot::<f64>(&[0], 1 << 61).unwrap_err();
        assert_eq!(large.kind(), ErrorKind::Memory);
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
