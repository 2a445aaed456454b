//! The inner loop: a tile of `c`, kept in registers while columns of `a` and rows of `b` stream past.

use super::vector::Vector;

/// How many rows ahead of its copy a row of `b` is asked for.
const AHEAD: usize = 16;
/// The depth from which on the place of the product is asked for before the sums are begun.
const DEEP: usize = 96;

/// A tile of `c` and what it is computed from. Distances are counted in numbers.
pub(super) struct Tile<T> {
    /// How many products are added for each number.
    pub(super) depth: usize,
    /// The first number of `a`, the distance of its rows, and of its columns.
    pub(super) a: *const T,
    pub(super) a_row: usize,
    pub(super) a_column: usize,
    /// The first number of `b`, and the distance of its rows.
    pub(super) b: *const T,
    pub(super) b_row: usize,
    /// Where to copy the rows of `b`, one behind the other, for the tiles to come.
    pub(super) copy: *mut T,
    /// The first number of `c`, and the distance of its rows.
    pub(super) c: *mut T,
    pub(super) c_row: usize,
    /// What is added to the product, where anything is, and the distance of its rows.
    pub(super) addend: Option<*const T>,
    pub(super) addend_row: usize,
}

impl<T> Clone for Tile<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Tile<T> {}

/// A tile of `ROWS` rows and `VECTORS` vectors, of the last of which only `lanes` numbers count.
///
/// Whatever the tile, a number of `c` is computed by the same operations in the same order: `depth` fused
/// multiply-adds from 0 on, then the addend. So it does not matter how a matrix is cut into tiles.
///
/// # Safety
/// As [`Vector`] says, for the pointers of the tile at all the distances that its extents reach. `1 ≤ lanes ≤ LANES`.
#[inline(always)]
pub(super) unsafe fn tile<
    V: Vector,
    const ROWS: usize,
    const VECTORS: usize,
    const WHOLE: bool,
    const COPY: bool,
>(
    t: Tile<V::Number>,
    lanes: usize,
) {
    // SAFETY: the pointers stay within what the caller promises: they are advanced `depth` times, and followed before
    // every advance.
    unsafe {
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        let (mut a, mut b, mut copy) = (t.a, t.b, t.copy);
        if t.depth >= DEEP {
            // By the time that the product is written, its place is near.
            for r in 0..ROWS {
                for v in 0..VECTORS {
                    V::prefetch(t.c.add(r * t.c_row + v * V::LANES));
                }
            }
        }
        for _ in 0..t.depth {
            let mut row = [V::zero(); VECTORS];
            for (v, vector) in row.iter_mut().enumerate() {
                let whole = WHOLE || v + 1 < VECTORS;
                let from = b.add(v * V::LANES);
                *vector = if whole { V::load(from) } else { V::load_some(from, lanes) };
                if COPY {
                    vector.store(copy.add(v * V::LANES));
                    V::prefetch(from.wrapping_add(AHEAD * t.b_row));
                }
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*a.add(r * t.a_row));
                for (sum, &vector) in sums.iter_mut().zip(&row) {
                    *sum = x.mul_add(vector, *sum);
                }
            }
            a = a.wrapping_add(t.a_column);
            b = b.wrapping_add(t.b_row);
            if COPY {
                copy = copy.add(VECTORS * V::LANES);
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let whole = WHOLE || v + 1 < VECTORS;
                let to = t.c.add(r * t.c_row + v * V::LANES);
                let from = t.addend.map(|addend| addend.add(r * t.addend_row + v * V::LANES));
                match (from, whole) {
                    (None, true) => sum.store(to),
                    (Some(from), true) => V::load(from).add(sum).store(to),
                    (None, false) => sum.store_some(to, lanes),
                    (Some(from), false) => V::load_some(from, lanes).add(sum).store_some(to, lanes),
                }
            }
        }
    }
}

/// As [`tile`], of as many rows as are asked for: at least 1 and at most [`Vector::ROWS`].
///
/// # Safety
/// As [`tile`].
#[inline(always)]
pub(super) unsafe fn tile_of<V: Vector, const VECTORS: usize, const WHOLE: bool, const COPY: bool>(
    rows: usize,
    t: Tile<V::Number>,
    lanes: usize,
) {
    // SAFETY: as promised by the caller.
    unsafe {
        match rows {
            1 => tile::<V, 1, VECTORS, WHOLE, COPY>(t, lanes),
            2 => tile::<V, 2, VECTORS, WHOLE, COPY>(t, lanes),
            3 => tile::<V, 3, VECTORS, WHOLE, COPY>(t, lanes),
            4 => tile::<V, 4, VECTORS, WHOLE, COPY>(t, lanes),
            5 if V::ROWS >= 5 => tile::<V, 5, VECTORS, WHOLE, COPY>(t, lanes),
            6 if V::ROWS >= 6 => tile::<V, 6, VECTORS, WHOLE, COPY>(t, lanes),
            7 if V::ROWS >= 7 => tile::<V, 7, VECTORS, WHOLE, COPY>(t, lanes),
            8 if V::ROWS >= 8 => tile::<V, 8, VECTORS, WHOLE, COPY>(t, lanes),
            _ => unreachable!(),
        }
    }
}
