//! Lines about a training for people to read.

use std::fmt::{self, Write as _};
use std::io::{Stderr, Stdout, Write};

use super::error::{TrainError, TrainErrorKind};
use super::observer::{Flow, Observer, Run};
use super::record::EpochRecord;
use crate::params::Params;

/// Writes a line after every epoch: its losses, metrics, learning rate and time.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// use nn::train::Progress;
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
/// let (train, test) = Dataset::digits().split(0.8, 42);
/// let mut lines = Vec::new();
/// Trainer::classifier(&model, Sgd::new(0.5))
///     .epochs(2)
///     .validate(&test)
///     .observe(Progress::new(&mut lines).layers(true))
///     .fit(&mut params, &train)?;
/// // epoch 1/2  loss 0.4915  validation_loss 0.2464  accuracy 0.9333  rate 0.5  0.0 s
/// //   layers.0  gradient 0.4043  update 0.0257
/// let text = String::from_utf8(lines).unwrap();
/// assert!(text.starts_with("epoch 1/2  loss ") && text.contains("  layers.0  gradient 0."), "{text}");
/// # Ok::<(), nn::train::TrainError>(())
/// ```
#[derive(Debug)]
pub struct Progress<W> {
    out: W,
    layers: bool,
    epochs: usize,
}

impl Progress<Stdout> {
    /// To the standard output.
    pub fn stdout() -> Self {
        Self::new(std::io::stdout())
    }
}

impl Progress<Stderr> {
    /// To the standard error output.
    pub fn stderr() -> Self {
        Self::new(std::io::stderr())
    }
}

impl<W: Write> Progress<W> {
    /// To anything that takes text.
    pub fn new(out: W) -> Self {
        Self { out, layers: false, epochs: 0 }
    }

    /// Whether the layers follow, a line each: the norm of the gradient, and by what share the weights change in a step.
    #[must_use]
    pub fn layers(self, show: bool) -> Self {
        Self { layers: show, ..self }
    }

    fn lines(&self, record: &EpochRecord, text: &mut String) -> fmt::Result {
        let width = self.epochs.to_string().len();
        write!(text, "epoch {:>width$}/{}  loss {}", record.epoch, self.epochs, figure(record.loss))?;
        if let Some(loss) = record.validation_loss {
            write!(text, "  validation_loss {}", figure(loss))?;
        }
        for (name, value) in &record.metrics {
            write!(text, "  {name} {}", figure(*value))?;
        }
        writeln!(text, "  rate {}  {:.1} s", rate(record.learning_rate), record.seconds)?;
        let widest = record.layers.iter().map(|layer| layer.name.chars().count()).max().unwrap_or(0);
        for layer in record.layers.iter().filter(|_| self.layers) {
            let (gradient, update) = (figure(layer.gradient_norm), figure(layer.update_ratio));
            writeln!(text, "  {:widest$}  gradient {gradient}  update {update}", layer.name)?;
        }
        Ok(())
    }
}

impl<W: Write> Observer for Progress<W> {
    fn name(&self) -> &str {
        "progress"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        self.epochs = run.epochs;
        Ok(())
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        let mut text = String::new();
        self.lines(record, &mut text).expect("a String takes all");
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|error| TrainError::new(TrainErrorKind::Io, format!("progress: {error}")))?;
        Ok(Flow::Continue)
    }
}

/// Four decimals, or a power of ten where they would show little of the number.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0.0000".to_owned(),
        size if (1e-3..1e3).contains(&size) => format!("{value:.4}"),
        _ if !value.is_finite() => value.to_string(),
        _ => format!("{value:.2e}"),
    }
}

/// Four digits, and none that say nothing.
fn rate(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().expect("it was just written");
    if (1e-4..1e4).contains(&rounded) { rounded.to_string() } else { format!("{rounded:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::LayerRecord;

    #[test]
    fn figures_stay_legible() {
        let shown = [0.0, 0.123_45, 2.0, 0.000_123_4, 12_345.0, f64::NAN].map(figure);
        assert_eq!(shown, ["0.0000", "0.1235", "2.0000", "1.23e-4", "1.23e4", "NaN"]);
        assert_eq!([0.5, 1e-3, 1.234_56e-5, 1e-4 / 3.0].map(rate), ["0.5", "0.001", "1.235e-5", "3.333e-5"]);
    }

    #[test]
    fn a_line_has_all_that_is_known() {
        let layer = LayerRecord { name: "layers.0".into(), gradient_norm: 0.25, update_ratio: 1.5e-5 };
        let record = EpochRecord {
            epoch: 3,
            step: 12,
            learning_rate: 1e-3,
            loss: 0.5,
            validation_loss: Some(0.75),
            metrics: vec![("accuracy".into(), 0.9)],
            layers: vec![layer],
            seconds: 1.26,
        };
        let mut progress = Progress::new(Vec::new()).layers(true);
        progress.epochs = 20;
        progress.epoch(&record, &Params::seeded(0)).unwrap();
        let wanted = "epoch  3/20  loss 0.5000  validation_loss 0.7500  accuracy 0.9000  rate 0.001  1.3 s\n  \
                      layers.0  gradient 0.2500  update 1.50e-5\n";
        assert_eq!(String::from_utf8(progress.out).unwrap(), wanted);
    }
}
