//! The product of matrices of any number type.

use super::check;
use crate::element::{Element, Matrix};
use crate::kernels::sums::{WIDTH, column_sums, sum_of};

/// The loops for element types without a kernel of their own, with the sums of [`sums`](super::sums). `c` is row-major, `a.rows × b.columns`; its old content
/// counts only where `accumulate`.
///
/// # Panics
/// The matrices do not fit one another.
pub(crate) fn plain<T: Element>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    check(&a, &b, c);
    if c.is_empty() {
        return;
    }
    let (row, column) = a.strides();
    for (i, c) in c.chunks_exact_mut(b.columns).enumerate() {
        let a = |k: usize| a.data[i * row + k * column];
        for (tile, c) in c.chunks_mut(WIDTH).enumerate() {
            let j = tile * WIDTH;
            let mut totals = [T::zero(); WIDTH];
            if b.transposed {
                for (total, b) in
                    totals.iter_mut().zip(b.data[j * b.rows..].chunks_exact(b.rows.max(1))).take(c.len())
                {
                    *total = sum_of(b.len(), |first, terms| {
                        for (k, (term, &b)) in (first..).zip(terms.iter_mut().zip(&b[first..])) {
                            *term = a(k) * b;
                        }
                    });
                }
            } else {
                column_sums(b.rows, &mut totals[..c.len()], |k, totals| {
                    let x = a(k);
                    totals
                        .iter_mut()
                        .zip(&b.data[k * b.columns + j..])
                        .for_each(|(total, &b)| *total = total.plus(x * b));
                });
            }
            for (c, &total) in c.iter_mut().zip(&totals) {
                *c = if accumulate { c.plus(total) } else { total };
            }
        }
    }
}
