//! Labelled rows of numbers: where they come from, how they are cut, and how they are handed out in batches.
//!
//! ```
//! use nn::Dataset;
//! let (train, test) = Dataset::digits().split(0.8, 42);
//! assert_eq!((train.len(), test.len()), (1437, 360));
//! for (x, labels) in train.batches(32) {
//!     assert_eq!(x.nrows(), labels.len());
//! }
//! ```

mod augment;
mod batch;
mod batches;
mod classes;
mod csv;
mod dataset;
mod embedded;
mod error;
mod folds;
mod idx;
mod lines;
mod loader;
mod npy;
#[cfg(feature = "npz")]
mod npz;
mod numbers;
mod scaler;
mod source;
mod targets;
mod values;

pub use augment::{Augment, RandomFlip, RandomShift};
pub use batch::Batch;
pub use batches::Batches;
pub use classes::Classes;
pub use csv::{Column, Csv, CsvColumn, CsvOptions, CsvSchema, CsvTargets, Missing, MissingValues};
pub use dataset::{Dataset, order};
pub use error::{DataError, DataErrorKind};
pub use folds::Folds;
pub use idx::{read_idx, read_idx_from};
pub use loader::{Epoch, Loader};
pub use npy::{read_npy, read_npy_from, write_npy, write_npy_to};
#[cfg(feature = "npz")]
pub use npz::{Npz, NpzWriter, read_npz};
pub use numbers::{Number, Numbers};
pub use scaler::{MeanAndDeviation, MinMax, Range, Scaler, Standardiser, Statistic, Table, TableMut};
pub use targets::{Targets, Unlabelled};
pub use values::Values;
