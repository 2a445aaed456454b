//! A training as it is at one moment.

use crate::params::Params;

/// A training as it is at one moment, for an [`Observer`](super::Observer) that saves it.
pub struct Snapshot<'a> {
    pub(super) params: &'a Params<f32>,
    pub(super) epoch: usize,
    pub(super) step: u64,
}

impl Snapshot<'_> {
    /// The parameters.
    pub fn params(&self) -> &Params<f32> {
        self.params
    }

    /// How many epochs are done.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// How many steps are done.
    pub fn step(&self) -> u64 {
        self.step
    }
}
