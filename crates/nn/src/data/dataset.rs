//! [`Dataset`]: labelled rows, shuffled and cut.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::batches::Batches;
use super::error::{DataError, DataErrorKind};
use crate::generator::Generator;
use crate::or_panic;

#[cfg(test)]
mod tests;

/// Rows of numbers and the class of each row.
///
/// Numbers are `f32`, row by row. A label is the index of a class name.
///
/// ```
/// use ndarray::array;
/// use nn::Dataset;
/// let data = Dataset::new(array![[0.0, 1.0], [1.0, 0.0]], vec![1, 0], ["no", "yes"])?;
/// assert_eq!(data.len(), 2);
/// assert_eq!(data.class_names()[data.labels()[0]], "yes");
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct Dataset {
    /// In row-major order without gaps.
    features: Array2<f32>,
    labels: Vec<usize>,
    /// Shared by the parts of a split.
    class_names: Arc<[String]>,
    feature_names: Arc<[String]>,
}

impl Dataset {
    /// A data set of rows, a label for each, and the names of the classes that the labels count. The features are
    /// named `column 1`, `column 2` … until they are [named](Self::with_feature_names).
    ///
    /// # Errors
    /// There is not one label to each row, or a label has no class name.
    ///
    /// ```
    /// use ndarray::array;
    /// let error = nn::Dataset::new(array![[0.5], [1.5]], vec![0, 2], ["a", "b"]).unwrap_err();
    /// assert_eq!(error.to_string(), "the label 2 of row 1 is none of the 2 classes");
    /// ```
    pub fn new<S: Into<String>>(
        features: Array2<f32>,
        labels: Vec<usize>,
        class_names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let class_names: Arc<[String]> = class_names.into_iter().map(Into::into).collect();
        let (rows, width) = features.dim();
        if labels.len() != rows {
            let text = format!("one label for each of {rows} rows is expected, found {}", labels.len());
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        if let Some((row, label)) = labels.iter().enumerate().find(|&(_, &label)| label >= class_names.len())
        {
            let text = format!("the label {label} of row {row} is none of the {} classes", class_names.len());
            return Err(DataError::new(DataErrorKind::Value, text));
        }
        let features =
            if features.is_standard_layout() { features } else { features.as_standard_layout().into_owned() };
        Ok(Self { features, labels, class_names, feature_names: (1..=width).map(column_name).collect() })
    }

    /// The same data with names for its columns.
    ///
    /// # Errors
    /// There is not one name to each column.
    ///
    /// ```
    /// use ndarray::array;
    /// let data = nn::Dataset::new(array![[0.5, 2.0]], vec![0], ["a"])?.with_feature_names(["width", "height"])?;
    /// assert_eq!(data.feature_names(), ["width", "height"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn with_feature_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        self.feature_names = names.into_iter().map(Into::into).collect();
        let (wanted, found) = (self.width(), self.feature_names.len());
        if wanted != found {
            let text = format!("one name for each of {wanted} columns is expected, found {found}");
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        Ok(self)
    }

    /// The number of rows.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().len(), 1797);
    /// ```
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// There are no rows.
    ///
    /// ```
    /// assert!(!nn::Dataset::digits().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of features, which is the number of inputs of a network.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().width(), 64);
    /// ```
    pub fn width(&self) -> usize {
        self.features.ncols()
    }

    /// All rows, `[len, width]`, in row-major order without gaps.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().features().dim(), (1797, 64));
    /// ```
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.features.view()
    }

    pub(super) fn features_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        self.features.view_mut()
    }

    /// The class of each row.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().labels()[..4], [0, 1, 2, 3]);
    /// ```
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The number of classes, which is the number of outputs of a network.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().classes(), 10);
    /// ```
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// The name of each class, in the order that labels count.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().class_names()[7], "7");
    /// ```
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The name of each column.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().feature_names()[10], "p12"); // row 1, column 2 of the image
    /// ```
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// Puts the rows, with their labels, in a random order, every order equally likely. Nothing is allocated.
    ///
    /// The new order hangs on the old one. Where the order of an epoch is to hang on its number alone, so that a
    /// training can be resumed, copy first: `clone_from` uses the memory that is there.
    ///
    /// ```
    /// use nn::{Dataset, Generator};
    /// let train = Dataset::digits();
    /// let mut epoch = train.clone();
    /// for number in 0..3 {
    ///     epoch.clone_from(&train);
    ///     epoch.shuffle(&mut Generator::with_stream(42, number));
    ///     for (x, labels) in epoch.batches(32) { /* … */ }
    /// }
    /// ```
    #[allow(clippy::missing_panics_doc)] // it cannot: `new` sees to the order
    pub fn shuffle(&mut self, generator: &mut Generator) {
        let width = self.width();
        let labels = &mut self.labels;
        let rows = self.features.as_slice_mut().expect("features are kept in row-major order");
        generator.shuffle(labels.len(), |i, j| {
            labels.swap(i, j);
            // i ≤ j, and a row is not exchanged with itself: two parts that do not overlap.
            if i != j {
                let (front, back) = rows.split_at_mut(j * width);
                front[i * width..][..width].swap_with_slice(&mut back[..width]);
            }
        });
    }

    /// A copy in a random order: [`shuffle`](Self::shuffle) with the generator of this seed.
    ///
    /// ```
    /// use nn::Dataset;
    /// let digits = Dataset::digits();
    /// assert_eq!(digits.shuffled(1), digits.shuffled(1));
    /// assert_ne!(digits.shuffled(1), digits.shuffled(2));
    /// ```
    #[must_use]
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut copy = self.clone();
        copy.shuffle(&mut Generator::seeded(seed));
        copy
    }

    /// Two parts without a row in common, in random order: this share of the rows, and the others.
    ///
    /// The parts are the front and the back of [`shuffled(seed)`](Self::shuffled), cut after `fraction · len` rows,
    /// rounded down: 0.8 of 1,797 is 1,437.6 and gives 1,437 and 360. (A product that misses a whole number only by
    /// the rounding of binary fractions counts as that number: 0.29 of 100 gives 29.) A part can be empty.
    ///
    /// # Panics
    /// See [`try_split`](Self::try_split).
    ///
    /// ```
    /// let (train, test) = nn::Dataset::digits().split(0.8, 42);
    /// assert_eq!((train.len(), test.len()), (1437, 360));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn split(&self, fraction: f64, seed: u64) -> (Self, Self) {
        or_panic(self.try_split(fraction, seed))
    }

    /// [`split`](Self::split), or an error.
    ///
    /// # Errors
    /// `fraction` is not between 0 and 1.
    ///
    /// ```
    /// let error = nn::Dataset::digits().try_split(80.0, 42).unwrap_err();
    /// assert_eq!(error.to_string(), "split: a fraction between 0 and 1 is expected, found 80");
    /// ```
    pub fn try_split(&self, fraction: f64, seed: u64) -> Result<(Self, Self), DataError> {
        if !(0.0..=1.0).contains(&fraction) {
            let text = format!("split: a fraction between 0 and 1 is expected, found {fraction}");
            return Err(DataError::new(DataErrorKind::Argument, text));
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        Generator::seeded(seed).shuffle(order.len(), |i, j| order.swap(i, j));
        let product = fraction * self.len() as f64;
        let cut = (product + product * 4.0 * f64::EPSILON).floor() as usize;
        let (front, back) = order.split_at(cut.min(self.len()));
        Ok((self.select(front), self.select(back)))
    }

    /// These rows, in this order; a row may come more than once.
    ///
    /// # Panics
    /// A row is not below [`len`](Self::len).
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().select(&[9, 3, 3]).labels(), [9, 3, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Self {
        if let Some(row) = rows.iter().find(|&&row| row >= self.len()) {
            panic!("select: row {row} of a data set of {} rows", self.len());
        }
        Self {
            features: self.features.select(ndarray::Axis(0), rows),
            labels: rows.iter().map(|&row| self.labels[row]).collect(),
            class_names: Arc::clone(&self.class_names),
            feature_names: Arc::clone(&self.feature_names),
        }
    }

    /// The rows in order, `size` at a time, with their labels; the last batch may be smaller.
    ///
    /// # Panics
    /// See [`try_batches`](Self::try_batches).
    ///
    /// ```
    /// let digits = nn::Dataset::digits();
    /// for (x, labels) in digits.batches(32) {
    ///     assert_eq!(x.dim(), (labels.len(), 64));
    /// }
    /// ```
    #[track_caller]
    pub fn batches(&self, size: usize) -> Batches<'_> {
        or_panic(self.try_batches(size))
    }

    /// [`batches`](Self::batches), or an error.
    ///
    /// # Errors
    /// `size` is 0.
    ///
    /// ```
    /// let error = nn::Dataset::digits().try_batches(0).unwrap_err();
    /// assert_eq!(error.to_string(), "batches: a batch of 0 rows never ends");
    /// ```
    pub fn try_batches(&self, size: usize) -> Result<Batches<'_>, DataError> {
        match size {
            0 => Err(DataError::new(DataErrorKind::Argument, "batches: a batch of 0 rows never ends")),
            _ => Ok(Batches::new(&self.features, &self.labels, size)),
        }
    }
}

impl Clone for Dataset {
    fn clone(&self) -> Self {
        Self {
            features: self.features.clone(),
            labels: self.labels.clone(),
            class_names: Arc::clone(&self.class_names),
            feature_names: Arc::clone(&self.feature_names),
        }
    }

    /// Uses the memory that is there, which a derived `Clone` would not.
    fn clone_from(&mut self, source: &Self) {
        self.features.clone_from(&source.features);
        self.labels.clone_from(&source.labels);
        self.class_names.clone_from(&source.class_names);
        self.feature_names.clone_from(&source.feature_names);
    }
}

/// What a column without a name is called; counted from 1, as people count columns.
pub(super) fn column_name(number: usize) -> String {
    format!("column {number}")
}
