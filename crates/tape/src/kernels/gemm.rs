//! Matrix products, `c = a · b` or `c += a · b`, of matrices that are stored by rows or by columns.
//!
//! [`plain`] serves every number type; [`fast`] is for `f32` and `f64`. The latter is written for the engine because
//! the crates at hand allocate at every call, and a step of training may not. It is the usual scheme (Goto and van
//! de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008) without the packing of `a`, which is not worth
//! it for the sizes of networks: a panel of `b`, as wide as a few vectors, is copied so that it lies contiguous in
//! the first-level cache; tiles of `c` as wide as the panel stay in registers while the panel streams past them.
//! There are no intrinsics: the loops of [`tile`] have constant bounds, and are compiled once for each instruction
//! set.

use num_traits::Float;

use crate::element::Matrix;

/// Rows of a tile of `c`. With two vectors a row that makes eight chains of additions, enough to keep two multipliers
/// of latency four busy.
const ROWS: usize = 4;
/// Depth of a panel of `b`: in `f64`, with 32 columns at most, it fills half of a first-level cache.
const DEPTH: usize = 128;

/// The loops for element types without a kernel of their own. `c` is row-major, `a.rows × b.columns`; its old content
/// counts only where `accumulate`.
///
/// # Panics
/// The matrices do not fit one another.
#[inline(always)]
pub(crate) fn plain<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    check(&a, &b, c);
    if !accumulate {
        c.fill(T::zero());
    }
    if c.is_empty() {
        return;
    }
    let (row, column) = a.strides();
    for (i, c) in c.chunks_exact_mut(b.columns).enumerate() {
        let a = (0..a.columns).map(|k| a.data[i * row + k * column]);
        if b.transposed {
            // Both run along k: products of rows.
            for (c, b) in c.iter_mut().zip(b.data.chunks_exact(b.rows.max(1))) {
                *c = a.clone().zip(b).fold(*c, |sum, (a, &b)| sum + a * b);
            }
        } else {
            // Rows of b, weighted, are added up.
            for (a, b) in a.zip(b.data.chunks_exact(b.columns)) {
                c.iter_mut().zip(b).for_each(|(c, &b)| *c = *c + a * b);
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
    let single = size_of::<T>() == size_of::<f32>();
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe {
                if single {
                    avx512::<T, 32>(a, b, c, accumulate)
                } else {
                    avx512::<T, 16>(a, b, c, accumulate)
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
    // On ARM fused multiplication is always there; elsewhere it might be a call of a library.
    const FUSED: bool = cfg!(target_arch = "aarch64");
    if single {
        panels::<T, 8, FUSED>(a, b, c, accumulate)
    } else {
        panels::<T, 4, FUSED>(a, b, c, accumulate)
    }
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

/// The product, panel of `b` by panel of `b`.
#[inline(always)]
fn panels<T: Float, const WIDTH: usize, const FUSED: bool>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: &mut [T],
    accumulate: bool,
) {
    let (m, n, depth) = (a.rows, b.columns, a.columns);
    if m < ROWS || depth == 0 {
        return plain(a, b, c, accumulate);
    }
    let mut panel = [[T::zero(); WIDTH]; DEPTH];
    for k in (0..depth).step_by(DEPTH) {
        let panel = &mut panel[..DEPTH.min(depth - k)];
        for j in (0..n).step_by(WIDTH) {
            let width = WIDTH.min(n - j);
            pack(b, k, j, width, panel);
            for i in (0..m).step_by(ROWS) {
                // The last tile of rows reaches back where rows are missing, and does not write what it has done before.
                let first = i.min(m - ROWS);
                let sums = rows_times::<T, WIDTH, FUSED>(a, first, k, panel);
                for (row, sums) in sums.iter().enumerate().skip(i - first) {
                    let c = &mut c[(first + row) * n + j..][..width];
                    if accumulate || k > 0 {
                        c.iter_mut().zip(sums).for_each(|(c, &sum)| *c = *c + sum);
                    } else {
                        c.copy_from_slice(&sums[..width]);
                    }
                }
            }
        }
    }
}

/// Copies `b[k.., j..j + width]` to the panel, row by row. What lies behind `width` is left as it is: its sums are
/// not used.
#[inline(always)]
fn pack<T: Float, const WIDTH: usize>(
    b: Matrix<'_, T>,
    k: usize,
    j: usize,
    width: usize,
    panel: &mut [[T; WIDTH]],
) {
    if b.transposed {
        for column in 0..width {
            let from = &b.data[(j + column) * b.rows + k..][..panel.len()];
            panel.iter_mut().zip(from).for_each(|(row, &x)| row[column] = x);
        }
    } else {
        for (row, from) in panel.iter_mut().zip(b.data[k * b.columns..].chunks_exact(b.columns)) {
            match from[j..].first_chunk() {
                Some(from) => *row = *from,
                None => row[..width].copy_from_slice(&from[j..]),
            }
        }
    }
}

/// Rows `i..i + ROWS` of `a`, from column `k` on, times the panel.
#[inline(always)]
fn rows_times<T: Float, const WIDTH: usize, const FUSED: bool>(
    a: Matrix<'_, T>,
    i: usize,
    k: usize,
    panel: &[[T; WIDTH]],
) -> [[T; WIDTH]; ROWS] {
    if a.transposed {
        let columns = a.data[k * a.rows..].chunks_exact(a.rows);
        tile::<T, WIDTH, FUSED>(
            columns.map(|column| *column[i..].first_chunk().expect("i + ROWS ≤ rows")),
            panel,
        )
    } else {
        let row = |r: usize| a.data[(i + r) * a.columns + k..][..panel.len()].iter();
        let rows = row(0).zip(row(1)).zip(row(2).zip(row(3)));
        tile::<T, WIDTH, FUSED>(rows.map(|((&a, &b), (&c, &d))| [a, b, c, d]), panel)
    }
}

/// The inner loop: a tile of `c` from columns of `a` and rows of `b`.
#[inline(always)]
fn tile<T: Float, const WIDTH: usize, const FUSED: bool>(
    columns: impl Iterator<Item = [T; ROWS]>,
    panel: &[[T; WIDTH]],
) -> [[T; WIDTH]; ROWS] {
    let mut sums = [[T::zero(); WIDTH]; ROWS];
    for (a, b) in columns.zip(panel) {
        for i in 0..ROWS {
            for j in 0..WIDTH {
                sums[i][j] = if FUSED { a[i].mul_add(b[j], sums[i][j]) } else { a[i] * b[j] + sums[i][j] };
            }
        }
    }
    sums
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
