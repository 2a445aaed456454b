//! Training: [`Trainer`], and the observers that look on.
//!
//! ```
//! use nn::prelude::*;
//! use nn::schedule::{Cosine, Schedule, WarmUp};
//! use nn::train::{Checkpoints, EarlyStopping, History, Per, Progress, Watch};
//!
//! let runs = std::path::Path::new("runs");
//! # let runs = &std::env::temp_dir().join(format!("train-{}", std::process::id()));
//! std::fs::create_dir_all(runs)?;
//! let (train, test) = Dataset::digits().split(0.8, 42);
//! let mut params = Params::<f32>::seeded(42);
//! let model = Mlp::new(&mut params, &[64, 64, 10], Activation::Relu);
//! let trainer = || {
//!     Trainer::classifier(&model, AdamW::new(5e-3))
//!         .batch(32)
//!         .seed(42)
//!         .schedule(Per::Epoch, WarmUp::new(2).then(Cosine::new(8)))
//!         .clip_norm(1.0)
//!         .shards(2) // these decide the numbers …
//!         .threads(2) // … and these only the time
//!         .validate(&test)
//!         .observe(Progress::stderr())
//!         .observe(History::csv(runs.join("history.csv")))
//!         .observe(EarlyStopping::new(Watch::highest("accuracy")).patience(5).restore_best(true))
//!         .observe(Checkpoints::new(runs.join("run.safetensors")).best(runs.join("best.safetensors")))
//! };
//! trainer().epochs(3).fit(&mut params, &train)?;
//!
//! // Killed or done: it goes on from its last checkpoint as if it had not stopped, to the last bit.
//! let report = trainer().epochs(5).resume(&mut params, &train, runs.join("run.safetensors"))?;
//! assert!(report.validation.unwrap().get("accuracy").unwrap() > 0.9);
//! # std::fs::remove_dir_all(runs)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! * [`Observer`]: someone who is told of every step and epoch, and may stop the training.
//! * [`Trainer::find_learning_rate`] and [`cross_validate`], before and instead of one training.
//! * [`TrainError`]: a loss that is no number names the node that made it, its operands, and the line of the code.

mod checkpoints;
mod crew;
mod cross_validation;
mod culprit;
mod early_stopping;
mod engine;
mod error;
mod finder;
mod fit;
mod history;
mod observer;
mod progress;
mod record;
mod settings;
mod snapshot;
mod start;
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
