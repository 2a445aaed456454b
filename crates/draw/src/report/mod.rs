//! A training as one HTML page: [`Report`].

mod activations;
mod classes;
mod findings;
mod histogram;
mod look;
mod markup;
mod numbers;
mod observer;
mod page;
mod plane;
mod plot;
mod record;
mod rows;
mod run;
mod steps;
mod weights;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use nn::Layer;

use record::Record;
pub use rows::ReportData;

/// Writes a training as an HTML page, one file without anything beside it: to be looked at while it trains, and complete
/// when it ends, with whatever ended it.
///
/// * In words, at the top: how it went, and what looks wrong. Gradients that vanish or explode, layers that are dead or
///   change too fast, numbers that are none, loss that does not fall, overfitting, classes that are never predicted.
/// * Loss (in the unit of the loss, nats for a cross-entropy), metrics and learning rate over epochs and steps.
/// * The norm of the gradient and the size of the updates of each layer over epochs.
/// * Histograms of the weights after the first epoch, one in the middle and the last, and of what the layers give; the
///   share of dead rectifiers and of saturated sigmoids.
/// * Of a classifier: confusion matrix, precision and recall, and the worst mistakes, as images where rows are images. Of
///   a regressor: predicted against true, and residuals. Where rows have two numbers: the plane with what is predicted
///   everywhere; where they have one, the curve.
/// * The layers with their shapes and parameters, and all settings.
///
/// Tables of the numbers stand below the plots, and all numbers are in the page as JSON, in the element `data`. No script
/// runs.
///
/// The file is replaced in one step. While the training runs that happens after an epoch, as long as the report takes less
/// than 5 % of the time; the page then loads itself again from time to time.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// # let path = std::env::temp_dir().join(format!("report-{}.html", std::process::id()));
/// let (train, test) = Dataset::digits().split(0.8, 42);
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
///
/// let report = draw::Report::new(&path).title("Digits").model(&model).data(&test).setting("data", "digits");
/// let mut trainer = Trainer::classifier(&model, Adam::new(0.01)).epochs(3).validate(&test).observe(report);
/// trainer.fit(&mut params, &train)?;
///
/// let page = std::fs::read_to_string(&path)?;
/// assert!(page.contains("<h1>Digits</h1>") && page.contains("confusion matrix"));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Report<'a> {
    path: PathBuf,
    title: String,
    model: Option<Box<dyn Layer<f32> + 'a>>,
    data: Option<ReportData<'a>>,
    settings: Vec<(String, String)>,
    /// What is remembered, once it has begun.
    record: Option<Record>,
    /// How long the report took so far.
    spent: Duration,
}

impl<'a> Report<'a> {
    /// In this file, of the loss, the gradients and the weights; for the rest it needs the [model](Self::model) and some
    /// [rows](Self::data).
    ///
    /// # Example
    /// See [`Report`].
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            title: "Training".to_owned(),
            model: None,
            data: None,
            settings: Vec::new(),
            record: None,
            spent: Duration::ZERO,
        }
    }

    /// What stands at the top of the page; `Training` unless set.
    ///
    /// # Example
    /// See [`Report`].
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// The network that is trained, as the trainer has it.
    ///
    /// # Example
    /// See [`Report`].
    #[must_use]
    pub fn model(self, model: impl Layer<f32> + 'a) -> Self {
        Self { model: Some(Box::new(model)), ..self }
    }

    /// Rows to look at, in evaluation mode: best those that nothing is learnt from. At the end all of them are
    /// predicted; layers are looked at with up to 256.
    ///
    /// # Example
    /// See [`Report`].
    #[must_use]
    pub fn data(self, data: impl Into<ReportData<'a>>) -> Self {
        Self { data: Some(data.into()), ..self }
    }

    /// A line for the table of the settings, after those that the trainer knows itself (the seed, the batch, the kind of
    /// optimiser …) or instead of that with the same name.
    ///
    /// # Example
    /// See [`Report`].
    #[must_use]
    pub fn setting(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.settings.push((name.into(), value.to_string()));
        self
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("path", &self.path).field("title", &self.title).finish_non_exhaustive()
    }
}
