//! What is remembered of a training while it goes on, and brought back when it is resumed.

use nn::train::{EpochRecord, LayerRecord, ObserverState, Run, TrainError, TrainErrorKind};
use serde::Serialize;

use super::steps::Steps;
use super::weights::Weights;

/// What is remembered of a training.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// What an epoch says beside its layers: `loss`, `validation_loss`, metrics.
    pub(super) values: Vec<String>,
    pub(super) layers: Vec<String>,
    /// How many epochs there are to be.
    pub(super) planned: usize,
    pub(super) steps_per_epoch: usize,
    /// The shape in which the network is given a row.
    pub(super) sample: Vec<usize>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) epochs: Vec<EpochRecord>,
    pub(super) steps: Steps,
    pub(super) weights: Weights,
}

impl Record {
    pub(super) fn begin(run: &Run<'_>) -> Self {
        Self {
            values: run.values.to_vec(),
            layers: run.layers.to_vec(),
            planned: run.epochs,
            steps_per_epoch: run.steps_per_epoch,
            sample: run.sample.to_vec(),
            settings: run.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ..Self::default()
        }
    }

    /// The names of the metrics.
    pub(super) fn metrics(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str).filter(|name| !matches!(*name, "loss" | "validation_loss"))
    }

    /// A number of each epoch, by its name; NaN where it is not there.
    pub(super) fn curve(&self, name: &str) -> Vec<(f64, f64)> {
        let value = |epoch: &EpochRecord| epoch.get(name).unwrap_or(f64::NAN);
        self.epochs.iter().map(|epoch| (epoch.epoch as f64, value(epoch))).collect()
    }

    /// How long all epochs took together.
    pub(super) fn seconds(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.seconds).sum()
    }

    /// The epochs that are shown where there are too many: at most about so many, evenly spaced, and the last.
    pub(super) fn shown(&self) -> Vec<&EpochRecord> {
        /// Numbers that a page may hold of all epochs together: a tenth of a megabyte.
        const NUMBERS: usize = 16_000;
        let columns = 4 + self.values.len() + 2 * self.layers.len();
        let most = (NUMBERS / columns).clamp(40, 400);
        let every = self.epochs.len().div_ceil(most).max(1);
        let last = self.epochs.len().saturating_sub(1);
        let chosen = self.epochs.iter().enumerate().filter(|(k, _)| k % every == 0 || *k == last);
        chosen.map(|(_, epoch)| epoch).collect()
    }

    pub(super) fn state(&self) -> ObserverState {
        let numbers = self.epochs.iter().flat_map(|epoch| {
            let first = [epoch.epoch as f64, epoch.step as f64, epoch.learning_rate, epoch.seconds];
            let values = self.values.iter().map(|name| epoch.get(name).unwrap_or(f64::NAN));
            let layers = epoch.layers.iter().flat_map(|layer| [layer.gradient_norm, layer.update_ratio]);
            first.into_iter().chain(values).chain(layers).collect::<Vec<_>>()
        });
        let state = ObserverState::default().with("epochs", numbers.collect::<Vec<_>>());
        self.weights.save(self.steps.save(state))
    }

    pub(super) fn restore(&mut self, state: &ObserverState) -> Result<(), TrainError> {
        let (numbers, columns) = (state.get("epochs"), 4 + self.values.len() + 2 * self.layers.len());
        let fault =
            |what: String| Err(TrainError::new(TrainErrorKind::Checkpoint, format!("report: {what}")));
        if !numbers.len().is_multiple_of(columns) {
            let found = numbers.len();
            return fault(format!(
                "{columns} numbers for each epoch are expected in the checkpoint, found {found}"
            ));
        }
        self.epochs = numbers.chunks_exact(columns).map(|row| self.epoch(row)).collect();
        let Some(steps) = Steps::restored(state) else {
            return fault("the checkpoint has nothing of the steps".to_owned());
        };
        let Some(weights) = Weights::restored(state, self.layers.len()) else {
            return fault("the checkpoint has nothing of the weights".to_owned());
        };
        (self.steps, self.weights) = (steps, weights);
        Ok(())
    }

    /// An epoch, as [`state`](Self::state) has written it.
    fn epoch(&self, row: &[f64]) -> EpochRecord {
        let (first, rest) = row.split_at(4);
        let (values, layers) = rest.split_at(self.values.len());
        let named = || self.values.iter().zip(values).map(|(name, &value)| (name.clone(), value));
        let value = |wanted: &str| named().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let layers = self.layers.iter().zip(layers.chunks_exact(2));
        EpochRecord {
            epoch: first[0] as usize,
            step: first[1] as u64,
            learning_rate: first[2],
            loss: value("loss").unwrap_or(f64::NAN),
            validation_loss: value("validation_loss"),
            metrics: named()
                .filter(|(name, _)| !matches!(name.as_str(), "loss" | "validation_loss"))
                .collect(),
            layers: layers
                .map(|(name, pair)| LayerRecord {
                    name: name.clone(),
                    gradient_norm: pair[0],
                    update_ratio: pair[1],
                })
                .collect(),
            seconds: first[3],
        }
    }
}

/// How a training ended, if it has.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "why")]
pub(super) enum Outcome {
    /// It goes on.
    Running,
    /// All epochs were gone through.
    Done,
    /// An observer has stopped it.
    Stopped(String),
    /// Something went wrong.
    Failed(String),
}
