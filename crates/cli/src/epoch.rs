//! What is seen of a training while it runs: a line for each epoch.

use std::fmt::Write as _;
use std::io::{self, Write};

use nn::Params;
use nn::train::{EpochRecord, Flow, Observer, Run, StepRecord, TrainError, TrainErrorKind};

use crate::progress::Progress;
use crate::report::figure;

/// Writes the figures of each epoch, under titles.
pub(crate) struct Lines<W: Write> {
    progress: Progress<W>,
    /// The metric that is shown, such as `accuracy`.
    metric: &'static str,
    /// Whose loss and metric are shown: `test` or `validation`.
    against: &'static str,
}

impl<W: Write> Lines<W> {
    /// Lines go to `out`, and those of a bar to the terminal.
    pub(crate) fn new(out: W, metric: &'static str, against: &'static str) -> Self {
        Self { progress: Progress::new(out), metric, against }
    }

    fn titles(&self, layers: &[String]) -> String {
        let mut text =
            format!("epoch      loss  {:>9}  {:>8}", format!("{} loss", self.against), self.metric);
        for layer in layers {
            let _ = write!(text, "  {:>9}", format!("∇ {layer}")); // a String takes all
        }
        text
    }

    fn line(&self, record: &EpochRecord) -> String {
        let against = figure(record.validation_loss.unwrap_or(f64::NAN));
        let width = (self.against.chars().count() + 5).max(9);
        let metric = record.get(self.metric).unwrap_or(f64::NAN);
        let mut text =
            format!("{:>5}  {:>8}  {against:>width$}  {metric:>8.4}", record.epoch, figure(record.loss));
        for layer in &record.layers {
            let width = (layer.name.chars().count() + 2).max(9);
            let _ = write!(text, "  {:>width$}", figure(layer.gradient_norm)); // a String takes all
        }
        text
    }
}

impl<W: Write> Observer for Lines<W> {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        self.progress.begin(run.steps_per_epoch.saturating_mul(run.epochs.saturating_sub(run.done)));
        let titles = self.titles(run.layers);
        self.progress.line(&titles).map_err(unwritten)
    }

    fn step(&mut self, _: &StepRecord) -> Result<Flow, TrainError> {
        self.progress.step();
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        let line = self.line(record);
        self.progress.line(&line).map_err(unwritten)?;
        Ok(Flow::Continue)
    }
}

/// The program finds the cause again in `source`.
fn unwritten(error: io::Error) -> TrainError {
    TrainError::caused(TrainErrorKind::Observer, error)
}
