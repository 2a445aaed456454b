//! A data set in pieces.

use std::iter::FusedIterator;
use std::ops::Range;

use ndarray::{Array2, ArrayView2, s};

use super::classes::Classes;
use super::targets::Targets;

/// The rows of a [`Dataset`](crate::Dataset) in order, so many at a time; the last batch may be smaller.
///
/// Each item is a view of the rows and their targets. Nothing is copied and nothing is allocated.
/// Made by [`Dataset::batches`](crate::Dataset::batches).
///
/// ```
/// use nn::Dataset;
/// let digits = Dataset::digits();
/// let batches = digits.batches(500);
/// assert_eq!(batches.len(), 4);
/// let sizes: Vec<usize> = batches.map(|(x, _labels)| x.nrows()).collect();
/// assert_eq!(sizes, [500, 500, 500, 297]);
/// ```
#[derive(Clone, Debug)]
pub struct Batches<'a, Y = Classes> {
    features: &'a Array2<f32>,
    targets: &'a Y,
    /// Those still to come.
    rows: Range<usize>,
    size: usize,
}

impl<'a, Y: Targets> Batches<'a, Y> {
    /// All rows of `features`; `size` is not 0.
    pub(super) fn new(features: &'a Array2<f32>, targets: &'a Y, size: usize) -> Self {
        Self { rows: 0..features.nrows(), features, targets, size }
    }
}

impl<'a, Y: Targets> Iterator for Batches<'a, Y> {
    type Item = (ArrayView2<'a, f32>, Y::View<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rows.is_empty() {
            return None;
        }
        let batch = self.rows.start..self.rows.end.min(self.rows.start.saturating_add(self.size));
        self.rows.start = batch.end;
        Some((self.features.slice(s![batch.clone(), ..]), self.targets.view(batch)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rows.len().div_ceil(self.size);
        (left, Some(left))
    }
}

impl<Y: Targets> ExactSizeIterator for Batches<'_, Y> {}

impl<Y: Targets> FusedIterator for Batches<'_, Y> {}
