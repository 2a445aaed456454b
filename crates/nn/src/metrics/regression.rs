//! How far numbers are from those that were wanted.

use std::panic::Location;

use ndarray::{ArrayView, ArrayView1, Dimension};
use tape::{Element, Error, ErrorKind, Shape};

use super::sum::Sum;
use super::{matrix_or_vector, plain};
use crate::or_panic;

/// The differences between predictions and targets, output by output, and the scores that follow from them.
///
/// It takes one batch after another, and keeps a few sums for each output: what it gives is what all rows at once would have
/// given, up to rounding. A NaN among predictions or targets makes the scores of its output NaN.
///
/// # Example
/// ```
/// use ndarray::array;
/// let mut residuals = nn::metrics::Residuals::new();
/// residuals.add(array![2.5, 0.0].view(), array![3.0, -0.5].view());
/// residuals.add(array![2.0, 8.0].view(), array![2.0, 7.0].view());
/// let scores = residuals.scores();
/// assert_eq!((scores.mae, scores.mse), (0.5, 0.375));
/// assert_eq!(scores.rmse, 0.375f64.sqrt());
/// assert!((scores.r2 - 0.9486).abs() < 1e-4);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Residuals {
    outputs: Vec<Output>,
}

/// Scores of numbers that were predicted: of one output, or the means over all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegressionScores {
    /// Mean absolute error, in the unit of the targets.
    pub mae: f64,
    /// Mean squared error, in the square of that unit.
    pub mse: f64,
    /// The root of the mean squared error, in the unit of the targets.
    pub rmse: f64,
    /// The coefficient of determination, the share of the targets' variance that is explained: see [`r2_score`].
    pub r2: f64,
}

/// What is kept of one output.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Output {
    rows: f64,
    absolute: Sum,
    squared: Sum,
    /// The first target, and how far beyond it the mean of the targets lies: so targets far from 0 keep their digits, and
    /// equal ones have no spread.
    first: f64,
    beyond: f64,
    /// The squared distances of the targets from their mean.
    spread: Sum,
}

impl Output {
    fn of<T: Element>(predictions: &ArrayView1<'_, T>, targets: &ArrayView1<'_, T>) -> Self {
        let rows = targets.len() as f64;
        let (mut absolute, mut squared) = (Sum::default(), Sum::default());
        for (&prediction, &target) in predictions.iter().zip(targets) {
            let error = plain(prediction) - plain(target);
            absolute.add(error.abs());
            squared.add(error * error);
        }
        let first = plain(targets[0]);
        let distances = || targets.iter().map(|&target| plain(target) - first);
        let beyond = distances().collect::<Sum>().value() / rows;
        Self {
            rows,
            absolute,
            squared,
            first,
            beyond,
            spread: distances().map(|distance| (distance - beyond).powi(2)).collect(),
        }
    }

    /// Source: Chan, Golub and `LeVeque`, *Updating Formulae and a Pairwise Algorithm for Computing Sample Variances* (1979).
    fn merge(&mut self, other: &Self) {
        let rows = self.rows + other.rows;
        let apart = (other.first - self.first) + (other.beyond - self.beyond);
        self.beyond += apart * (other.rows / rows);
        self.spread.add(other.spread.value());
        self.spread.add(apart * apart * (self.rows * other.rows / rows));
        self.absolute.add(other.absolute.value());
        self.squared.add(other.squared.value());
        self.rows = rows;
    }

    fn scores(&self) -> RegressionScores {
        let (squared, spread) = (self.squared.value(), self.spread.value());
        let mse = squared / self.rows;
        let r2 = match (squared, spread) {
            (0.0, 0.0) => 1.0,
            (_, 0.0) if squared.is_finite() => 0.0,
            _ => 1.0 - squared / spread,
        };
        RegressionScores { mae: self.absolute.value() / self.rows, mse, rmse: mse.sqrt(), r2 }
    }
}

impl Residuals {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the rows of a batch.
    ///
    /// # Shapes
    /// `[rows]` or `[rows, outputs]`, of predictions and of targets; `[rows]` is the same as `[rows, 1]`. All batches have the
    /// same outputs.
    ///
    /// # Panics
    /// See [`try_add`](Self::try_add).
    #[track_caller]
    pub fn add<T: Element, P: Dimension, Q: Dimension>(
        &mut self,
        predictions: ArrayView<'_, T, P>,
        targets: ArrayView<'_, T, Q>,
    ) {
        or_panic(self.try_add(predictions, targets));
    }

    /// [`add`](Self::add), or an error, and then nothing is added.
    ///
    /// # Errors
    /// There are not one or two axes, rows have no numbers, the shapes differ, or the outputs are not as many as before.
    ///
    /// ```
    /// use ndarray::array;
    /// let mut residuals = nn::metrics::Residuals::new();
    /// let error = residuals.try_add(array![1.0, 2.0].view(), array![[1.0, 2.0]].view()).unwrap_err();
    /// let text = "residuals: [2] × [1, 2]: predictions and targets must have the same rows and outputs";
    /// assert!(error.to_string().starts_with(text));
    /// ```
    #[track_caller]
    pub fn try_add<T: Element, P: Dimension, Q: Dimension>(
        &mut self,
        predictions: ArrayView<'_, T, P>,
        targets: ArrayView<'_, T, Q>,
    ) -> Result<(), Error> {
        let at = Location::caller();
        Self::of(predictions, targets)
            .and_then(|batch| self.include(&batch))
            .map_err(|error| error.operation("residuals").at(at))
    }

    fn of<T: Element, P: Dimension, Q: Dimension>(
        predictions: ArrayView<'_, T, P>,
        targets: ArrayView<'_, T, Q>,
    ) -> Result<Self, Error> {
        let shapes = [predictions.shape(), targets.shape()].map(Shape::from_slice);
        let predictions = matrix_or_vector(predictions)?;
        let targets = matrix_or_vector(targets)?;
        if predictions.dim() != targets.dim() {
            let text = "predictions and targets must have the same rows and outputs";
            return Err(Error::new(ErrorKind::Shape, text).shapes(shapes));
        }
        if targets.is_empty() {
            return Ok(Self::new());
        }
        let pairs = predictions.columns().into_iter().zip(targets.columns());
        Ok(Self { outputs: pairs.map(|(predictions, targets)| Output::of(&predictions, &targets)).collect() })
    }

    /// Adds those of another part of the data.
    ///
    /// # Panics
    /// See [`try_merge`](Self::try_merge).
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::metrics::Residuals;
    /// let (mut a, mut b) = (Residuals::new(), Residuals::new());
    /// a.add(array![1.0].view(), array![2.0].view());
    /// b.add(array![1.0].view(), array![4.0].view());
    /// a.merge(&b);
    /// assert_eq!(a.scores().mae, 2.0);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        or_panic(self.try_merge(other));
    }

    /// [`merge`](Self::merge), or an error, and then nothing is added.
    ///
    /// # Errors
    /// The other has another number of outputs.
    #[track_caller]
    pub fn try_merge(&mut self, other: &Self) -> Result<(), Error> {
        let at = Location::caller();
        self.include(other).map_err(|error| error.operation("residuals").at(at))
    }

    fn include(&mut self, other: &Self) -> Result<(), Error> {
        match (self.outputs.len(), other.outputs.len()) {
            (_, 0) => {}
            (0, _) => self.outputs.clone_from(&other.outputs),
            (own, found) if own == found => {
                self.outputs.iter_mut().zip(&other.outputs).for_each(|(output, more)| output.merge(more));
            }
            (own, found) => {
                let text = format!("{own} outputs expected, as before, and found {found}");
                return Err(Error::new(ErrorKind::Shape, text));
            }
        }
        Ok(())
    }

    /// The scores of each output; none before there are rows.
    ///
    /// ```
    /// use ndarray::array;
    /// let mut residuals = nn::metrics::Residuals::new();
    /// residuals.add(array![[1.0, 5.0], [2.0, 5.0]].view(), array![[1.0, 3.0], [2.0, 4.0]].view());
    /// let scores = residuals.output_scores();
    /// assert_eq!((scores[0].mae, scores[1].mae), (0.0, 1.5));
    /// ```
    pub fn output_scores(&self) -> Vec<RegressionScores> {
        self.outputs.iter().map(Output::scores).collect()
    }

    /// The scores, of several outputs the mean of each.
    ///
    /// # Panics
    /// See [`try_scores`](Self::try_scores).
    #[track_caller]
    #[must_use]
    pub fn scores(&self) -> RegressionScores {
        or_panic(self.try_scores())
    }

    /// [`scores`](Self::scores), or an error.
    ///
    /// # Errors
    /// There are no rows.
    ///
    /// ```
    /// let error = nn::metrics::Residuals::new().try_scores().unwrap_err();
    /// assert!(error.to_string().starts_with("residuals: there are no rows"));
    /// ```
    #[track_caller]
    pub fn try_scores(&self) -> Result<RegressionScores, Error> {
        let at = Location::caller();
        self.mean_scores().map_err(|error| error.operation("residuals").at(at))
    }

    fn mean_scores(&self) -> Result<RegressionScores, Error> {
        let outputs = self.output_scores();
        if outputs.is_empty() {
            return Err(Error::new(ErrorKind::Empty, "there are no rows, and no mean of their errors"));
        }
        let mean = |score: fn(&RegressionScores) -> f64| {
            outputs.iter().map(score).collect::<Sum>().value() / outputs.len() as f64
        };
        Ok(RegressionScores {
            mae: mean(|scores| scores.mae),
            mse: mean(|scores| scores.mse),
            rmse: mean(|scores| scores.rmse),
            r2: mean(|scores| scores.r2),
        })
    }
}

/// One score as a function of predictions and targets, and its `try_` twin.
macro_rules! score {
    ($(#[$documentation:meta])* $name:ident, $try_name:ident, $score:ident) => {
        $(#[$documentation])*
        ///
        /// # Shapes
        /// `[rows]` or `[rows, outputs]`, of predictions and of targets; `[rows]` is the same as `[rows, 1]`.
        ///
        /// # Panics
        #[doc = concat!("See [`", stringify!($try_name), "`].")]
        #[track_caller]
        pub fn $name<T: Element, P: Dimension, Q: Dimension>(
            predictions: ArrayView<'_, T, P>,
            targets: ArrayView<'_, T, Q>,
        ) -> f64 {
            or_panic($try_name(predictions, targets))
        }

        #[doc = concat!("[`", stringify!($name), "`], or an error.")]
        ///
        /// # Errors
        /// There are not one or two axes, the shapes differ, or there are no rows or no outputs.
        #[track_caller]
        pub fn $try_name<T: Element, P: Dimension, Q: Dimension>(
            predictions: ArrayView<'_, T, P>,
            targets: ArrayView<'_, T, Q>,
        ) -> Result<f64, Error> {
            let at = Location::caller();
            Residuals::of(predictions, targets)
                .and_then(|residuals| residuals.mean_scores())
                .map(|scores| scores.$score)
                .map_err(|error| error.operation(stringify!($name)).at(at))
        }
    };
}

score! {
    /// The mean of `|prediction − target|`; NaN where a NaN is among the numbers.
    ///
    /// ```
    /// use ndarray::array;
    /// let error = nn::metrics::mean_absolute_error(array![1.0, 5.0].view(), array![2.0, 2.0].view());
    /// assert_eq!(error, 2.0);
    /// ```
    mean_absolute_error, try_mean_absolute_error, mae
}

score! {
    /// The mean of `(prediction − target)²`; NaN where a NaN is among the numbers.
    ///
    /// ```
    /// use ndarray::array;
    /// let error = nn::metrics::mean_squared_error(array![1.0, 5.0].view(), array![2.0, 2.0].view());
    /// assert_eq!(error, 5.0);
    /// ```
    mean_squared_error, try_mean_squared_error, mse
}

score! {
    /// The root of the mean squared error, in the unit of the targets; of several outputs the mean of their roots. NaN where
    /// a NaN is among the numbers.
    ///
    /// ```
    /// use ndarray::array;
    /// let error = nn::metrics::root_mean_squared_error(array![1.0, 5.0].view(), array![2.0, 2.0].view());
    /// assert_eq!(error, 5f64.sqrt());
    /// ```
    root_mean_squared_error, try_root_mean_squared_error, rmse
}

score! {
    /// The coefficient of determination, `1 − Σ (prediction − target)² / Σ (target − mean)²`: 1 is perfect, 0 is as good as
    /// the mean of the targets, below 0 is worse. Of several outputs, the mean of each.
    ///
    /// Of targets that are all equal, and of a single row, it is 1 where every prediction is exact and 0 where not, as
    /// in scikit-learn. A NaN among the numbers makes it NaN, and an infinite prediction −∞.
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::metrics::r2_score;
    /// let targets = array![1.0, 2.0, 3.0];
    /// assert_eq!(r2_score(array![1.0, 2.0, 4.0].view(), targets.view()), 0.5);
    /// assert_eq!(r2_score(array![2.0, 2.0, 2.0].view(), targets.view()), 0.0);
    /// ```
    r2_score, try_r2_score, r2
}
