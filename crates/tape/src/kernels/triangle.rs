//! The parts of matrices above and below a diagonal.

use std::ops::Range;

use crate::element::Element;
use crate::kernels::reduce::put;

/// Which numbers of a matrix are kept: those up to a diagonal, or those from it on. Diagonal `k` is `k` columns to the
/// right of the main one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triangle {
    pub(crate) upper: bool,
    pub(crate) k: isize,
}

impl Triangle {
    /// The columns that are kept of a row.
    fn columns(self, row: usize, columns: usize) -> Range<usize> {
        let diagonal = self.k.saturating_add_unsigned(row);
        let up_to = |end: isize| usize::try_from(end).unwrap_or(0).min(columns);
        if self.upper { up_to(diagonal)..columns } else { 0..up_to(diagonal.saturating_add(1)) }
    }

    /// Writes to `out` the numbers that are kept of some matrices, and zeros elsewhere; or adds what is kept.
    pub(crate) fn keep<T: Element>(
        self,
        data: &[T],
        (rows, columns): (usize, usize),
        out: &mut [T],
        accumulate: bool,
    ) {
        assert_eq!(data.len(), out.len(), "two buffers of different lengths");
        if !accumulate {
            self.clear(out, (rows, columns));
        }
        self.each(data.len(), (rows, columns), |kept| put(&mut out[kept.clone()], &data[kept], accumulate));
    }

    /// Writes zeros where nothing is kept.
    pub(crate) fn clear<T: Element>(self, out: &mut [T], (rows, columns): (usize, usize)) {
        let mut done = 0;
        self.each(out.len(), (rows, columns), |kept| {
            out[done..kept.start].fill(T::zero());
            done = kept.end;
        });
        out[done..].fill(T::zero());
    }

    /// Visits what is kept of each row that some is kept of.
    fn each(self, len: usize, (rows, columns): (usize, usize), mut visit: impl FnMut(Range<usize>)) {
        if len == 0 {
            return;
        }
        assert!(len.is_multiple_of(rows * columns), "{len} numbers are no matrices of {rows} × {columns}");
        for row in 0..len / columns {
            let kept = self.columns(row % rows, columns);
            if !kept.is_empty() {
                visit(row * columns + kept.start..row * columns + kept.end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_diagonal_of_every_shape() {
        for (rows, columns) in [(1, 1), (3, 3), (2, 4), (4, 2), (0, 3), (3, 0)] {
            for k in [isize::MIN, -5, -1, 0, 1, 2, 5, isize::MAX] {
                for upper in [false, true] {
                    let data: Vec<f64> = (1..=2 * rows * columns).map(|x| x as f64).collect();
                    let (mut out, mut sum) = (vec![f64::NAN; data.len()], data.clone());
                    Triangle { upper, k }.keep(&data, (rows, columns), &mut out, false);
                    Triangle { upper, k }.keep(&data, (rows, columns), &mut sum, true);
                    for (at, &x) in data.iter().enumerate() {
                        let (row, column) = (at / columns % rows, at % columns);
                        let right = column as i128 - row as i128;
                        let kept = if upper { right >= k as i128 } else { right <= k as i128 };
                        let want = if kept { (x, 2.0 * x) } else { (0.0, x) };
                        assert_eq!(
                            (out[at], sum[at]),
                            want,
                            "{rows} × {columns}, {k}, {upper}: [{row}, {column}]"
                        );
                    }
                }
            }
        }
    }
}
