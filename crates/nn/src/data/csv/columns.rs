//! Which columns of a CSV text are meant.

use crate::data::error::{DataError, DataErrorKind, Excerpt};

/// Which column is meant, say by [`CsvOptions::label`](super::CsvOptions::label).
///
/// ```
/// use nn::data::Column;
/// assert_eq!(Column::from("class"), Column::Name("class".to_string()));
/// assert_eq!(Column::from(0), Column::Index(0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The last one.
    #[default]
    Last,
    /// Counted from 0.
    Index(usize),
    /// By its name in the header.
    Name(String),
}

impl From<usize> for Column {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl Column {
    pub(super) fn is_named(&self) -> bool {
        matches!(self, Self::Name(_))
    }

    /// Where it is among `names`; `role` is what it should be.
    pub(super) fn find(&self, names: &[String], header: bool, role: &str) -> Result<usize, DataError> {
        let fault = |text| Err(DataError::new(DataErrorKind::Column, text));
        let columns = names.len();
        match self {
            Self::Last => Ok(columns - 1),
            &Self::Index(k) if k < columns => Ok(k),
            Self::Index(k) => {
                fault(format!("the {role} column {k}, counted from 0, is beyond the {columns} columns"))
            }
            Self::Name(name) if !header => {
                fault(format!("the {role} column `{}` is named, and there is no header", Excerpt(name)))
            }
            Self::Name(name) => find(name, names, role),
        }
    }
}

/// Where the one column of this name is.
pub(super) fn find(name: &str, names: &[String], role: &str) -> Result<usize, DataError> {
    let mut found = names.iter().enumerate().filter(|(_, n)| *n == name).map(|(k, _)| k);
    let text = match (found.next(), found.next()) {
        (Some(k), None) => return Ok(k),
        (Some(_), Some(_)) => format!("two columns are named `{}`", Excerpt(name)),
        (None, _) => format!(
            "no column is named `{}`, as the {role}'s should be; there are: {}",
            Excerpt(name),
            Excerpt(&names.join(", "))
        ),
    };
    Err(DataError::new(DataErrorKind::Column, text))
}
