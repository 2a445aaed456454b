//! How a CSV text is laid out, and what is to be made of it.

use super::columns::Column;
use super::schema::CsvSchema;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::source::LIMIT;

/// Cells that are taken for missing, unless told otherwise.
const MARKS: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "?"];

/// What is done with a row of which a cell is missing.
///
/// ```
/// use nn::{Dataset, data::{CsvOptions, Missing}};
/// let text = "x,class\n1,a\n,b\n4,b\n";
/// let read = |missing| Dataset::read_csv(text.as_bytes(), &CsvOptions::new().missing(missing));
/// assert_eq!(read(Missing::Refuse).unwrap_err().line(), Some(3));
/// assert_eq!(read(Missing::DropRow)?.len(), 2);
/// assert_eq!(read(Missing::FillMean)?.features().column(0).to_vec(), [1.0, 2.5, 4.0]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is an error, with its line and column.
    #[default]
    Refuse,
    /// The row is left out.
    DropRow,
    /// A feature gets the mean of its column over the rows of this file that have it, or that of the file whose
    /// [schema](CsvSchema) is used: where a part of the rows is to be a test, read that from a file of its own. A
    /// category that is missing gets the share of each category. A missing label or target is an error.
    FillMean,
}

/// How a CSV text is laid out, and what is to be made of it.
///
/// Unless told otherwise: commas, a header in the first row, the label or target in the last column, numbers in all
/// others, and none of them missing.
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
#[derive(Clone, Debug, PartialEq)]
pub struct CsvOptions {
    /// `None` until it is said.
    pub(super) header: Option<bool>,
    pub(super) delimiter: char,
    /// None until they are said.
    pub(super) targets: Vec<Column>,
    pub(super) classes: Option<Vec<String>>,
    /// `None`: all that are nothing else.
    pub(super) features: Option<Vec<Column>>,
    pub(super) dropped: Vec<Column>,
    pub(super) categorical: Vec<Column>,
    pub(super) categorical_text: bool,
    pub(super) missing: Missing,
    pub(super) marks: Vec<String>,
    pub(super) limit: u64,
    pub(super) schema: Option<CsvSchema>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            header: None,
            delimiter: ',',
            targets: Vec::new(),
            classes: None,
            features: None,
            dropped: Vec::new(),
            categorical: Vec::new(),
            categorical_text: false,
            missing: Missing::Refuse,
            marks: MARKS.map(str::to_owned).into(),
            limit: LIMIT,
            schema: None,
        }
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
        self.targets = vec![column.into()];
        self
    }

    /// The column of the number to be predicted: a name, or an index from 0. The same as [`label`](Self::label), by
    /// its name for regression.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().target("price");
    /// let data = Dataset::read_regression_csv("price,x\n2.5,1\n".as_bytes(), &options)?;
    /// assert_eq!(data.targets()[[0, 0]], 2.5);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn target(self, column: impl Into<Column>) -> Self {
        self.targets([column])
    }

    /// The columns of the numbers to be predicted, where there are several.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().targets(["low", "high"]);
    /// let data = Dataset::read_regression_csv("low,x,high\n2.5,1,4\n".as_bytes(), &options)?;
    /// assert_eq!(data.targets().row(0).to_vec(), [2.5, 4.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn targets<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.targets = columns.into_iter().map(Into::into).collect();
        self
    }

    /// The columns to learn from, in this order. Unless it is said, these are all but the label's or targets' and those
    /// that are [dropped](Self::drop).
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().features(["y", "x"]);
    /// let data = Dataset::read_csv("x,name,y,class\n1,Ada,2,a\n".as_bytes(), &options)?;
    /// assert_eq!(data.features().row(0).to_vec(), [2.0, 1.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn features<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.features = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// Columns that are not looked at.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().drop(["name"]);
    /// let data = Dataset::read_csv("x,name,y,class\n1,Ada,2,a\n".as_bytes(), &options)?;
    /// assert_eq!(data.feature_names(), ["x", "y"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn drop<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.dropped = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Columns that hold categories: each becomes one column for each category, which is 1 where the row is of it and
    /// 0 elsewhere ("one-hot"). Categories come in the order in which [classes](crate::Dataset::read_csv) come.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().categorical(["colour"]);
    /// let data = Dataset::read_csv("colour,x,class\nred,1,a\nblue,2,a\n".as_bytes(), &options)?;
    /// assert_eq!(data.feature_names(), ["colour=blue", "colour=red", "x"]);
    /// assert_eq!(data.features().row(0).to_vec(), [0.0, 1.0, 1.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn categorical<C: Into<Column>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.categorical = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Whether a feature column whose cell in the first row is text, neither a number nor missing, holds categories.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().categorical_text(true);
    /// let data = Dataset::read_csv("colour,x,class\nred,1,a\nblue,2,a\n".as_bytes(), &options)?;
    /// assert_eq!(data.width(), 3);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn categorical_text(mut self, categorical: bool) -> Self {
        self.categorical_text = categorical;
        self
    }

    /// What is done with rows of which a cell is missing. How many there were is said by
    /// [`Csv::missing`](super::Csv::missing).
    ///
    /// See [`Missing`] for an example.
    #[must_use]
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Which cells are missing, where they are not an error: unless told otherwise those that are empty and `NA`,
    /// `N/A`, `NaN`, `nan`, `NULL`, `null` and `?`. An empty cell is always one.
    ///
    /// ```
    /// use nn::{Dataset, data::{CsvOptions, Missing}};
    /// let options = CsvOptions::new().missing(Missing::DropRow).missing_marks(["-999"]);
    /// let data = Dataset::read_csv("x,class\n1,a\n-999,b\n".as_bytes(), &options)?;
    /// assert_eq!(data.len(), 1);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn missing_marks<S: Into<String>>(mut self, marks: impl IntoIterator<Item = S>) -> Self {
        self.marks = marks.into_iter().map(Into::into).chain([String::new()]).collect();
        self
    }

    /// To how many bytes a packed text may unpack, and how many the numbers may take that categories become: 1 GiB
    /// unless told otherwise.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().categorical(["id"]).limit(100);
    /// let text = "id,class\na,1\nb,1\nc,1\nd,1\ne,1\nf,1\n";
    /// let error = Dataset::read_csv(text.as_bytes(), &options).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "at most 100 bytes of numbers are expected, found 144: 6 rows of 6 columns, of which 6 are categories"
    /// );
    /// ```
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
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

    pub(super) fn is_missing(&self, cell: &[u8]) -> bool {
        self.marks.iter().any(|mark| mark.as_bytes() == cell)
    }

    /// Something is called by the name that it has in the header.
    pub(super) fn names_columns(&self) -> bool {
        let columns = [&self.targets, &self.dropped, &self.categorical].into_iter().flatten();
        columns.chain(self.features.iter().flatten()).any(Column::is_named)
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
}
