//! [`TensorBoard`]: a training as event files, which `TensorBoard` shows.

mod file;
mod messages;
mod wire;

use std::io;
use std::path::PathBuf;

use nn::data::Targets;
use nn::train::{EpochRecord, Flow, Observer, Report, Run, StepRecord, TrainError, TrainErrorKind};
use nn::{Dataset, Params, Role};

use self::file::{EventFile, event_files, wall_time};
use self::wire::Message;
use crate::error::{Error, ErrorKind};
use crate::image::Pixels;

/// Writes a training as event files into a folder, for [TensorBoard](https://www.tensorflow.org/tensorboard):
/// `tensorboard --logdir runs`.
///
/// | at | written, with the number of steps done as the step |
/// |---|---|
/// | each step | `step/loss`, `step/gradient_norm`, `step/learning_rate` |
/// | each epoch | what a [`History`](nn::train::History) has: `epoch`, `learning_rate`, `loss`, `validation_loss`, metrics by their names, `gradient_norm/LAYER`, `update_ratio/LAYER`, `seconds` |
/// | each epoch | the histogram `weights/NAME` of each parameter that is learnt |
/// | the beginning | the settings of the training as hyperparameters, by which `TensorBoard` compares trainings; texts and images that were given |
/// | the end | whether it failed; then the text `error` |
///
/// Losses have the unit of the training's loss; `update_ratio` has none, see [`LayerRecord`](nn::train::LayerRecord). The
/// numbers are single precision, as that form of file has them.
///
/// Each event is written when it happens and in one piece, so that a process that is killed leaves whole ones. A training
/// that is resumed goes on in a file of its own: what the files before it hold of the steps after the checkpoint no longer
/// counts, and is not shown twice. A training that begins in a folder that has event files takes the place of what
/// they hold, and leaves them there.
///
/// # Example
/// ```
/// use draw::TensorBoard;
/// use nn::prelude::*;
/// # let runs = std::env::temp_dir().join(format!("runs-{}", std::process::id()));
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
/// let (train, test) = Dataset::digits().split(0.8, 42);
/// let events = TensorBoard::new(runs.join("1"))
///     .text("network", nn::summary(&params, &model, &[64]).to_string())
///     .images("digits", &train, 8)
///     .hyperparameter("hidden", 16.0);
/// Trainer::classifier(&model, Adam::new(5e-3)).epochs(2).validate(&test).observe(events).fit(&mut params, &train)?;
/// assert_eq!(std::fs::read_dir(runs.join("1"))?.count(), 1);
/// # std::fs::remove_dir_all(&runs)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    steps: u64,
    histograms: usize,
    /// Texts and images, to be written once.
    opening: Vec<Message>,
    hyperparameters: Vec<(String, Hyperparameter)>,
    events: Option<EventFile>,
    /// The steps that are done.
    step: u64,
}

/// A setting of a training, by which `TensorBoard` compares trainings: see [`TensorBoard::hyperparameter`].
#[derive(Clone, Debug, PartialEq)]
pub enum Hyperparameter {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Whether something is done.
    Flag(bool),
}

impl TensorBoard {
    /// Into this folder, which is made if it is not there. Folders beside one another are trainings to be compared.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            steps: 1,
            histograms: 1,
            opening: Vec::new(),
            hyperparameters: Vec::new(),
            events: None,
            step: 0,
        }
    }

    /// Writes the numbers of a step after every so many steps, 1 unless set; 0 for none.
    #[must_use]
    pub fn steps(self, every: u64) -> Self {
        Self { steps: every, ..self }
    }

    /// Writes the histograms after every so many epochs, 1 unless set; 0 for none.
    #[must_use]
    pub fn histograms(self, every: usize) -> Self {
        Self { histograms: every, ..self }
    }

    /// A text about the training, in Markdown.
    #[must_use]
    pub fn text(mut self, tag: &str, text: impl AsRef<str>) -> Self {
        self.opening.push(messages::text(tag, text.as_ref()));
        self
    }

    /// A setting by which trainings can be compared, beside those that the trainer has (seed, batch, learning rate …), or
    /// in the place of one of them.
    ///
    /// ```
    /// use draw::TensorBoard;
    /// let events = TensorBoard::new("runs/1")
    ///     .hyperparameter("hidden", 128.0)
    ///     .hyperparameter("activation", "relu")
    ///     .hyperparameter("residual", true);
    /// # drop(events);
    /// ```
    #[must_use]
    pub fn hyperparameter(mut self, name: impl Into<String>, value: impl Into<Hyperparameter>) -> Self {
        self.hyperparameters.push((name.into(), value.into()));
        self
    }

    /// The first rows of image data, as `TAG/0`, `TAG/1` …. Numbers from 0 to 1 and from 0 to 255 are brightness; of others the
    /// least becomes black and the greatest white.
    ///
    /// # Panics
    /// As [`try_images`](Self::try_images) fails.
    #[must_use]
    #[track_caller]
    pub fn images<Y: Targets>(self, tag: &str, data: &Dataset<Y>, count: usize) -> Self {
        self.try_images(tag, data, count).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The first rows of image data, as `TAG/0`, `TAG/1` …. Numbers from 0 to 1 and from 0 to 255 are brightness; of others the
    /// least becomes black and the greatest white.
    ///
    /// # Errors
    /// The rows are no images: those have the shape `[height, width]`, `[1, height, width]` or `[3, height, width]`, and 4 to
    /// 512 pixels each way.
    ///
    /// ```
    /// use draw::TensorBoard;
    /// use nn::Dataset;
    /// let error = TensorBoard::new("runs/1").try_images("flowers", &Dataset::iris(), 4).unwrap_err();
    /// assert!(error.to_string().ends_with("found [4]"));
    /// ```
    pub fn try_images<Y: Targets>(
        mut self,
        tag: &str,
        data: &Dataset<Y>,
        count: usize,
    ) -> Result<Self, Error> {
        let (shape, features) = (data.sample_shape(), data.features());
        let shown = features.rows().into_iter().take(count);
        let Some(pixels) = Pixels::of(shape, shown.clone().flatten().copied().filter(|x| x.is_finite()))
        else {
            let text = format!(
                "tensorboard: rows of the shape [1, height, width] or [3, height, width] are expected, of 4 to 512 pixels each \
                 way, found {shape:?}"
            );
            return Err(Error::new(ErrorKind::Setting, text));
        };
        for (k, row) in shown.enumerate() {
            let extents = [pixels.height, pixels.width, pixels.channels];
            let png = pixels.png(&row.to_vec());
            self.opening.push(messages::image(&format!("{tag}/{k}"), extents, &png));
        }
        Ok(self)
    }

    fn add(&mut self, step: u64, values: &[Message]) -> Result<(), TrainError> {
        match &mut self.events {
            Some(events) if !values.is_empty() => events.add(step, values).map_err(|error| self.fault(error)),
            _ => Ok(()),
        }
    }

    fn fault(&self, error: io::Error) -> TrainError {
        TrainError::caused(TrainErrorKind::Io, error).in_file(&self.folder)
    }
}

impl Observer for TensorBoard {
    fn name(&self) -> &'static str {
        "tensorboard"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        let told = run.resumed && !event_files(&self.folder).map_err(|error| self.fault(error))?.is_empty();
        let first = if run.resumed { run.step + 1 } else { 0 };
        self.events = Some(EventFile::create(&self.folder, first).map_err(|error| self.fault(error))?);
        self.step = run.step;
        if told {
            return Ok(());
        }
        let mut settings: Vec<(String, Hyperparameter)> = Vec::new();
        for (name, text) in run.settings {
            if self.hyperparameters.iter().all(|(other, _)| other != name) {
                let number = text.parse().map(Hyperparameter::Number);
                settings.push(((*name).to_owned(), number.unwrap_or_else(|_| text.as_str().into())));
            }
        }
        settings.extend_from_slice(&self.hyperparameters);
        let mut opening = self.opening.clone();
        opening.push(messages::session_start(wall_time(), &settings));
        self.add(first, &opening)
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        self.step = record.step;
        if self.steps > 0 && record.step.is_multiple_of(self.steps) {
            let values = [
                messages::scalar("step/loss", record.loss),
                messages::scalar("step/gradient_norm", record.gradient_norm),
                messages::scalar("step/learning_rate", record.learning_rate),
            ];
            self.add(record.step, &values)?;
        }
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, record: &EpochRecord, params: &Params<f32>) -> Result<Flow, TrainError> {
        let mut values = vec![
            messages::scalar("epoch", record.epoch as f64),
            messages::scalar("learning_rate", record.learning_rate),
            messages::scalar("loss", record.loss),
        ];
        values.extend(record.validation_loss.map(|loss| messages::scalar("validation_loss", loss)));
        values.extend(record.metrics.iter().map(|(name, value)| messages::scalar(name, *value)));
        for layer in &record.layers {
            values.push(messages::scalar(&format!("gradient_norm/{}", layer.name), layer.gradient_norm));
            values.push(messages::scalar(&format!("update_ratio/{}", layer.name), layer.update_ratio));
        }
        values.push(messages::scalar("seconds", record.seconds));
        if self.histograms > 0 && record.epoch.is_multiple_of(self.histograms) {
            let learnt = params.ids().filter(|&id| params.role(id) == Role::Learnt);
            values.extend(
                learnt.map(|id| {
                    messages::histogram(&format!("weights/{}", params.name(id)), params.values(id))
                }),
            );
        }
        self.add(record.step, &values)?;
        Ok(Flow::Continue)
    }

    fn over(&mut self, outcome: Result<&Report, &TrainError>, _: &Params<f32>) -> Result<(), TrainError> {
        let mut values = vec![messages::session_end(wall_time(), outcome.is_ok())];
        values.extend(outcome.err().map(|error| messages::text("error", &error.to_string())));
        self.add(self.step, &values)?;
        self.events = None;
        Ok(())
    }
}

impl From<f64> for Hyperparameter {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Hyperparameter {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Hyperparameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Hyperparameter {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
