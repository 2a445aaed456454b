//! How a CSV text is laid out.

use crate::data::error::{DataError, DataErrorKind, Excerpt};

/// Which column a [`CsvOptions::label`] means.
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

/// How a CSV text is laid out.
///
/// Unless told otherwise: commas, a header in the first row, and the label in the last column.
///
/// ```
/// use nn::Dataset;
/// use nn::data::CsvOptions;
/// let text = "kind;width;height\nround;1.5;2\nflat;3;0.5\n";
/// let data = Dataset::read_csv(text.as_bytes(), &CsvOptions::new().delimiter(';').label("kind"))?;
/// assert_eq!(data.class_names(), ["flat", "round"]);
/// assert_eq!(data.feature_names(), ["width", "height"]);
/// assert_eq!(data.labels(), [1, 0]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// `None` until it is said.
    pub(super) header: Option<bool>,
    pub(super) label: Column,
    pub(super) delimiter: char,
    pub(super) classes: Option<Vec<String>>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { header: None, label: Column::Last, delimiter: ',', classes: None }
    }
}

impl CsvOptions {
    /// Commas, a header, the label in the last column.
    ///
    /// ```
    /// use nn::data::CsvOptions;
    /// assert_eq!(CsvOptions::new(), CsvOptions::default());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the first row holds the names of the columns.
    ///
    /// Until this is said a header is expected, and a first row whose features are all numbers is an error: taken
    /// for a header, it would be lost.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let text = "1.5,2,a\n3,0.5,b\n";
    /// assert!(Dataset::read_csv(text.as_bytes(), &CsvOptions::new()).is_err());
    /// let data = Dataset::read_csv(text.as_bytes(), &CsvOptions::new().header(false))?;
    /// assert_eq!(data.len(), 2);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn header(mut self, header: bool) -> Self {
        self.header = Some(header);
        self
    }

    /// The column of the labels: a name, or an index from 0.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let data = Dataset::read_csv("class,x\na,1\n".as_bytes(), &CsvOptions::new().label(0))?;
    /// assert_eq!(data.feature_names(), ["x"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn label(mut self, column: impl Into<Column>) -> Self {
        self.label = column.into();
        self
    }

    /// What stands between the cells of a row: an ASCII character other than a quote or a line break.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let data = Dataset::read_csv("x\tclass\n1\ta\n".as_bytes(), &CsvOptions::new().delimiter('\t'))?;
    /// assert_eq!(data.width(), 1);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// The classes and their order, where another file has set them: the labels of a test file must count the same
    /// classes as those of the training file, even if one of them does not come up.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let train = Dataset::read_csv("x,class\n1,a\n2,b\n".as_bytes(), &CsvOptions::new())?;
    /// let options = CsvOptions::new().classes(train.class_names());
    /// let test = Dataset::read_csv("x,class\n3,b\n".as_bytes(), &options)?;
    /// assert_eq!(test.labels(), [1]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn classes<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.classes = Some(names.into_iter().map(|name| name.as_ref().to_owned()).collect());
        self
    }

    pub(super) fn delimiter_byte(&self) -> Result<u8, DataError> {
        match u8::try_from(self.delimiter) {
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(byte),
            _ => {
                let text =
                    format!("the delimiter {:?} is no ASCII character, or has a use already", self.delimiter);
                Err(DataError::new(DataErrorKind::Argument, text))
            }
        }
    }

    /// The index of the label column among `names`.
    pub(super) fn label_index(&self, names: &[String], header: bool) -> Result<usize, DataError> {
        let fault = |text| Err(DataError::new(DataErrorKind::LabelColumn, text));
        let columns = names.len();
        match &self.label {
            Column::Last => Ok(columns - 1),
            &Column::Index(k) if k < columns => Ok(k),
            Column::Index(k) => {
                fault(format!("the label column {k}, counted from 0, is beyond the {columns} columns"))
            }
            Column::Name(name) if !header => {
                fault(format!("the label column `{}` is named, and there is no header", Excerpt(name)))
            }
            Column::Name(name) => {
                let mut found = names.iter().enumerate().filter(|(_, n)| *n == name).map(|(k, _)| k);
                match (found.next(), found.next()) {
                    (Some(k), None) => Ok(k),
                    (Some(_), Some(_)) => fault(format!("two columns are named `{}`", Excerpt(name))),
                    (None, _) => fault(format!(
                        "no column is named `{}`, as the label's should be; there are: {}",
                        Excerpt(name),
                        Excerpt(&names.join(", "))
                    )),
                }
            }
        }
    }
}
