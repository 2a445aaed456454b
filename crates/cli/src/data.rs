//! What `chainrule train` learns from.

use std::path::Path;

use nn::Dataset;
use nn::data::{Column, CsvOptions, DataErrorKind, Standardiser};

use crate::args::TrainArgs;
use crate::fault::Fault;

/// The rows to train on, and those to test on.
pub(crate) struct Data {
    name: String,
    pub(crate) train: Dataset,
    pub(crate) test: Dataset,
}

impl Data {
    /// The digits, or the rows of the file, split.
    pub(crate) fn load(args: &TrainArgs) -> Result<Self, Fault> {
        let (name, data) = match &args.data {
            None => ("digits, built in".to_owned(), Dataset::digits()),
            Some(path) => (path.display().to_string(), read(path, args.label.as_deref())?),
        };
        if data.classes() < 2 {
            return Err(Fault::input(format!("{name}: two classes or more are expected, found one")));
        }
        let (mut train, mut test) = data.split(args.split, args.seed);
        for (part, purpose) in [(&train, "train on"), (&test, "test on")] {
            if part.is_empty() {
                let (split, rows) = (args.split, data.len());
                return Err(Fault::input(format!("--split {split} of {rows} rows leaves none to {purpose}")));
            }
        }
        // The digits are all of one scale. The scale of other features comes from the rows that may be looked at.
        if args.data.is_some() {
            let scale = Standardiser::fit(&train).map_err(Fault::input)?;
            scale.try_apply(&mut train).and_then(|()| scale.try_apply(&mut test)).map_err(Fault::input)?;
        }
        Ok(Self { name, train, test })
    }

    /// Name and size in a line.
    pub(crate) fn describe(&self) -> String {
        let Self { name, train, test } = self;
        format!(
            "{name}: {} features, {} classes, {} rows to train on, {} to test on",
            train.width(),
            train.classes(),
            train.len(),
            test.len()
        )
    }
}

/// Reads a file, with a header or without.
fn read(path: &Path, label: Option<&str>) -> Result<Dataset, Fault> {
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
