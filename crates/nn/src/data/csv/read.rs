//! The reading of a CSV text: [`Csv`].

use std::fmt;
use std::io::Read;
use std::path::Path;

use super::columns::{Column, find};
use super::encoding::{Encoded, FeatureColumn, Features};
use super::options::{CsvOptions, Missing};
use super::rows::Rows;
use super::schema::{CsvColumn, CsvSchema};
use super::targets::{CsvTargets, Gather};
use crate::data::classes::Classes;
use crate::data::dataset::Dataset;
use crate::data::error::{DataError, DataErrorKind, Excerpt};
use crate::data::source::read_file;

/// How many missing cells are told with their place.
const TOLD: usize = 10;

/// A CSV text that was read, with what was found out about it.
///
/// ```
/// use nn::data::{Classes, Csv, CsvOptions, Missing};
/// let text = "x,y,class\n1,2,a\n,4,b\n5,NA,b\n";
/// let csv = Csv::<Classes>::read(text.as_bytes(), &CsvOptions::new().missing(Missing::DropRow))?;
/// assert_eq!(csv.data.len(), 1);
/// assert_eq!(csv.missing.to_string(), "2 cells are missing (line 3, column `x`; line 4, column `y`); 2 rows are left out");
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Csv<Y = Classes> {
    /// The rows.
    pub data: Dataset<Y>,
    /// How another file is to be read, so that its features mean the same.
    pub schema: CsvSchema,
    /// What was missing.
    pub missing: MissingValues,
}

/// How many cells of a CSV text were missing, and where.
///
/// See [`Csv`] for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingValues {
    /// The number of cells.
    pub cells: usize,
    /// How many rows were left out for them.
    pub rows_dropped: usize,
    /// Line and column of the first ten.
    pub first: Vec<(u64, String)>,
}

impl fmt::Display for MissingValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cells, rows_dropped, first } = self;
        write!(f, "{cells} {}", if *cells == 1 { "cell is missing" } else { "cells are missing" })?;
        for (k, (line, column)) in first.iter().enumerate() {
            write!(f, "{}line {line}, column `{}`", if k == 0 { " (" } else { "; " }, Excerpt(column))?;
        }
        if !first.is_empty() {
            write!(f, "{})", if *cells > first.len() { "; …" } else { "" })?;
        }
        match rows_dropped {
            0 => Ok(()),
            1 => write!(f, "; 1 row is left out"),
            rows => write!(f, "; {rows} rows are left out"),
        }
    }
}

impl<Y: CsvTargets> Csv<Y> {
    /// Reads a file, packed by gzip or not.
    ///
    /// # Errors
    /// As [`Dataset::read_csv`], or the file cannot be read. The error names the file.
    ///
    /// ```no_run
    /// use nn::data::{Csv, CsvOptions, Values};
    /// let options = CsvOptions::new().target("price").categorical_text(true);
    /// let diamonds = Csv::<Values>::open("diamonds.csv.gz", &options)?;
    /// println!("{}", diamonds.missing);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn open(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        read_file(path.as_ref(), |file| Self::read(file, options))
    }

    /// Reads a text, packed by gzip or not.
    ///
    /// # Errors
    /// As [`Dataset::read_csv`].
    ///
    /// See [`Csv`] for an example.
    pub fn read(reader: impl Read, options: &CsvOptions) -> Result<Self, DataError> {
        let mut rows = Rows::new(reader, options.delimiter_byte()?, options.limit)?;
        if !rows.advance()? {
            return Err(DataError::new(DataErrorKind::Empty, "the text is empty"));
        }
        let header = options.header.unwrap_or(true);
        let names = rows.names(header)?;
        let targets = Y::Gathered::columns(options, &names, header)?;
        let mut features = Features::new(feature_columns(options, &names, header, &targets, Y::NAME)?);
        if options.header.is_none() && !options.names_columns() {
            let number_of_target = |&k: &usize| Y::Gathered::is_number(&rows.record[k]);
            if features.are_numbers(&rows.record) && targets.iter().all(number_of_target) {
                let text = "a header is expected, found numbers; say header(false) for rows without one";
                return Err(rows.fault(DataErrorKind::Value, text));
            }
        }

        let mut gathered = Y::Gathered::new(options);
        let mut missing = MissingValues::default();
        let mut count = 0;
        let mut more = !header || rows.advance()?;
        if more && options.categorical_text && options.schema.is_none() && rows.record.len() == names.len() {
            features.tell_categories(&rows.record, options);
        }
        while more {
            let (wanted, found) = (names.len(), rows.record.len());
            if wanted != found {
                let text = format!("{wanted} columns are expected, found {found}");
                return Err(rows.fault(DataErrorKind::Shape, text));
            }
            let used = features.columns().iter().map(|column| column.index).chain(targets.iter().copied());
            let gap = options.missing != Missing::Refuse && missing.note(&rows, &names, used, options);
            if gap && options.missing == Missing::DropRow {
                missing.rows_dropped += 1;
            } else {
                let in_column =
                    |(k, text): (usize, String)| rows.fault(DataErrorKind::Value, text).in_column(&*names[k]);
                features.push(&rows.record, options).map_err(in_column)?;
                for &k in &targets {
                    gathered.push(&rows.record[k]).map_err(|text| in_column((k, text)))?;
                }
                count += 1;
            }
            more = rows.advance()?;
        }
        if count == 0 {
            let text = match missing.rows_dropped {
                0 => "there is a header and no row".to_owned(),
                _ => format!("a row without missing cells is expected, found none; {missing}"),
            };
            return Err(DataError::new(DataErrorKind::Empty, text));
        }
        let target_names: Vec<String> = targets.iter().map(|&k| names[k].clone()).collect();
        let (targets, classes) = gathered.finish(count, &target_names)?;
        let Encoded { features, names, columns } = features.finish(count, options.limit)?;
        let data = Dataset::with_targets(features, targets)?.with_feature_names(names)?;
        Ok(Self {
            data,
            schema: CsvSchema { header, features: columns, targets: target_names, classes },
            missing,
        })
    }
}

impl MissingValues {
    /// Notes which of these cells of a row are missing; whether one is.
    fn note(
        &mut self,
        rows: &Rows<impl Read>,
        names: &[String],
        cells: impl Iterator<Item = usize>,
        options: &CsvOptions,
    ) -> bool {
        let before = self.cells;
        for k in cells.filter(|&k| options.is_missing(&rows.record[k])) {
            self.cells += 1;
            if self.first.len() < TOLD {
                self.first.push((rows.line(), names[k].clone()));
            }
        }
        self.cells > before
    }
}

/// Which columns are features, and what they hold.
fn feature_columns(
    options: &CsvOptions,
    names: &[String],
    header: bool,
    targets: &[usize],
    target: &str,
) -> Result<Vec<FeatureColumn>, DataError> {
    if let Some(schema) = &options.schema {
        let known =
            |column: &CsvColumn| Ok(FeatureColumn::known(find(&column.name, names, "feature")?, column));
        return schema.features.iter().map(known).collect();
    }
    let all = |columns: &[Column], role| -> Result<Vec<usize>, DataError> {
        columns.iter().map(|column| column.find(names, header, role)).collect()
    };
    let dropped = all(&options.dropped, "dropped column")?;
    let categorical = all(&options.categorical, "category")?;
    let features = match &options.features {
        Some(features) => all(features, "feature")?,
        None => (0..names.len()).filter(|k| !targets.contains(k) && !dropped.contains(k)).collect(),
    };
    if features.is_empty() {
        let text = match names.len() {
            1 => format!(
                "a column beside the {target}'s is expected; is {:?} the delimiter?",
                options.delimiter
            ),
            _ => format!("a column beside the {target}'s is expected, that is not dropped"),
        };
        return Err(DataError::new(DataErrorKind::Empty, text));
    }
    let fault = |k: &usize, text: &str| {
        let text = format!("the column `{}` is {text}", Excerpt(&names[*k]));
        Err(DataError::new(DataErrorKind::Argument, text))
    };
    if let Some(k) = features.iter().find(|k| targets.contains(k)) {
        return fault(k, &format!("a feature and the {target}'s"));
    }
    if let Some(k) = categorical.iter().find(|k| !features.contains(k)) {
        return fault(k, "to hold categories, and is no feature");
    }
    Ok(features.into_iter().map(|k| FeatureColumn::new(k, &names[k], categorical.contains(&k))).collect())
}
