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

/// Sums of columns side by side.
#[derive(Clone, Copy)]
struct Side<T, const W: usize>([T; W]);

impl<T: Element, const W: usize> Summand for Side<T, W> {
    fn nothing() -> Self {
        Self([T::zero(); W])
    }

    fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|column| self.0[column] + other.0[column]))
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
    for start in (0..outer).map(|o| o * n * inner) {
        if inner == 1 {
            along::<T, 1>(x, start, (n, 1), 1, back, out, accumulate);
        } else {
            for column in (0..inner).step_by(WIDTH) {
                let width = WIDTH.min(inner - column);
                along::<T, WIDTH>(x, start + column, (n, inner), width, back, out, accumulate);
            }
        }
    }
}

/// A few columns, of `n` numbers at a distance of `step`.
fn along<T: Element, const W: usize>(
    x: &[T],
    start: usize,
    (n, step): (usize, usize),
    width: usize,
    back: bool,
    out: &mut [T],
    accumulate: bool,
) {
    let mut blocks = (n > BLOCK).then(Counter::<Side<T, W>, PLACES>::new);
    for first in (0..n).step_by(BLOCK) {
        let before = blocks.as_ref().map_or(Side::nothing(), Counter::total);
        let mut here = Side::<T, W>::nothing();
        for k in first..n.min(first + BLOCK) {
            let at = start + step * if back { n - 1 - k } else { k };
            let sums = here.0.iter_mut().zip(&before.0);
            for ((here, &before), (&x, out)) in
                sums.zip(x[at..at + width].iter().zip(&mut out[at..at + width]))
            {
                *here = *here + x;
                let sum = before + *here;
                *out = if accumulate { *out + sum } else { sum };
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
            [(1, 5, 1), (2, 3, 4), (3, 1, 2), (1, 130, 33), (2, 700, 1), (0, 3, 2), (2, 0, 3)]
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
