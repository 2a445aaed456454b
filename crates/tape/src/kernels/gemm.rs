//! Matrix products, `c = a · b` or `c += a · b`, of matrices that are stored by rows or by columns.
//!
//! [`plain`] serves every number type; [`fast`] is for `f32` and `f64`, and chooses the instructions: see
//! [`panels`](super::panels) for how it works. It is written for the engine because the crates at hand allocate at
//! every call, and a step of training may not.

use num_traits::Float;

use crate::element::Matrix;
use crate::kernels::panels::panels;
use crate::kernels::sums::{WIDTH, column_sums, sum_of};

/// Whether to multiply and add in one where nothing is known of the machine: on ARM that is always there, elsewhere it
/// might be a call of a library.
const FUSED: bool = cfg!(target_arch = "aarch64");

/// The loops for element types without a kernel of their own, with the sums of [`sums`](super::sums). `c` is row-major, `a.rows × b.columns`; its old content
/// counts only where `accumulate`.
///
/// # Panics
/// The matrices do not fit one another.
pub(crate) fn plain<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
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
                        .for_each(|(total, &b)| *total = *total + x * b);
                });
            }
            for (c, &total) in c.iter_mut().zip(&totals) {
                *c = if accumulate { *c + total } else { total };
            }
        }
    }
}

/// As [`plain`], for `f32` and `f64`, by the widest vectors that the machine has.
///
/// # Panics
/// The matrices do not fit one another.
pub(crate) fn fast<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    check(&a, &b, c);
    // A matrix times a column is that column, lying down, times the matrix.
    let (a, b) = if b.columns == 1 { (b.t(), a.t()) } else { (a, b) };
    #[cfg(target_arch = "x86_64")]
    {
        let single = size_of::<T>() == size_of::<f32>();
        if is_x86_feature_detected!("avx512f") {
            // The wide panel is faster where there are columns to fill it, and costs more to set up.
            let vector = if single { 16 } else { 8 };
            let vectors = if b.columns <= vector {
                1
            } else if b.columns < 8 * vector {
                2
            } else {
                4
            };
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe {
                match vector * vectors {
                    8 => avx512::<T, 8>(a, b, c, accumulate),
                    16 => avx512::<T, 16>(a, b, c, accumulate),
                    32 => avx512::<T, 32>(a, b, c, accumulate),
                    _ => avx512::<T, 64>(a, b, c, accumulate),
                }
            };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe {
                if single { avx2::<T, 16>(a, b, c, accumulate) } else { avx2::<T, 8>(a, b, c, accumulate) }
            };
        }
    }
    panels::<T, 8, FUSED>(a, b, c, accumulate);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512<T: Float, const WIDTH: usize>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    panels::<T, WIDTH, true>(a, b, c, accumulate);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<T: Float, const WIDTH: usize>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    panels::<T, WIDTH, true>(a, b, c, accumulate);
}

fn check<T>(a: &Matrix<'_, T>, b: &Matrix<'_, T>, c: &[T]) {
    assert_eq!(a.columns, b.rows, "a matrix product of inner dimensions {} and {}", a.columns, b.rows);
    assert_eq!(a.data.len(), a.rows * a.columns, "the first matrix has a wrong length");
    assert_eq!(b.data.len(), b.rows * b.columns, "the second matrix has a wrong length");
    assert_eq!(c.len(), a.rows * b.columns, "the product has a wrong length");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Small integers: every order of additions is exact.
    fn numbers<T: Float>(n: usize, seed: usize) -> Vec<T> {
        (0..n).map(|k| T::from((k * 31 + seed * 17) % 13).unwrap() - T::from(6).unwrap()).collect()
    }

    fn every_form<T: Float + std::fmt::Debug>(m: usize, k: usize, n: usize) {
        for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
            let (a, b) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2));
            let matrix = |data, rows, columns, transposed| {
                if transposed {
                    Matrix::new(data, columns, rows).t()
                } else {
                    Matrix::new(data, rows, columns)
                }
            };
            let (a, b) = (matrix(&a[..], m, k, left), matrix(&b[..], k, n, right));
            let at = |x: &Matrix<'_, T>, i: usize, j: usize| x.data[i * x.strides().0 + j * x.strides().1];
            let want: Vec<T> = (0..m * n)
                .map(|at_c| (0..k).fold(T::zero(), |sum, p| sum + at(&a, at_c / n, p) * at(&b, p, at_c % n)))
                .collect();
            for product in [plain::<T>, fast::<T>, panels::<T, 8, false>, panels::<T, 4, true>] {
                let mut c = vec![T::nan(); m * n];
                product(a, b, &mut c, false);
                assert_eq!(c, want, "{m} × {k} × {n}, {left} {right}");
                product(a, b, &mut c, true);
                assert!(c.iter().zip(&want).all(|(c, want)| *c == *want + *want), "{m} × {k} × {n}, added");
            }
        }
    }

    #[test]
    fn sizes_around_tiles_and_panels() {
        for m in [0, 1, 3, 4, 5, 8, 11] {
            for k in [0, 1, 2, 64, 127, 128, 129, 300] {
                for n in [0, 1, 7, 8, 16, 31, 32, 33, 65] {
                    every_form::<f32>(m, k, n);
                    every_form::<f64>(m, k, n);
                }
            }
        }
    }

    #[test]
    fn the_instruction_sets_agree() {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            let (a, b) = (numbers::<f32>(7 * 130, 1), numbers::<f32>(130 * 19, 2));
            let (a, b) = (Matrix::new(&a, 7, 130), Matrix::new(&b, 130, 19));
            let (mut c, mut want) = ([0.0; 7 * 19], [0.0; 7 * 19]);
            plain(a, b, &mut want, false);
            // SAFETY: the machine has the instructions.
            unsafe { avx2::<f32, 16>(a, b, &mut c, false) };
            assert_eq!(c, want);
        }
    }

    #[test]
    #[should_panic(expected = "a matrix product of inner dimensions 3 and 2")]
    fn inner_dimensions_must_agree() {
        fast(Matrix::new(&[0.0; 3], 1, 3), Matrix::new(&[0.0; 2], 2, 1), &mut [0.0], false);
    }

    proptest! {
        #[test]
        fn any_sizes(m in 0usize..40, k in 0usize..150, n in 0usize..70) {
            every_form::<f32>(m, k, n);
        }
    }
}
