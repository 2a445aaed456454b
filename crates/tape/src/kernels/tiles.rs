//! Tensors seen as `(outer, n, inner)` and worked on along the middle axis, a row or a few columns at a time.

use std::ops::Range;

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::sums::{WIDTH, column_sums, sum_of};

/// Extents before, along and behind the axis.
pub(crate) type Extents = (usize, usize, usize);

/// A part of the tensor that is worked on at once: one row, where the axis is the last, or up to [`WIDTH`] columns side
/// by side. Either way it is a sequence of contiguous runs of up to `WIDTH` numbers, and a number that belongs to a
/// column (its maximum, its sum) stands at the column's place in an array; that of a row stands at all places.
pub(super) struct Tile {
    start: usize,
    end: usize,
    step: usize,
    width: usize,
    row: bool,
}

/// The tiles of a tensor; `lengths` are those of the buffers it is kept in.
pub(super) fn tiles((outer, n, inner): Extents, lengths: [usize; 2]) -> impl Iterator<Item = Tile> {
    assert_eq!(lengths, [outer * n * inner; 2], "softmax over {outer} × {n} × {inner}: wrong lengths");
    (0..outer).flat_map(move |o| {
        (0..inner).step_by(WIDTH).map(move |column| {
            let (start, end) = (o * n * inner + column, (o + 1) * n * inner);
            if inner == 1 {
                return Tile { start, end, step: WIDTH, width: WIDTH.min(n), row: true };
            }
            let width = WIDTH.min(inner - column);
            Tile { start, end, step: inner, width, row: false }
        })
    })
}

impl Tile {
    /// The runs, as ranges of flat positions.
    pub(super) fn runs(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (end, width) = (self.end, self.width);
        (self.start..end).step_by(self.step).map(move |start| start..end.min(start + width))
    }

    /// What is subtracted before `exp`: the maximum, or 0 where it is infinite, so that `−∞` stays what it is.
    pub(super) fn shifts<T: Element>(&self, x: &[T]) -> [T; WIDTH] {
        let larger = |max: T, x: T| if x > max { x } else { max };
        let mut maxima = [T::neg_infinity(); WIDTH];
        for run in self.runs() {
            maxima.iter_mut().zip(&x[run]).for_each(|(max, &x)| *max = larger(*max, x));
        }
        if self.row {
            let max = maxima[..self.width].iter().copied().fold(T::neg_infinity(), larger);
            maxima[..self.width].fill(max);
        }
        maxima[..self.width].iter_mut().filter(|max| !max.is_finite()).for_each(|max| *max = T::zero());
        maxima
    }

    /// The sums of the terms that `fill` writes for each run.
    pub(super) fn sums<T: Element>(&self, mut fill: impl FnMut(Range<usize>, &mut [T])) -> [T; WIDTH] {
        let mut totals = [T::zero(); WIDTH];
        if self.row {
            let total = sum_of(self.end - self.start, |first, terms| {
                for (start, terms) in (self.start + first..).step_by(WIDTH).zip(terms.chunks_mut(WIDTH)) {
                    fill(start..start + terms.len(), terms);
                }
            });
            totals[..self.width].fill(total);
        } else {
            let mut terms = [T::zero(); WIDTH];
            let (rows, width) = ((self.end - self.start).div_ceil(self.step), self.width);
            column_sums(rows, &mut totals[..width], |r, totals| {
                let start = self.start + r * self.step;
                fill(start..start + width, &mut terms[..width]);
                put(totals, &terms[..width], true);
            });
        }
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
        for extents in [(3, 5, 1), (2, 200, 1), (2, 3, 4), (1, 2, 130), (0, 3, 2), (2, 3, 0)] {
            let (outer, n, inner) = extents;
            let mut seen = vec![0; outer * n * inner];
            let length = seen.len();
            for tile in tiles(extents, [length; 2]) {
                tile.runs().flatten().for_each(|at| seen[at] += 1);
            }
            assert!(seen.iter().all(|&count| count == 1), "{extents:?}");
        }
    }

    #[test]
    fn sums_and_shifts_of_rows_and_columns() {
        let x = [1.0, f64::NEG_INFINITY, 5.0, f64::NEG_INFINITY, -2.0, f64::NEG_INFINITY];
        let columns = tiles((1, 3, 2), [6; 2]).next().unwrap();
        assert_eq!(columns.shifts(&x)[..2], [5.0, 0.0]);
        assert_eq!(columns.sums(|run, terms| terms.copy_from_slice(&x[run]))[..2], [4.0, f64::NEG_INFINITY]);
        let rows: Vec<f64> = tiles((3, 2, 1), [6; 2]).map(|row| row.shifts(&x)[1]).collect();
        assert_eq!(rows, [1.0, 5.0, -2.0]);
    }
}
