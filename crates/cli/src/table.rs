//! Texts in aligned columns.

use std::io::{self, Write};

use self::Side::{Left, Right};

/// Rows in aligned columns, under their titles.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    sides: Vec<Side>,
}

/// The side on which the texts of a column are aligned.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Left,
    Right,
}

impl Table {
    /// A title for each column.
    pub(crate) fn new<S: Into<String>>(columns: impl IntoIterator<Item = (S, Side)>) -> Self {
        let (titles, sides) = columns.into_iter().map(|(title, side)| (title.into(), side)).unzip();
        Self { rows: vec![titles], sides }
    }

    /// Adds a row, with a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The rows under their titles, and an empty line; nothing where there is no row.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        if self.rows.len() == 1 {
            return Ok(());
        }
        let width = |k: usize| self.rows.iter().map(|row| row[k].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.sides).map(|((cell, &width), side)| match side {
                Left => format!("{cell:<width$}"),
                Right => format!("{cell:>width$}"),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        writeln!(out)
    }
}
