//! k-fold cross-validation.

use std::fmt;

use super::error::{TrainError, TrainErrorKind};
use super::record::Evaluation;
use crate::data::{Dataset, Targets};
use crate::metrics;

/// One division of the data: see [`cross_validate`].
#[derive(Debug)]
pub struct Fold<Y: Targets> {
    /// Which of them it is, from 0.
    pub index: usize,
    /// What is to be learnt from.
    pub train: Dataset<Y>,
    /// What is not.
    pub test: Dataset<Y>,
}

/// The scores of all folds.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// What each fold gave.
    pub folds: Vec<Evaluation>,
}

/// Calls `score` with each of `k` folds, whose test parts together are the data, each row in one of them: the mean of what
/// it gives is a better guess at the worth of a network than that of one split, and the deviation says how good a guess.
///
/// Whatever is fitted to the data, as a [`Standardiser`](crate::Standardiser), belongs into `score`: the test part is not
/// to be looked at.
///
/// # Errors
/// There are not from 2 to as many folds as rows; or as of `score`.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// use nn::train::cross_validate;
/// let validation = cross_validate(&Dataset::iris(), 3, 42, |fold| {
///     let mut params = Params::<f32>::seeded(42);
///     let model = Mlp::new(&mut params, &[4, 8, 3], Activation::Tanh);
///     let mut trainer = Trainer::classifier(&model, Adam::new(0.05)).epochs(20).batch(16);
///     trainer.fit(&mut params, &fold.train)?;
///     trainer.evaluate(&params, &fold.test)
/// })?;
/// let (mean, deviation) = validation.get("accuracy").unwrap();
/// assert!(mean > 0.9 && deviation < 0.1);
/// println!("{validation}"); // loss 0.0953 ± 0.0375, accuracy 0.9600 ± 0.0163
/// # Ok::<(), nn::train::TrainError>(())
/// ```
pub fn cross_validate<Y: Targets>(
    data: &Dataset<Y>,
    k: usize,
    seed: u64,
    mut score: impl FnMut(Fold<Y>) -> Result<Evaluation, TrainError>,
) -> Result<CrossValidation, TrainError> {
    let folds = data.try_folds(k, seed).map_err(|error| TrainError::caused(TrainErrorKind::Data, error))?;
    let folds = folds.enumerate().map(|(index, (train, test))| score(Fold { index, train, test }));
    Ok(CrossValidation { folds: folds.collect::<Result<_, _>>()? })
}

impl CrossValidation {
    /// Mean and standard deviation, with `k − 1` below the sum of squares, of a metric over the folds; `loss` for the loss.
    /// `None` where a fold does not have it.
    pub fn get(&self, name: &str) -> Option<(f64, f64)> {
        let values: Vec<f64> = self.folds.iter().map(|fold| fold.get(name)).collect::<Option<_>>()?;
        Some(metrics::mean_and_deviation(&values))
    }
}

impl fmt::Display for CrossValidation {
    /// Loss and metrics, each as `mean ± deviation`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metrics =
            self.folds.iter().take(1).flat_map(|fold| fold.metrics.iter().map(|(name, _)| name.as_str()));
        for (k, name) in ["loss"].into_iter().chain(metrics).enumerate() {
            let Some((mean, deviation)) = self.get(name) else { continue };
            write!(f, "{}{name} {mean:.4} ± {deviation:.4}", if k == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_of_the_folds() {
        let fold = |loss| Evaluation { loss, metrics: vec![("accuracy".into(), 1.0)] };
        let validation = CrossValidation { folds: [1.0, 2.0, 3.0].map(fold).to_vec() };
        assert_eq!(validation.get("loss"), Some((2.0, 1.0)));
        assert_eq!(validation.get("beauty"), None);
        assert_eq!(validation.to_string(), "loss 2.0000 ± 1.0000, accuracy 1.0000 ± 0.0000");
    }
}
