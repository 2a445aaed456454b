//! Columns of one scale: [`Standardiser`] and [`MinMax`].

use std::marker::PhantomData;

use ndarray::{ArrayView, Dimension};

use super::error::{DataError, DataErrorKind};
use super::table::{Table, TableMut};
use crate::or_panic;

/// Brings every column to mean 0 and variance 1, by the mean and the deviation of the rows it was fitted to.
///
/// The variance is that of the rows themselves (divided by their number). Sums are made in `f64`, in two passes. What a
/// [`Scaler`] does with them is said there.
///
/// ```
/// use nn::data::{CsvOptions, Dataset, Standardiser};
/// let text = "metres,grams,class\n1,100,a\n3,100,b\n";
/// let mut train = Dataset::read_csv(text.as_bytes(), &CsvOptions::new())?;
/// let scale = Standardiser::fit(&train)?;
/// scale.apply(&mut train);
/// assert_eq!(train.features().row(0).to_vec(), [-1.0, 0.0]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
///
/// Source: scikit-learn's `StandardScaler`.
pub type Standardiser = Scaler<MeanAndDeviation>;

/// Brings every column to the range from 0 to 1, by the least and the greatest number of the rows it was fitted to.
/// Other rows can go beyond. What a [`Scaler`] does with them is said there.
///
/// ```
/// use nn::data::{Dataset, MinMax};
/// let (mut train, mut test) = Dataset::iris().split(0.8, 42);
/// let scale = MinMax::fit(&train)?;
/// scale.apply(&mut train);
/// scale.apply(&mut test);
/// assert!(train.features().iter().all(|x| (0.0..=1.0).contains(x)));
/// # Ok::<(), nn::data::DataError>(())
/// ```
///
/// Source: scikit-learn's `MinMaxScaler`.
pub type MinMax = Scaler<MinimumAndMaximum>;

/// Brings columns to one scale: `(x − shift) / width`, of which a [`Standardiser`] takes mean and deviation, and a
/// [`MinMax`] the minimum and the distance from it to the maximum.
///
/// Fit it to the training part only, and apply it to all parts: a test row must not tell the network anything before
/// it is asked. A column that is constant in training becomes 0, whatever it holds elsewhere.
///
/// It takes a [`Table`]: the features of a data set, or an array whose last axis is that of the columns. So the
/// targets of a regression can be scaled, and the predictions brought back:
///
/// ```
/// use ndarray::array;
/// use nn::data::{Dataset, Standardiser};
/// let mut train = Dataset::regression(array![[0.5], [1.5]], array![100.0, 300.0])?;
/// let scale = Standardiser::fit(&train.targets())?;
/// scale.apply(&mut train.targets_mut());
/// assert_eq!(train.targets(), array![[-1.0], [1.0]]);
///
/// let mut predictions = array![[0.5f32], [0.0]];
/// scale.invert(&mut predictions);
/// assert_eq!(predictions, array![[250.0], [200.0]]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scaler<K> {
    first: Vec<f64>,
    second: Vec<f64>,
    kind: PhantomData<K>,
}

/// Which two numbers a [`Scaler`] keeps of a column.
pub trait Statistic: sealed::Sealed {
    #[doc(hidden)]
    const NAME: &'static str;
    /// What the two are called, one and many.
    #[doc(hidden)]
    const PARTS: [[&'static str; 2]; 2];

    #[doc(hidden)]
    fn of<D: Dimension>(table: ArrayView<'_, f32, D>, width: usize) -> [Vec<f64>; 2];

    /// What a column is divided by; not below 0.
    #[doc(hidden)]
    fn width(first: f64, second: f64) -> f64;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::MeanAndDeviation {}
    impl Sealed for super::MinimumAndMaximum {}
}

/// What a [`Standardiser`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeanAndDeviation {}

impl Statistic for MeanAndDeviation {
    const NAME: &'static str = "standardise";
    const PARTS: [[&'static str; 2]; 2] = [["mean", "means"], ["deviation", "deviations"]];

    fn of<D: Dimension>(table: ArrayView<'_, f32, D>, width: usize) -> [Vec<f64>; 2] {
        let n = table.len() as f64 / width as f64;
        let (mut means, mut squares) = (vec![0.0; width], vec![0.0; width]);
        let first: Vec<f32> = table.iter().take(width).copied().collect();
        let mut constant = vec![true; width];
        for row in table.rows() {
            for (k, &x) in row.iter().enumerate() {
                means[k] += f64::from(x);
                constant[k] &= x == first[k];
            }
        }
        means.iter_mut().for_each(|sum| *sum /= n);
        for row in table.rows() {
            for ((square, &mean), &x) in squares.iter_mut().zip(&means).zip(row) {
                *square += (f64::from(x) - mean).powi(2);
            }
        }
        // The rounding of the mean would give a constant column a deviation, and blow it up.
        let deviation =
            |(&square, &constant): (&f64, &bool)| if constant { 0.0 } else { (square / n).sqrt() };
        let deviations = squares.iter().zip(&constant).map(deviation).collect();
        [means, deviations]
    }

    fn width(_: f64, deviation: f64) -> f64 {
        deviation
    }
}

/// What a [`MinMax`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MinimumAndMaximum {}

impl Statistic for MinimumAndMaximum {
    const NAME: &'static str = "min-max";
    const PARTS: [[&'static str; 2]; 2] = [["minimum", "minima"], ["maximum", "maxima"]];

    fn of<D: Dimension>(table: ArrayView<'_, f32, D>, width: usize) -> [Vec<f64>; 2] {
        let (mut minima, mut maxima) = (vec![f64::INFINITY; width], vec![f64::NEG_INFINITY; width]);
        for row in table.rows() {
            for ((minimum, maximum), &x) in minima.iter_mut().zip(&mut maxima).zip(row) {
                let x = f64::from(x);
                // A NaN stays, to be refused.
                if x < *minimum || x.is_nan() {
                    *minimum = x;
                }
                if x > *maximum || x.is_nan() {
                    *maximum = x;
                }
            }
        }
        [minima, maxima]
    }

    fn width(minimum: f64, maximum: f64) -> f64 {
        maximum - minimum
    }
}

impl<K: Statistic> Scaler<K> {
    /// What the columns of these rows have for mean and deviation, or for minimum and maximum.
    ///
    /// # Errors
    /// There are no rows, or a column holds a number that is not finite.
    ///
    /// ```
    /// use nn::data::{Dataset, Standardiser};
    /// let (train, _) = Dataset::digits().split(0.8, 42);
    /// assert_eq!(Standardiser::fit(&train)?.means().len(), 64);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn fit(table: &impl Table) -> Result<Self, DataError> {
        let table = table.table();
        let width = table.shape().last().copied().unwrap_or_default();
        if table.is_empty() {
            let text = format!("{}: no rows have no {}", K::NAME, K::PARTS[0][0]);
            return Err(DataError::new(DataErrorKind::Empty, text));
        }
        let [first, second] = K::of(table, width);
        Self::of_parts(first, second)
    }

    fn of_parts(first: Vec<f64>, second: Vec<f64>) -> Result<Self, DataError> {
        let [[one, many], [other_one, other_many]] = K::PARTS;
        if first.len() != second.len() {
            let (a, b) = (first.len(), second.len());
            let text = format!("{}: {a} {many} and {b} {other_many} do not fit", K::NAME);
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        let sound = |a: f64, b: f64| a.is_finite() && b.is_finite() && K::width(a, b) >= 0.0;
        match first.iter().zip(&second).position(|(&a, &b)| !sound(a, b)) {
            Some(k) => {
                let (a, b) = (first[k], second[k]);
                let text = format!("{}: column {k} has {one} {a} and {other_one} {b}", K::NAME);
                Err(DataError::new(DataErrorKind::Argument, text))
            }
            None => Ok(Self { first, second, kind: PhantomData }),
        }
    }

    /// Replaces every number by `(x − shift) / width` of its column, or by 0 where the width is 0.
    ///
    /// # Panics
    /// See [`try_apply`](Self::try_apply).
    ///
    /// ```
    /// use nn::data::{Dataset, Standardiser};
    /// let (mut train, mut test) = Dataset::digits().split(0.8, 42);
    /// let scale = Standardiser::fit(&train)?;
    /// scale.apply(&mut train);
    /// scale.apply(&mut test);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[track_caller]
    pub fn apply(&self, table: &mut impl TableMut) {
        or_panic(self.try_apply(table));
    }

    /// [`apply`](Self::apply), or an error.
    ///
    /// # Errors
    /// The table has another number of columns; it is left as it was.
    ///
    /// ```
    /// use nn::data::{Dataset, Standardiser};
    /// let scale = Standardiser::from_parts(vec![1.5], vec![0.5])?;
    /// let error = scale.try_apply(&mut Dataset::digits()).unwrap_err();
    /// assert_eq!(error.to_string(), "standardise: 1 column is expected, as in the fit, found 64");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn try_apply(&self, table: &mut impl TableMut) -> Result<(), DataError> {
        self.map(table, |x, shift, width| if width == 0.0 { 0.0 } else { (x - shift) / width })
    }

    /// Takes [`apply`](Self::apply) back: `x · width + shift`, which is the number that a constant column had.
    ///
    /// # Panics
    /// See [`try_invert`](Self::try_invert).
    ///
    /// ```
    /// use nn::data::MinMax;
    /// let scale = MinMax::from_parts(vec![10.0], vec![30.0])?;
    /// let mut predictions = ndarray::array![[0.0f32], [0.75]];
    /// scale.invert(&mut predictions);
    /// assert_eq!(predictions, ndarray::array![[10.0], [25.0]]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[track_caller]
    pub fn invert(&self, table: &mut impl TableMut) {
        or_panic(self.try_invert(table));
    }

    /// [`invert`](Self::invert), or an error.
    ///
    /// # Errors
    /// The table has another number of columns; it is left as it was.
    ///
    /// ```
    /// use nn::data::MinMax;
    /// let scale = MinMax::from_parts(vec![0.0], vec![1.0])?;
    /// assert!(scale.try_invert(&mut ndarray::array![[0.0f32, 1.0]]).is_err());
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn try_invert(&self, table: &mut impl TableMut) -> Result<(), DataError> {
        self.map(table, |x, shift, width| x * width + shift)
    }

    fn map(&self, table: &mut impl TableMut, map: impl Fn(f64, f64, f64) -> f64) -> Result<(), DataError> {
        let (wanted, found) = (self.first.len(), table.table().shape().last().copied().unwrap_or_default());
        if wanted != found {
            let columns = if wanted == 1 { "column is" } else { "columns are" };
            let text = format!("{}: {wanted} {columns} expected, as in the fit, found {found}", K::NAME);
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        let widths: Vec<f64> = self.first.iter().zip(&self.second).map(|(&a, &b)| K::width(a, b)).collect();
        for mut row in table.table_mut().rows_mut() {
            for ((x, &shift), &width) in row.iter_mut().zip(&self.first).zip(&widths) {
                *x = map(f64::from(*x), shift, width) as f32;
            }
        }
        Ok(())
    }
}

impl Standardiser {
    /// From numbers that were kept, say beside the parameters of a network.
    ///
    /// # Errors
    /// There is not one deviation to each mean, a number is not finite, or a deviation is negative.
    ///
    /// ```
    /// use nn::data::Standardiser;
    /// let scale = Standardiser::from_parts(vec![1.5], vec![0.5])?;
    /// assert_eq!(scale.deviations(), [0.5]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_parts(means: Vec<f64>, deviations: Vec<f64>) -> Result<Self, DataError> {
        Self::of_parts(means, deviations)
    }

    /// The mean of each column.
    ///
    /// ```
    /// # use nn::data::Standardiser;
    /// assert_eq!(Standardiser::from_parts(vec![1.5], vec![0.5])?.means(), [1.5]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn means(&self) -> &[f64] {
        &self.first
    }

    /// The standard deviation of each column; 0 where it is constant.
    ///
    /// ```
    /// # use nn::data::Standardiser;
    /// assert_eq!(Standardiser::from_parts(vec![1.5], vec![0.0])?.deviations(), [0.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn deviations(&self) -> &[f64] {
        &self.second
    }
}

impl MinMax {
    /// From numbers that were kept, say beside the parameters of a network.
    ///
    /// # Errors
    /// There is not one maximum to each minimum, a number is not finite, or a maximum is below its minimum.
    ///
    /// ```
    /// use nn::data::MinMax;
    /// let error = MinMax::from_parts(vec![1.5], vec![0.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "min-max: column 0 has minimum 1.5 and maximum 0.5");
    /// ```
    pub fn from_parts(minima: Vec<f64>, maxima: Vec<f64>) -> Result<Self, DataError> {
        Self::of_parts(minima, maxima)
    }

    /// The least number of each column.
    ///
    /// ```
    /// # use nn::data::MinMax;
    /// assert_eq!(MinMax::from_parts(vec![1.5], vec![2.5])?.minima(), [1.5]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn minima(&self) -> &[f64] {
        &self.first
    }

    /// The greatest number of each column.
    ///
    /// ```
    /// # use nn::data::MinMax;
    /// assert_eq!(MinMax::from_parts(vec![1.5], vec![2.5])?.maxima(), [2.5]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn maxima(&self) -> &[f64] {
        &self.second
    }
}

#[cfg(test)]
mod tests;
