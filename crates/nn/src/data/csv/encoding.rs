//! Feature columns of a CSV text, from cells to numbers.

use ndarray::{Array2, ArrayView1};

use super::options::{CsvOptions, Missing};
use super::rows::number;
use super::schema::CsvColumn;
use super::vocabulary::Vocabulary;
use crate::data::error::{DataError, DataErrorKind};

/// Features as a network takes them.
pub(super) struct Encoded {
    pub(super) features: Array2<f32>,
    pub(super) names: Vec<String>,
    /// What another file needs to know of the columns.
    pub(super) columns: Vec<CsvColumn>,
}

/// The feature columns, and what was read of them.
pub(super) struct Features {
    columns: Vec<FeatureColumn>,
    /// Row by row: the number, the index of the category, or NaN where the cell is missing.
    cells: Vec<f32>,
}

pub(super) struct FeatureColumn {
    /// Where it is in the text.
    pub(super) index: usize,
    name: String,
    /// `None` for numbers.
    categories: Option<Vocabulary>,
    /// As in the schema.
    means: Vec<f64>,
}

impl FeatureColumn {
    /// A column of numbers or of categories that are yet to be met.
    pub(super) fn new(index: usize, name: &str, categorical: bool) -> Self {
        let categories = categorical.then(|| Vocabulary::new(["category", "categories"], None));
        Self { index, name: name.to_owned(), categories, means: Vec::new() }
    }

    /// A column that another file had.
    pub(super) fn known(index: usize, known: &CsvColumn) -> Self {
        let CsvColumn { name, categories, means } = known;
        let categories =
            (!categories.is_empty()).then(|| Vocabulary::new(["category", "categories"], Some(categories)));
        Self { index, name: name.clone(), categories, means: means.clone() }
    }
}

impl Features {
    pub(super) fn new(columns: Vec<FeatureColumn>) -> Self {
        Self { columns, cells: Vec::new() }
    }

    pub(super) fn columns(&self) -> &[FeatureColumn] {
        &self.columns
    }

    /// Whether the cells of all columns that are to hold numbers do; there is one at least.
    pub(super) fn are_numbers(&self, row: &csv::ByteRecord) -> bool {
        let mut counted = self.columns.iter().filter(|column| column.categories.is_none()).peekable();
        counted.peek().is_some() && counted.all(|column| number(&row[column.index]).is_ok())
    }

    /// Makes columns that hold text in this row, the first, columns of categories.
    pub(super) fn tell_categories(&mut self, row: &csv::ByteRecord, options: &CsvOptions) {
        for column in &mut self.columns {
            let cell = &row[column.index];
            if column.categories.is_none() && number(cell).is_err() && !options.is_missing(cell) {
                *column = FeatureColumn::new(column.index, &column.name, true);
            }
        }
    }

    /// Takes the cells of a row, or says in which column something is wrong, and what.
    pub(super) fn push(
        &mut self,
        row: &csv::ByteRecord,
        options: &CsvOptions,
    ) -> Result<(), (usize, String)> {
        let fill = options.missing == Missing::FillMean;
        for column in &mut self.columns {
            let cell = &row[column.index];
            let value = match &mut column.categories {
                _ if fill && options.is_missing(cell) => Ok(f32::NAN),
                None => number(cell),
                Some(categories) => categories.index(cell).map(|index| index as f32),
            };
            self.cells.push(value.map_err(|text| (column.index, text))?);
        }
        Ok(())
    }

    /// The numbers of so many rows.
    pub(super) fn finish(self, rows: usize, limit: u64) -> Result<Encoded, DataError> {
        let mut names = Vec::new();
        let mut known = Vec::with_capacity(self.columns.len());
        let mut places = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let (categories, place) = column.categories.map(Vocabulary::finish).unzip();
            match &categories {
                None => names.push(column.name.clone()),
                Some(all) => names.extend(all.iter().map(|category| format!("{}={category}", column.name))),
            }
            places.push(place);
            let categories = categories.unwrap_or_default();
            known.push(CsvColumn { name: column.name, categories, means: column.means });
        }
        let (categories, width) = (known.iter().map(|column| column.categories.len()).sum(), names.len());
        let cells = match categories {
            0 => self.cells,
            _ => one_hot(&self.cells, &places, &known, (rows, width, categories), limit)?,
        };
        let mut features = Array2::from_shape_vec((rows, width), cells)
            .map_err(|e| DataError::new(DataErrorKind::Shape, e.to_string()))?;
        fill(&mut features, &mut known)?;
        Ok(Encoded { features, names, columns: known })
    }
}

/// The cells of columns of which some hold categories.
fn one_hot(
    cells: &[f32],
    places: &[Option<Vec<usize>>],
    columns: &[CsvColumn],
    (rows, width, categories): (usize, usize, usize),
    limit: u64,
) -> Result<Vec<f32>, DataError> {
    let bytes = (rows as u64).saturating_mul(width as u64).saturating_mul(4);
    if bytes > limit {
        let text = format!(
            "at most {limit} bytes of numbers are expected, found {bytes}: {rows} rows of {width} columns, of which \
             {categories} are categories"
        );
        return Err(DataError::new(DataErrorKind::Limit, text));
    }
    let mut numbers = Vec::with_capacity(rows * width);
    for row in cells.chunks_exact(columns.len()) {
        for ((&cell, column), place) in row.iter().zip(columns).zip(places) {
            let Some(place) = place else {
                numbers.push(cell);
                continue;
            };
            let start = numbers.len();
            let missing = cell.is_nan();
            numbers.resize(start + column.categories.len(), if missing { f32::NAN } else { 0.0 });
            if !missing {
                numbers[start + place[cell as usize]] = 1.0;
            }
        }
    }
    Ok(numbers)
}

/// Finds the means of columns that have none yet, and puts them where numbers are missing.
fn fill(features: &mut Array2<f32>, columns: &mut [CsvColumn]) -> Result<(), DataError> {
    let mut index = 0;
    for column in columns {
        let width = column.categories.len().max(1);
        let found = index..index + width;
        if column.means.is_empty() {
            column.means = found.clone().map(|k| mean(&features.column(k))).collect();
        }
        if column.means.len() != width {
            let text = format!("{width} means are expected in the schema, found {}", column.means.len());
            return Err(DataError::new(DataErrorKind::Argument, text).in_column(&*column.name));
        }
        for (k, &mean) in found.zip(&column.means) {
            for x in features.column_mut(k).iter_mut().filter(|x| x.is_nan()) {
                if !mean.is_finite() {
                    let text = "a number is expected in one row at least, to fill in their mean, found none";
                    return Err(DataError::new(DataErrorKind::Value, text).in_column(&*column.name));
                }
                *x = mean as f32;
            }
        }
        index += width;
    }
    Ok(())
}

/// The mean of the numbers that are there; NaN where none is.
fn mean(column: &ArrayView1<'_, f32>) -> f64 {
    let there = || column.iter().filter(|x| !x.is_nan());
    there().map(|&x| f64::from(x)).sum::<f64>() / there().count() as f64
}
