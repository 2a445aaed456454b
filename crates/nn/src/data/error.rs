//! What was wrong with the data, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The kind of a [`DataError`], for code that wants to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataErrorKind {
    /// The file could not be read.
    Io,
    /// There are no rows, or no columns to learn from.
    Empty,
    /// Rows, labels or names do not fit one another in number.
    Shape,
    /// A cell holds something else than is wanted there.
    Value,
    /// The column of the labels is not there, or not only once.
    LabelColumn,
    /// An argument or option lies outside of what is possible.
    Argument,
}

/// Data that cannot be used. Its text is one line: file, line, column, what was expected and what was found.
///
/// ```
/// use nn::data::{CsvOptions, DataErrorKind, Dataset};
/// let text = "width,class\n1.5,a\nwide,b\n";
/// let error = Dataset::read_csv(text.as_bytes(), &CsvOptions::new()).unwrap_err();
/// assert_eq!(error.to_string(), "line 3, column `width`: a number is expected, found `wide`");
/// assert_eq!((error.kind(), error.line()), (DataErrorKind::Value, Some(3)));
/// ```
pub struct DataError(Box<Inner>);

struct Inner {
    kind: DataErrorKind,
    detail: String,
    path: Option<PathBuf>,
    line: Option<u64>,
    column: Option<String>,
    source: Option<io::Error>,
}

impl DataError {
    pub(crate) fn new(kind: DataErrorKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Inner { kind, detail, path: None, line: None, column: None, source: None }))
    }

    pub(crate) fn io(source: io::Error) -> Self {
        let mut error = Self::new(DataErrorKind::Io, source.to_string());
        error.0.source = Some(source);
        error
    }

    pub(crate) fn in_file(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    pub(crate) fn on_line(mut self, line: u64) -> Self {
        self.0.line = Some(line);
        self
    }

    pub(crate) fn in_column(mut self, name: impl Into<String>) -> Self {
        self.0.column = Some(name.into());
        self
    }

    /// What kind of fault it is.
    ///
    /// ```
    /// use nn::data::{DataErrorKind, Dataset};
    /// assert_eq!(Dataset::from_csv("no/such/file.csv").unwrap_err().kind(), DataErrorKind::Io);
    /// ```
    pub fn kind(&self) -> DataErrorKind {
        self.0.kind
    }

    /// The file, where the data came from one.
    ///
    /// ```
    /// use std::path::Path;
    /// let error = nn::Dataset::from_csv("no/such/file.csv").unwrap_err();
    /// assert_eq!(error.path(), Some(Path::new("no/such/file.csv")));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// The line of the file on which the row begins, from 1.
    ///
    /// ```
    /// use nn::data::{CsvOptions, Dataset};
    /// let error = Dataset::read_csv("x,y,class\n1,2,a\n\n1,b\n".as_bytes(), &CsvOptions::new()).unwrap_err();
    /// assert_eq!(error.line(), Some(4));
    /// ```
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The name of the column; `column 1`, counted from 1, where there is no header.
    ///
    /// ```
    /// use nn::data::{CsvOptions, Dataset};
    /// let options = CsvOptions::new().header(false);
    /// let error = Dataset::read_csv("1,2,a\n1,,b\n".as_bytes(), &options).unwrap_err();
    /// assert_eq!(error.column(), Some("column 2"));
    /// ```
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { detail, path, line, column, .. } = &*self.0;
        let mut separator = "";
        if let Some(path) = path {
            write!(f, "{}", path.display())?;
            separator = ", ";
        }
        if let Some(line) = line {
            write!(f, "{separator}line {line}")?;
            separator = ", ";
        }
        if let Some(column) = column {
            write!(f, "{separator}column `{}`", Excerpt(column))?;
            separator = ", ";
        }
        write!(f, "{}{detail}", if separator.is_empty() { "" } else { ": " })
    }
}

impl fmt::Debug for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for DataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

/// A text of unknown origin on one line of a message: cut short, line breaks and control characters escaped.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 40;
        for (k, c) in self.0.chars().enumerate() {
            match c {
                _ if k == LONGEST => return write!(f, "…"),
                _ if c.is_control() => write!(f, "{}", c.escape_default())?,
                _ => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn one_line_with_all_that_is_known() {
        let error = DataError::new(DataErrorKind::Value, "a number is expected, found nothing");
        assert_eq!(error.to_string(), "a number is expected, found nothing");
        let error = error.in_file(Path::new("a.csv")).on_line(2).in_column("x\ny");
        assert_eq!(error.to_string(), "a.csv, line 2, column `x\\ny`: a number is expected, found nothing");
        assert_eq!(format!("{error:?}"), format!("Value({error})"));
        assert!(error.source().is_none());
    }

    #[test]
    fn excerpts_are_short() {
        assert_eq!(Excerpt(&"ä".repeat(50)).to_string(), "ä".repeat(40) + "…");
        assert_eq!(Excerpt(&"ä".repeat(40)).to_string(), "ä".repeat(40));
    }

    #[test]
    fn a_fault_of_the_system_is_the_source() {
        let error = DataError::io(io::Error::new(io::ErrorKind::PermissionDenied, "not yours"));
        assert_eq!(error.to_string(), "not yours");
        assert!(error.source().is_some());
    }
}
