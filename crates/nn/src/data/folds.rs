//! Parts of a data set for validation: folds, and splits that keep the shares of the classes.

use super::classes::Classes;
use super::dataset::{Dataset, cut, order};
use super::error::{DataError, DataErrorKind};
use super::targets::Targets;
use crate::or_panic;

/// Pairs of a training and a test part, made by [`Dataset::folds`].
///
/// ```
/// let iris = nn::Dataset::iris();
/// let mut folds = iris.folds(5, 42);
/// assert_eq!(folds.len(), 5);
/// let (train, test) = folds.next().unwrap();
/// assert_eq!((train.len(), test.len()), (120, 30));
/// ```
#[derive(Clone, Debug)]
pub struct Folds<'a, Y = Classes> {
    data: &'a Dataset<Y>,
    /// The rows in random order, each with the fold whose test part it is in.
    rows: Vec<(usize, usize)>,
    next: usize,
    count: usize,
}

impl<Y: Targets> Iterator for Folds<'_, Y> {
    type Item = (Dataset<Y>, Dataset<Y>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.count {
            return None;
        }
        let (test, train): (Vec<_>, Vec<_>) = self.rows.iter().partition(|(_, fold)| *fold == self.next);
        self.next += 1;
        Some((part(self.data, &train), part(self.data, &test)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.count - self.next, Some(self.count - self.next))
    }
}

impl<Y: Targets> ExactSizeIterator for Folds<'_, Y> {}

impl<Y: Targets> std::iter::FusedIterator for Folds<'_, Y> {}

fn part<Y: Targets>(data: &Dataset<Y>, rows: &[(usize, usize)]) -> Dataset<Y> {
    let rows: Vec<usize> = rows.iter().map(|&(row, _)| row).collect();
    data.select(&rows)
}

impl<Y: Targets> Dataset<Y> {
    /// The training and test parts of a k-fold cross-validation: every row is in the test part of one of `k` folds,
    /// and in the training part of the others. The test parts have the same size, or differ by one row. Rows come in
    /// random order.
    ///
    /// # Panics
    /// See [`try_folds`](Self::try_folds).
    ///
    /// ```
    /// let iris = nn::Dataset::iris();
    /// for (train, test) in iris.folds(5, 42) {
    ///     assert_eq!((train.len(), test.len()), (120, 30));
    /// }
    /// ```
    ///
    /// Source: scikit-learn's `KFold` with `shuffle`.
    #[track_caller]
    pub fn folds(&self, k: usize, seed: u64) -> Folds<'_, Y> {
        or_panic(self.try_folds(k, seed))
    }

    /// [`folds`](Self::folds), or an error.
    ///
    /// # Errors
    /// There are fewer than two folds, or more than rows.
    ///
    /// ```
    /// let error = nn::Dataset::iris().try_folds(1, 42).unwrap_err();
    /// assert_eq!(error.to_string(), "folds: from 2 folds to one for each of the 150 rows are expected, found 1");
    /// ```
    pub fn try_folds(&self, k: usize, seed: u64) -> Result<Folds<'_, Y>, DataError> {
        let rows =
            order(self.len(), seed, 0).into_iter().enumerate().map(|(place, row)| (row, place % k.max(1)));
        self.dealt(k, rows.collect())
    }

    fn dealt(&self, count: usize, rows: Vec<(usize, usize)>) -> Result<Folds<'_, Y>, DataError> {
        if count < 2 || count > self.len() {
            let text = format!(
                "folds: from 2 folds to one for each of the {} rows are expected, found {count}",
                self.len()
            );
            return Err(DataError::new(DataErrorKind::Argument, text));
        }
        Ok(Folds { data: self, rows, next: 0, count })
    }
}

impl Dataset {
    /// [`folds`](Self::folds) of which each holds all classes in the shares that they have: the number of rows of a
    /// class in two test parts differs by one at most, as does that of all rows.
    ///
    /// # Panics
    /// See [`try_stratified_folds`](Self::try_stratified_folds).
    ///
    /// ```
    /// let iris = nn::Dataset::iris();
    /// assert!(iris.stratified_folds(5, 42).all(|(_, test)| test.class_counts() == [10, 10, 10]));
    /// ```
    ///
    /// Source: scikit-learn's `StratifiedKFold` with `shuffle`.
    #[track_caller]
    pub fn stratified_folds(&self, k: usize, seed: u64) -> Folds<'_> {
        or_panic(self.try_stratified_folds(k, seed))
    }

    /// [`stratified_folds`](Self::stratified_folds), or an error.
    ///
    /// # Errors
    /// There are fewer than two folds, or more than rows.
    ///
    /// ```
    /// assert!(nn::Dataset::iris().try_stratified_folds(151, 42).is_err());
    /// ```
    pub fn try_stratified_folds(&self, k: usize, seed: u64) -> Result<Folds<'_>, DataError> {
        self.dealt(k, self.by_class(seed, |place| place % k.max(1)))
    }

    /// [`split`](Self::split) that keeps the shares of the classes: each has its share of the rows in the first part,
    /// to within one row.
    ///
    /// # Panics
    /// See [`try_stratified_split`](Self::try_stratified_split).
    ///
    /// ```
    /// let (train, test) = nn::Dataset::iris().stratified_split(0.8, 42);
    /// assert_eq!((train.class_counts(), test.class_counts()), (vec![40; 3], vec![10; 3]));
    /// ```
    ///
    /// Source: scikit-learn's `train_test_split` with `stratify`.
    #[must_use]
    #[track_caller]
    pub fn stratified_split(&self, fraction: f64, seed: u64) -> (Self, Self) {
        or_panic(self.try_stratified_split(fraction, seed))
    }

    /// [`stratified_split`](Self::stratified_split), or an error.
    ///
    /// # Errors
    /// `fraction` is not between 0 and 1.
    ///
    /// ```
    /// assert!(nn::Dataset::iris().try_stratified_split(1.5, 42).is_err());
    /// ```
    pub fn try_stratified_split(&self, fraction: f64, seed: u64) -> Result<(Self, Self), DataError> {
        let (len, front) = (self.len() as u128, cut(fraction, self.len())? as u128);
        // Of any run of places the share that steps up is `front / len`, to within one.
        let step = |place: usize| place as u128 * front / len;
        let rows = self.by_class(seed, |place| usize::from(step(place) == step(place + 1)));
        let (front, back): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, side)| *side == 0);
        Ok((part(self, &front), part(self, &back)))
    }

    /// The rows in random order, each with what is dealt to its place among the rows in the order of their classes.
    fn by_class(&self, seed: u64, deal: impl Fn(usize) -> usize) -> Vec<(usize, usize)> {
        let mut rows: Vec<(usize, usize)> =
            order(self.len(), seed, 0).into_iter().map(|row| (row, 0)).collect();
        let mut places: Vec<usize> = (0..rows.len()).collect();
        places.sort_by_key(|&k| self.labels()[rows[k].0]);
        places.into_iter().enumerate().for_each(|(place, k)| rows[k].1 = deal(place));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    /// Row `k` holds `k`.
    fn data(labels: Vec<usize>) -> Dataset {
        let features = Array2::from_shape_fn((labels.len(), 1), |(k, _)| k as f32);
        Dataset::new(features, labels, ["a", "b", "c"]).unwrap()
    }

    fn rows(part: &Dataset) -> Vec<usize> {
        part.features().iter().map(|&x| x as usize).collect()
    }

    /// Even to within one.
    fn even(counts: impl Iterator<Item = usize> + Clone) -> bool {
        counts.clone().max().unwrap_or(0) - counts.min().unwrap_or(0) <= 1
    }

    proptest! {
        #[test]
        fn folds_are_partitions(
            labels in prop::collection::vec(0usize..3, 2..60), k in 2usize..12, seed in any::<u64>(),
        ) {
            let data = data(labels);
            let k = k.min(data.len());
            for stratified in [false, true] {
                let folds = if stratified { data.stratified_folds(k, seed) } else { data.folds(k, seed) };
                prop_assert_eq!(folds.len(), k);
                let folds: Vec<_> = folds.collect();
                let mut tested: Vec<usize> = folds.iter().flat_map(|(_, test)| rows(test)).collect();
                tested.sort_unstable();
                prop_assert!(tested.into_iter().eq(0..data.len()));
                prop_assert!(even(folds.iter().map(|(_, test)| test.len())));
                for (train, test) in &folds {
                    let mut both = [rows(train), rows(test)].concat();
                    both.sort_unstable();
                    prop_assert!(both.into_iter().eq(0..data.len()));
                }
                if stratified {
                    for class in 0..3 {
                        prop_assert!(even(folds.iter().map(|(_, test)| test.class_counts()[class])));
                    }
                }
            }
        }

        #[test]
        fn a_stratified_split_keeps_the_shares(
            labels in prop::collection::vec(0usize..3, 0..60), fraction in 0.0..=1.0, seed in any::<u64>(),
        ) {
            let data = data(labels);
            let (front, back) = data.stratified_split(fraction, seed);
            prop_assert_eq!(front.len(), data.split(fraction, seed).0.len());
            let mut both = [rows(&front), rows(&back)].concat();
            both.sort_unstable();
            prop_assert!(both.into_iter().eq(0..data.len()));
            let share = front.len() as f64 / data.len().max(1) as f64;
            for (all, part) in data.class_counts().into_iter().zip(front.class_counts()) {
                prop_assert!((part as f64 - share * all as f64).abs() < 1.0 + 1e-9);
            }
        }
    }

    #[test]
    fn folds_come_in_random_order() {
        let data = data((0..30).map(|k| k / 10).collect());
        let (_, first) = data.stratified_folds(3, 1).next().unwrap();
        assert_ne!(rows(&first), {
            let mut sorted = rows(&first);
            sorted.sort_unstable();
            sorted
        });
        assert_eq!(data.folds(3, 1).next().unwrap(), data.folds(3, 1).next().unwrap());
        assert_ne!(data.folds(3, 1).next().unwrap(), data.folds(3, 2).next().unwrap());
    }

    #[test]
    fn faults_are_named() {
        let text = |k| data(vec![0, 1, 2]).try_stratified_folds(k, 0).unwrap_err().to_string();
        let wanted = "folds: from 2 folds to one for each of the 3 rows are expected, found ";
        assert_eq!([text(0), text(4)], [format!("{wanted}0"), format!("{wanted}4")]);
        assert!(data(vec![]).try_folds(2, 0).is_err());
    }
}
