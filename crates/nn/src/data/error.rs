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
    /// The bytes are not those of the format, or are too few or too many.
    Format,
    /// More is there than may be read at most.
    Limit,
    /// A column that was asked for, as that of the labels, is not there, or not only once.
    Column,
    /// An argument or option lies outside of what is possible.
    Argument,
}

/// Data that cannot be used. Its text is one line: file, line and column or array and byte, what was
/// expected and what was found.
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
    array: Option<String>,
    offset: Option<u64>,
    source: Option<io::Error>,
}

impl DataError {
    pub(crate) fn new(kind: DataErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: detail.into(),
            path: None,
            line: None,
            column: None,
            array: None,
            offset: None,
            source: None,
        }))
    }

    /// A fault of the system, or one of ours that came through a reader.
    pub(crate) fn io(source: io::Error) -> Self {
        let source = match source.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(source) => source,
        };
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

    #[cfg(any(test, feature = "npz"))]
    pub(crate) fn in_array(mut self, name: impl Into<String>) -> Self {
        self.0.array = Some(name.into());
        self
    }

    pub(crate) fn at_byte(mut self, offset: u64) -> Self {
        self.0.offset = Some(offset);
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

    /// The name of the array, in a file of several.
    ///
    /// ```
    /// # #[cfg(feature = "npz")] {
    /// # let path = std::env::temp_dir().join(format!("chainrule-error-{}.npz", std::process::id()));
    /// # let path = path.as_path();
    /// nn::data::NpzWriter::create(path)?.finish()?;
    /// let error = nn::data::read_npz(path, "x").unwrap_err();
    /// # std::fs::remove_file(path).unwrap();
    /// assert_eq!(error.array(), Some("x"));
    /// # }
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn array(&self) -> Option<&str> {
        self.0.array.as_deref()
    }

    /// How many bytes of the file, or of the array in it, come before the fault; counted after unpacking.
    ///
    /// ```
    /// let error = nn::data::read_idx_from(&[0, 0, 7, 1][..], 1000).unwrap_err();
    /// assert_eq!(error.offset(), Some(2));
    /// ```
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { detail, path, line, column, array, offset, .. } = &*self.0;
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
        if let Some(array) = array {
            write!(f, "{separator}array `{}`", Excerpt(array))?;
            separator = ", ";
        }
        if let Some(offset) = offset {
            write!(f, "{separator}byte {offset}")?;
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
        let error = DataError::new(DataErrorKind::Format, "found more").in_file(Path::new("a.npz"));
        assert_eq!(error.in_array("x").at_byte(80).to_string(), "a.npz, array `x`, byte 80: found more");
    }

    #[test]
    fn a_fault_of_ours_comes_through_a_reader() {
        let ours = DataError::new(DataErrorKind::Limit, "too much");
        assert_eq!(DataError::io(io::Error::other(ours)).kind(), DataErrorKind::Limit);
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
