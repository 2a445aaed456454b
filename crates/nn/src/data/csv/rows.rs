//! The rows of a text, and what their cells hold.

use std::io::{BufReader, Read};

use csv::ByteRecord;

use crate::data::dataset::column_name;
use crate::data::error::{DataError, DataErrorKind, Excerpt};
use crate::data::lines::Lines;
use crate::data::source::Source;

/// The rows of a text, one at a time.
pub(super) struct Rows<R: Read> {
    reader: csv::Reader<Lines<BufReader<Source<R>>>>,
    pub(super) record: ByteRecord,
}

impl<R: Read> Rows<R> {
    pub(super) fn new(reader: R, delimiter: u8, limit: u64) -> Result<Self, DataError> {
        let mut builder = csv::ReaderBuilder::new();
        // Ragged rows are let through, to be refused with a better message; the header is a row like any other.
        builder.has_headers(false).flexible(true).delimiter(delimiter).trim(csv::Trim::All);
        let lines = Lines::new(BufReader::new(Source::new(reader, limit)?));
        Ok(Self { reader: builder.from_reader(lines), record: ByteRecord::new() })
    }

    /// Goes on to the next row that is not blank, or says that there is none.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            let read = self.reader.read_byte_record(&mut self.record).map_err(|e| match e.into_kind() {
                csv::ErrorKind::Io(e) => DataError::io(e),
                other => DataError::new(DataErrorKind::Io, format!("{other:?}")),
            });
            if !read? {
                return Ok(false);
            }
            if self.record.len() > 1 || !self.record[0].is_empty() {
                return Ok(true);
            }
        }
    }

    /// The names of the columns: the row at hand, or numbers.
    pub(super) fn names(&self, header: bool) -> Result<Vec<String>, DataError> {
        let name = |(k, cell)| {
            if header {
                text(cell)
                    .map_err(|text| self.fault(DataErrorKind::Value, text).in_column(column_name(k + 1)))
            } else {
                Ok(column_name(k + 1))
            }
        };
        self.record.iter().enumerate().map(name).collect()
    }

    /// A fault of the row at hand.
    pub(super) fn fault(&self, kind: DataErrorKind, text: impl Into<String>) -> DataError {
        DataError::new(kind, text).on_line(self.line())
    }

    /// The line on which the row at hand begins.
    pub(super) fn line(&self) -> u64 {
        // The reader stands behind the line end of the row; a quoted cell can hold more of them. Its own note of
        // where the row began is not used: it is where the blank lines before the row began.
        let within = self.record.as_slice().split(|&byte| byte == b'\n').skip(1).count() as u64;
        self.reader.position().line().saturating_sub(1 + within)
    }
}

pub(super) fn text(cell: &[u8]) -> Result<String, String> {
    match str::from_utf8(cell) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => {
            Err(format!("text in UTF-8 is expected, found `{}`", Excerpt(&String::from_utf8_lossy(cell))))
        }
    }
}

/// A finite `f32`, or what is wrong with the cell.
pub(super) fn number(cell: &[u8]) -> Result<f32, String> {
    let text = String::from_utf8_lossy(cell);
    let found = Excerpt(&text);
    match text.parse::<f32>() {
        Ok(x) if x.is_finite() => Ok(x),
        Ok(_) if cell.iter().any(u8::is_ascii_digit) => {
            Err(format!("a number within ±{:e} (f32) is expected, found `{found}`", f32::MAX))
        }
        Ok(_) => Err(format!("a finite number is expected, found `{found}`")),
        Err(_) if cell.is_empty() => Err("a number is expected, found nothing".to_owned()),
        Err(_) => Err(format!("a number is expected, found `{found}`")),
    }
}
