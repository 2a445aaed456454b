//! What the target columns of a CSV text become.

use ndarray::Array2;

use super::columns::{Column, find};
use super::options::CsvOptions;
use super::rows::number;
use super::vocabulary::Vocabulary;
use crate::data::classes::Classes;
use crate::data::error::{DataError, DataErrorKind};
use crate::data::targets::{Targets, Unlabelled};
use crate::data::values::Values;

/// Targets that a CSV text can hold: [`Classes`], [`Values`], or none ([`Unlabelled`]).
///
/// ```
/// use nn::data::{Csv, CsvOptions, Values};
/// let csv = Csv::<Values>::read("x,y\n1,2.5\n".as_bytes(), &CsvOptions::new())?;
/// assert_eq!(csv.data.targets()[[0, 0]], 2.5);
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub trait CsvTargets: Targets + sealed::Sealed {
    /// What they are gathered in.
    #[doc(hidden)]
    type Gathered: Gather<Targets = Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Classes {}
    impl Sealed for super::Values {}
    impl Sealed for super::Unlabelled {}
}

/// Gathers the targets of rows.
#[doc(hidden)]
pub trait Gather: Sized {
    type Targets;

    fn new(options: &CsvOptions) -> Self;

    /// The columns that hold them.
    fn columns(options: &CsvOptions, names: &[String], header: bool) -> Result<Vec<usize>, DataError>;

    /// Takes one cell; or says what is wrong with it.
    fn push(&mut self, cell: &[u8]) -> Result<(), String>;

    /// Whether the cell could stand below a header, and not in one.
    fn is_number(cell: &[u8]) -> bool;

    /// The targets of so many rows, from columns of these names, and the names of classes.
    fn finish(self, rows: usize, names: &[String]) -> Result<(Self::Targets, Vec<String>), DataError>;
}

fn columns(
    options: &CsvOptions,
    names: &[String],
    header: bool,
    role: &str,
) -> Result<Vec<usize>, DataError> {
    match &options.schema {
        _ if !options.targets.is_empty() => {
            options.targets.iter().map(|column| column.find(names, header, role)).collect()
        }
        Some(schema) => schema.targets.iter().map(|name| find(name, names, role)).collect(),
        None => Ok(vec![Column::Last.find(names, header, role)?]),
    }
}

impl CsvTargets for Classes {
    type Gathered = Labels;
}

#[doc(hidden)]
pub struct Labels {
    classes: Vocabulary,
    labels: Vec<usize>,
}

impl Gather for Labels {
    type Targets = Classes;

    fn new(options: &CsvOptions) -> Self {
        let known = options.schema.as_ref().map(|schema| &schema.classes);
        let fixed = options.classes.as_ref().or(known).map(Vec::as_slice);
        Self { classes: Vocabulary::new(["class", "classes"], fixed), labels: Vec::new() }
    }

    fn columns(options: &CsvOptions, names: &[String], header: bool) -> Result<Vec<usize>, DataError> {
        let columns = columns(options, names, header, "label")?;
        match columns.len() {
            1 => Ok(columns),
            found => {
                let text = format!("one column of labels is expected, found {found}");
                Err(DataError::new(DataErrorKind::Argument, text))
            }
        }
    }

    fn push(&mut self, cell: &[u8]) -> Result<(), String> {
        self.labels.push(self.classes.index(cell)?);
        Ok(())
    }

    fn is_number(_: &[u8]) -> bool {
        true
    }

    fn finish(mut self, _: usize, _: &[String]) -> Result<(Classes, Vec<String>), DataError> {
        let (names, places) = self.classes.finish();
        self.labels.iter_mut().for_each(|label| *label = places[*label]);
        Ok((Classes::new(self.labels, names.clone())?, names))
    }
}

impl CsvTargets for Values {
    type Gathered = Numbers;
}

#[doc(hidden)]
pub struct Numbers(Vec<f32>);

impl Gather for Numbers {
    type Targets = Values;

    fn new(_: &CsvOptions) -> Self {
        Self(Vec::new())
    }

    fn columns(options: &CsvOptions, names: &[String], header: bool) -> Result<Vec<usize>, DataError> {
        columns(options, names, header, "target")
    }

    fn push(&mut self, cell: &[u8]) -> Result<(), String> {
        self.0.push(number(cell)?);
        Ok(())
    }

    fn is_number(cell: &[u8]) -> bool {
        number(cell).is_ok()
    }

    fn finish(self, rows: usize, names: &[String]) -> Result<(Values, Vec<String>), DataError> {
        let values = Array2::from_shape_vec((rows, names.len()), self.0)
            .map_err(|e| DataError::new(DataErrorKind::Shape, e.to_string()))?;
        Ok((Values::new(values)?.with_names(names)?, Vec::new()))
    }
}

impl CsvTargets for Unlabelled {
    type Gathered = Nothing;
}

#[doc(hidden)]
pub struct Nothing;

impl Gather for Nothing {
    type Targets = Unlabelled;

    fn new(_: &CsvOptions) -> Self {
        Self
    }

    fn columns(_: &CsvOptions, _: &[String], _: bool) -> Result<Vec<usize>, DataError> {
        Ok(Vec::new())
    }

    fn push(&mut self, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn is_number(_: &[u8]) -> bool {
        true
    }

    fn finish(self, rows: usize, _: &[String]) -> Result<(Unlabelled, Vec<String>), DataError> {
        Ok((Unlabelled::new(rows), Vec::new()))
    }
}
