//! Which classes are taken for which.

use std::panic::Location;

use ndarray::{Array2, ArrayView, ArrayView2, Dimension};
use tape::{Element, Error, ErrorKind};

use super::report::ClassificationReport;
use super::{check_classes, check_count, check_labels, filled, greatest, labelled};
use crate::or_panic;

/// How many rows of each class were predicted to be of which, and the scores that follow from it.
///
/// It takes one batch after another. Printed with `{}` it is a table, true classes downwards and predicted ones across.
///
/// A row whose logits are all NaN has no prediction: it counts among the rows of its class, as missed, and in no column.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::metrics::{Average, ConfusionMatrix};
///
/// let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
/// let logits = array![[2.0, 0.5], [0.1, 0.3], [1.0, 3.0], [0.0, 4.0]];
/// matrix.add(logits.view(), &[0, 0, 1, 1]);
/// assert_eq!(matrix.counts(), array![[1, 1], [0, 2]]);
/// assert_eq!(matrix.accuracy(), 0.75);
///
/// let cat = matrix.class_scores()[0];
/// assert_eq!((cat.precision, cat.recall, cat.support), (1.0, 0.5, 2));
/// assert_eq!(matrix.average(Average::Macro).recall, 0.75);
/// assert_eq!(
///     matrix.to_string(),
///     "\
/// true \\ predicted  cat  dog
/// cat                 1    1
/// dog                 0    2
/// "
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    counts: Array2<u64>,
    undecided: Vec<u64>,
}

impl ConfusionMatrix {
    /// Nothing counted yet, of so many classes, which are called `0`, `1` ….
    ///
    /// # Panics
    /// See [`try_new`](Self::try_new).
    ///
    /// ```
    /// let matrix = nn::metrics::ConfusionMatrix::new(3);
    /// assert_eq!(matrix.counts().dim(), (3, 3));
    /// ```
    #[track_caller]
    #[must_use]
    pub fn new(classes: usize) -> Self {
        or_panic(Self::try_new(classes))
    }

    /// [`new`](Self::new), or an error.
    ///
    /// # Errors
    /// There is no memory for a count of each pair of classes.
    ///
    /// ```
    /// let error = nn::metrics::ConfusionMatrix::try_new(1 << 40).unwrap_err();
    /// assert_eq!(error.kind(), tape::ErrorKind::Memory);
    /// ```
    #[track_caller]
    pub fn try_new(classes: usize) -> Result<Self, Error> {
        let at = Location::caller();
        let counts = filled([classes; 2], 0).map_err(|error| error.operation("confusion matrix").at(at))?;
        let names = (0..classes).map(|class| class.to_string()).collect();
        Ok(Self { names, counts, undecided: vec![0; classes] })
    }

    /// Nothing counted yet, of classes with these names.
    ///
    /// # Panics
    /// There is no memory for a count of each pair of classes.
    ///
    /// ```
    /// let data = nn::Dataset::digits();
    /// let matrix = nn::metrics::ConfusionMatrix::named(data.class_names());
    /// assert_eq!(matrix.class_names(), data.class_names());
    /// ```
    #[track_caller]
    #[must_use]
    pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let mut matrix = Self::new(names.len());
        matrix.names = names;
        matrix
    }

    /// Counts the rows of a batch. The prediction of a row is the class with its greatest logit, the first of them at a tie.
    ///
    /// # Shapes
    /// `[rows, classes]` and `rows` labels. A view of any dimension type that has two axes is taken.
    ///
    /// # Panics
    /// See [`try_add`](Self::try_add).
    ///
    /// ```
    /// use ndarray::array;
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(2);
    /// matrix.add(array![[2.0, 0.5]].view(), &[0]);
    /// matrix.add(array![[2.0, 0.5]].view(), &[1]);
    /// assert_eq!(matrix.counts(), array![[1, 0], [1, 0]]);
    /// ```
    #[track_caller]
    pub fn add<T: Element, D: Dimension>(&mut self, logits: ArrayView<'_, T, D>, labels: &[usize]) {
        or_panic(self.try_add(logits, labels));
    }

    /// [`add`](Self::add), or an error, and then nothing is counted.
    ///
    /// # Errors
    /// There are not two axes, there is not one column to each class or one label to each row, or a label is none of the
    /// classes.
    ///
    /// ```
    /// use ndarray::array;
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(3);
    /// let error = matrix.try_add(array![[0.1, 2.0]].view(), &[1]).unwrap_err();
    /// assert!(error.to_string().starts_with("confusion matrix: [1, 2]: 3 columns expected, one to each class"));
    /// ```
    #[track_caller]
    pub fn try_add<T: Element, D: Dimension>(
        &mut self,
        logits: ArrayView<'_, T, D>,
        labels: &[usize],
    ) -> Result<(), Error> {
        let at = Location::caller();
        self.checked(logits, labels)
            .map(|rows| {
                for (row, &label) in rows.rows().into_iter().zip(labels) {
                    match greatest(&row) {
                        Some(predicted) => self.counts[[label, predicted]] += 1,
                        None => self.undecided[label] += 1,
                    }
                }
            })
            .map_err(|error| error.operation("confusion matrix").at(at))
    }

    fn checked<'a, T, D: Dimension>(
        &self,
        logits: ArrayView<'a, T, D>,
        labels: &[usize],
    ) -> Result<ArrayView2<'a, T>, Error> {
        let rows = labelled(logits, labels)?;
        if rows.ncols() == self.classes() {
            return Ok(rows);
        }
        let text = format!("{} columns expected, one to each class", self.classes());
        Err(Error::new(ErrorKind::Shape, text).shapes([rows.shape()]))
    }

    /// Counts rows whose classes have been predicted already, with a threshold of one's own say.
    ///
    /// # Panics
    /// See [`try_add_predictions`](Self::try_add_predictions).
    ///
    /// ```
    /// use ndarray::array;
    /// let probabilities = [0.2, 0.6, 0.4];
    /// let predicted = probabilities.map(|p| usize::from(p > 0.3));
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(2);
    /// matrix.add_predictions(&predicted, &[0, 1, 0]);
    /// assert_eq!(matrix.counts(), array![[1, 1], [0, 1]]);
    /// ```
    #[track_caller]
    pub fn add_predictions(&mut self, predicted: &[usize], labels: &[usize]) {
        or_panic(self.try_add_predictions(predicted, labels));
    }

    /// [`add_predictions`](Self::add_predictions), or an error, and then nothing is counted.
    ///
    /// # Errors
    /// There is not one label to each prediction, or a prediction or a label is none of the classes.
    ///
    /// ```
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(3);
    /// let error = matrix.try_add_predictions(&[1, 3], &[1, 2]).unwrap_err();
    /// let text = "confusion matrix: the prediction 3 of row 1 is none of the 3 classes";
    /// assert!(error.to_string().starts_with(text));
    /// ```
    #[track_caller]
    pub fn try_add_predictions(&mut self, predicted: &[usize], labels: &[usize]) -> Result<(), Error> {
        let at = Location::caller();
        let classes = self.classes();
        check_count(predicted.len(), labels)
            .and_then(|()| check_labels(labels, classes))
            .and_then(|()| check_classes("prediction", predicted, classes))
            .map_err(|error| error.operation("confusion matrix").at(at))?;
        predicted.iter().zip(labels).for_each(|(&predicted, &label)| self.counts[[label, predicted]] += 1);
        Ok(())
    }

    /// Adds what another matrix has counted, on another thread or of another part of the data.
    ///
    /// # Panics
    /// See [`try_merge`](Self::try_merge).
    ///
    /// ```
    /// use nn::metrics::ConfusionMatrix;
    /// let (mut a, mut b) = (ConfusionMatrix::new(2), ConfusionMatrix::new(2));
    /// a.add_predictions(&[0], &[1]);
    /// b.add_predictions(&[1], &[1]);
    /// a.merge(&b);
    /// assert_eq!(a.accuracy(), 0.5);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        or_panic(self.try_merge(other));
    }

    /// [`merge`](Self::merge), or an error, and then nothing is added.
    ///
    /// # Errors
    /// The other has another number of classes, or other names for them.
    ///
    /// ```
    /// use nn::metrics::ConfusionMatrix;
    /// let error = ConfusionMatrix::new(2).try_merge(&ConfusionMatrix::new(3)).unwrap_err();
    /// let text = r#"confusion matrix: the classes ["0", "1"] expected, found ["0", "1", "2"]"#;
    /// assert!(error.to_string().starts_with(text));
    /// ```
    #[track_caller]
    pub fn try_merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.names != other.names {
            let text = format!("the classes {:?} expected, found {:?}", self.names, other.names);
            return Err(Error::new(ErrorKind::Value, text)
                .operation("confusion matrix")
                .at(Location::caller()));
        }
        self.counts += &other.counts;
        self.undecided.iter_mut().zip(&other.undecided).for_each(|(own, more)| *own += more);
        Ok(())
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.names.len()
    }

    /// The names of the classes.
    pub fn class_names(&self) -> &[String] {
        &self.names
    }

    /// The rows counted, those of class `i` that were predicted to be of class `j` at `[[i, j]]`.
    pub fn counts(&self) -> ArrayView2<'_, u64> {
        self.counts.view()
    }

    /// The rows of each class that had no prediction, as all their logits were NaN.
    pub fn undecided(&self) -> &[u64] {
        &self.undecided
    }

    /// All rows counted.
    pub fn rows(&self) -> u64 {
        self.counts.sum() + self.undecided.iter().sum::<u64>()
    }

    /// The share of the rows that were predicted to be of their class; 0 where there are no rows.
    ///
    /// ```
    /// let mut matrix = nn::metrics::ConfusionMatrix::new(2);
    /// matrix.add_predictions(&[0, 1, 1], &[0, 0, 1]);
    /// assert_eq!(matrix.accuracy(), 2.0 / 3.0);
    /// ```
    pub fn accuracy(&self) -> f64 {
        share(self.counts.diag().sum(), self.rows())
    }

    /// The scores of each class and their averages as a table, to be printed.
    ///
    /// ```
    /// let mut matrix = nn::metrics::ConfusionMatrix::named(["cat", "dog"]);
    /// matrix.add_predictions(&[0, 1, 1, 1], &[0, 0, 1, 1]);
    /// println!("{}", matrix.report());
    /// ```
    pub fn report(&self) -> ClassificationReport<'_> {
        ClassificationReport::of(self)
    }
}

/// The quotient of counts, and 0 of none.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
