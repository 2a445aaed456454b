//! What several tests need.

pub mod browser;
