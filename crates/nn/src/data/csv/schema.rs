//! What a CSV file was found to hold, for the next file: [`CsvSchema`].

use super::options::CsvOptions;

/// The columns that were read from a file, in plain numbers and text, so that another file is read in the same way:
/// the same columns in the same order, the same categories and classes, the same means for what is missing.
///
/// The columns of the other file are found by their names; their order does not matter, and there may be others. A
/// category or class that the first file did not have is an error with line and column.
///
/// ```
/// use nn::data::{Classes, Csv, CsvOptions, Unlabelled};
/// let text = "colour,x,class\nred,1,a\nblue,2,b\n";
/// let train = Csv::<Classes>::read(text.as_bytes(), &CsvOptions::new().categorical(["colour"]))?;
///
/// let options = train.schema.options();
/// let test = Csv::<Classes>::read("x,class,colour\n3,b,red\n".as_bytes(), &options)?;
/// assert_eq!(test.data.feature_names(), train.data.feature_names());
/// assert_eq!((test.data.features().row(0).to_vec(), test.data.labels()), (vec![0.0, 1.0, 3.0], &[1][..]));
///
/// let unknown = Csv::<Unlabelled>::read("x,colour\n3,green\n".as_bytes(), &options).unwrap_err();
/// assert_eq!(
///     unknown.to_string(),
///     "line 2, column `colour`: one of the categories blue, red is expected, found `green`"
/// );
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CsvSchema {
    /// Whether the file had a header. Without one, columns are called `column 1`, `column 2` ….
    pub header: bool,
    /// The feature columns, in the order of the features.
    pub features: Vec<CsvColumn>,
    /// The column of the label, or those of the targets.
    pub targets: Vec<String>,
    /// The classes in the order that labels count; none for regression.
    pub classes: Vec<String>,
}

impl CsvSchema {
    /// Options that read another file as this one was read.
    ///
    /// See [`CsvSchema`] for an example.
    pub fn options(&self) -> CsvOptions {
        CsvOptions { header: Some(self.header), schema: Some(self.clone()), ..CsvOptions::new() }
    }
}

/// A feature column of a [`CsvSchema`].
///
/// ```
/// use nn::data::{CsvColumn, CsvSchema, Csv, Unlabelled};
/// let column = |name: &str| CsvColumn { name: name.into(), ..CsvColumn::default() };
/// let schema = CsvSchema { header: true, features: vec![column("y"), column("x")], ..CsvSchema::default() };
/// let csv = Csv::<Unlabelled>::read("x,y\n1,2\n".as_bytes(), &schema.options())?;
/// assert_eq!(csv.data.features().row(0).to_vec(), [2.0, 1.0]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CsvColumn {
    /// What it is called in the header.
    pub name: String,
    /// Its categories, in the order of the features that they became; none where it holds numbers.
    pub categories: Vec<String>,
    /// The mean of each feature that it became, one for numbers and one for each category: what
    /// [`Missing::FillMean`](super::Missing::FillMean) fills in. Where there are none, they are found anew.
    pub means: Vec<f64>,
}
