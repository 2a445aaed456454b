//! Rows from text: comma-separated values and their relatives.

use std::io::Read;
use std::path::Path;

use super::dataset::Dataset;
use super::error::DataError;
use super::values::Values;

mod columns;
mod encoding;
mod options;
mod read;
mod rows;
mod schema;
mod targets;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use columns::Column;
pub use options::{CsvOptions, Missing};
pub use read::{Csv, MissingValues};
pub use schema::{CsvColumn, CsvSchema};
pub use targets::CsvTargets;

impl Dataset {
    /// Labelled rows from a CSV file with a header and the label in the last column.
    ///
    /// # Errors
    /// See [`read_csv`](Self::read_csv); or the file cannot be read. The error names the file.
    ///
    /// ```
    /// let error = nn::Dataset::from_csv("no/such/file.csv").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such/file.csv: "));
    /// ```
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::from_csv_with(path, &CsvOptions::new())
    }

    /// Labelled rows from a CSV file of another layout.
    ///
    /// # Errors
    /// As [`from_csv`](Self::from_csv).
    ///
    /// ```no_run
    /// use nn::{Dataset, data::CsvOptions};
    /// let wine = Dataset::from_csv_with("wine.csv", &CsvOptions::new().label("class"))?;
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_csv_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        Csv::open(path, options).map(|csv| csv.data)
    }

    /// Labelled rows from a CSV text, in UTF-8, packed by gzip or not.
    ///
    /// Cells may be quoted; a quoted cell may hold the delimiter, and a quote as two quotes. Space around a cell does
    /// not count. A byte-order mark, any of the three line ends, blank lines and a missing last line end are taken
    /// as they come. All columns but the label's must hold finite numbers, unless the
    /// [options](CsvOptions) say that they are categories, or what is to be done where numbers are missing.
    ///
    /// Classes come in the order of their numbers where all of them are numbers (`2` before `10`; `1` and `1.0` are
    /// one class, named as first met), otherwise in the order of their text.
    ///
    /// # Errors
    /// The text has no rows, or no column beside the label's; the label's column is not there; a row has more or
    /// fewer cells than the first; a cell is missing, is not a finite number within the range of `f32`, or is no
    /// class. The error says on which line, in which column, what was expected and what was found.
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let text = "width,height,class\n1.5,2,10\n3,0.5,2\n";
    /// let data = Dataset::read_csv(text.as_bytes(), &CsvOptions::new())?;
    /// assert_eq!(data.class_names(), ["2", "10"]);
    /// assert_eq!(data.features().row(0).to_vec(), [1.5, 2.0]);
    ///
    /// let ragged = "width,height,class\n1.5,2\n";
    /// let error = Dataset::read_csv(ragged.as_bytes(), &CsvOptions::new()).unwrap_err();
    /// assert_eq!(error.to_string(), "line 2: 3 columns are expected, found 2");
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn read_csv(reader: impl Read, options: &CsvOptions) -> Result<Self, DataError> {
        Csv::read(reader, options).map(|csv| csv.data)
    }
}

impl Dataset<Values> {
    /// Rows and the numbers to be predicted for each, from a CSV file; these are in the last column, or in those that
    /// [`CsvOptions::targets`] names.
    ///
    /// # Errors
    /// As [`Dataset::from_csv`], a number being expected where that expects a class.
    ///
    /// ```no_run
    /// use nn::{Dataset, data::CsvOptions};
    /// let options = CsvOptions::new().target("price").categorical(["cut", "color", "clarity"]);
    /// let diamonds = Dataset::regression_csv("diamonds.csv.gz", &options)?;
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn regression_csv(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        Csv::open(path, options).map(|csv| csv.data)
    }

    /// [`regression_csv`](Self::regression_csv) from any reader.
    ///
    /// # Errors
    /// As [`regression_csv`](Self::regression_csv).
    ///
    /// ```
    /// use nn::{Dataset, data::CsvOptions};
    /// let text = "carat,cut,price\n0.23,Ideal,326\n0.21,Premium,320\n";
    /// let options = CsvOptions::new().target("price").categorical(["cut"]);
    /// let data = Dataset::read_regression_csv(text.as_bytes(), &options)?;
    /// assert_eq!(data.feature_names(), ["carat", "cut=Ideal", "cut=Premium"]);
    /// assert_eq!(data.features().row(1).to_vec(), [0.21, 0.0, 1.0]);
    /// assert_eq!(data.targets().column(0).to_vec(), [326.0, 320.0]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn read_regression_csv(reader: impl Read, options: &CsvOptions) -> Result<Self, DataError> {
        Csv::read(reader, options).map(|csv| csv.data)
    }
}
