//! Copies of parts of the operands that lie so that tiles read them without a step aside.

use super::product::Operand;
use super::vector::{MOST_LANES, Vector, transpose};

/// Copies `depth` rows of `b`, whose columns lie without gaps, so that the rows lie one behind the other: two vectors
/// each, of which `columns` numbers count.
///
/// # Safety
/// As [`Vector`] says; `to` has room for `depth` rows.
#[inline(always)]
pub(super) unsafe fn strip<V: Vector>(
    b: Operand<V::Number>,
    depth: usize,
    columns: usize,
    to: *mut V::Number,
) {
    // SAFETY: as promised by the caller.
    unsafe {
        columns_as_rows::<V>(b, depth, columns.min(V::LANES), to);
        if columns > V::LANES {
            columns_as_rows::<V>(b.at(0, V::LANES), depth, columns - V::LANES, to.add(V::LANES));
        }
    }
}

/// The columns of `b`, each of which lies without gaps, become lanes.
///
/// # Safety
/// As [`strip`].
#[inline(always)]
unsafe fn columns_as_rows<V: Vector>(b: Operand<V::Number>, depth: usize, lanes: usize, to: *mut V::Number) {
    let width = 2 * V::LANES;
    // SAFETY: as [`strip`].
    unsafe {
        let mut square = [V::zero(); MOST_LANES];
        let mut k = 0;
        while k < depth {
            let rows = V::LANES.min(depth - k);
            for (j, column) in square.iter_mut().enumerate().take(V::LANES) {
                if j < lanes {
                    let from = b.data.add(j * b.column + k);
                    *column = if rows == V::LANES { V::load(from) } else { V::load_some(from, rows) };
                }
            }
            let turned = transpose(square);
            for (row, &vector) in turned.iter().enumerate().take(rows) {
                vector.store(to.add((k + row) * width));
            }
            k += V::LANES;
        }
    }
}

/// Copies `rows` rows of `a`, whose columns lie without gaps, `depth` numbers each: column behind column.
///
/// # Safety
/// The numbers are there; `to` has room for them.
#[inline(always)]
pub(super) unsafe fn columns<T: Copy>(a: Operand<T>, rows: usize, depth: usize, to: *mut T) {
    for k in 0..depth {
        let from = a.data.wrapping_add(k * a.column);
        // SAFETY: as promised by the caller.
        unsafe {
            if rows == 8 {
                to.add(k * 8).cast::<[T; 8]>().write_unaligned(from.cast::<[T; 8]>().read_unaligned());
            } else {
                for i in 0..rows {
                    *to.add(k * rows + i) = *from.add(i);
                }
            }
        }
    }
}
