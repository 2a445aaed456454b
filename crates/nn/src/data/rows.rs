//! Rows and their targets in memory, and what is done with many rows at once.

use ndarray::{Array2, ArrayViewD, Dimension, IxDyn};

/// What is copied where a shared data set is changed.
#[derive(Debug, PartialEq)]
pub(super) struct Rows<Y> {
    /// In row-major order without gaps.
    pub(super) features: Array2<f32>,
    pub(super) targets: Y,
}

impl<Y: Clone> Clone for Rows<Y> {
    fn clone(&self) -> Self {
        Self { features: self.features.clone(), targets: self.targets.clone() }
    }

    fn clone_from(&mut self, source: &Self) {
        self.features.clone_from(&source.features);
        self.targets.clone_from(&source.targets);
    }
}

/// The same numbers in row-major order without gaps.
pub(super) fn in_order(array: Array2<f32>) -> Array2<f32> {
    if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }
}

/// Exchanges two rows of an array in row-major order.
pub(super) fn swap_rows(array: &mut Array2<f32>, i: usize, j: usize) {
    let (i, j, width) = (i.min(j), i.max(j), array.ncols());
    let rows = array.as_slice_mut().expect("rows are kept in row-major order");
    // A row is not exchanged with itself: two parts that do not overlap.
    if i != j {
        let (front, back) = rows.split_at_mut(j * width);
        front[i * width..][..width].swap_with_slice(&mut back[..width]);
    }
}

/// These rows, in the memory of another array.
pub(super) fn rows_into(from: &Array2<f32>, rows: &[usize], into: &mut Array2<f32>) {
    let width = from.ncols();
    let all = from.as_slice().expect("rows are kept in row-major order");
    let (mut memory, _) = std::mem::take(into).into_raw_vec_and_offset();
    memory.clear();
    rows.iter().for_each(|&row| memory.extend_from_slice(&all[row * width..][..width]));
    *into = Array2::from_shape_vec((rows.len(), width), memory).expect("so many were written");
}

/// Rows in the shape of their samples.
pub(super) fn shaped<'a>(rows: &'a Array2<f32>, sample: &[usize]) -> ArrayViewD<'a, f32> {
    let mut shape = IxDyn::zeros(1 + sample.len());
    shape[0] = rows.nrows();
    shape.slice_mut()[1..].copy_from_slice(sample);
    rows.view().into_shape_with_order(shape).expect("a sample has the width of a row")
}
