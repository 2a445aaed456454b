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

mod batches;
mod csv;
mod dataset;
mod digits;
mod error;
mod lines;
mod standardise;

pub use batches::Batches;
pub use csv::{Column, CsvOptions};
pub use dataset::Dataset;
pub use error::{DataError, DataErrorKind};
pub use standardise::Standardiser;
