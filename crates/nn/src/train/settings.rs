//! The settings of a training, and what they cannot be.

use super::error::{TrainError, TrainErrorKind};
use crate::data::{Dataset, Targets};

/// What the methods of a [`Trainer`](super::Trainer) set.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) epochs: usize,
    pub(super) batch: usize,
    pub(super) seed: u64,
    pub(super) shuffle: bool,
    pub(super) drop_last: bool,
    pub(super) accumulate: usize,
    pub(super) shards: usize,
    pub(super) threads: usize,
    pub(super) ahead: usize,
    pub(super) clip_norm: Option<f64>,
    pub(super) clip_value: Option<f64>,
    pub(super) training_metrics: bool,
    pub(super) input_shape: Option<Vec<usize>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 10,
            batch: 32,
            seed: 42,
            shuffle: true,
            drop_last: false,
            accumulate: 1,
            shards: 1,
            threads: 1,
            ahead: 2,
            clip_norm: None,
            clip_value: None,
            training_metrics: false,
            input_shape: None,
        }
    }
}

impl Settings {
    /// How many threads there are to be.
    pub(super) fn threads(&self) -> usize {
        if self.threads == 0 { tape::threads() } else { self.threads }
    }

    /// What cannot be.
    pub(super) fn check(&self) -> Result<(), TrainError> {
        /// The number of a part has 16 bits in the number of its stream.
        const MOST: usize = 1 << 16;
        let positive = |value: Option<f64>| value.is_none_or(|value| value > 0.0);
        let fault = |text: String| Err(TrainError::setting(text));
        match self {
            Self { batch: 0, .. } => fault("a batch of 0 rows never ends".to_owned()),
            Self { accumulate: 0, .. } => fault("a step of 0 batches learns nothing".to_owned()),
            Self { shards: 0, .. } => fault("a batch of 0 shards has no rows".to_owned()),
            Self { shards, .. } if *shards > MOST => {
                fault(format!("at most {MOST} shards are expected, found {shards}"))
            }
            Self { clip_norm, .. } if !positive(*clip_norm) => fault(format!(
                "a norm above 0 is expected to clip at, found {}",
                clip_norm.unwrap_or_default()
            )),
            Self { clip_value, .. } if !positive(*clip_value) => fault(format!(
                "a value above 0 is expected to clip at, found {}",
                clip_value.unwrap_or_default()
            )),
            _ => Ok(()),
        }
    }
}

/// There must be rows, and their width must be that of the network's input.
pub(super) fn check_data<Y: Targets>(
    settings: &Settings,
    what: &str,
    data: &Dataset<Y>,
) -> Result<(), TrainError> {
    let fault = |text| Err(TrainError::new(TrainErrorKind::Data, format!("trainer: {what}: {text}")));
    if data.is_empty() {
        return fault("there are no rows".to_owned());
    }
    match &settings.input_shape {
        Some(shape) if tape::shape::elements(shape).ok() != Some(data.width()) => {
            fault(format!("rows of {} numbers do not have the input shape {shape:?}", data.width()))
        }
        _ => Ok(()),
    }
}
