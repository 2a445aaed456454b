//! What is known of a step, of an epoch, and of a whole training.

/// A step of the optimiser.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRecord {
    /// The epoch it belongs to, from 1.
    pub epoch: usize,
    /// Its number, from 1, counted over all epochs.
    pub step: u64,
    /// The learning rate it was taken with.
    pub learning_rate: f64,
    /// The mean loss of its rows, before the step.
    pub loss: f64,
    /// The Euclidean norm of all gradients together, before clipping.
    pub gradient_norm: f64,
}

/// An epoch: what every observer is told at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochRecord {
    /// Its number, from 1.
    pub epoch: usize,
    /// How many steps the optimiser has taken since the training began.
    pub step: u64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The mean loss of a row in training: while the parameters changed, with dropout and all else that belongs to
    /// training.
    pub loss: f64,
    /// The mean loss of a row of the validation data after the epoch, in evaluation mode.
    pub validation_loss: Option<f64>,
    /// Metrics of the validation data, by name; those of the training data begin with `training_`, where they were
    /// [asked for](super::Trainer::training_metrics).
    pub metrics: Vec<(String, f64)>,
    /// The layers, in the order of their parameters.
    pub layers: Vec<LayerRecord>,
    /// How long it took, validation included. No other number hangs on it.
    pub seconds: f64,
}

/// A layer in an epoch. Its parameters are those whose names are alike up to the last dot.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRecord {
    /// What the names of its parameters begin with: `layers.0`.
    pub name: String,
    /// The Euclidean norm of its gradient before clipping: the mean over the steps. Where it falls from the last layer to
    /// the first, gradients vanish; where it rises, they explode.
    pub gradient_norm: f64,
    /// How much the last step of the epoch has changed it: `‖new − old‖ / ‖old‖`, about 1e-3 in a training that goes well.
    /// 0 where the weights were all 0.
    pub update_ratio: f64,
}

impl EpochRecord {
    /// A number by its name: `loss`, `validation_loss`, or a metric.
    ///
    /// ```
    /// use nn::prelude::*;
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    /// let (train, test) = Dataset::digits().split(0.8, 42);
    /// let mut trainer = Trainer::classifier(&model, Sgd::new(0.1)).epochs(1).validate(&test);
    /// let report = trainer.fit(&mut params, &train)?;
    /// let last = report.last().unwrap();
    /// assert_eq!(last.get("loss"), Some(last.loss));
    /// assert!(last.get("accuracy").unwrap() > 0.5);
    /// assert_eq!(last.get("beauty"), None);
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    pub fn get(&self, name: &str) -> Option<f64> {
        match name {
            "loss" => Some(self.loss),
            "validation_loss" => self.validation_loss,
            _ => self.metrics.iter().find(|(metric, _)| metric == name).map(|&(_, value)| value),
        }
    }
}

/// What a network is worth on some data: see [`Trainer::evaluate`](super::Trainer::evaluate).
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The mean loss of a row.
    pub loss: f64,
    /// Metrics by name, in the order in which they were asked for.
    pub metrics: Vec<(String, f64)>,
}

impl Evaluation {
    /// A metric by its name; `loss` for the loss.
    pub fn get(&self, name: &str) -> Option<f64> {
        match name {
            "loss" => Some(self.loss),
            _ => self.metrics.iter().find(|(metric, _)| metric == name).map(|&(_, value)| value),
        }
    }
}

/// How a training went.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The epochs of this call; after a [resume](super::Trainer::resume) those from there on.
    pub epochs: Vec<EpochRecord>,
    /// How many steps the optimiser has taken since the training began.
    pub steps: u64,
    /// Why it stopped before the last epoch, where an observer has stopped it.
    pub stopped: Option<String>,
    /// The validation data with the parameters as they were left: the best ones where
    /// [early stopping](super::EarlyStopping::restore_best) has brought them back.
    pub validation: Option<Evaluation>,
}

impl Report {
    /// The last epoch.
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }
}
