//! Running sums along an axis.
//!
//! Terms are added one after another in blocks, and the sum of all blocks before is that of [`sums`](super::sums): the error grows
//! with the logarithm of the length.

use crate::element::Element;
use crate::kernels::columns::Extents;
use crate::kernels::sums::{Counter, PLACES, Summand};

/// Terms of a block.
const BLOCK: usize = 32;
/// Columns that are worked on at a time.
const WIDTH: usize = 16;
/// Rows that are worked on at a time.
const ROWS: usize = 8;

/// Sums of columns side by side.
#[derive(Clone, Copy)]
struct Side<T, const W: usize>([T; W]);

impl<T: Element, const W: usize> Summand for Side<T, W> {
    fn nothing() -> Self {
        Self([T::zero(); W])
    }

    fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|column| self.0[column].plus(other.0[column])))
    }
}

/// Writes (or adds) to `out` the sums of all numbers of `x` up to each along the middle axis; if `back`, of those from it on:
/// the adjoint.
pub(crate) fn running_sums<T: Element>(
    x: &[T],
    extents: Extents,
    back: bool,
    out: &mut [T],
    accumulate: bool,
) {
    let (outer, n, inner) = extents;
    assert_eq!([x.len(), out.len()], [outer * n * inner; 2], "running sums: wrong lengths");
    if inner == 1 {
        // Several rows at once, so that the additions of one do not wait for those of another.
        let mut row = 0;
        while row < outer {
            let (start, at) = (row * n, (n, 1, n));
            if outer - row >= ROWS {
                along::<T, ROWS, true>(x, start, at, ROWS, back, out, accumulate);
                row += ROWS;
            } else {
                along::<T, 1, true>(x, start, at, 1, back, out, accumulate);
                row += 1;
            }
        }
        return;
    }
    for start in (0..outer).map(|o| o * n * inner) {
        for column in (0..inner).step_by(WIDTH) {
            let width = WIDTH.min(inner - column);
            along::<T, WIDTH, false>(x, start + column, (n, inner, 1), width, back, out, accumulate);
        }
    }
}

/// A few sums, of `n` numbers at a distance of `step`; their first numbers stand `apart`, if `APART`, or side by side.
fn along<T: Element, const W: usize, const APART: bool>(
    x: &[T],
    start: usize,
    (n, step, apart): (usize, usize, usize),
    width: usize,
    back: bool,
    out: &mut [T],
    accumulate: bool,
) {
    let mut blocks = (n > BLOCK).then(Counter::<Side<T, W>, PLACES>::new);
    for first in (0..n).step_by(BLOCK) {
        let before = blocks.as_ref().map_or(Side::nothing(), Counter::total);
        let mut here = Side::<T, W>::nothing();
        let next = |here: &mut T, before: T, x: T, out: &mut T| {
            *here = here.plus(x);
            let sum = before.plus(*here);
            *out = if accumulate { out.plus(sum) } else { sum };
        };
        for k in first..n.min(first + BLOCK) {
            let at = start + step * if back { n - 1 - k } else { k };
            if APART {
                for (c, (here, &before)) in here.0.iter_mut().zip(&before.0).enumerate() {
                    let at = at + c * apart;
                    next(here, before, x[at], &mut out[at]);
                }
            } else {
                let numbers = x[at..at + width].iter().zip(&mut out[at..at + width]);
                for ((here, &before), (&x, out)) in here.0.iter_mut().zip(&before.0).zip(numbers) {
                    next(here, before, x, out);
                }
            }
        }
        if let Some(blocks) = &mut blocks {
            blocks.add(here);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn along_any_axis_both_ways() {
        for (outer, n, inner) in
            [(1, 5, 1), (2, 3, 4), (3, 1, 2), (1, 130, 33), (2, 700, 1), (19, 70, 1), (0, 3, 2), (2, 0, 3)]
        {
            let x: Vec<f64> = (0..outer * n * inner).map(|k| ((k * 7919) % 257) as f64 - 128.0).collect();
            for back in [false, true] {
                let mut want = vec![0.0; x.len()];
                for (o, i) in (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i))) {
                    let mut sum = 0.0;
                    for k in 0..n {
                        let at = (o * n + if back { n - 1 - k } else { k }) * inner + i;
                        sum += x[at];
                        want[at] = sum;
                    }
                }
                let mut out = vec![f64::NAN; x.len()];
                running_sums(&x, (outer, n, inner), back, &mut out, false);
                assert_eq!(out, want, "{outer} × {n} × {inner}");
                running_sums(&x, (outer, n, inner), back, &mut out, true);
                assert!(out.iter().zip(&want).all(|(out, want)| *out == 2.0 * want));
            }
        }
    }

    #[test]
    fn a_million_tenths_in_f32() {
        let x = vec![0.1f32; 1 << 20];
        let mut out = vec![0.0; x.len()];
        running_sums(&x, (1, x.len(), 1), false, &mut out, false);
        // Each addition of a block may round, and each of the sum of blocks.
        let bound = f64::from(f32::EPSILON) / 2.0 * (BLOCK as f64 + 20.0);
        for (k, &sum) in out.iter().enumerate() {
            let exact = f64::from(0.1f32) * (k + 1) as f64;
            assert!((f64::from(sum) - exact).abs() <= exact * bound, "{k}: {sum}, {exact}");
        }
    }
}
