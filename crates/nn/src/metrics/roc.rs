//! How well scores tell one class from the others, whatever the threshold.

use std::panic::Location;

use ndarray::{ArrayView, ArrayView1, Dimension};
use tape::{Element, Error, ErrorKind};

use super::{check_count, check_labels, matrix_or_vector};
use crate::or_panic;

/// The area under the receiver operating characteristic: how likely a row of the class has a higher score than a row of
/// another class, where a tie is worth one half. 1 is perfect, 0.5 is chance.
///
/// Of scores for two classes or more, it is the mean over the classes of the area of each one against the rest, every class
/// as important as any other. Scores of different rows are compared: give probabilities, not logits, to which a row may
/// add any number.
///
/// It needs all rows at once: a mean over batches is something else. A NaN is lower than the score of any row of another
/// class and higher than that of any row of its own, so that scores of nothing but NaN have an area of 0.
///
/// # Shapes
/// `[rows]` or `[rows, 1]`, the score of class 1, and `rows` labels 0 or 1; or `[rows, classes]` and `rows` labels. Any view
/// of one or two axes is taken.
///
/// # Panics
/// See [`try_roc_auc`].
///
/// Source: Hanley and `McNeil`, *The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) Curve*
/// (1982): it is the statistic of Mann and Whitney, over the number of pairs.
///
/// ```
/// use ndarray::array;
/// use nn::metrics::roc_auc;
/// assert_eq!(roc_auc(array![0.1, 0.4, 0.35, 0.8].view(), &[0, 0, 1, 1]), 0.75);
/// assert_eq!(roc_auc(array![0.5, 0.5, 0.5].view(), &[0, 1, 1]), 0.5);
///
/// let probabilities = array![[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3]];
/// assert_eq!(roc_auc(probabilities.view(), &[0, 1, 2, 2]), 1.0);
/// ```
#[track_caller]
pub fn roc_auc<T: Element, D: Dimension>(scores: ArrayView<'_, T, D>, labels: &[usize]) -> f64 {
    or_panic(try_roc_auc(scores, labels))
}

/// [`roc_auc`], or an error.
///
/// # Errors
/// There are not one or two axes, rows have no columns, there is not one label to each row, a label is none of the classes;
/// a class has no rows or all of them, so that there is nothing to compare.
///
/// ```
/// use ndarray::array;
/// let error = nn::metrics::try_roc_auc(array![0.1, 0.4].view(), &[0, 0]).unwrap_err();
/// assert!(error.to_string().starts_with("roc_auc: [2]: no row has the label 1: there is nothing to compare"));
/// ```
#[track_caller]
pub fn try_roc_auc<T: Element, D: Dimension>(
    scores: ArrayView<'_, T, D>,
    labels: &[usize],
) -> Result<f64, Error> {
    let (at, shape) = (Location::caller(), tape::Shape::from_slice(scores.shape()));
    area(scores, labels).map_err(|error| error.operation("roc_auc").shapes([shape]).at(at))
}

fn area<T: Element, D: Dimension>(scores: ArrayView<'_, T, D>, labels: &[usize]) -> Result<f64, Error> {
    let scores = matrix_or_vector(scores)?;
    let (rows, columns) = scores.dim();
    check_count(rows, labels)?;
    check_labels(labels, columns.max(2))?;
    let mut pairs = Vec::with_capacity(rows);
    if columns == 1 {
        return against_rest(&scores.column(0), labels, 1, &mut pairs);
    }
    let areas = (0..columns).map(|class| against_rest(&scores.column(class), labels, class, &mut pairs));
    Ok(areas.sum::<Result<f64, Error>>()? / columns as f64)
}

/// The area of one class. The room is for scores that are numbers, each with whether its row is of the class.
fn against_rest<T: Element>(
    scores: &ArrayView1<'_, T>,
    labels: &[usize],
    class: usize,
    room: &mut Vec<(T, bool)>,
) -> Result<f64, Error> {
    let own = labels.iter().filter(|&&label| label == class).count() as u64;
    let others = labels.len() as u64 - own;
    if own == 0 || others == 0 {
        let rows = if own == 0 { "no row has" } else { "all rows have" };
        let text = format!("{rows} the label {class}: there is nothing to compare");
        return Err(Error::new(ErrorKind::Value, text));
    }
    room.clear();
    let all = scores.iter().zip(labels).map(|(&score, &label)| (score, label == class));
    room.extend(all.filter(|(score, _)| !score.is_nan()));
    room.sort_unstable_by(|(a, _), (b, _)| a.partial_cmp(b).expect("no NaN is left"));
    // In halves of a pair, so that sums are exact. Pairs with a NaN are lost: they are missing here and counted below.
    let (mut won, mut below) = (0u128, 0u64);
    for equal in room.chunk_by(|(a, _), (b, _)| a == b) {
        let of_class = equal.iter().filter(|(_, of_class)| *of_class).count() as u64;
        let of_others = equal.len() as u64 - of_class;
        won += u128::from(of_class) * u128::from(2 * below + of_others);
        below += of_others;
    }
    Ok(won as f64 / (2 * u128::from(own) * u128::from(others)) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2, Array3, array};
    use proptest::prelude::*;

    #[test]
    fn scikit_learn_gives_the_same() {
        let scores = array![0.9, 0.4, 0.4, 0.35, 0.8, 0.4, 0.1, 0.6, 0.6, 0.2];
        let labels = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1];
        // sklearn.metrics.roc_auc_score(labels, scores)
        assert!((roc_auc(scores.view(), &labels) - 0.74).abs() < 1e-15);
        let probabilities = array![
            [0.6, 0.3, 0.1],
            [0.2, 0.5, 0.3],
            [0.3, 0.3, 0.4],
            [0.5, 0.2, 0.3],
            [0.1, 0.6, 0.3],
            [0.25, 0.25, 0.5],
            [0.4, 0.4, 0.2],
            [0.3, 0.1, 0.6]
        ];
        // sklearn.metrics.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
        let area = roc_auc(probabilities.view(), &[0, 1, 2, 1, 1, 0, 0, 2]);
        assert!((area - 0.794_444_444_444_444_3).abs() < 1e-15, "{area}");
    }

    #[test]
    fn a_pair_with_a_nan_is_lost() {
        let nan = f32::NAN;
        assert_eq!(roc_auc(array![nan, nan, nan].view(), &[0, 1, 1]), 0.0);
        assert_eq!(roc_auc(array![0.0, 1.0, nan].view(), &[0, 1, 1]), 0.5);
        assert_eq!(roc_auc(array![nan, 0.0, 1.0].view(), &[0, 0, 1]), 0.5);
        assert_eq!(roc_auc(Array2::from_elem((4, 3), nan).view(), &[0, 1, 2, 0]), 0.0);
    }

    #[test]
    fn infinities_and_signed_zeros_are_compared_as_numbers() {
        let inf = f64::INFINITY;
        assert_eq!(roc_auc(array![-inf, inf, 0.0, inf].view(), &[0, 1, 0, 1]), 1.0);
        assert_eq!(roc_auc(array![-0.0, 0.0].view(), &[0, 1]), 0.5);
        assert_eq!(roc_auc(array![[0.0], [1.0]].view().into_dyn(), &[0, 1]), 1.0);
    }

    #[test]
    fn faults_are_named() {
        let starts = |result: Result<f64, Error>, text: &str| {
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with(text) && error.contains("roc.rs"), "{error}");
        };
        let two = array![0.0, 1.0];
        starts(try_roc_auc(two.view(), &[1, 1]), "roc_auc: [2]: all rows have the label 1: there is nothing");
        starts(
            try_roc_auc(two.view(), &[0, 2]),
            "roc_auc: [2]: the label 2 of row 1 is none of the 2 classes",
        );
        starts(try_roc_auc(two.view(), &[0]), "roc_auc: [2]: 2 labels expected, found 1");
        starts(try_roc_auc(Array1::<f32>::zeros(0).view(), &[]), "roc_auc: [0]: no row has the label 1");
        let three = Array2::<f32>::zeros((4, 3));
        starts(try_roc_auc(three.view(), &[0, 1, 1, 0]), "roc_auc: [4, 3]: no row has the label 2");
        let deep = Array3::<f32>::zeros((1, 1, 1));
        starts(try_roc_auc(deep.view(), &[0]), "roc_auc: [1, 1, 1]: one or two axes are expected");
        let none = Array2::<f32>::zeros((1, 0));
        starts(try_roc_auc(none.view(), &[0]), "roc_auc: [1, 0]: the rows have no columns");
    }

    proptest! {
        #[test]
        fn it_is_the_share_of_the_pairs(rows in prop::collection::vec((-3i8..3, any::<bool>()), 2..40), turn in 0usize..40) {
            let labels: Vec<_> = rows.iter().map(|(_, label)| usize::from(*label)).collect();
            prop_assume!(labels.contains(&0) && labels.contains(&1));
            let scores: Array1<f64> = rows.iter().map(|(score, _)| f64::from(*score)).collect();
            let area = roc_auc(scores.view(), &labels);

            let of = |class| rows.iter().filter(move |row| row.1 == class).map(|row| row.0);
            let worth = |a: i8, b: i8| 0.5 + 0.5 * f64::from((a - b).signum());
            let pairs: Vec<f64> = of(true).flat_map(|a| of(false).map(move |b| worth(a, b))).collect();
            prop_assert!((area - pairs.iter().sum::<f64>() / pairs.len() as f64).abs() < 1e-14);

            prop_assert!((roc_auc(scores.mapv(|x| -x).view(), &labels) - (1.0 - area)).abs() < 1e-15);
            prop_assert_eq!(roc_auc(scores.mapv(f64::exp).view(), &labels), area);
            let both = Array2::from_shape_fn((rows.len(), 2), |(r, c)| scores[r] * [-1.0, 1.0][c]);
            prop_assert!((roc_auc(both.view(), &labels) - area).abs() < 1e-15);

            let (mut scores, mut labels) = (scores.to_vec(), labels);
            let turn = turn % scores.len();
            scores.rotate_left(turn);
            labels.rotate_left(turn);
            prop_assert_eq!(roc_auc(Array1::from(scores).view(), &labels), area);
        }
    }
}
