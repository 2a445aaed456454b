//! Early stopping.

use super::error::{TrainError, TrainErrorKind};
use super::observer::{Flow, Observer, ObserverState, Run};
use super::record::EpochRecord;
use super::watch::Watch;
use crate::params::Params;

/// Stops a training that gets no better, and can bring back the parameters of its best epoch.
///
/// An epoch is better if the watched number is better than the best so far by more than [`min_delta`](Self::min_delta).
/// After as many epochs in a row without that as the [`patience`](Self::patience) is, the training stops.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// use nn::train::{EarlyStopping, Watch};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
/// let (train, test) = Dataset::digits().split(0.8, 42);
/// let stopping = EarlyStopping::new(Watch::lowest("validation_loss")).patience(2).restore_best(true);
/// let mut trainer = Trainer::classifier(&model, Adam::new(0.02)).epochs(50).validate(&test).observe(stopping);
/// let report = trainer.fit(&mut params, &train)?;
/// assert!(report.stopped.is_some());
/// let lowest = report.epochs.iter().filter_map(|epoch| epoch.validation_loss).fold(f64::MAX, f64::min);
/// assert_eq!(report.validation.unwrap().loss, lowest);
/// # Ok::<(), nn::train::TrainError>(())
/// ```
///
/// Source: L. Prechelt, *Early stopping – but when?* (1998); Keras, `EarlyStopping`.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    watch: Watch,
    patience: usize,
    min_delta: f64,
    restore_best: bool,
    best: Option<f64>,
    best_epoch: usize,
    /// Epochs in a row that were no better.
    waited: usize,
    kept: Option<Params<f32>>,
}

impl EarlyStopping {
    /// Watches a number, with a patience of 5 epochs, any improvement counting. The parameters of the last epoch stay.
    pub fn new(watch: Watch) -> Self {
        let (best, best_epoch, waited, kept) = (None, 0, 0, None);
        Self { watch, patience: 5, min_delta: 0.0, restore_best: false, best, best_epoch, waited, kept }
    }

    /// How many epochs in a row may be no better; 0 stands for 1.
    #[must_use]
    pub fn patience(self, epochs: usize) -> Self {
        Self { patience: epochs, ..self }
    }

    /// By how much the number has to be better to count, in its own unit.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn min_delta(self, delta: f64) -> Self {
        assert!(delta >= 0.0 && delta.is_finite(), "a min_delta is a number from 0, not {delta}");
        Self { min_delta: delta, ..self }
    }

    /// Whether the parameters of the best epoch are brought back at the end, whatever ended the training. They are kept
    /// in memory, and in checkpoints.
    #[must_use]
    pub fn restore_best(self, restore: bool) -> Self {
        Self { restore_best: restore, ..self }
    }

    /// The best epoch so far and its number.
    pub fn best(&self) -> Option<(usize, f64)> {
        self.best.map(|best| (self.best_epoch, best))
    }
}

impl Observer for EarlyStopping {
    fn name(&self) -> &str {
        "early stopping"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        self.watch.check(self.name(), run)?;
        (self.best, self.best_epoch, self.waited, self.kept) = (None, 0, 0, None);
        Ok(())
    }

    fn epoch(&mut self, record: &EpochRecord, params: &Params<f32>) -> Result<Flow, TrainError> {
        let value = self.watch.value(record);
        if self.watch.better(value, self.best, self.min_delta) {
            (self.best, self.best_epoch, self.waited) = (Some(value), record.epoch, 0);
            self.kept = self.restore_best.then(|| params.clone());
            return Ok(Flow::Continue);
        }
        self.waited += 1;
        if self.waited < self.patience {
            return Ok(Flow::Continue);
        }
        let s = if self.waited == 1 { "" } else { "s" };
        let best = match self.best() {
            Some((epoch, best)) => format!("{} is {best} of epoch {epoch}", self.watch),
            None => format!("{} was never a number", self.watch.name()),
        };
        Ok(Flow::Stop(format!("early stopping: no better for {} epoch{s}: {best}", self.waited)))
    }

    fn end(&mut self, params: &mut Params<f32>) -> Result<(), TrainError> {
        if let Some(kept) = self.kept.take() {
            *params = kept;
        }
        Ok(())
    }

    fn state(&self) -> ObserverState {
        let best = self.best.into_iter().collect::<Vec<_>>();
        let counts = vec![self.best_epoch as f64, self.waited as f64];
        let mut state = ObserverState::default().with("best", best).with("epoch and waited", counts);
        for (_, name, values) in self.kept.iter().flat_map(Params::iter) {
            let numbers: Vec<f64> = values.iter().copied().map(f64::from).collect();
            state = state.with(format!("best {name}"), numbers);
        }
        state
    }

    fn restore(&mut self, state: &ObserverState, params: &Params<f32>) -> Result<(), TrainError> {
        let fault =
            |what: &str| Err(TrainError::new(TrainErrorKind::Checkpoint, format!("early stopping: {what}")));
        let &[epoch, waited] = state.get("epoch and waited") else {
            return fault("the checkpoint has nothing of its memory");
        };
        self.best = state.get("best").first().copied();
        (self.best_epoch, self.waited) = (epoch as usize, waited as usize);
        if self.restore_best && self.best.is_some() {
            let mut kept = params.clone();
            for id in params.ids() {
                let numbers = state.get(&format!("best {}", params.name(id)));
                let values = kept.values_mut(id);
                if numbers.len() != values.len() {
                    return fault("the checkpoint does not have the parameters of the best epoch");
                }
                values.iter_mut().zip(numbers).for_each(|(value, &number)| *value = number as f32);
            }
            self.kept = Some(kept);
        }
        Ok(())
    }
}
