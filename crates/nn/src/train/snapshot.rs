//! A training as it is at one moment, and the way back to it.

use std::path::Path;

use super::error::{TrainError, TrainErrorKind};
use super::observer::ObserverState;
use super::tally::Tally;
use super::trainer::Scheduled;
use crate::checkpoint::{self, Checkpoint};
use crate::optim::{Optimizer, OptimizerState};
use crate::params::Params;

/// What the numbers of observers are called in a checkpoint, before `name.ordinal.`.
const OBSERVER: &str = "observer.";
/// Sums over the steps of the epoch that is under way.
const TALLY: &str = "epoch.";
/// What the numbers of the schedule are called.
const SCHEDULE: &str = "schedule";
/// The settings that the numbers hang on.
const SETTING: &str = "trainer.";

/// Where a training stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Position {
    /// Epochs that are done.
    pub(super) epoch: usize,
    /// Batches of the next epoch that are done, and what was summed over them.
    pub(super) batch: usize,
    pub(super) tally: Tally,
    /// Steps that are done.
    pub(super) step: u64,
}

/// A training as it is at one moment, for an [`Observer`](super::Observer) that saves it.
pub struct Snapshot<'a> {
    pub(super) params: &'a Params<f32>,
    pub(super) position: &'a Position,
    pub(super) last: bool,
    /// The rest.
    pub(super) checkpoint: Checkpoint,
}

impl Snapshot<'_> {
    /// The parameters.
    pub fn params(&self) -> &Params<f32> {
        self.params
    }

    /// How many epochs are done.
    pub fn epoch(&self) -> usize {
        self.position.epoch
    }

    /// How many steps are done.
    pub fn step(&self) -> u64 {
        self.position.step
    }

    /// Whether the training ends here.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// All that [`Trainer::resume`](super::Trainer::resume) wants; texts of your own can be added before it is written.
    pub fn checkpoint(&self) -> Checkpoint {
        let Position { epoch, batch, step, .. } = *self.position;
        let position = checkpoint::Position { epoch: epoch as u64, batch: batch as u64, step };
        self.checkpoint.clone().with_params(self.params).with_position(position)
    }
}

/// Settings that the numbers hang on, and what they are.
pub(super) type Agreed = Vec<(&'static str, String)>;

/// A checkpoint with all but the parameters and the position.
pub(super) fn checkpoint(
    agreed: &Agreed,
    optimizer: &OptimizerState<f32>,
    schedule: &[f64],
    tally: &Tally,
    observers: &[(String, ObserverState)],
) -> Checkpoint {
    let mut checkpoint = Checkpoint::new().with_optimizer(optimizer).with_numbers(SCHEDULE, schedule);
    for (name, value) in agreed {
        checkpoint = checkpoint.with_text(&format!("{SETTING}{name}"), value);
    }
    for (name, numbers) in &tally.state().numbers {
        checkpoint = checkpoint.with_numbers(&format!("{TALLY}{name}"), numbers);
    }
    for (k, (name, state)) in observers.iter().enumerate() {
        let prefix = prefix(name, ordinal(observers.iter().map(|(name, _)| name.as_str()), k));
        for (key, numbers) in &state.numbers {
            checkpoint = checkpoint.with_numbers(&format!("{prefix}{key}"), numbers);
        }
    }
    checkpoint
}

fn prefix(name: &str, ordinal: usize) -> String {
    format!("{OBSERVER}{name}.{ordinal}.")
}

/// The how-manieth of its name the observer `k` is.
pub(super) fn ordinal<'n>(names: impl Iterator<Item = &'n str> + Clone, k: usize) -> usize {
    let name = names.clone().nth(k);
    names.take(k).filter(|&other| Some(other) == name).count()
}

/// A checkpoint that was read, and where.
pub(super) struct Saved<'a> {
    pub(super) checkpoint: Checkpoint,
    pub(super) path: &'a Path,
}

impl<'a> Saved<'a> {
    pub(super) fn read(path: &'a Path) -> Result<Self, TrainError> {
        let fault = |error| TrainError::caused(TrainErrorKind::Checkpoint, error);
        Ok(Self { checkpoint: Checkpoint::read(path).map_err(fault)?, path })
    }

    pub(super) fn fault(&self, text: impl Into<String>) -> TrainError {
        TrainError::new(TrainErrorKind::Checkpoint, text).in_file(self.path)
    }

    /// The settings that the numbers hang on must be those of the checkpoint.
    pub(super) fn agree(&self, agreed: &Agreed) -> Result<(), TrainError> {
        let mut faults = Vec::new();
        for (name, here) in agreed {
            match self.checkpoint.text(&format!("{SETTING}{name}")) {
                Some(there) if there == here => {}
                Some(there) => faults.push(format!("\n  {name}: {there} in the checkpoint, {here} here")),
                None => faults.push(format!("\n  {name}: nothing in the checkpoint, {here} here")),
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        let text = "the training cannot go on as if it had not stopped, and nothing was changed:";
        Err(self.fault(format!("{text}{}", faults.concat())))
    }

    /// Gives parameters and optimiser what they had, and says where the training stood. Where one does not fit, neither
    /// is changed.
    pub(super) fn restore(
        &self,
        params: &mut Params<f32>,
        optim: &mut dyn Optimizer<f32>,
        schedule: &mut Option<Scheduled<'_>>,
    ) -> Result<Position, TrainError> {
        let fault = |error| TrainError::caused(TrainErrorKind::Checkpoint, error);
        let position = self.position()?;
        let mut restored = params.clone();
        self.checkpoint.restore_params(&mut restored).map_err(fault)?;
        let state = self.checkpoint.optimizer_state().map_err(fault)?;
        if let Some(Scheduled { schedule, .. }) = schedule {
            let state = self.checkpoint.numbers(SCHEDULE).unwrap_or_default();
            schedule.restore(&state).map_err(|error| self.fault(error.to_string()))?;
        }
        optim.restore(&restored, &state).map_err(|error| self.fault(error.to_string()))?;
        *params = restored;
        Ok(position)
    }

    /// Where the training stood.
    fn position(&self) -> Result<Position, TrainError> {
        let checkpoint::Position { epoch, batch, step } = self.checkpoint.position();
        let tally = Tally::restored(&self.numbers(TALLY));
        let tally = tally.ok_or_else(|| self.fault("it was not written by a trainer"))?;
        Ok(Position { epoch: epoch as usize, batch: batch as usize, step, tally })
    }

    /// What an observer remembered, if it was there.
    pub(super) fn observer(&self, name: &str, ordinal: usize) -> Option<ObserverState> {
        Some(self.numbers(&prefix(name, ordinal))).filter(|state| !state.numbers.is_empty())
    }

    fn numbers(&self, prefix: &str) -> ObserverState {
        let names = self.checkpoint.number_names();
        let found = names.filter_map(|name| {
            let key = name.strip_prefix(prefix)?;
            Some((key.to_owned(), self.checkpoint.numbers(name)?))
        });
        ObserverState { numbers: found.collect() }
    }
}
