//! Rows of a CSV file.

use std::path::Path;

use nn::Dataset;
use nn::data::{Classes, Column, CsvOptions, DataErrorKind, Values};

use super::form::{Answers, Form};
use super::{Loaded, Rows};
use crate::args::{ScaleName, TrainArgs};
use crate::fault::Fault;
use crate::notes::{Notes, Saved};

/// Which columns a table has, and what becomes of them.
#[derive(Clone, Debug)]
pub(crate) struct Schema {}

impl Schema {
    pub(super) fn classes(&self, path: &Path, names: &[String]) -> Result<Dataset<Classes>, Fault> { todo!() }
    pub(super) fn values(&self, path: &Path) -> Result<Dataset<Values>, Fault> { todo!() }
    pub(super) fn unanswered(&self, path: &Path) -> Result<Dataset<Values>, Fault> { todo!() }
    pub(super) fn store(&self, notes: &mut Notes) {}
    pub(super) fn load(saved: &Saved<'_>) -> Result<Option<Self>, Fault> { Ok(None) }
}

/// Reads a table to learn from.
pub(super) fn read(path: &Path, args: &TrainArgs) -> Result<Loaded, Fault> {
    let rows = from_csv(path, args.target.as_deref())?;
    let name = path.display().to_string();
    let form = Form::of_arrays(rows.sample_shape(), Answers::of_classes("class", &rows));
    Ok(Loaded::Classes(Rows { name, rows, test: None, form }.scaled_by(ScaleName::Standard)))
}

fn from_csv(path: &Path, label: Option<&str>) -> Result<Dataset, Fault> {
    let column = match label.map(|label| (label, label.parse::<usize>())) {
        None => Column::Last,
        Some((_, Ok(0))) => return Err(Fault::input("--label 0: columns are counted from 1")),
        Some((_, Ok(number))) => Column::Index(number - 1),
        Some((name, Err(_))) => Column::from(name),
    };
    // Only a header has names.
    let headed = matches!(column, Column::Name(_));
    let options = CsvOptions::new().label(column);
    let data = match Dataset::from_csv_with(path, &options) {
        Err(error) if error.kind() == DataErrorKind::Value && !headed => {
            let headless = Dataset::from_csv_with(path, &options.header(false));
            // The reading that got further took the first row for what it is: a header is no row of numbers.
            headless.map_err(|other| if other.line() < error.line() { error } else { other })
        }
        read => read,
    };
    data.map_err(Fault::input)
}
