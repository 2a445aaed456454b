//! A data set in pieces.

use std::iter::FusedIterator;

use ndarray::{Array2, ArrayView2, Axis};

/// The rows of a [`Dataset`](crate::Dataset) in order, so many at a time; the last batch may be smaller.
///
/// Each item is a view of the rows and their labels. Nothing is copied and nothing is allocated.
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
pub struct Batches<'a> {
    features: ArrayView2<'a, f32>,
    labels: &'a [usize],
    size: usize,
}

impl<'a> Batches<'a> {
    /// All rows of `features`; `size` is not 0.
    pub(super) fn new(features: &'a Array2<f32>, labels: &'a [usize], size: usize) -> Self {
        Self { features: features.view(), labels, size }
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = (ArrayView2<'a, f32>, &'a [usize]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.labels.is_empty() {
            return None;
        }
        let size = self.size.min(self.labels.len());
        let (batch, rest) = self.features.split_at(Axis(0), size);
        self.features = rest;
        let labels = self.labels.split_off(..size)?;
        Some((batch, labels))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.labels.len().div_ceil(self.size);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Batches<'_> {}

impl FusedIterator for Batches<'_> {}
