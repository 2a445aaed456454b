//! Rows of numbers and what they teach: where they come from, how they are cut and scaled, and how they are handed out
//! in batches.
//!
//! | from | classes | regression |
//! |---|---|---|
//! | arrays | [`Dataset::new`] | [`Dataset::regression`] |
//! | CSV, packed or not | [`Dataset::from_csv`], [`Dataset::from_csv_with`] | [`Dataset::regression_csv`] |
//! | IDX, packed or not | [`Dataset::from_idx`] | |
//! | npz | [`Dataset::from_npz`] | [`Dataset::regression_npz`] |
//! | the crate itself | [`Dataset::digits`], [`Dataset::iris`] | |
//!
//! ```
//! use nn::data::{Dataset, Loader, RandomShift, Standardiser};
//! let (mut train, mut test) = Dataset::digits().split(0.8, 42);
//! let scale = Standardiser::fit(&train)?;
//! scale.apply(&mut train);
//! scale.apply(&mut test);
//!
//! let loader = Loader::new(&train, 32).shuffle(42).augment(RandomShift::new(1));
//! for epoch in 0..2 {
//!     for batch in loader.epoch(epoch) {
//!         assert_eq!(batch.features().nrows(), batch.labels().len());
//!     }
//! }
//! for (x, labels) in test.batches(100) {
//!     assert_eq!(x.nrows(), labels.len());
//! }
//! # Ok::<(), nn::data::DataError>(())
//! ```
//!
//! A file that is damaged, or is not what it should be, is a [`DataError`] that names the file and the place in it, and
//! says what was expected and what was found. No more memory is asked for than a file has bytes, whatever its header
//! says.

mod augment;
mod batch;
mod batches;
mod classes;
mod csv;
mod dataset;
mod embedded;
mod epoch;
mod error;
mod folds;
mod idx;
mod lines;
mod loader;
mod npy;
#[cfg(feature = "npz")]
mod npz;
mod numbers;
mod rows;
mod scaler;
mod source;
mod table;
mod targets;
mod values;

pub use augment::{Augment, RandomFlip, RandomShift};
pub use batch::Batch;
pub use batches::Batches;
pub use classes::Classes;
pub use csv::{Column, Csv, CsvColumn, CsvOptions, CsvSchema, CsvTargets, Missing, MissingValues};
pub use dataset::{Dataset, order};
pub use epoch::Epoch;
pub use error::{DataError, DataErrorKind};
pub use folds::Folds;
pub use idx::{read_idx, read_idx_from};
pub use loader::Loader;
pub use npy::{read_npy, read_npy_from, write_npy, write_npy_to};
#[cfg(feature = "npz")]
pub use npz::{Npz, NpzWriter, read_npz};
pub use numbers::{Number, Numbers};
pub use scaler::{MeanAndDeviation, MinMax, MinimumAndMaximum, Scaler, Standardiser, Statistic};
pub use table::{Table, TableMut};
pub use targets::{Targets, Unlabelled};
pub use values::Values;
