//! The product of matrices by panels and tiles, for `f32` and `f64`.
//!
//! It is the usual scheme (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008) without
//! the packing of `a`, which is not worth it for the sizes of networks: a panel of `b`, as wide as a few vectors, is
//! copied so that it lies contiguous in the first-level cache; tiles of `c` as wide as the panel stay in registers while
//! the panel streams past them. There are no intrinsics: the loops of [`tile`] have constant bounds, and are compiled
//! once for each instruction set, which is why every function here is to be inlined into a caller that names one.

use num_traits::Float;

use crate::element::Matrix;
use crate::kernels::sums::{LANES, fold};

/// Rows of a tile of `c`. With two vectors a row that makes eight chains of additions, enough to keep two multipliers
/// of latency four busy.
const ROWS: usize = 4;
/// Depth of a panel of `b`: the widest, of 256 bytes a row, fills a first-level cache of 32 KiB.
const DEPTH: usize = 128;

/// The product where `a` has too few rows, or columns, to make a panel of `b` worth its copy. Sums are blocked by
/// [`DEPTH`] here as well.
#[inline(always)]
fn few_rows<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    if !accumulate {
        c.fill(T::zero());
    }
    let (row, column) = a.strides();
    let mut part = [T::zero(); DEPTH];
    for k in (0..a.columns).step_by(DEPTH) {
        let part = &mut part[..DEPTH.min(a.columns - k)];
        for i in 0..a.rows {
            for (p, x) in part.iter_mut().enumerate() {
                *x = a.data[i * row + (k + p) * column];
            }
            let c = &mut c[i * b.columns..(i + 1) * b.columns];
            if b.transposed {
                for (c, b) in c.iter_mut().zip(b.data.chunks_exact(b.rows)) {
                    *c = *c + dot(part, &b[k..k + part.len()]);
                }
                continue;
            }
            for (tile, c) in c.chunks_mut(LANES).enumerate() {
                let mut totals = [T::zero(); LANES];
                for (&a, b) in part.iter().zip(b.data[k * b.columns..].chunks_exact(b.columns)) {
                    let b = &b[tile * LANES..];
                    match b.first_chunk::<LANES>() {
                        Some(b) => totals = std::array::from_fn(|j| totals[j] + a * b[j]),
                        None => totals.iter_mut().zip(b).for_each(|(total, &b)| *total = *total + a * b),
                    }
                }
                c.iter_mut().zip(&totals).for_each(|(c, &total)| *c = *c + total);
            }
        }
    }
}

/// The product of two rows, in several sums that do not wait for one another.
#[inline(always)]
fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [T::zero(); LANES];
    for (a, b) in a.iter().zip(b) {
        lanes = std::array::from_fn(|k| lanes[k] + a[k] * b[k]);
    }
    let rest = a_rest.iter().zip(b_rest).fold(T::zero(), |sum, (&a, &b)| sum + a * b);
    fold(lanes) + rest
}

/// The product, panel of `b` by panel of `b`.
#[inline(always)]
pub(super) fn panels<T: Float, const WIDTH: usize, const FUSED: bool>(
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: &mut [T],
    accumulate: bool,
) {
    let (m, n, depth) = (a.rows, b.columns, a.columns);
    if m < ROWS || depth == 0 {
        return few_rows(a, b, c, accumulate);
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
                    put(c, sums, accumulate || k > 0);
                }
            }
        }
    }
}

/// Writes or adds a row of a tile; the last ones of a row of `c` may be cut short.
#[inline(always)]
fn put<T: Float, const WIDTH: usize>(c: &mut [T], sums: &[T; WIDTH], accumulate: bool) {
    match (c.first_chunk_mut::<WIDTH>(), accumulate) {
        (Some(c), false) => *c = *sums,
        (Some(c), true) => {
            for j in 0..WIDTH {
                c[j] = c[j] + sums[j];
            }
        }
        (None, false) => c.iter_mut().zip(sums).for_each(|(c, &sum)| *c = sum),
        (None, true) => c.iter_mut().zip(sums).for_each(|(c, &sum)| *c = *c + sum),
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
