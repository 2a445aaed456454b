//! How rows are read that a network is to answer: what is kept of the training's rows beside the weights.

use std::path::Path;

use nn::Dataset;
use nn::data::{Classes, Unlabelled, Values};

use super::scale::Scale;
use super::source::{self, Source};
use super::table::Schema;
use crate::args::{ScaleName, TrainArgs};
use crate::fault::Fault;
use crate::notes::{Notes, Saved};

/// How rows are read and scaled.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// The columns of a table, where rows can come from one.
    pub(super) schema: Option<Schema>,
    /// Whether rows can come as arrays, or from what is built in.
    pub(super) arrays: bool,
    /// The shape of a sample.
    pub(crate) sample: Vec<usize>,
    pub(crate) features: Scale,
    pub(crate) answers: Answers,
    /// How rows of this kind are scaled where nobody says otherwise.
    pub(super) usual_scale: ScaleName,
}

/// What the answers are.
#[derive(Clone, Debug)]
pub(crate) enum Answers {
    Classes {
        /// What the column of the classes is called.
        column: String,
        names: Vec<String>,
    },
    Values {
        names: Vec<String>,
        /// Whether it is their logarithms that are learnt.
        log: bool,
        scale: Scale,
    },
}

impl Answers {
    pub(super) fn of_classes(column: &str, rows: &Dataset) -> Self {
        Self::Classes { column: column.to_owned(), names: rows.class_names().to_vec() }
    }

    pub(super) fn of_values(rows: &Dataset<Values>) -> Self {
        Self::Values { names: rows.target_names().to_vec(), log: false, scale: Scale::None }
    }
}

impl Form {
    /// Of arrays with samples of this shape.
    pub(super) fn of_arrays(sample: &[usize], answers: Answers) -> Self {
        let (sample, features) = (sample.to_vec(), Scale::None);
        Self { schema: None, arrays: true, sample, features, answers, usual_scale: ScaleName::Standard }
    }

    /// Of a data set that is built in: a table with columns of its names will do, too.
    pub(super) fn of_built(rows: &Dataset) -> Self {
        /// What the column of the answers is called.
        const CLASS: &str = "class";
        let form = Self::of_arrays(rows.sample_shape(), Answers::of_classes(CLASS, rows));
        Self { schema: Some(Schema::named(rows, CLASS)), ..form }
    }

    /// Takes the scale from the rows to train on.
    pub(super) fn fit<Y: nn::data::Targets>(
        &mut self,
        args: &TrainArgs,
        train: &Dataset<Y>,
    ) -> Result<(), Fault> {
        self.features = Scale::fit(args.scale.unwrap_or(self.usual_scale), train)?;
        Ok(())
    }

    /// The answers, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.answers {
            Answers::Classes { names, .. } => format!("{} classes", names.len()),
            Answers::Values { names, log, .. } => {
                let ln = if *log { "ln " } else { "" };
                let names: Vec<String> = names.iter().map(|name| format!("{ln}{name}")).collect();
                format!("regression of {}", names.join(", "))
            }
        }
    }

    /// Rows with their classes, not yet scaled.
    pub(crate) fn classes(&self, source: Source, path: &Path) -> Result<Dataset, Fault> {
        let Answers::Classes { names, .. } = &self.answers else {
            return Err(Fault::input(format!("{}: the network answers with numbers", path.display())));
        };
        let rows = match (source, &self.schema) {
            (Source::Table(path), Some(schema)) => schema.classes(&path)?,
            (Source::Built(name), _) if self.arrays => source::built(name),
            (Source::Arrays { rows: arrays, .. }, _) if self.arrays && arrays.answers.is_some() => {
                arrays.read(Dataset::from_numbers)?
            }
            (source, _) => return Err(self.other_kind(&source, path, true)),
        };
        self.fits(&rows, path)?;
        if rows.class_names() == names {
            return Ok(rows);
        }
        if self.arrays && rows.classes() > names.len() {
            let (found, known) = (rows.classes() - 1, names.len());
            let text = format!("the network knows {known} classes, and there is a row of class {found}");
            return Err(Fault::input(format!("{}: {text}", path.display())));
        }
        let labels = rows.labels().to_vec();
        let again = Dataset::with_targets(
            rows.features().to_owned(),
            Classes::new(labels, names).map_err(Fault::input)?,
        );
        again.and_then(|rows| rows.with_sample_shape(&self.sample)).map_err(Fault::input)
    }

    /// Rows with their numbers, not yet scaled.
    pub(crate) fn values(&self, source: Source, path: &Path) -> Result<Dataset<Values>, Fault> {
        let rows = match (source, &self.schema) {
            (Source::Table(path), Some(schema)) => schema.values(&path)?,
            (Source::Arrays { rows: arrays, .. }, _) if self.arrays && arrays.answers.is_some() => {
                arrays.read(Dataset::regression_numbers)?
            }
            (source, _) => return Err(self.other_kind(&source, path, true)),
        };
        self.fits(&rows, path)?;
        Ok(rows)
    }

    /// Rows whose answers nobody knows, scaled.
    pub(crate) fn unanswered(&self, source: Source, path: &Path) -> Result<Dataset<Unlabelled>, Fault> {
        let mut rows = match (source, &self.schema) {
            (Source::Table(path), Some(schema)) => schema.unanswered(&path)?,
            (Source::Built(name), _) if self.arrays => without_answers(&source::built(name))?,
            (Source::Arrays { rows: mut arrays, .. }, _) if self.arrays => {
                arrays.answers = None;
                without_answers(&arrays.read(Dataset::regression_numbers)?)?
            }
            (source, _) => return Err(self.other_kind(&source, path, false)),
        };
        self.fits(&rows, path)?;
        self.features.apply(&mut rows)?;
        Ok(rows)
    }

    /// Rows must be as long as those of the training.
    fn fits<Y: nn::data::Targets>(&self, rows: &Dataset<Y>, path: &Path) -> Result<(), Fault> {
        let (wanted, found): (usize, usize) = (self.sample.iter().product(), rows.width());
        if wanted == found {
            return Ok(());
        }
        let text = format!("rows of {wanted} numbers are expected, as in the training, found {found}");
        Err(Fault::input(format!("{}: {text}", path.display())))
    }

    fn other_kind(&self, source: &Source, path: &Path, answered: bool) -> Fault {
        let path = path.display();
        let text = match (source, &self.schema) {
            (Source::Arrays { .. }, _) if self.arrays && answered => {
                "there are no answers: --labels FILE is missing"
            }
            _ if !self.arrays => "the network was trained on a CSV file, and this is none",
            (Source::Table(_), None) => "the network was trained on arrays, and this is no IDX or npz file",
            _ => "the network was trained on rows of another kind",
        };
        Fault::input(format!("{path}: {text}"))
    }

    /// Writes it down.
    pub(crate) fn store(&self, notes: &mut Notes) {
        notes.put_list("sample", &self.sample);
        notes.put("arrays", self.arrays);
        self.features.store("scale", notes);
        if let Some(schema) = &self.schema {
            schema.store(notes);
        }
        match &self.answers {
            Answers::Classes { column, names } => {
                notes.put("task", "classes");
                notes.put("column", column);
                notes.put_list("class", names);
            }
            Answers::Values { names, log, scale } => {
                notes.put("task", "regression");
                notes.put_list("answer", names);
                notes.put("log", log);
                scale.store("answers", notes);
            }
        }
    }

    /// Reads what was written down.
    pub(crate) fn load(saved: &Saved<'_>) -> Result<Self, Fault> {
        let sample = saved.list("sample")?.iter().map(|axis| axis.parse()).collect::<Result<_, _>>();
        let answers = match saved.get("task")? {
            "classes" => {
                Answers::Classes { column: saved.get("column")?.to_owned(), names: saved.list("class")? }
            }
            "regression" => Answers::Values {
                names: saved.list("answer")?,
                log: saved.parse("log")?,
                scale: Scale::load("answers", saved)?,
            },
            _ => return Err(saved.unsuitable("task")),
        };
        Ok(Self {
            schema: Schema::load(saved)?,
            arrays: saved.parse("arrays")?,
            sample: sample.map_err(|_| saved.unsuitable("sample"))?,
            features: Scale::load("scale", saved)?,
            answers,
            usual_scale: ScaleName::None,
        })
    }
}

fn without_answers<Y: nn::data::Targets>(rows: &Dataset<Y>) -> Result<Dataset<Unlabelled>, Fault> {
    Dataset::with_targets(rows.features().to_owned(), Unlabelled::new(rows.len())).map_err(Fault::input)
}
