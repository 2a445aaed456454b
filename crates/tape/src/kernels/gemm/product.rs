//! A product as the blocks see it: pointers and distances.

use std::ops::Range;

use crate::element::Matrix;

/// A matrix: its first number, and the distance of its rows and of its columns.
pub(crate) struct Operand<T> {
    pub(super) data: *const T,
    pub(super) row: usize,
    pub(super) column: usize,
}

impl<T> Clone for Operand<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Operand<T> {}

impl<T> Operand<T> {
    pub(super) fn new(matrix: &Matrix<'_, T>) -> Self {
        let (row, column) = matrix.strides();
        Self { data: matrix.data.as_ptr(), row, column }
    }

    /// The same matrix from row `i` and column `j` on.
    #[inline(always)]
    pub(super) fn at(self, i: usize, j: usize) -> Self {
        Self { data: self.data.wrapping_add(i * self.row + j * self.column), ..self }
    }
}

/// `c = a · b`, or `c = addend + a · b`.
pub(crate) struct Product<T> {
    /// Rows of `a` and of `c`.
    pub(super) rows: usize,
    /// Columns of `b` and of `c`.
    pub(super) columns: usize,
    /// Columns of `a`, rows of `b`.
    pub(super) depth: usize,
    pub(super) a: Operand<T>,
    pub(super) b: Operand<T>,
    /// The first number of `c`, and the distance of its rows.
    pub(super) c: *mut T,
    pub(super) c_row: usize,
    /// The first number of what is added, and the distance of its rows: that of `c`, or 0 for a bias.
    pub(super) addend: Option<(*const T, usize)>,
}

// SAFETY: what `a`, `b` and the addend lead to is only read, and threads write to different parts of `c`.
unsafe impl<T: Send + Sync> Sync for Product<T> {}

impl<T> Product<T> {
    /// The rows of the product from `range`.
    pub(super) fn rows(&self, range: Range<usize>) -> Self {
        let i = range.start;
        Self {
            rows: range.len(),
            a: self.a.at(i, 0),
            c: self.c.wrapping_add(i * self.c_row),
            addend: self.addend.map(|(addend, row)| (addend.wrapping_add(i * row), row)),
            ..*self
        }
    }

    /// The columns of the product from `range`.
    pub(super) fn columns(&self, range: Range<usize>) -> Self {
        let j = range.start;
        Self {
            columns: range.len(),
            b: self.b.at(0, j),
            c: self.c.wrapping_add(j),
            addend: self.addend.map(|(addend, row)| (addend.wrapping_add(j), row)),
            ..*self
        }
    }

    /// Whether to cut the product between rows, or else between columns: what has to be copied lying otherwise is not to
    /// be copied by every thread.
    pub(super) fn split_rows(&self) -> bool {
        let (turn_a, turn_b) = (self.a.column != 1, self.b.column != 1);
        if turn_a == turn_b { self.rows > self.columns } else { turn_a }
    }

    /// The product transposed: its rows lie along those of `c` where there is one column.
    pub(super) fn lying(self) -> Self {
        let turned = |x: Operand<T>| Operand { row: x.column, column: x.row, ..x };
        let addend = self.addend.map(|(addend, _)| (addend, self.rows));
        Self {
            rows: self.columns,
            columns: self.rows,
            a: turned(self.b),
            b: turned(self.a),
            c_row: self.rows,
            addend,
            ..self
        }
    }
}

/// How a product is done. It is a matter of the whole product, not of the parts that it is cut into: the order of its
/// additions hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By tiles of blocks.
    Blocks,
    /// Few rows of `a` along the rows of `b`.
    AlongRows,
    /// Few rows of `a` along the columns of `b`: dot products.
    AlongColumns,
}

impl Kind {
    /// Rows of a product that is too thin for blocks.
    const FEW: usize = 3;
    /// Rows and depth of a product that is too small for them.
    const SMALL: usize = 6;

    pub(super) fn of<T>(p: &Product<T>) -> Self {
        let few = p.rows <= Self::FEW;
        if p.b.column == 1 && (few || p.rows <= Self::SMALL && p.depth <= Self::SMALL) {
            Self::AlongRows
        } else if p.a.column == 1 && few {
            Self::AlongColumns
        } else {
            Self::Blocks
        }
    }
}
