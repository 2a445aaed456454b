//! What a regressor predicts, and where it is most wrong.

use nn::Dataset;
use nn::data::Values;
use nn::metrics::{RegressionScores, Residuals};

use super::histogram::Histogram;
use super::run::{Model, chosen};

/// A regressor on some rows.
#[derive(Clone, Debug)]
pub(super) struct Regressed {
    pub(super) outputs: Vec<Fit>,
    /// How many rows were looked at, of how many.
    pub(super) rows: usize,
    pub(super) of: usize,
    /// The rows with the largest residuals.
    pub(super) worst: Vec<Missed>,
}

/// One output.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) name: String,
    pub(super) scores: RegressionScores,
    /// True and predicted, of some rows.
    pub(super) points: Vec<(f64, f64)>,
    /// Predicted less true, of all rows.
    pub(super) residuals: Histogram,
}

/// A row and what was predicted for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Missed {
    /// Its position in the data set.
    pub(super) row: usize,
    pub(super) output: usize,
    pub(super) target: f64,
    pub(super) predicted: f64,
}

impl Missed {
    fn size(&self) -> f64 {
        let size = (self.predicted - self.target).abs();
        if size.is_nan() { f64::INFINITY } else { size }
    }
}

impl Regressed {
    /// How many points and rows are shown.
    const POINTS: usize = 600;
    const WORST: usize = 12;

    /// At most so many rows of the data; or why there is nothing.
    pub(super) fn of(model: Model<'_>, data: &Dataset<Values>, most: usize) -> Result<Self, String> {
        let rows = chosen(data.len(), most);
        let part = if rows.len() == data.len() { data.clone() } else { data.select(&rows) };
        let predicted = model.outputs(&part.features())?;
        if predicted.ncols() != data.outputs() {
            let (outputs, targets) = (predicted.ncols(), data.outputs());
            return Err(format!("the model has {outputs} outputs, and the data {targets} targets"));
        }
        let mut residuals = Residuals::new();
        residuals.try_add(predicted.view(), part.targets()).map_err(|error| error.to_string())?;
        let (mut outputs, mut worst) = (Vec::new(), Vec::new());
        for (k, (name, scores)) in data.target_names().iter().zip(residuals.output_scores()).enumerate() {
            let targets = part.targets();
            let pairs = targets.column(k).into_iter().zip(predicted.column(k));
            let pairs: Vec<(f64, f64)> = pairs.map(|(&y, &p)| (f64::from(y), f64::from(p))).collect();
            let points = chosen(pairs.len(), Self::POINTS).into_iter().map(|row| pairs[row]).collect();
            let residuals = Histogram::of(pairs.iter().map(|(target, predicted)| predicted - target));
            outputs.push(Fit { name: name.clone(), scores, points, residuals });
            worst.extend(rows.iter().zip(&pairs).map(|(&row, &(target, predicted))| Missed {
                row,
                output: k,
                target,
                predicted,
            }));
        }
        worst.sort_by(|a, b| b.size().total_cmp(&a.size()));
        worst.truncate(Self::WORST);
        Ok(Self { outputs, rows: rows.len(), of: data.len(), worst })
    }
}
