//! What a network is worth on rows whose answers are known.

use std::io::Write;

use ndarray::{Array2, ArrayView2};
use nn::metrics::{self, ConfusionMatrix, RegressionScores, Residuals};

use crate::fault::Fault;

/// Up to as many classes a table of which was taken for which can be read.
const READABLE: usize = 20;

/// Writes the figures of a classifier.
pub(crate) fn classes(
    probabilities: &ArrayView2<'_, f32>,
    labels: &[usize],
    names: &[String],
    out: &mut impl Write,
) -> Result<(), Fault> {
    let mut matrix = ConfusionMatrix::named(names);
    matrix.add(probabilities.view(), labels);
    writeln!(out, "loss       {:.4}", metrics::log_loss(probabilities.view(), labels))?;
    if names.len() > 5 {
        writeln!(out, "top-5      {:.4}", metrics::top_k_accuracy(probabilities.view(), labels, 5))?;
    }
    // It compares classes, so that each must have rows.
    if let Ok(area) = metrics::try_roc_auc(probabilities.view(), labels) {
        writeln!(out, "roc auc    {area:.4}")?;
    }
    write!(out, "\n{}", matrix.report())?;
    if names.len() <= READABLE {
        write!(out, "\n{matrix}")?;
    }
    Ok(())
}

/// The figures of predicted numbers.
pub(crate) fn scores(predicted: &Array2<f32>, targets: &ArrayView2<'_, f32>) -> RegressionScores {
    let mut residuals = Residuals::new();
    residuals.add(predicted.view(), targets.view());
    residuals.scores()
}

/// Writes the figures of predicted numbers.
pub(crate) fn values(scores: &RegressionScores, out: &mut impl Write) -> Result<(), Fault> {
    writeln!(out, "mae        {}", figure(scores.mae))?;
    writeln!(out, "rmse       {}", figure(scores.rmse))?;
    Ok(writeln!(out, "r2         {:.4}", scores.r2)?)
}

/// Four decimals, or a power of ten where they would show little of the number.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0.0000".to_owned(),
        size if (1e-3..1e4).contains(&size) || size.is_nan() => format!("{value:.4}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_figures_stay_legible() {
        let shown = [0.0, 0.123_45, 2.0, 0.000_123_4, 12_345.0, f64::INFINITY].map(figure);
        assert_eq!(shown, ["0.0000", "0.1235", "2.0000", "1.23e-4", "1.23e4", "inf"]);
    }
}
