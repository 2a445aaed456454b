//! The facade.
pub use {nn, tape};
