//! Tensors seen as `(outer, n, inner)` and worked on along the middle axis, a few columns at a time.

use std::ops::Range;

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::sums::{WIDTH, column_sums};

/// Extents before, along and behind the axis.
pub(crate) type Extents = (usize, usize, usize);

/// Up to [`WIDTH`] columns side by side, which are worked on at once: a sequence of contiguous runs. A number that
/// belongs to a column (its maximum, its sum) stands at the column's place in an array.
pub(super) struct Tile {
    start: usize,
    end: usize,
    step: usize,
    width: usize,
}

/// The tiles of a tensor.
pub(super) fn tiles((outer, n, inner): Extents) -> impl Iterator<Item = Tile> {
    (0..outer).flat_map(move |o| {
        (0..inner).step_by(WIDTH).map(move |column| Tile {
            start: o * n * inner + column,
            end: (o + 1) * n * inner,
            step: inner,
            width: WIDTH.min(inner - column),
        })
    })
}

impl Tile {
    /// The runs, as ranges of flat positions.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let width = self.width;
        (self.start..self.end).step_by(self.step).map(move |start| start..start + width)
    }

    /// The number of columns.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// What is subtracted before `exp`: the maximum, or 0 where it is infinite, so that `−∞` stays what it is.
    pub(super) fn shifts<T: Element>(&self, x: &[T]) -> [T; WIDTH] {
        let mut maxima = [T::neg_infinity(); WIDTH];
        for run in self.runs() {
            maxima.iter_mut().zip(&x[run]).for_each(|(max, &x)| *max = if x > *max { x } else { *max });
        }
        maxima.map(|max| if max.is_finite() { max } else { T::zero() })
    }

    /// The sums of the terms that `fill` writes for each run.
    pub(super) fn sums<T: Element>(&self, mut fill: impl FnMut(Range<usize>, &mut [T])) -> [T; WIDTH] {
        let (mut totals, mut terms) = ([T::zero(); WIDTH], [T::zero(); WIDTH]);
        let (rows, width) = ((self.end - self.start).div_ceil(self.step), self.width);
        column_sums(rows, &mut totals[..width], |r, totals| {
            let start = self.start + r * self.step;
            fill(start..start + width, &mut terms[..width]);
            put(totals, &terms[..width], true);
        });
        totals
    }

    /// Writes or adds the terms that `fill` writes for each run.
    pub(super) fn write<T: Element>(
        &self,
        out: &mut [T],
        accumulate: bool,
        fill: impl Fn(Range<usize>, &mut [T]),
    ) {
        let mut terms = [T::zero(); WIDTH];
        for run in self.runs() {
            if accumulate {
                let terms = &mut terms[..run.len()];
                fill(run.clone(), terms);
                put(&mut out[run], terms, true);
            } else {
                fill(run.clone(), &mut out[run]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_tensor_once() {
        for extents in [(3, 5, 1), (2, 3, 4), (1, 2, 130), (0, 3, 2), (2, 3, 0)] {
            let (outer, n, inner) = extents;
            let mut seen = vec![0; outer * n * inner];
            for tile in tiles(extents) {
                tile.runs().flatten().for_each(|at| seen[at] += 1);
            }
            assert!(seen.iter().all(|&count| count == 1), "{extents:?}");
        }
    }

    #[test]
    fn sums_and_shifts_of_columns() {
        let x = [1.0, f64::NEG_INFINITY, 5.0, f64::NEG_INFINITY, -2.0, f64::NEG_INFINITY];
        let columns = tiles((1, 3, 2)).next().unwrap();
        assert_eq!(columns.shifts(&x)[..2], [5.0, 0.0]);
        assert_eq!(columns.sums(|run, terms| terms.copy_from_slice(&x[run]))[..2], [4.0, f64::NEG_INFINITY]);
    }
}
