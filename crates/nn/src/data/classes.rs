//! Rows that belong to classes.

use std::ops::Range;
use std::sync::Arc;

use ndarray::Array2;

use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind};
use super::targets::Targets;

/// The class of each row: a label, which is the index of a class name.
///
/// ```
/// use nn::data::Classes;
/// let classes = Classes::new(vec![1, 0, 1], ["no", "yes"])?;
/// assert_eq!(classes.labels(), [1, 0, 1]);
/// assert_eq!(classes.names()[1], "yes");
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Classes {
    labels: Vec<usize>,
    /// Shared by the parts of a split.
    names: Arc<[String]>,
}

impl Classes {
    /// Labels, and the names of the classes that they count.
    ///
    /// # Errors
    /// A label has no class name.
    ///
    /// ```
    /// let error = nn::data::Classes::new(vec![0, 2], ["a", "b"]).unwrap_err();
    /// assert_eq!(error.to_string(), "the label 2 of row 1 is none of the 2 classes");
    /// ```
    pub fn new<S: Into<String>>(
        labels: Vec<usize>,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        if let Some((row, label)) = labels.iter().enumerate().find(|&(_, &label)| label >= names.len()) {
            let text = format!("the label {label} of row {row} is none of the {} classes", names.len());
            return Err(DataError::new(DataErrorKind::Value, text));
        }
        Ok(Self { labels, names })
    }

    /// The class of each row.
    ///
    /// ```
    /// assert_eq!(nn::data::Classes::new(vec![0], ["a"])?.labels(), [0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// The name of each class, in the order that labels count.
    ///
    /// ```
    /// assert_eq!(nn::data::Classes::new(vec![0], ["a"])?.names(), ["a"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl Clone for Classes {
    fn clone(&self) -> Self {
        Self { labels: self.labels.clone(), names: Arc::clone(&self.names) }
    }

    /// Uses the memory that is there, which a derived `Clone` would not.
    fn clone_from(&mut self, source: &Self) {
        self.labels.clone_from(&source.labels);
        self.names.clone_from(&source.names);
    }
}

impl Targets for Classes {
    type View<'a> = &'a [usize];

    const NAME: &'static str = "label";

    fn rows(&self) -> usize {
        self.labels.len()
    }

    fn view(&self, rows: Range<usize>) -> &[usize] {
        &self.labels[rows]
    }

    fn swap(&mut self, i: usize, j: usize) {
        self.labels.swap(i, j);
    }

    fn select(&self, rows: &[usize]) -> Self {
        Self { labels: rows.iter().map(|&row| self.labels[row]).collect(), names: Arc::clone(&self.names) }
    }

    fn select_into(&self, rows: &[usize], into: &mut Self) {
        into.labels.clear();
        into.labels.extend(rows.iter().map(|&row| self.labels[row]));
        into.names.clone_from(&self.names);
    }
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
        Self::with_targets(features, Classes::new(labels, class_names)?)
    }

    /// The class of each row.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().labels()[..4], [0, 1, 2, 3]);
    /// ```
    pub fn labels(&self) -> &[usize] {
        self.targets()
    }

    /// The number of classes, which is the number of outputs of a network.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().classes(), 10);
    /// ```
    pub fn classes(&self) -> usize {
        self.class_names().len()
    }

    /// The name of each class, in the order that labels count.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().class_names()[7], "7");
    /// ```
    pub fn class_names(&self) -> &[String] {
        self.target_rows().names()
    }

    /// The same data with other names for its classes, or with more of them: a test file need not hold them all.
    ///
    /// # Errors
    /// A label has no class name.
    ///
    /// ```
    /// use ndarray::array;
    /// let data = nn::Dataset::new(array![[0.5]], vec![0], ["0"])?.with_class_names(["T-shirt", "Trouser"])?;
    /// assert_eq!(data.classes(), 2);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn with_class_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        let Classes { labels, names: own } = self.target_rows_mut();
        let classes = Classes::new(std::mem::take(labels), names)?;
        (*labels, *own) = (classes.labels, classes.names);
        Ok(self)
    }

    /// How many rows each class has.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::iris().class_counts(), [50, 50, 50]);
    /// ```
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        self.labels().iter().for_each(|&label| counts[label] += 1);
        counts
    }
}
