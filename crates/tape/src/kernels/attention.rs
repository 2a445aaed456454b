//! From scores to weights and back: softmax of rows that are scaled and masked.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::rows::{BLOCK, exponentials, maximum};
use crate::kernels::sums::{Counter, block};

/// What a mask says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaskKind {
    /// A key counts where the mask is not 0.
    Allowed,
    /// The mask is added to the scores.
    Added,
}

/// The part of a mask that lies over a matrix of scores.
#[derive(Clone, Copy)]
pub(crate) struct MaskPart<'a, T> {
    pub(crate) kind: MaskKind,
    /// From the first number of the part on.
    pub(crate) data: &'a [T],
    /// Distance of rows and of columns; 0 where the mask is the same along them.
    pub(crate) strides: (usize, usize),
}

/// Turns the scores of a matrix into weights, in place: `softmax(scale · scores + mask)` along rows of `n` numbers.
/// Of a row that is all masked the weights are 0.
pub(crate) struct Weights<'a, T> {
    pub(crate) scores: &'a mut [T],
    pub(crate) n: usize,
    pub(crate) scale: f64,
    /// Row `i` looks at no column behind `i`.
    pub(crate) causal: bool,
    pub(crate) mask: Option<MaskPart<'a, T>>,
}

impl<T: Element> Loop<T> for Weights<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (n, scale) = (self.n, N::of(self.scale));
        if n == 0 {
            return;
        }
        // Short rows by the dozen, so that there is something to make vectors of.
        let group = (BLOCK / n).max(1);
        let mut first = 0;
        for scores in N::numbers_mut(self.scores).chunks_mut(group * n) {
            for (k, row) in scores.chunks_exact_mut(n).enumerate() {
                for x in &mut *row {
                    *x = *x * scale;
                }
                let i = first + k;
                if let Some(mask) = self.mask {
                    let (along_rows, along_columns) = mask.strides;
                    let of_row = &N::numbers(mask.data)[i * along_rows..];
                    for (j, x) in row.iter_mut().enumerate() {
                        let m = of_row[j * along_columns];
                        *x = match mask.kind {
                            MaskKind::Added => *x + m,
                            MaskKind::Allowed if m.is_zero() => N::neg_infinity(),
                            MaskKind::Allowed => *x,
                        };
                    }
                }
                if self.causal && i + 1 < n {
                    row[i + 1..].fill(N::neg_infinity());
                }
                let max = maximum(row);
                let shift = if max.is_finite() { max } else { N::zero() };
                for x in row {
                    *x = *x - shift;
                }
            }
            exponentials(scores);
            for row in scores.chunks_exact_mut(n) {
                let total = total(row);
                let factor = if total.is_zero() { N::zero() } else { total.recip() };
                for x in row {
                    *x = *x * factor;
                }
            }
            first += group;
        }
    }
}

/// Turns upstream gradients of weights into those of scores, in place: `p · (g − Σ g·p) · factor` along rows of `n`
/// numbers.
pub(crate) struct Back<'a, T> {
    /// The weights.
    pub(crate) p: &'a [T],
    pub(crate) n: usize,
    pub(crate) g: &'a mut [T],
    pub(crate) factor: T,
}

impl<T: Element> Loop<T> for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        if self.n == 0 {
            return;
        }
        let factor = N::numbers(std::slice::from_ref(&self.factor))[0];
        let rows = N::numbers(self.p).chunks_exact(self.n);
        for (p, g) in rows.zip(N::numbers_mut(self.g).chunks_exact_mut(self.n)) {
            for (g, &p) in g.iter_mut().zip(p) {
                *g = *g * p;
            }
            let total = total(g);
            for (g, &p) in g.iter_mut().zip(p) {
                *g = (*g - p * total) * factor;
            }
        }
    }
}

/// The sum of a row, in blocks.
#[inline(always)]
fn total<T: Element>(row: &[T]) -> T {
    if row.len() <= BLOCK {
        return block(row);
    }
    let mut counter = Counter::<T, 48>::new();
    for row in row.chunks(BLOCK) {
        counter.add(block(row));
    }
    counter.total()
}
