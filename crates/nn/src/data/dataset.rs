//! [`Dataset`]: rows and what they are to teach, shuffled and cut.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ArrayViewD, ArrayViewMut2, Axis};

use super::batches::Batches;
use super::classes::Classes;
use super::error::{DataError, DataErrorKind};
use super::rows::{Rows, in_order, shaped, swap_rows};
use super::targets::Targets;
use crate::generator::Generator;
use crate::or_panic;

#[cfg(test)]
mod tests;

/// Rows of numbers and what each is to teach: [`Classes`] unless told otherwise, or [`Values`](super::Values), or
/// other [`Targets`].
///
/// Numbers are `f32`, row by row. A copy shares the rows, whatever their size, until one of the two is changed.
///
/// ```
/// use ndarray::array;
/// use nn::Dataset;
/// let data = Dataset::new(array![[0.0, 1.0], [1.0, 0.0]], vec![1, 0], ["no", "yes"])?;
/// assert_eq!(data.len(), 2);
/// assert_eq!(data.class_names()[data.labels()[0]], "yes");
///
/// let prices = Dataset::regression(array![[0.5], [1.5]], array![120.0, 350.0])?;
/// assert_eq!(prices.targets(), array![[120.0], [350.0]]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct Dataset<Y = Classes> {
    /// Shared by copies and by the [`Loader`](super::Loader)s.
    rows: Arc<Rows<Y>>,
    /// Shared by the parts of a split, as is the shape.
    feature_names: Arc<[String]>,
    sample_shape: Arc<[usize]>,
}

impl<Y: Targets> Dataset<Y> {
    /// A data set of rows and any kind of targets. The features are named `column 1`, `column 2` … until they are
    /// [named](Self::with_feature_names).
    ///
    /// # Errors
    /// There is not one target to each row.
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::data::{Dataset, Values};
    /// let targets = Values::new(array![120.0, 350.0])?.with_names(["price"])?;
    /// let data = Dataset::with_targets(array![[0.5], [1.5]], targets)?;
    /// assert_eq!(data.target_names(), ["price"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn with_targets(features: Array2<f32>, targets: Y) -> Result<Self, DataError> {
        let (rows, width) = features.dim();
        if targets.rows() != rows {
            let text =
                format!("one {} for each of {rows} rows is expected, found {}", Y::NAME, targets.rows());
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        Ok(Self {
            rows: Arc::new(Rows { features: in_order(features), targets }),
            feature_names: (1..=width).map(column_name).collect(),
            sample_shape: [width].into(),
        })
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

    /// The same data with a shape for a sample, say `[channels, height, width]` for an image. It says how a network is
    /// to see a row: the numbers stay as they are, in row-major order of this shape.
    ///
    /// # Errors
    /// The shape has another number of elements than a row.
    ///
    /// ```
    /// use nn::Dataset;
    /// let digits = Dataset::digits().with_sample_shape([64])?;
    /// let error = digits.with_sample_shape([1, 8, 7]).unwrap_err();
    /// assert_eq!(error.to_string(), "a sample of 64 numbers is expected, found the shape [1, 8, 7]");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn with_sample_shape(mut self, shape: impl AsRef<[usize]>) -> Result<Self, DataError> {
        let shape = shape.as_ref();
        let numbers = shape.iter().try_fold(1usize, |product, &axis| product.checked_mul(axis));
        if numbers != Some(self.width()) {
            let text = format!("a sample of {} numbers is expected, found the shape {shape:?}", self.width());
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        self.sample_shape = shape.into();
        Ok(self)
    }

    /// The number of rows.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().len(), 1797);
    /// ```
    pub fn len(&self) -> usize {
        self.rows.targets.rows()
    }

    /// There are no rows.
    ///
    /// ```
    /// assert!(!nn::Dataset::digits().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of features, which is the number of inputs of a network.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().width(), 64);
    /// ```
    pub fn width(&self) -> usize {
        self.rows.features.ncols()
    }

    /// All rows, `[len, width]`, in row-major order without gaps.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().features().dim(), (1797, 64));
    /// ```
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.rows.features.view()
    }

    /// All rows, to be changed in place; rows that are shared with a copy or a loader are copied first.
    ///
    /// ```
    /// let mut digits = nn::Dataset::digits();
    /// digits.features_mut().mapv_inplace(|pixel| 1.0 - pixel);
    /// assert_eq!(digits.features()[[0, 0]], 1.0);
    /// ```
    pub fn features_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        Arc::make_mut(&mut self.rows).features.view_mut()
    }

    /// All rows in the shape of their samples: `[len, …sample shape]`.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().inputs().shape(), [1797, 1, 8, 8]);
    /// ```
    pub fn inputs(&self) -> ArrayViewD<'_, f32> {
        shaped(&self.rows.features, &self.sample_shape)
    }

    /// The shape of a sample: `[width]` until [told](Self::with_sample_shape) otherwise.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().sample_shape(), [1, 8, 8]);
    /// assert_eq!(nn::Dataset::iris().sample_shape(), [4]);
    /// ```
    pub fn sample_shape(&self) -> &[usize] {
        &self.sample_shape
    }

    /// The targets of all rows: labels, or numbers of the shape `[len, outputs]`.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().targets()[..4], [0, 1, 2, 3]);
    /// ```
    pub fn targets(&self) -> Y::View<'_> {
        self.rows.targets.view(0..self.len())
    }

    pub(super) fn target_rows(&self) -> &Y {
        &self.rows.targets
    }

    pub(super) fn target_rows_mut(&mut self) -> &mut Y {
        &mut Arc::make_mut(&mut self.rows).targets
    }

    /// The rows, to be read on another thread.
    pub(super) fn shared(&self) -> (&Arc<Rows<Y>>, &Arc<[usize]>) {
        (&self.rows, &self.sample_shape)
    }

    /// The name of each column.
    ///
    /// ```
    /// assert_eq!(nn::Dataset::digits().feature_names()[10], "p12"); // row 1, column 2 of the image
    /// ```
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// Puts the rows, with their targets, in a random order, every order equally likely. Nothing is allocated, unless
    /// the rows are shared.
    ///
    /// The new order hangs on the old one. Where the order of an epoch is to hang on its number alone, so that a
    /// training can be resumed, take a [`Loader`](super::Loader), or copy first: `clone_from` uses memory that is
    /// there.
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
    pub fn shuffle(&mut self, generator: &mut Generator) {
        let Rows { features, targets } = Arc::make_mut(&mut self.rows);
        generator.shuffle(targets.rows(), |i, j| {
            targets.swap(i, j);
            swap_rows(features, i, j);
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
        let order = order(self.len(), seed, 0);
        let (front, back) = order.split_at(cut(fraction, self.len())?);
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
        let Rows { features, targets } = &*self.rows;
        let rows = Rows { features: features.select(Axis(0), rows), targets: targets.select(rows) };
        Self { rows: Arc::new(rows), ..self.clone() }
    }

    /// The rows in order, `size` at a time, with their targets; the last batch may be smaller.
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
    pub fn batches(&self, size: usize) -> Batches<'_, Y> {
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
    pub fn try_batches(&self, size: usize) -> Result<Batches<'_, Y>, DataError> {
        match size {
            0 => Err(DataError::new(DataErrorKind::Argument, "batches: a batch of 0 rows never ends")),
            _ => Ok(Batches::new(&self.rows.features, &self.rows.targets, size)),
        }
    }
}

impl<Y: Clone> Clone for Dataset<Y> {
    fn clone(&self) -> Self {
        Self {
            rows: Arc::clone(&self.rows),
            feature_names: Arc::clone(&self.feature_names),
            sample_shape: Arc::clone(&self.sample_shape),
        }
    }

    /// Uses the memory that is there where it is not shared, which a derived `Clone` would not.
    fn clone_from(&mut self, source: &Self) {
        match Arc::get_mut(&mut self.rows) {
            Some(own) => own.clone_from(&source.rows),
            None => self.rows.clone_from(&source.rows),
        }
        self.feature_names.clone_from(&source.feature_names);
        self.sample_shape.clone_from(&source.sample_shape);
    }
}

/// The order of an epoch: `0..len`, shuffled by the stream `epoch` of the seed. It hangs on nothing else, so that a
/// training that is resumed sees the order it would have seen.
///
/// ```
/// use nn::data::order;
/// assert_eq!(order(1000, 42, 3), order(1000, 42, 3));
/// assert_ne!(order(1000, 42, 3), order(1000, 42, 4));
/// ```
///
/// The rows that [`Dataset::shuffle`] gives with `Generator::with_stream(seed, epoch)` are in this order.
#[must_use]
pub fn order(len: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    Generator::with_stream(seed, epoch).shuffle(len, |i, j| order.swap(i, j));
    order
}

/// How many of `len` rows a share is, rounded down.
pub(super) fn cut(fraction: f64, len: usize) -> Result<usize, DataError> {
    if !(0.0..=1.0).contains(&fraction) {
        let text = format!("split: a fraction between 0 and 1 is expected, found {fraction}");
        return Err(DataError::new(DataErrorKind::Argument, text));
    }
    let product = fraction * len as f64;
    Ok(len.min((product + product * 4.0 * f64::EPSILON).floor() as usize))
}

/// What a column without a name is called; counted from 1, as people count columns.
pub(super) fn column_name(number: usize) -> String {
    format!("column {number}")
}
