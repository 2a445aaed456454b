//! Rows of a CSV file.

use std::path::Path;

use nn::Dataset;
use nn::data::{
    Classes, Column, Csv, CsvColumn, CsvOptions, CsvSchema, CsvTargets, DataError, DataErrorKind,
    Missing as Filling, Unlabelled, Values,
};

use super::form::{Answers, Form};
use super::scale::Scale;
use super::{Loaded, Rows};
use crate::args::{Missing, ScaleName, TaskName, TrainArgs};
use crate::fault::Fault;
use crate::notes::{Notes, Saved};

/// The columns of the training's file, so that another file is read in the same way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schema {
    columns: CsvSchema,
    missing: Missing,
}

/// Reads a table to learn from.
pub(super) fn read(path: &Path, args: &TrainArgs) -> Result<Loaded, Fault> {
    /// From so many different whole numbers on, they are taken for numbers, not for classes.
    const MANY: usize = 21;
    let options = options(args)?;
    let classes = || Ok(Loaded::Classes(rows(path, open(path, &options, args).map_err(Fault::input)?, args)));
    let values = |table: Csv<Values>| Ok(Loaded::Values(rows(path, table, args)));
    match args.task {
        Some(TaskName::Classes) => return classes(),
        Some(TaskName::Regression) => return values(open(path, &options, args).map_err(Fault::input)?),
        None => {}
    }
    match open::<Values>(path, &options, args) {
        Ok(table) => {
            let mut different: Vec<f32> = table.data.targets().iter().copied().collect();
            different.sort_by(f32::total_cmp);
            different.dedup();
            let whole = different.iter().all(|value| value.fract() == 0.0);
            if whole && different.len() < MANY { classes() } else { values(table) }
        }
        Err(error) => {
            let Loaded::Classes(rows) = classes()? else { return Err(Fault::input(error)) };
            // One cell that cannot be read does not make classes of numbers.
            let names = rows.data.class_names();
            let numbers = names.iter().filter(|name| name.parse::<f64>().is_ok()).count();
            if 2 * numbers > names.len() { Err(Fault::input(error)) } else { Ok(Loaded::Classes(rows)) }
        }
    }
}

fn rows<Y: Targeted>(path: &Path, table: Csv<Y>, args: &TrainArgs) -> Rows<Y> {
    let schema = Schema { columns: table.schema, missing: args.missing };
    let form = Form {
        sample: table.data.sample_shape().to_vec(),
        features: Scale::None,
        answers: Y::answers(&table.data, &schema.columns),
        schema: Some(schema),
        arrays: false,
        usual_scale: ScaleName::Standard,
    };
    Rows { name: path.display().to_string(), data: table.data, test: None, form }
}

/// What differs between a column of classes and one of numbers.
trait Targeted: nn::data::Targets + CsvTargets {
    fn answers(rows: &Dataset<Self>, columns: &CsvSchema) -> Answers;
}

impl Targeted for Classes {
    fn answers(rows: &Dataset<Self>, columns: &CsvSchema) -> Answers {
        Answers::of_classes(&columns.targets.concat(), rows)
    }
}

impl Targeted for Values {
    fn answers(rows: &Dataset<Self>, _: &CsvSchema) -> Answers {
        Answers::of_values(rows)
    }
}

fn options(args: &TrainArgs) -> Result<CsvOptions, Fault> {
    let target = match &args.target {
        None => Column::Last,
        Some(text) => column("--target", text)?,
    };
    let columns = |option, texts: &[String]| {
        texts.iter().map(|text| column(option, text)).collect::<Result<Vec<_>, _>>()
    };
    Ok(CsvOptions::new()
        .label(target)
        .drop(columns("--drop", &args.drop)?)
        .categorical(columns("--categorical", &args.categorical)?)
        .categorical_text(true)
        .missing(filling(args.missing)))
}

/// A column by its name, or by its number, counted from 1.
fn column(option: &str, text: &str) -> Result<Column, Fault> {
    match text.parse::<usize>() {
        Ok(0) => Err(Fault::input(format!("{option} 0: columns are counted from 1"))),
        Ok(number) => Ok(Column::Index(number - 1)),
        Err(_) => Ok(Column::from(text)),
    }
}

fn filling(missing: Missing) -> Filling {
    match missing {
        Missing::Error => Filling::Refuse,
        Missing::Drop => Filling::DropRow,
        Missing::Mean => Filling::FillMean,
    }
}

/// Reads a file, with a header or without.
fn open<Y: CsvTargets>(path: &Path, options: &CsvOptions, args: &TrainArgs) -> Result<Csv<Y>, DataError> {
    if args.no_header {
        return Csv::open(path, &options.clone().header(false));
    }
    match Csv::open(path, options) {
        // A first row of numbers is no header, unless columns are called by their names.
        Err(error) if (error.kind(), error.line()) == (DataErrorKind::Value, Some(1)) && !by_name(args) => {
            Csv::open(path, &options.clone().header(false))
        }
        read => read,
    }
}

/// Whether a column is called by its name.
fn by_name(args: &TrainArgs) -> bool {
    let mut columns = args.target.iter().chain(&args.drop).chain(&args.categorical);
    columns.any(|text| text.parse::<usize>().is_err())
}

impl Schema {
    /// Columns of numbers with the names of these rows, and one of classes.
    pub(super) fn named(rows: &Dataset, target: &str) -> Self {
        let column = |name: &String| CsvColumn { name: name.clone(), ..CsvColumn::default() };
        let columns = CsvSchema {
            header: true,
            features: rows.feature_names().iter().map(column).collect(),
            targets: vec![target.to_owned()],
            classes: rows.class_names().to_vec(),
        };
        Self { columns, missing: Missing::default() }
    }

    /// Rows with their classes.
    pub(super) fn classes(&self, path: &Path) -> Result<Dataset, Fault> {
        Ok(self.open::<Classes>(path)?.data)
    }

    /// Rows with their numbers.
    pub(super) fn values(&self, path: &Path) -> Result<Dataset<Values>, Fault> {
        Ok(self.open::<Values>(path)?.data)
    }

    /// Rows whose answers are not looked at.
    pub(super) fn unanswered(&self, path: &Path) -> Result<Dataset<Unlabelled>, Fault> {
        Ok(self.open::<Unlabelled>(path)?.data)
    }

    fn open<Y: CsvTargets>(&self, path: &Path) -> Result<Csv<Y>, Fault> {
        let options = self.columns.options().missing(filling(self.missing));
        Csv::open(path, &options).map_err(Fault::input)
    }

    /// Writes it down.
    pub(super) fn store(&self, notes: &mut Notes) {
        let CsvSchema { header, features, targets, classes } = &self.columns;
        notes.put("table.header", header);
        notes.put("table.missing", format!("{:?}", self.missing));
        notes.put_list("table.target", targets);
        notes.put_list("table.class", classes);
        notes.put_list("table.column", features.iter().map(|column| &column.name));
        for (k, column) in features.iter().enumerate() {
            notes.put_list(&format!("table.column.{k}.category"), &column.categories);
            notes.put_numbers(&format!("table.column.{k}.mean"), &column.means);
        }
    }

    /// Reads what was written down; `None` where the training had no table.
    pub(super) fn load(saved: &Saved<'_>) -> Result<Option<Self>, Fault> {
        let Ok(header) = saved.parse("table.header") else { return Ok(None) };
        let columns = saved.list("table.column")?.into_iter().enumerate().map(|(k, name)| {
            let categories = saved.list(&format!("table.column.{k}.category"))?;
            Ok(CsvColumn { name, categories, means: saved.numbers(&format!("table.column.{k}.mean"))? })
        });
        let columns = CsvSchema {
            header,
            features: columns.collect::<Result<_, Fault>>()?,
            targets: saved.list("table.target")?,
            classes: saved.list("table.class")?,
        };
        let missing = saved.get("table.missing")?;
        let missing = [Missing::Error, Missing::Drop, Missing::Mean]
            .into_iter()
            .find(|way| format!("{way:?}") == missing)
            .ok_or_else(|| saved.unsuitable("table.missing"))?;
        Ok(Some(Self { columns, missing }))
    }
}

#[cfg(test)]
mod tests {
    use nn::checkpoint::Checkpoint;

    use super::*;

    #[test]
    fn a_schema_survives_being_stored() {
        let text = "colour,x,class\nred,1,a\nblue,2,b\n";
        let options = CsvOptions::new().categorical_text(true);
        let columns = Csv::<Classes>::read(text.as_bytes(), &options).unwrap().schema;
        let schema = Schema { columns, missing: Missing::Mean };
        let mut notes = Notes::default();
        schema.store(&mut notes);
        let file = notes.iter().fold(Checkpoint::new(), |file, (name, text)| file.with_text(name, text));
        let saved = Saved { path: Path::new("x"), file };
        assert_eq!(Schema::load(&saved).unwrap(), Some(schema));
        assert_eq!(Schema::load(&Saved { file: Checkpoint::new(), ..saved }).unwrap(), None);
    }
}
