//! Training: [`Trainer`], and the observers that look on.

mod checkpoints;
mod crew;
mod cross_validation;
mod early_stopping;
mod engine;
mod error;
mod finder;
mod fit;
mod history;
mod observer;
mod progress;
mod record;
mod snapshot;
mod tally;
mod trainer;
mod watch;
mod work;

pub use checkpoints::Checkpoints;
pub use cross_validation::{CrossValidation, Fold, cross_validate};
pub use early_stopping::EarlyStopping;
pub use error::{TrainError, TrainErrorKind};
pub use finder::{RateCurve, RatePoint, Sweep};
pub use history::History;
pub use observer::{Flow, Observer, ObserverState, Run};
pub use progress::Progress;
pub use record::{EpochRecord, Evaluation, LayerRecord, Report, StepRecord};
pub use snapshot::Snapshot;
pub use trainer::{Per, Trainer};
pub use watch::Watch;
