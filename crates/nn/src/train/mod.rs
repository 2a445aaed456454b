//! Training: [`Trainer`], and the observers that look on.

mod crew;
mod early_stopping;
mod engine;
mod error;
mod fit;
mod observer;
mod record;
mod snapshot;
mod tally;
mod trainer;
mod watch;
mod work;

pub use early_stopping::EarlyStopping;
pub use error::{TrainError, TrainErrorKind};
pub use observer::{Flow, Observer, ObserverState, Run};
pub use record::{EpochRecord, Evaluation, LayerRecord, Report, StepRecord};
pub use snapshot::Snapshot;
pub use trainer::Trainer;
pub use watch::Watch;
