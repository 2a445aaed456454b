//! [`Trainer`]: what is to be trained, how, and who looks on.

use std::fmt;
use std::sync::{Arc, RwLock};

use ndarray::ArrayViewD;
use tape::{Scalar, Tensor};

use super::engine::{Metric, with_engine};
use super::error::TrainError;
use super::observer::Observer;
use super::record::Evaluation;
use super::settings::{Settings, check_data};
use super::work::{Floor, Loss, Task};
use crate::composite::Losses;
use crate::data::{Augment, Classes, Dataset, Targets, Values};
use crate::layers::Layer;
use crate::metrics;
use crate::optim::Optimizer;
use crate::params::Params;
use crate::schedule::Schedule;

/// Trains a network: batches, gradients, steps, validation, and observers that are told how it goes.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
/// let (train, test) = Dataset::digits().split(0.8, 42);
///
/// let mut trainer = Trainer::classifier(&model, Adam::new(5e-3)).epochs(5).batch(32).seed(42).validate(&test);
/// let report = trainer.fit(&mut params, &train)?;
///
/// assert!(report.validation.unwrap().get("accuracy").unwrap() > 0.9);
/// # Ok::<(), nn::train::TrainError>(())
/// ```
///
/// # What the numbers hang on
/// On the parameters, the data and the settings, the [seed](Self::seed) and the [shards](Self::shards) among them, and on
/// nothing else: the number of [threads](Self::threads) changes no bit.
pub struct Trainer<'a, Y: Targets = Classes> {
    pub(super) model: Box<dyn Layer<f32> + 'a>,
    pub(super) optim: Box<dyn Optimizer<f32> + 'a>,
    pub(super) loss: Loss<'a, Y>,
    pub(super) metrics: Vec<(String, Metric<'a, Y>)>,
    pub(super) observers: Vec<Box<dyn Observer + 'a>>,
    pub(super) augmentations: Vec<Arc<dyn Augment>>,
    pub(super) validation: Option<&'a Dataset<Y>>,
    pub(super) schedule: Option<Scheduled<'a>>,
    pub(super) settings: Settings,
}

/// What the tick of a schedule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// A step of the optimiser.
    Step,
    /// An epoch.
    Epoch,
}

/// A schedule, and what it was before anything was observed.
pub(super) struct Scheduled<'a> {
    pub(super) per: Per,
    pub(super) schedule: Box<dyn Schedule + 'a>,
    pub(super) first: Vec<f64>,
    pub(super) text: String,
}

impl<'a> Trainer<'a, Classes> {
    /// For rows that belong to classes: the softmax cross-entropy of the logits, in nats, and `accuracy`. A network of
    /// one output for two classes has the sigmoid cross-entropy.
    ///
    /// # Example
    /// See [`Trainer`].
    pub fn classifier(model: impl Layer<f32> + 'a, optim: impl Optimizer<f32> + 'a) -> Self {
        let loss: Loss<'a, Classes> = Box::new(|logits, labels| match logits.shape() {
            [.., 1] => logits.try_sigmoid_cross_entropy(labels),
            _ => logits.try_softmax_cross_entropy(labels),
        });
        let mut trainer = Self::build(model, optim, loss);
        let accuracy: Metric<'a, Classes> = Box::new(|logits, labels| match logits.shape() {
            [.., 1] => {
                let right =
                    logits.iter().zip(labels).filter(|&(&logit, &label)| (logit > 0.0) == (label == 1));
                Ok(right.count() as f64 / labels.len() as f64)
            }
            _ => metrics::try_accuracy(logits, labels),
        });
        trainer.metrics.push(("accuracy".to_owned(), accuracy));
        trainer
    }
}

impl<'a> Trainer<'a, Values> {
    /// For rows with numbers to be predicted: the mean squared error, `rmse` and `r2`.
    ///
    /// # Example
    /// ```
    /// use ndarray::{Array1, Array2};
    /// use nn::prelude::*;
    /// let x = Array2::from_shape_fn((64, 1), |(row, _)| row as f32 / 32.0 - 1.0);
    /// let y: Array1<f32> = x.column(0).mapv(|x| 3.0 * x - 0.5);
    /// let data = Dataset::regression(x, y)?;
    /// let mut params = Params::<f32>::seeded(42);
    /// let line = Linear::new(&mut params, 1, 1);
    /// Trainer::regressor(&line, Sgd::new(0.3)).epochs(50).batch(16).fit(&mut params, &data)?;
    /// assert!((params.values(line.weight)[0] - 3.0).abs() < 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn regressor(model: impl Layer<f32> + 'a, optim: impl Optimizer<f32> + 'a) -> Self {
        let mut trainer = Self::build(model, optim, Box::new(|y, targets| y.try_mse(targets)));
        let rmse: Metric<'a, Values> =
            Box::new(|y, targets| metrics::try_root_mean_squared_error(y, targets));
        let r2: Metric<'a, Values> = Box::new(|y, targets| metrics::try_r2_score(y, targets));
        trainer.metrics.extend([("rmse".to_owned(), rmse), ("r2".to_owned(), r2)]);
        trainer
    }
}

impl<'a, Y: Targets> Trainer<'a, Y> {
    /// With a loss of your own: a function of the outputs for some rows and of their targets, labels or numbers, which is
    /// a mean over the rows. Say which targets they are, [`Classes`] or [`Values`].
    ///
    /// # Example
    /// ```
    /// use nn::data::Classes;
    /// use nn::prelude::*;
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    /// let loss = SoftmaxCrossEntropy::new().label_smoothing(0.1);
    /// let mut trainer = Trainer::<Classes>::new(&model, Sgd::new(0.2), |logits, labels| loss.of(logits, labels).to_scalar())
    ///     .epochs(2)
    ///     .metric("rows", |_logits, labels| labels.len() as f64)
    ///     .training_metrics(true);
    /// let report = trainer.fit(&mut params, &Dataset::digits())?;
    /// assert_eq!(report.last().unwrap().get("training_rows"), Some(1797.0));
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn new<F>(model: impl Layer<f32> + 'a, optim: impl Optimizer<f32> + 'a, loss: F) -> Self
    where
        F: for<'t, 'y> Fn(Tensor<'t, f32>, Y::View<'y>) -> Scalar<'t, f32> + Send + Sync + 'a,
    {
        Self::build(model, optim, Box::new(move |outputs, targets| Ok(loss(outputs, targets))))
    }

    fn build(model: impl Layer<f32> + 'a, optim: impl Optimizer<f32> + 'a, loss: Loss<'a, Y>) -> Self {
        Self {
            model: Box::new(model),
            optim: Box::new(optim),
            loss,
            metrics: Vec::new(),
            observers: Vec::new(),
            augmentations: Vec::new(),
            validation: None,
            schedule: None,
            settings: Settings::default(),
        }
    }

    /// How often all rows are gone through; 10 unless set.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.settings.epochs = epochs;
        self
    }

    /// How many rows a batch has, the last of an epoch having those that are left; 32 unless set.
    #[must_use]
    pub fn batch(mut self, rows: usize) -> Self {
        self.settings.batch = rows;
        self
    }

    /// Where the order of the rows, augmentations and dropout get their random numbers from; 42 unless set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Whether every epoch has the rows in an order of its own; it has, unless set.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.settings.shuffle = shuffle;
        self
    }

    /// Whether rows at the end of an epoch that do not fill a batch are left out; they are not, unless set.
    #[must_use]
    pub fn drop_last(mut self, drop: bool) -> Self {
        self.settings.drop_last = drop;
        self
    }

    /// How many batches are prepared ahead on another thread; 2 unless set. 0 prepares each when it is wanted. No number
    /// hangs on it.
    #[must_use]
    pub fn ahead(mut self, batches: usize) -> Self {
        self.settings.ahead = batches;
        self
    }

    /// Changes every sample at random before it is learnt from: see [`Loader::augment`](crate::Loader::augment).
    #[must_use]
    pub fn augment(mut self, augmentation: impl Augment) -> Self {
        self.augmentations.push(Arc::new(augmentation));
        self
    }

    /// The shape in which the network wants a row, `[1, 8, 8]` for images of one channel: it is then given
    /// `[rows, 1, 8, 8]`. Unless set it is given `[rows, width]`.
    #[must_use]
    pub fn input_shape(mut self, shape: &[usize]) -> Self {
        self.settings.input_shape = Some(shape.to_vec());
        self
    }

    /// Lets the learning rate go up and down: the optimiser's own is multiplied by the schedule's factor at each step or in
    /// each epoch, counted from 0. After every epoch the schedule is told the validation loss, or the training loss where
    /// there are no validation data, for [`Plateau`](crate::schedule::Plateau).
    ///
    /// # Example
    /// ```
    /// use nn::prelude::*;
    /// use nn::schedule::OneCycle;
    /// use nn::train::Per;
    /// let train = Dataset::digits();
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    /// let steps = 3 * train.len().div_ceil(64) as u64;
    /// let mut trainer = Trainer::classifier(&model, Adam::new(0.02)).epochs(3).batch(64);
    /// trainer = trainer.schedule(Per::Step, OneCycle::new(steps));
    /// let report = trainer.fit(&mut params, &train)?;
    /// assert!(report.last().unwrap().learning_rate < 1e-5);
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    #[must_use]
    pub fn schedule(mut self, per: Per, schedule: impl Schedule + 'a) -> Self {
        let (first, text) = (schedule.state(), format!("{per:?} {schedule:?}"));
        self.schedule = Some(Scheduled { per, schedule: Box::new(schedule), first, text });
        self
    }

    /// Scales gradients down where their norm, of all of them together, exceeds this: their direction stays.
    ///
    /// Source: R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks* (ICML 2013).
    #[must_use]
    pub fn clip_norm(mut self, norm: f64) -> Self {
        self.settings.clip_norm = Some(norm);
        self
    }

    /// Moves every number of a gradient into `−value ..= value`, before [`clip_norm`](Self::clip_norm).
    #[must_use]
    pub fn clip_value(mut self, value: f64) -> Self {
        self.settings.clip_value = Some(value);
        self
    }

    /// Takes a step only after so many batches, with the mean gradient of all their rows: as a batch so many times larger
    /// would, in the memory of one. 1 unless set. At the end of an epoch a step is taken with the batches there are.
    #[must_use]
    pub fn accumulate(mut self, batches: usize) -> Self {
        self.settings.accumulate = batches;
        self
    }

    /// Into how many parts, as equal as can be, a batch is cut, for [threads](Self::threads) to share; 1 unless set.
    ///
    /// As many as there are threads is a good number. It pays where a step has enough to do, as in a convolutional network or
    /// with large batches. On one thread, two parts of a small network take some percent longer than one.
    ///
    /// Each part has a tape and random numbers of its own; gradients are added in the order of the parts. The numbers hang
    /// on the shards, to the last bit: the sums are added in another order, dropout draws others, and batch normalisation
    /// takes the statistics of each part by itself, as it does on several devices elsewhere.
    #[must_use]
    pub fn shards(mut self, shards: usize) -> Self {
        self.settings.shards = shards;
        self
    }

    /// How many threads work on the shards of a batch and the pieces of validation data; 1 unless set, 0 for as many as the
    /// machine offers. More threads than [shards](Self::shards) gain nothing in training. No bit hangs on it.
    ///
    /// With one thread, large operations share their work between threads by themselves: see
    /// [`tape::set_threads`]. With several, each works alone.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = threads;
        self
    }

    /// Data to be evaluated after every epoch, which nothing is learnt from.
    #[must_use]
    pub fn validate(mut self, data: &'a Dataset<Y>) -> Self {
        self.validation = Some(data);
        self
    }

    /// A number to be computed of the outputs for all validation rows and their targets, under this name.
    ///
    /// # Example
    /// See [`Trainer::new`].
    #[must_use]
    pub fn metric<F>(mut self, name: impl Into<String>, metric: F) -> Self
    where
        F: for<'y> Fn(ArrayViewD<'_, f32>, Y::View<'y>) -> f64 + 'a,
    {
        self.metrics.push((name.into(), Box::new(move |outputs, targets| Ok(metric(outputs, targets)))));
        self
    }

    /// Whether metrics are computed of the training data, too, after every epoch and in evaluation mode, as
    /// `training_accuracy` and so on. It costs a forward pass over them; it is not done unless set.
    #[must_use]
    pub fn training_metrics(mut self, compute: bool) -> Self {
        self.settings.training_metrics = compute;
        self
    }

    /// Someone who is told of every step and epoch: a value, or `&mut` one to be looked at afterwards.
    #[must_use]
    pub fn observe(mut self, observer: impl Observer + 'a) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Loss and metrics of some data, in evaluation mode.
    ///
    /// # Errors
    /// The data do not fit the network.
    ///
    /// # Example
    /// ```
    /// use nn::prelude::*;
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    /// let trainer = Trainer::classifier(&model, Sgd::new(0.1));
    /// let evaluation = trainer.evaluate(&params, &Dataset::digits())?;
    /// assert!(evaluation.get("accuracy").unwrap() < 0.4); // 0.1 is chance
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn evaluate(&self, params: &Params<f32>, data: &Dataset<Y>) -> Result<Evaluation, TrainError> {
        self.check_data("data to be evaluated", data)?;
        let mut params = params.clone();
        let floor = self.floor(&mut params);
        with_engine(self.settings.threads(), &floor, |engine| engine.evaluate(data, &self.metrics))
    }

    pub(super) fn floor<'f>(&'f self, params: &'f mut Params<f32>) -> Floor<'f, Y> {
        Floor::new(&*self.model, &self.loss, &self.settings, params)
    }

    pub(super) fn check_data(&self, what: &str, data: &Dataset<Y>) -> Result<(), TrainError> {
        check_data(&self.settings, what, data)
    }
}

impl<'f, Y: Targets> Floor<'f, Y> {
    pub(super) fn new(
        model: &'f dyn Layer<f32>,
        loss: &'f Loss<'f, Y>,
        settings: &'f Settings,
        params: &'f mut Params<f32>,
    ) -> Self {
        Self {
            model,
            loss,
            input_shape: settings.input_shape.as_deref(),
            seed: settings.seed,
            shards: settings.shards,
            params: RwLock::new(params),
            task: RwLock::new(Task::Nothing),
        }
    }
}

impl<Y: Targets> fmt::Debug for Trainer<'_, Y> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metrics: Vec<&str> = self.metrics.iter().map(|(name, _)| name.as_str()).collect();
        let observers: Vec<&str> = self.observers.iter().map(|observer| observer.name()).collect();
        f.debug_struct("Trainer")
            .field("model", &self.model)
            .field("settings", &self.settings)
            .field("metrics", &metrics)
            .field("observers", &observers)
            .finish_non_exhaustive()
    }
}
