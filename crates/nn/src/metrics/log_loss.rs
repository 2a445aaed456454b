//! How surprised a network is by the labels.

use std::panic::Location;

use ndarray::{ArrayView, Dimension};
use tape::{Element, Error, ErrorKind};

use super::labelled;
use super::plain;
use super::sum::Sum;
use crate::or_panic;

/// The mean of `−ln p` over the rows, where `p` is the probability that was given to the label, in nats; 0 where there are
/// no rows.
///
/// A probability of 0 for the label makes it infinite, and a NaN in that place makes it NaN; nothing is clipped. Of logits,
/// the loss is [`softmax_cross_entropy`](crate::Losses::softmax_cross_entropy), which is safe against rounding.
///
/// # Shapes
/// `[rows, classes]` and `rows` labels. A view of any dimension type that has two axes is taken.
///
/// # Panics
/// See [`try_log_loss`].
///
/// ```
/// use ndarray::array;
/// let probabilities = array![[0.5, 0.5], [0.25, 0.75]];
/// let loss = nn::metrics::log_loss(probabilities.view(), &[1, 0]);
/// assert_eq!(loss, (2f64.ln() + 4f64.ln()) / 2.0);
/// ```
#[track_caller]
pub fn log_loss<T: Element, D: Dimension>(probabilities: ArrayView<'_, T, D>, labels: &[usize]) -> f64 {
    or_panic(try_log_loss(probabilities, labels))
}

/// [`log_loss`], or an error.
///
/// # Errors
/// There are not two axes, rows have no columns, there is not one label to each row, a label is not a column, or what was
/// given to a label is no probability.
///
/// ```
/// use ndarray::array;
/// let error = nn::metrics::try_log_loss(array![[0.5, 0.5], [-1.0, 2.0]].view(), &[0, 1]).unwrap_err();
/// let text = "log_loss: [2, 2]: the number 2 of row 1 and column 1 is no probability: 0 to 1 expected";
/// assert!(error.to_string().starts_with(text));
/// ```
#[track_caller]
pub fn try_log_loss<T: Element, D: Dimension>(
    probabilities: ArrayView<'_, T, D>,
    labels: &[usize],
) -> Result<f64, Error> {
    let at = Location::caller();
    surprise(probabilities, labels).map_err(|error| error.operation("log_loss").at(at))
}

fn surprise<T: Element, D: Dimension>(
    probabilities: ArrayView<'_, T, D>,
    labels: &[usize],
) -> Result<f64, Error> {
    let rows = labelled(probabilities, labels)?;
    let mut sum = Sum::default();
    for (row, &label) in labels.iter().enumerate() {
        let p = plain(rows[[row, label]]);
        if !(p.is_nan() || (0.0..=1.0).contains(&p)) {
            let text =
                format!("the number {p} of row {row} and column {label} is no probability: 0 to 1 expected");
            return Err(Error::new(ErrorKind::Value, text).shapes([rows.shape()]));
        }
        // Of 1 the logarithm is 0, and not −0.
        sum.add(0.0 - p.ln());
    }
    Ok(if labels.is_empty() { 0.0 } else { sum.value() / labels.len() as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Losses;
    use ndarray::{Array2, array};
    use proptest::prelude::*;
    use tape::Tape;

    #[test]
    fn scikit_learn_gives_the_same() {
        let probabilities = array![[0.9, 0.05, 0.05], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4], [0.125, 0.625, 0.25]];
        // sklearn.metrics.log_loss([0, 2, 2, 1], probabilities)
        assert!((log_loss(probabilities.view(), &[0, 2, 2, 1]) - 0.673_906_920_275_913_3).abs() < 1e-15);
    }

    #[test]
    fn the_ends() {
        let rows = array![[1.0f32, 0.0], [f32::NAN, 0.5]];
        assert_eq!(log_loss(rows.slice(ndarray::s![..1, ..]), &[0]).to_bits(), 0);
        assert_eq!(log_loss(rows.slice(ndarray::s![..1, ..]), &[1]), f64::INFINITY);
        assert_eq!(log_loss(rows.view(), &[1, 1]), f64::INFINITY);
        assert!(log_loss(rows.view(), &[0, 0]).is_nan());
        assert_eq!(log_loss(Array2::<f32>::zeros((0, 2)).view(), &[]), 0.0);
    }

    #[test]
    fn faults_are_named() {
        let two = array![[0.5, 0.5], [0.5, 0.5]];
        let error = try_log_loss(two.view(), &[0, 2]).unwrap_err().to_string();
        assert!(
            error.starts_with("log_loss: [2, 2]: the label 2 of row 1 is none of the 2 classes"),
            "{error}"
        );
        let error = try_log_loss(two.view(), &[0]).unwrap_err().to_string();
        assert!(error.starts_with("log_loss: [2, 2]: 2 labels expected, found 1"), "{error}");
    }

    proptest! {
        #[test]
        fn it_is_the_cross_entropy_of_softmax(
            rows in prop::collection::vec((0usize..3, prop::array::uniform3(-5.0..5.0)), 1..20),
        ) {
            let labels: Vec<_> = rows.iter().map(|(label, _)| *label).collect();
            let tape = Tape::<f64>::new();
            let logits = tape.constant(Array2::from_shape_fn((rows.len(), 3), |(r, c)| rows[r].1[c]));
            let loss = logits.softmax_cross_entropy(&labels).value();
            prop_assert!((log_loss(logits.softmax(1).value(), &labels) - loss).abs() < 1e-12);
        }
    }
}
