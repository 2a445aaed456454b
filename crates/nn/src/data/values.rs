//! Rows with numbers to be predicted: regression.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array, Array2, ArrayView2, ArrayViewMut2, Axis, Dimension, Ix1, Ix2, s};

use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind};
use super::rows::{in_order, rows_into, swap_rows};
use super::targets::Targets;

/// The numbers that are to be predicted for each row: `[rows, outputs]`, and the names of the outputs.
///
/// ```
/// use ndarray::array;
/// use nn::data::Values;
/// let values = Values::new(array![[1.5, 2.0], [0.5, 3.0]])?.with_names(["width", "height"])?;
/// assert_eq!(values.array().dim(), (2, 2));
/// assert_eq!(values.names(), ["width", "height"]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug, PartialEq)]
pub struct Values {
    /// In row-major order without gaps.
    values: Array2<f32>,
    /// Shared by the parts of a split.
    names: Arc<[String]>,
}

impl Values {
    /// Numbers of the shape `[rows, outputs]`, or `[rows]` where there is one output. The outputs are called
    /// `target 1`, `target 2` … until they are [named](Self::with_names).
    ///
    /// # Errors
    /// There are other than one or two axes.
    ///
    /// ```
    /// use ndarray::{Array3, array};
    /// use nn::data::Values;
    /// assert_eq!(Values::new(array![1.5, 0.5])?.array().dim(), (2, 1));
    /// let error = Values::new(Array3::zeros((2, 1, 3))).unwrap_err();
    /// assert_eq!(error.to_string(), "targets of the shape [rows, outputs] are expected, found [2, 1, 3]");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn new<D: Dimension>(values: Array<f32, D>) -> Result<Self, DataError> {
        let text = format!("targets of the shape [rows, outputs] are expected, found {:?}", values.shape());
        let values = match values.ndim() {
            1 => values.into_dimensionality::<Ix1>().map(|column| column.insert_axis(Axis(1))),
            _ => values.into_dimensionality::<Ix2>(),
        };
        let values = in_order(values.map_err(|_| DataError::new(DataErrorKind::Shape, text))?);
        let names = (1..=values.ncols()).map(|number| format!("target {number}")).collect();
        Ok(Self { values, names })
    }

    /// The same numbers with names for the outputs.
    ///
    /// # Errors
    /// There is not one name to each output.
    ///
    /// ```
    /// use ndarray::array;
    /// let error = nn::data::Values::new(array![1.5])?.with_names(["x", "y"]).unwrap_err();
    /// assert_eq!(error.to_string(), "one name for each of 1 outputs is expected, found 2");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn with_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, DataError> {
        self.names = names.into_iter().map(Into::into).collect();
        let (wanted, found) = (self.values.ncols(), self.names.len());
        if wanted != found {
            let text = format!("one name for each of {wanted} outputs is expected, found {found}");
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        Ok(self)
    }

    /// All numbers, `[rows, outputs]`, in row-major order without gaps.
    ///
    /// ```
    /// use ndarray::array;
    /// assert_eq!(nn::data::Values::new(array![1.5])?.array(), array![[1.5]]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn array(&self) -> ArrayView2<'_, f32> {
        self.values.view()
    }

    /// The name of each output.
    ///
    /// ```
    /// use ndarray::array;
    /// assert_eq!(nn::data::Values::new(array![1.5])?.names(), ["target 1"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl Clone for Values {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), names: Arc::clone(&self.names) }
    }

    /// Uses the memory that is there, which a derived `Clone` would not.
    fn clone_from(&mut self, source: &Self) {
        self.values.clone_from(&source.values);
        self.names.clone_from(&source.names);
    }
}

impl Targets for Values {
    type View<'a> = ArrayView2<'a, f32>;

    const NAME: &'static str = "target";

    fn rows(&self) -> usize {
        self.values.nrows()
    }

    fn view(&self, rows: Range<usize>) -> ArrayView2<'_, f32> {
        self.values.slice(s![rows, ..])
    }

    fn swap(&mut self, i: usize, j: usize) {
        swap_rows(&mut self.values, i, j);
    }

    fn select(&self, rows: &[usize]) -> Self {
        Self { values: self.values.select(Axis(0), rows), names: Arc::clone(&self.names) }
    }

    fn select_into(&self, rows: &[usize], into: &mut Self) {
        rows_into(&self.values, rows, &mut into.values);
        into.names.clone_from(&self.names);
    }
}

impl Dataset<Values> {
    /// A data set of rows and the numbers that are to be predicted for each: `[rows, outputs]`, or `[rows]` where
    /// there is one output. Columns and outputs have numbers for names until they are named, the outputs by
    /// [`Values::with_names`] and [`with_targets`](Self::with_targets).
    ///
    /// # Errors
    /// There is not one row of targets to each row, or the targets have other than one or two axes.
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::Dataset;
    /// let data = Dataset::regression(array![[0.5, 2.0], [1.5, 3.0]], array![1.0, 4.5])?;
    /// assert_eq!((data.width(), data.outputs()), (2, 1));
    /// for (x, y) in data.batches(32) {
    ///     assert_eq!(x.nrows(), y.nrows());
    /// }
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn regression<D: Dimension>(
        features: Array2<f32>,
        targets: Array<f32, D>,
    ) -> Result<Self, DataError> {
        Self::with_targets(features, Values::new(targets)?)
    }

    /// The numbers to be predicted, to be changed in place: a logarithm, or a [`Scaler`](super::Scaler).
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::Dataset;
    /// let mut data = Dataset::regression(array![[0.5]], array![100.0])?;
    /// data.targets_mut().mapv_inplace(f32::log10);
    /// assert_eq!(data.targets(), array![[2.0]]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn targets_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        self.target_rows_mut().values.view_mut()
    }

    /// The number of outputs of a network.
    ///
    /// ```
    /// use ndarray::array;
    /// assert_eq!(nn::Dataset::regression(array![[0.5]], array![[1.0, 2.0]])?.outputs(), 2);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn outputs(&self) -> usize {
        self.target_names().len()
    }

    /// The name of each output.
    ///
    /// ```
    /// use ndarray::array;
    /// let data = nn::Dataset::regression(array![[0.5]], array![1.0])?;
    /// assert_eq!(data.target_names(), ["target 1"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn target_names(&self) -> &[String] {
        self.target_rows().names()
    }
}
