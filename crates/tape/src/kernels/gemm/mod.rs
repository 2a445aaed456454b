//! Matrix products, `c = a · b` and `c += a · b`, of matrices that are stored by rows or by columns.
//!
//! [`plain`] serves every number type; [`fast`] is for `f32` and `f64`, and chooses the instructions. It is written for
//! the engine because the crates at hand allocate at every call, and a step of training may not.

pub(crate) mod arch;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
mod pack;
mod plain;
pub(crate) mod portable;
mod product;
pub(crate) mod room;
pub(crate) mod stacks;
#[cfg(test)]
mod tests;
mod thin;
mod tile;
pub(crate) mod vector;

use crate::element::Matrix;
use crate::kernels::threads;
pub(crate) use arch::Fast;
use arch::Instructions;
pub(crate) use plain::plain;
use product::{Kind, Operand, Product};

/// Multiply-adds from which on a product is shared between threads.
const SHARED_FROM: usize = 8_000_000;
/// Rows or columns in multiples of which it is cut.
const ROWS: usize = 8;
const COLUMNS: usize = 32;

/// What the product is added to.
pub(crate) enum Start<'a, T> {
    /// Nothing: what `c` holds does not matter.
    Nothing,
    /// What `c` holds.
    Output,
    /// A row, to every row of the product.
    Row(&'a [T]),
}

/// As [`plain`], for `f32` and `f64`, by the widest vectors that the machine has.
///
/// # Panics
/// The matrices do not fit one another, or the row that is added to `c`.
pub(crate) fn fast<T: Fast>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], start: &Start<'_, T>) {
    let work = a.rows.saturating_mul(a.columns).saturating_mul(b.columns);
    product(Instructions::best(), threads_for(work), a, b, c, start);
}

/// The product by instructions that this machine has, on at most so many threads.
fn product<T: Fast>(
    instructions: Instructions,
    threads: usize,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    c: &mut [T],
    start: &Start<'_, T>,
) {
    check(&a, &b, c);
    let (rows, columns, depth) = (a.rows, b.columns, a.columns);
    if let Start::Row(row) = start {
        assert_eq!(row.len(), columns, "a bias of {} numbers for {columns} columns", row.len());
    }
    if c.is_empty() {
        return;
    }
    if depth == 0 || columns == 1 && matches!(start, Start::Row(_)) {
        match start {
            Start::Nothing => c.fill(T::zero()),
            Start::Output => {}
            Start::Row(row) => c.chunks_exact_mut(columns).for_each(|c| c.copy_from_slice(row)),
        }
        if depth > 0 {
            product(instructions, threads, a, b, c, &Start::Output);
        }
        return;
    }
    let (a, b, c) = (Operand::new(&a), Operand::new(&b), c.as_mut_ptr());
    let addend = match start {
        Start::Nothing => None,
        Start::Output => Some((c.cast_const(), columns)),
        Start::Row(row) => Some((row.as_ptr(), 0)),
    };
    let p = Product { rows, columns, depth, a, b, c, c_row: columns, addend };
    // A matrix times a column is that column, lying down, times the matrix.
    let p = if columns == 1 { p.lying() } else { p };
    let kind = Kind::of(&p);
    let run = |part: &Product<T>| {
        // SAFETY: the machine has the instructions; the matrices were checked, so that the pointers reach as far as
        // their extents; `c` is borrowed mutably, and no two parts of it overlap.
        let in_room = |room| unsafe { T::product(instructions, part, kind, room) };
        match kind {
            Kind::Blocks => room::with(blocks::ROOM, in_room),
            Kind::AlongRows | Kind::AlongColumns => in_room(std::ptr::null_mut()),
        }
    };
    if threads == 1 {
        run(&p);
    } else if p.split_rows() {
        threads::ranges(threads, p.rows, ROWS, |range| run(&p.rows(range)));
    } else {
        threads::ranges(threads, p.columns, COLUMNS, |range| run(&p.columns(range)));
    }
}

/// How many threads a product of so many multiply-adds is worth.
pub(crate) fn threads_for(work: usize) -> usize {
    if work < SHARED_FROM { 1 } else { threads::threads() }
}

fn check<T>(a: &Matrix<'_, T>, b: &Matrix<'_, T>, c: &[T]) {
    assert_eq!(a.columns, b.rows, "a matrix product of inner dimensions {} and {}", a.columns, b.rows);
    assert_eq!(a.data.len(), a.rows * a.columns, "the first matrix has a wrong length");
    assert_eq!(b.data.len(), b.rows * b.columns, "the second matrix has a wrong length");
    assert_eq!(c.len(), a.rows * b.columns, "the product has a wrong length");
}
