//! What is seen of a training while it runs: a line for each epoch.

use std::fmt::Write as _;
use std::io::Write;

use nn::Params;
use nn::train::{EpochRecord, Flow, Observer, Run, TrainError, TrainErrorKind};

use crate::report::figure;

/// Writes the figures of each epoch, under titles.
pub(crate) struct Lines<W: Write> {
    out: W,
    /// The metric that is shown, such as `accuracy`.
    metric: &'static str,
    /// Whose loss and metric are shown: `test` or `validation`.
    against: &'static str,
}

impl<W: Write> Lines<W> {
    /// Lines go to `out`.
    pub(crate) fn new(out: W, metric: &'static str, against: &'static str) -> Self {
        Self { out, metric, against }
    }

    /// Writes a line, at once, so that one who reads from a pipe can follow.
    fn write(&mut self, line: &str) -> Result<(), TrainError> {
        let written = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
        // The program finds the cause again in `source`.
        written.map_err(|error| TrainError::caused(TrainErrorKind::Observer, error))
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
        let titles = self.titles(run.layers);
        self.write(&titles)
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        let line = self.line(record);
        self.write(&line)?;
        Ok(Flow::Continue)
    }
}
