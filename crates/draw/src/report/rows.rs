//! The rows that a report looks at.

use nn::Dataset;
use nn::data::{Classes, Values};

/// Rows for a [`Report`](super::Report) to look at: with classes, or with numbers that are to be predicted. A reference to
/// either kind of data set becomes one by itself.
///
/// ```
/// use draw::ReportData;
/// let iris = nn::Dataset::iris();
/// assert!(matches!(ReportData::from(&iris), ReportData::Classes(_)));
/// ```
#[derive(Clone, Copy, Debug)]
pub enum ReportData<'a> {
    /// Rows that belong to classes.
    Classes(&'a Dataset<Classes>),
    /// Rows with numbers.
    Values(&'a Dataset<Values>),
}

impl ReportData<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Classes(data) => data.len(),
            Self::Values(data) => data.len(),
        }
    }

    pub(super) fn width(self) -> usize {
        match self {
            Self::Classes(data) => data.width(),
            Self::Values(data) => data.width(),
        }
    }
}

impl<'a> From<&'a Dataset<Classes>> for ReportData<'a> {
    fn from(data: &'a Dataset<Classes>) -> Self {
        Self::Classes(data)
    }
}

impl<'a> From<&'a Dataset<Values>> for ReportData<'a> {
    fn from(data: &'a Dataset<Values>) -> Self {
        Self::Values(data)
    }
}
