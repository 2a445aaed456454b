//! [`Observer`]: who is told how a training goes, and may stop it.

use std::collections::BTreeMap;

use super::error::TrainError;
use super::record::{EpochRecord, Report, StepRecord};
use super::snapshot::Snapshot;
use crate::params::Params;

/// Someone who is told of every step and every epoch of a training, and may stop it.
///
/// Ready made are [`Progress`](super::Progress), [`History`](super::History), [`EarlyStopping`](super::EarlyStopping) and
/// [`Checkpoints`](super::Checkpoints). All methods but the name have a default that does nothing. Observers are called
/// in the order in which they were added. An error stops the training.
///
/// What is to be the same in a training that was interrupted belongs into [`state`](Self::state).
///
/// ```
/// use nn::prelude::*;
/// use nn::train::{EpochRecord, Flow, Observer, TrainError};
///
/// /// Stops when the data are learnt.
/// #[derive(Default)]
/// struct GoodEnough {
///     epochs: usize,
/// }
///
/// impl Observer for GoodEnough {
///     fn name(&self) -> &str {
///         "good enough"
///     }
///     fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
///         self.epochs += 1;
///         Ok(if record.loss < 0.5 { Flow::Stop("good enough".into()) } else { Flow::Continue })
///     }
/// }
///
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
/// let mut observer = GoodEnough::default();
/// let mut trainer = Trainer::classifier(&model, Sgd::new(0.5)).epochs(100).observe(&mut observer);
/// let report = trainer.fit(&mut params, &Dataset::digits())?;
/// assert_eq!(report.stopped.as_deref(), Some("good enough"));
/// drop(trainer);
/// assert!(observer.epochs < 10);
/// # Ok::<(), TrainError>(())
/// ```
pub trait Observer {
    /// What it is called in checkpoints. Two of one name are told apart by their order.
    fn name(&self) -> &str;

    /// The training begins, or goes on.
    ///
    /// # Errors
    /// Something that it needs is not there.
    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        let _ = run;
        Ok(())
    }

    /// The optimiser has taken a step.
    ///
    /// # Errors
    /// Its work could not be done.
    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        let _ = record;
        Ok(Flow::Continue)
    }

    /// An epoch has ended, and was validated.
    ///
    /// # Errors
    /// Its work could not be done.
    fn epoch(&mut self, record: &EpochRecord, params: &Params<f32>) -> Result<Flow, TrainError> {
        let _ = (record, params);
        Ok(Flow::Continue)
    }

    /// Whether it wants to [save](Self::save) the training as it is. Asked after every step and every epoch, when all
    /// observers have been told; `last` where the training ends there.
    fn due(&self, last: bool) -> bool {
        let _ = last;
        false
    }

    /// Saves the training, if [`due`](Self::due) has asked for it.
    ///
    /// # Errors
    /// It could not be saved.
    fn save(&mut self, snapshot: &Snapshot<'_>) -> Result<(), TrainError> {
        let _ = snapshot;
        Ok(())
    }

    /// The training has ended, at the last epoch or where an observer has stopped it. The parameters are those that the
    /// caller will find.
    ///
    /// # Errors
    /// Its work could not be done.
    fn end(&mut self, params: &mut Params<f32>) -> Result<(), TrainError> {
        let _ = params;
        Ok(())
    }

    /// The training is over, for better or worse, and all observers have had their last word: with its report, or with the
    /// error that the caller will get and that none of the other methods is told of. The parameters are those that the
    /// caller will find.
    ///
    /// ```
    /// use nn::prelude::*;
    /// use nn::train::{Observer, Report, TrainError};
    ///
    /// #[derive(Default)]
    /// struct Obituary(String);
    ///
    /// impl Observer for Obituary {
    ///     fn name(&self) -> &str {
    ///         "obituary"
    ///     }
    ///     fn over(&mut self, outcome: Result<&Report, &TrainError>, _: &Params<f32>) -> Result<(), TrainError> {
    ///         self.0 = outcome.map_or_else(ToString::to_string, |report| format!("{} steps", report.steps));
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    /// let mut obituary = Obituary::default();
    /// let bias = params.find("layers.0.bias").unwrap();
    /// params.values_mut(bias)[0] = f32::NAN;
    /// let mut trainer = Trainer::classifier(&model, Sgd::new(0.1)).observe(&mut obituary);
    /// let error = trainer.fit(&mut params, &Dataset::digits()).unwrap_err();
    /// drop(trainer);
    /// assert_eq!(obituary.0, error.to_string());
    /// ```
    ///
    /// # Errors
    /// Its work could not be done. Where the training itself has failed, the caller gets that error and not this one.
    fn over(
        &mut self,
        outcome: Result<&Report, &TrainError>,
        params: &Params<f32>,
    ) -> Result<(), TrainError> {
        let _ = (outcome, params);
        Ok(())
    }

    /// All that it has to remember in a training that is resumed.
    fn state(&self) -> ObserverState {
        ObserverState::default()
    }

    /// Remembers it again, after [`begin`](Self::begin). The parameters are those of the checkpoint.
    ///
    /// # Errors
    /// It is not what [`state`](Self::state) gives.
    fn restore(&mut self, state: &ObserverState, params: &Params<f32>) -> Result<(), TrainError> {
        let _ = (state, params);
        Ok(())
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        (**self).begin(run)
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        (**self).step(record)
    }

    fn epoch(&mut self, record: &EpochRecord, params: &Params<f32>) -> Result<Flow, TrainError> {
        (**self).epoch(record, params)
    }

    fn due(&self, last: bool) -> bool {
        (**self).due(last)
    }

    fn save(&mut self, snapshot: &Snapshot<'_>) -> Result<(), TrainError> {
        (**self).save(snapshot)
    }

    fn end(&mut self, params: &mut Params<f32>) -> Result<(), TrainError> {
        (**self).end(params)
    }

    fn over(
        &mut self,
        outcome: Result<&Report, &TrainError>,
        params: &Params<f32>,
    ) -> Result<(), TrainError> {
        (**self).over(outcome, params)
    }

    fn state(&self) -> ObserverState {
        (**self).state()
    }

    fn restore(&mut self, state: &ObserverState, params: &Params<f32>) -> Result<(), TrainError> {
        (**self).restore(state, params)
    }
}

/// Whether a training goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// It ends here, for this reason.
    Stop(String),
}

/// What an observer is told when a training begins.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// How many epochs there are to be.
    pub epochs: usize,
    /// How many steps an epoch has.
    pub steps_per_epoch: usize,
    /// How many epochs are done: 0, but for a training that is resumed.
    pub done: usize,
    /// How many steps are done.
    pub step: u64,
    /// Whether the training goes on from a checkpoint.
    pub resumed: bool,
    /// What [`EpochRecord::get`] will know: `loss`, `validation_loss` where there are validation data, and metrics.
    pub values: &'a [String],
    /// The names of the layers of an [`EpochRecord`].
    pub layers: &'a [String],
    /// The shape in which the network is given a row.
    pub sample: &'a [usize],
    /// The settings that the numbers hang on, and what they are: `seed`, `batch`, `optimizer` …
    pub settings: &'a [(&'static str, String)],
}

/// What an [`Observer`] remembers: numbers by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObserverState {
    /// The numbers.
    pub numbers: BTreeMap<String, Vec<f64>>,
}

impl ObserverState {
    /// The same with these numbers, too.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, numbers: impl Into<Vec<f64>>) -> Self {
        self.numbers.insert(name.into(), numbers.into());
        self
    }

    /// The numbers of a name; none where it is not there.
    pub fn get(&self, name: &str) -> &[f64] {
        self.numbers.get(name).map_or(&[], Vec::as_slice)
    }
}
