//! Columns of one scale.

use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind};
use crate::or_panic;

/// Brings every column to mean 0 and variance 1, by the mean and the deviation of the rows it was fitted to.
///
/// Fit it to the training part only, and apply it to all parts: a test row must not tell the network anything before
/// it is asked. A column that is constant in training becomes 0, whatever it holds elsewhere.
///
/// The variance is that of the rows themselves (divided by their number). Sums are made in `f64`, in two passes.
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
#[derive(Clone, Debug, PartialEq)]
pub struct Standardiser {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Standardiser {
    /// The mean and the standard deviation of each column.
    ///
    /// # Errors
    /// There are no rows.
    ///
    /// ```
    /// use nn::data::{Dataset, Standardiser};
    /// let (train, _) = Dataset::digits().split(0.8, 42);
    /// assert_eq!(Standardiser::fit(&train)?.means().len(), 64);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn fit(data: &Dataset) -> Result<Self, DataError> {
        if data.is_empty() {
            return Err(DataError::new(DataErrorKind::Empty, "standardise: no rows have no mean"));
        }
        let n = data.len() as f64;
        let (means, deviations) = data
            .features()
            .columns()
            .into_iter()
            .map(|column| {
                let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
                // The rounding of the mean would give a constant column a deviation, and blow it up.
                if column.iter().all(|&x| x == column[0]) {
                    return (mean, 0.0);
                }
                let squares = column.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
                (mean, (squares / n).sqrt())
            })
            .unzip();
        Ok(Self { means, deviations })
    }

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
        if means.len() != deviations.len() {
            let text =
                format!("standardise: {} means and {} deviations do not fit", means.len(), deviations.len());
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        let sound =
            |(mean, deviation): (&f64, &f64)| mean.is_finite() && deviation.is_finite() && *deviation >= 0.0;
        match means.iter().zip(&deviations).position(|pair| !sound(pair)) {
            Some(k) => {
                let text =
                    format!("standardise: column {k} has mean {} and deviation {}", means[k], deviations[k]);
                Err(DataError::new(DataErrorKind::Argument, text))
            }
            None => Ok(Self { means, deviations }),
        }
    }

    /// The mean of each column.
    ///
    /// ```
    /// # use nn::data::Standardiser;
    /// assert_eq!(Standardiser::from_parts(vec![1.5], vec![0.5])?.means(), [1.5]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The standard deviation of each column; 0 where it is constant.
    ///
    /// ```
    /// # use nn::data::Standardiser;
    /// assert_eq!(Standardiser::from_parts(vec![1.5], vec![0.0])?.deviations(), [0.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// Replaces every number by `(x − mean) / deviation` of its column, or by 0 where the deviation is 0.
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
    pub fn apply(&self, data: &mut Dataset) {
        or_panic(self.try_apply(data));
    }

    /// [`apply`](Self::apply), or an error.
    ///
    /// # Errors
    /// The data has another number of columns; it is left as it was.
    ///
    /// ```
    /// use nn::data::{Dataset, Standardiser};
    /// let scale = Standardiser::from_parts(vec![1.5], vec![0.5])?;
    /// let error = scale.try_apply(&mut Dataset::digits()).unwrap_err();
    /// assert_eq!(error.to_string(), "standardise: 1 column is expected, as in the fit, found 64");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn try_apply(&self, data: &mut Dataset) -> Result<(), DataError> {
        let (wanted, found) = (self.means.len(), data.width());
        if wanted != found {
            let columns = if wanted == 1 { "column is" } else { "columns are" };
            let text = format!("standardise: {wanted} {columns} expected, as in the fit, found {found}");
            return Err(DataError::new(DataErrorKind::Shape, text));
        }
        for mut row in data.features_mut().rows_mut() {
            for ((x, mean), &deviation) in row.iter_mut().zip(&self.means).zip(&self.deviations) {
                *x = if deviation == 0.0 { 0.0 } else { ((f64::from(*x) - mean) / deviation) as f32 };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn columns_get_mean_0_and_variance_1() {
        let (mut train, mut test) = Dataset::digits().split(0.8, 42);
        let scale = Standardiser::fit(&train).unwrap();
        scale.apply(&mut train);
        for (column, &deviation) in train.features().columns().into_iter().zip(scale.deviations()) {
            let n = column.len() as f64;
            let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
            let variance = column.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
            let wanted = if deviation == 0.0 { 0.0 } else { 1.0 };
            assert!(mean.abs() < 1e-6 && (variance - wanted).abs() < 1e-5, "{mean} {variance}");
        }
        scale.apply(&mut test);
        assert!(test.features().iter().all(|x| x.is_finite()));
        assert_eq!(scale.deviations()[0], 0.0, "the corner is white in every image");
    }

    #[test]
    fn a_constant_column_stays_0_though_its_mean_is_rounded() {
        let rows = Array2::from_elem((1000, 1), 0.1f32);
        let mut data = Dataset::new(rows, vec![0; 1000], ["a"]).unwrap();
        let scale = Standardiser::fit(&data).unwrap();
        scale.apply(&mut data);
        assert!(data.features().iter().all(|&x| x == 0.0));
        let mut other = Dataset::new(array![[7.0]], vec![0], ["a"]).unwrap();
        scale.apply(&mut other);
        assert_eq!(other.features(), array![[0.0]]);
    }

    #[test]
    fn extremes_of_f32_do_not_overflow() {
        let mut data = Dataset::new(array![[f32::MAX], [f32::MIN]], vec![0, 0], ["a"]).unwrap();
        Standardiser::fit(&data).unwrap().apply(&mut data);
        assert_eq!(data.features(), array![[1.0], [-1.0]]);
    }

    #[test]
    fn faults_are_named() {
        let empty = Dataset::new(Array2::zeros((0, 2)), vec![], ["a"]).unwrap();
        assert_eq!(Standardiser::fit(&empty).unwrap_err().to_string(), "standardise: no rows have no mean");
        let text = |means, deviations| Standardiser::from_parts(means, deviations).unwrap_err().to_string();
        assert_eq!(text(vec![1.0], vec![]), "standardise: 1 means and 0 deviations do not fit");
        assert_eq!(
            text(vec![0.0, 1.0], vec![1.0, -1.0]),
            "standardise: column 1 has mean 1 and deviation -1"
        );
        assert!(Standardiser::from_parts(vec![f64::NAN], vec![1.0]).is_err());
    }
}
