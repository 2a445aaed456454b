//! Networks.

pub mod data;
pub mod generator;
pub mod init;
pub mod metrics;

pub use data::{Batches, DataError, Dataset, Standardiser};
pub use generator::Generator;
pub use init::Init;

/// The plain name of a function is its `try_` twin and this: a panic with the same text at the caller's line.
#[track_caller]
pub(crate) fn or_panic<V, E: std::fmt::Display>(result: Result<V, E>) -> V {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
