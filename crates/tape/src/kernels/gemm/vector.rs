//! Vectors of an instruction set, as the tiles use them.

use num_traits::Float;

/// A register full of numbers.
///
/// Every function is inlined into one that is compiled for the instruction set, which is why they are neither safe
/// nor functions of their own in the end.
///
/// # Safety
/// The machine has the instructions of the vector. Pointers are valid for as many numbers as a function reads or
/// writes, aligned as a number is.
#[allow(clippy::missing_safety_doc, reason = "the same for all: it stands above")]
pub(crate) trait Vector: Copy {
    /// What there is in it.
    type Number: Float + Send + Sync;
    /// How many there are: a power of two, at most 16.
    const LANES: usize;
    /// Rows of a tile of two vectors for which there are registers: at most 8.
    const ROWS: usize;

    unsafe fn zero() -> Self;
    /// The same number everywhere.
    unsafe fn splat(x: Self::Number) -> Self;
    unsafe fn load(from: *const Self::Number) -> Self;
    /// The first `lanes` numbers are read, the others are 0.
    unsafe fn load_some(from: *const Self::Number, lanes: usize) -> Self;
    unsafe fn store(self, to: *mut Self::Number);
    /// The first `lanes` numbers are written.
    unsafe fn store_some(self, to: *mut Self::Number, lanes: usize);
    /// Asks for the number to be brought near. The pointer may point anywhere.
    unsafe fn prefetch(from: *const Self::Number);
    unsafe fn add(self, other: Self) -> Self;
    /// `self · b + c`.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// The numbers of both in turn: the first halves, and the second halves.
    unsafe fn interleave(self, other: Self) -> (Self, Self);
    /// Of the numbers of both, one after another, every other one from the first.
    unsafe fn evens(self, other: Self) -> Self;
    /// Where the number is greater than that of the other, or NaN and that is not: `(self, mine)`, else `(other, theirs)`.
    unsafe fn greater(self, other: Self, mine: Self, theirs: Self) -> (Self, Self);
    /// The number of `self` where `a` and `b` are equal, else 0.
    unsafe fn where_equal(self, a: Self, b: Self) -> Self;
}

/// Most lanes of any vector.
pub(crate) const MOST_LANES: usize = 16;

/// The first `LANES` vectors as a square matrix, transposed.
///
/// Interleaving vector `i` with vector `i + LANES/2` puts what was at a distance of half the square side by side; after
/// as many rounds as `LANES` has bits, every number has changed its row for its column.
///
/// # Safety
/// As [`Vector`] says.
#[inline(always)]
pub(crate) unsafe fn transpose<V: Vector>(mut square: [V; MOST_LANES]) -> [V; MOST_LANES] {
    let half = V::LANES / 2;
    let mut round = 1;
    while round < V::LANES {
        let from = square;
        for i in 0..half {
            // SAFETY: as promised by the caller.
            (square[2 * i], square[2 * i + 1]) = unsafe { from[i].interleave(from[i + half]) };
        }
        round *= 2;
    }
    square
}
