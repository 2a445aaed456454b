//! Weights in files, and all that a training needs to go on where it stopped.
//!
//! * [`Params::save`](crate::Params::save) and [`load`](crate::Params::load): weights and running statistics as a
//!   [safetensors] file. [`Format`] says what else it should be, as [`Format::torch`]: names and layouts of `PyTorch`.
//! * [`Checkpoint`]: these, the state of the optimiser, schedules and random generators, and how far the training came.
//! * [`write_atomically`]: every file is written so that a killed process or a full disk leaves the one before whole.
//!
//! ```
//! use nn::prelude::*;
//! let path = std::env::temp_dir().join(format!("model-{}.safetensors", std::process::id()));
//! let mut params = Params::<f32>::seeded(42);
//! Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
//! params.save(&path)?;
//!
//! let mut again = Params::<f32>::seeded(7);
//! Mlp::new(&mut again, &[64, 32, 10], Activation::Relu);
//! again.load(&path)?;
//! assert!(params.iter().zip(again.iter()).all(|(a, b)| (a.1, a.2) == (b.1, b.2)));
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [safetensors]: https://github.com/huggingface/safetensors#format

mod atomic;
mod error;
mod format;
mod json;
mod moments;
mod state;
mod stored;
mod tensors;
mod weights;

pub use atomic::write_atomically;
pub use error::{CheckpointError, CheckpointErrorKind, Mismatch};
pub use format::Format;
pub(crate) use json::quote;
pub use state::{Checkpoint, Position};
pub use stored::{Dtype, Stored};
pub use tensors::TensorInfo;
pub use weights::{Contents, contents};
