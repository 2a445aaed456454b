//! Numbers as a block of text: one, a small matrix, or what can be said of many.

use std::fmt::Write;

use super::text::{At, line, width};
use crate::digits::{count, printed};
use crate::graph::{Numbers, Statistics};

/// The sizes of letters, in units of the picture.
const ONE: f64 = 13.0;
const MANY: f64 = 11.0;
/// From line to line.
const STEP: f64 = 15.0;
/// Between the columns of a matrix, and within its brackets.
const BETWEEN: f64 = 10.0;
const BRACKET: f64 = 7.0;
/// How many rows and columns, and how many numbers, a matrix has at most.
const SIDE: usize = 6;
const ALL: usize = 24;

/// Numbers, ready to be written.
pub(crate) enum Block {
    /// A scalar.
    One(String),
    /// The numbers of a small matrix, row by row.
    Matrix(Vec<Vec<String>>),
    /// Statistics, line by line.
    Lines(Vec<String>),
}

impl Block {
    pub(crate) fn of(numbers: &Numbers) -> Self {
        if numbers.shape.is_empty() {
            return Self::One(printed(numbers.values.first().copied().unwrap_or(f64::NAN)));
        }
        let columns = numbers.shape[numbers.shape.len() - 1];
        let rows: usize = numbers.shape[..numbers.shape.len() - 1].iter().product();
        // More than one axis of rows would look like one.
        let flat = numbers.shape[..numbers.shape.len() - 1].iter().filter(|&&extent| extent > 1).count() <= 1;
        let small = rows.max(columns) <= SIDE && (1..=ALL).contains(&(rows * columns));
        if flat && small && numbers.values.len() == rows * columns {
            let row = |row: &[f64]| row.iter().map(|&value| printed(value)).collect();
            return Self::Matrix(numbers.values.chunks(columns).map(row).collect());
        }
        Self::Lines(statistics(&numbers.statistics))
    }

    pub(crate) fn size(&self) -> (f64, f64) {
        match self {
            Self::One(text) => (width(text, ONE), STEP),
            Self::Matrix(rows) => {
                let columns = columns(rows);
                let across = columns.iter().sum::<f64>() + BETWEEN * (columns.len() - 1) as f64;
                (across + 2.0 * BRACKET, STEP * rows.len() as f64)
            }
            Self::Lines(lines) => {
                let across = lines.iter().map(|line| width(line, MANY)).fold(0.0, f64::max);
                (across, STEP * lines.len() as f64)
            }
        }
    }

    /// Writes it with its upper left corner there.
    pub(crate) fn write(&self, out: &mut String, class: &str, left: f64, top: f64) {
        let base = top + STEP - 4.0;
        match self {
            Self::One(text) => line(out, class, left, base, text),
            Self::Matrix(rows) => {
                let (across, down) = self.size();
                bracket(out, class, left, top, down, 1.0);
                bracket(out, class, left + across, top, down, -1.0);
                let columns = columns(rows);
                for (at, row) in rows.iter().enumerate() {
                    let mut right = left + BRACKET - BETWEEN;
                    for (text, column) in row.iter().zip(&columns) {
                        right += BETWEEN + column;
                        line(out, &format!("{class} many end"), right, base + STEP * at as f64, text);
                    }
                }
            }
            Self::Lines(lines) => {
                for (at, text) in lines.iter().enumerate() {
                    line(out, &format!("{class} many"), left, base + STEP * at as f64, text);
                }
            }
        }
    }
}

/// What can be said of many numbers, line by line.
pub(crate) fn statistics(of: &Statistics) -> Vec<String> {
    let mut lines = Vec::new();
    if of.count == 0 {
        lines.push("no numbers".into());
    } else if of.not_finite == 0 && of.min.to_bits() == of.max.to_bits() {
        lines.push(format!("all {}", printed(of.min)));
    } else if of.not_finite < of.count {
        lines.push(format!("mean {} ± {}", printed(of.mean), printed(of.deviation)));
        lines.push(format!("{} … {}", printed(of.min), printed(of.max)));
        lines.push(format!("norm {}", printed(of.norm)));
    }
    if of.not_finite > 0 {
        lines.push(format!("{} of {} not finite", count(of.not_finite), count(of.count)));
    }
    lines
}

/// The width of each column of a matrix.
fn columns(rows: &[Vec<String>]) -> Vec<f64> {
    let mut columns = vec![0.0_f64; rows.first().map_or(0, Vec::len)];
    for row in rows {
        for (column, text) in columns.iter_mut().zip(row) {
            *column = column.max(width(text, MANY));
        }
    }
    columns
}

fn bracket(out: &mut String, class: &str, x: f64, top: f64, height: f64, inward: f64) {
    let _ = write!(
        out,
        r#"<path class="{class} bracket" d="M{} {}H{}V{}H{}"/>"#,
        At(x + 4.0 * inward),
        At(top + 0.5),
        At(x),
        At(top + height - 0.5),
        At(x + 4.0 * inward)
    );
}
