//! What `chainrule train` learns from: rows, cut into parts and scaled.

mod form;
mod scale;
mod source;
mod table;

use nn::Dataset;
use nn::data::{Classes, Values};

pub(crate) use form::{Answers, Form};
pub(crate) use scale::Scale;
pub(crate) use source::Source;

use crate::args::{ScaleName, TaskName, TrainArgs};
use crate::fault::Fault;
use crate::task::Task;

use source::Arrays;

/// Rows as they were read.
pub(crate) enum Loaded {
    Classes(Rows<Classes>),
    Values(Rows<Values>),
}

/// Rows as they were read: not yet cut, not yet scaled.
pub(crate) struct Rows<Y> {
    name: String,
    data: Dataset<Y>,
    /// Those to test on, where they are not a part of the others.
    test: Option<Dataset<Y>>,
    form: Form,
}

/// Rows to learn from, and rows that tell what was learnt, all on the scale of the first.
pub(crate) struct Parts<Y> {
    pub(crate) name: String,
    pub(crate) train: Dataset<Y>,
    pub(crate) test: Dataset<Y>,
    /// Rows to choose by, where they are not those of the test.
    held: Option<Dataset<Y>>,
    pub(crate) form: Form,
}

impl Loaded {
    /// Reads what was asked for.
    pub(crate) fn read(args: &TrainArgs) -> Result<Self, Fault> {
        let source = Source::open(&args.data, args.labels.as_deref())?;
        let name = args.data.display().to_string();
        if !matches!(source, Source::Table(_)) {
            let tables = [
                ("--target", args.target.is_some()),
                ("--no-header", args.no_header),
                ("--drop", !args.drop.is_empty()),
                ("--categorical", !args.categorical.is_empty()),
                ("--missing", args.missing != crate::args::Missing::default()),
            ];
            if let Some((option, _)) = tables.iter().find(|(_, given)| *given) {
                return Err(Fault::input(format!("{option} goes with CSV files, and {name} is none")));
            }
        }
        let other = match &args.test_data {
            None => None,
            Some(path) => Some(Source::open(path, args.test_labels.as_deref())?.for_testing()),
        };
        let loaded = match source {
            Source::Built(built) => {
                if args.task == Some(TaskName::Regression) {
                    let text = format!("{built} has classes: --task regression has nothing to learn");
                    return Err(Fault::input(text));
                }
                let (data, scale) = (
                    source::built(built),
                    if built == "iris" { ScaleName::Standard } else { ScaleName::None },
                );
                let form = Form::of_built(&data);
                let rows = Rows { name: format!("{built}, built in"), data, test: None, form };
                Self::Classes(rows.scaled_by(scale))
            }
            Source::Arrays { rows, test } => arrays(name, *rows, test, args)?,
            Source::Table(path) => table::read(&path, args)?,
        };
        let loaded = match other {
            None => loaded,
            Some(other) => loaded.tested_on(other, args)?,
        };
        match &loaded {
            Self::Classes(_) if args.log_target => {
                Err(Fault::input("--log-target goes with --task regression"))
            }
            Self::Classes(rows) if rows.data.classes() < 2 => {
                Err(Fault::input(format!("{}: two classes or more are expected, found one", rows.name)))
            }
            _ => Ok(loaded),
        }
    }

    /// The same with rows of another source to test on.
    fn tested_on(self, source: Source, args: &TrainArgs) -> Result<Self, Fault> {
        let path = args.test_data.as_deref().unwrap_or(&args.data);
        Ok(match self {
            Self::Classes(rows) => {
                let test = Some(rows.form.classes(source, path)?);
                Self::Classes(Rows { test, ..rows })
            }
            Self::Values(rows) => {
                let test = Some(rows.form.values(source, path)?);
                Self::Values(Rows { test, ..rows })
            }
        })
    }
}

/// Rows of arrays: classes where the answers are whole numbers, unless the task says otherwise.
fn arrays(name: String, rows: Arrays, test: Option<Box<Arrays>>, args: &TrainArgs) -> Result<Loaded, Fault> {
    let path = rows.path.clone();
    let Some(answers) = &rows.answers else {
        let npz = path.extension().is_some_and(|extension| extension == "npz");
        let hint = if npz { "there is no array y" } else { "--labels FILE is missing" };
        return Err(Fault::input(format!("{name}: there are no answers to learn: {hint}")));
    };
    let whole = !matches!(answers.kind(), "f32" | "f64");
    // Bytes are pixels, which come as numbers between 0 and 1.
    let scale = if rows.rows.kind() == "u8" { ScaleName::None } else { ScaleName::Standard };
    let test = test.map(|test| Source::Arrays { rows: test, test: None });
    Ok(match args.task.unwrap_or(if whole { TaskName::Classes } else { TaskName::Regression }) {
        TaskName::Classes => {
            let data = rows.read(Dataset::from_numbers)?;
            let form = Form::of_arrays(data.sample_shape(), Answers::of_classes("label", &data));
            let test = test.map(|test| form.classes(test, &path)).transpose()?;
            Loaded::Classes(Rows { name, data, test, form }.scaled_by(scale))
        }
        TaskName::Regression => {
            let data = rows.read(Dataset::regression_numbers)?;
            let form = Form::of_arrays(data.sample_shape(), Answers::of_values(&data));
            let test = test.map(|test| form.values(test, &path)).transpose()?;
            Loaded::Values(Rows { name, data, test, form }.scaled_by(scale))
        }
    })
}

impl<Y: Task> Rows<Y> {
    /// The same with this way to scale, where the user says nothing.
    fn scaled_by(mut self, usual: ScaleName) -> Self {
        self.form.usual_scale = usual;
        self
    }

    /// The parts of one training.
    pub(crate) fn split(self, args: &TrainArgs) -> Result<Parts<Y>, Fault> {
        /// The part of the rows to train on where nobody says otherwise.
        const SPLIT: f64 = 0.8;
        let Self { name, data, test, form } = self;
        match test {
            Some(_) if args.split.is_some() => {
                Err(Fault::input(format!("{name}: there are rows to test on: --split has nothing to do")))
            }
            Some(test) => Parts::new(name, data, test, form, args),
            None => {
                let split = args.split.unwrap_or(SPLIT);
                let (train, test) = data.try_split(split, args.seed).map_err(Fault::input)?;
                for (part, purpose) in [(&train, "train on"), (&test, "test on")] {
                    if part.is_empty() {
                        let rows = data.len();
                        let text = format!("--split {split} of {rows} rows leaves none to {purpose}");
                        return Err(Fault::input(text));
                    }
                }
                Parts::new(name, train, test, form, args)
            }
        }
    }

    /// The parts of so many trainings, each tested on other rows.
    pub(crate) fn folds<'a>(
        &'a self,
        args: &'a TrainArgs,
        count: usize,
    ) -> Result<impl Iterator<Item = Result<Parts<Y>, Fault>> + 'a, Fault> {
        if self.test.is_some() {
            let name = &self.name;
            return Err(Fault::input(format!(
                "{name}: there are rows to test on: --folds has nothing to do"
            )));
        }
        let folds = self.data.try_folds(count, args.seed).map_err(Fault::input)?;
        let parts = |(train, test)| Parts::new(self.name.clone(), train, test, self.form.clone(), args);
        Ok(folds.map(parts))
    }

    /// Name and size in a line.
    pub(crate) fn describe_folds(&self, count: usize) -> String {
        let Self { name, data, form, .. } = self;
        format!("{name}: {}, {}, {} rows in {count} folds", features(data), form.describe(), data.len())
    }
}

impl<Y: Task> Parts<Y> {
    fn new(
        name: String,
        train: Dataset<Y>,
        test: Dataset<Y>,
        mut form: Form,
        args: &TrainArgs,
    ) -> Result<Self, Fault> {
        let (mut train, mut held) = match args.validation {
            None => (train, None),
            Some(part) => {
                let (held, train) = train.try_split(part, args.seed).map_err(Fault::input)?;
                if held.is_empty() || train.is_empty() {
                    let rows = held.len() + train.len();
                    return Err(Fault::input(format!(
                        "--validation {part} of {rows} rows leaves a part without any"
                    )));
                }
                (train, Some(held))
            }
        };
        let mut test = test;
        // The scale comes from the rows that may be looked at.
        form.fit(args, &train)?;
        for rows in [&mut train, &mut test].into_iter().chain(&mut held) {
            form.features.apply(rows)?;
        }
        Y::fit(&mut form, args, &train)?;
        for rows in [&mut train, &mut test].into_iter().chain(&mut held) {
            Y::scale(&form, rows)?;
        }
        Ok(Self { name, train, test, held, form })
    }

    /// The rows to choose by.
    pub(crate) fn validation(&self) -> &Dataset<Y> {
        self.held.as_ref().unwrap_or(&self.test)
    }

    /// What the rows to choose by are called.
    pub(crate) fn against(&self) -> &'static str {
        if self.held.is_some() { "validation" } else { "test" }
    }

    /// Name and size in a line.
    pub(crate) fn describe(&self) -> String {
        let Self { name, train, test, held, form } = self;
        let held = held.as_ref().map_or_else(String::new, |held| format!(", {} to choose by", held.len()));
        format!(
            "{name}: {}, {}, {} rows to train on{held}, {} to test on",
            features(train),
            form.describe(),
            train.len(),
            test.len()
        )
    }

    /// A number that tells these training rows from others: FNV-1a, over the bits of the numbers.
    ///
    /// Source: G. Fowler, L. C. Noll, K.-P. Vo, *FNV hash*, <http://www.isthe.com/chongo/tech/comp/fnv/>.
    pub(crate) fn fingerprint(&self) -> String {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let features = self.train.features();
        let bits = features.iter().map(|x| x.to_bits()).chain(Y::bits(&self.train));
        let hash = bits.fold(OFFSET, |hash, bits| (hash ^ u64::from(bits)).wrapping_mul(PRIME));
        format!("{}x{}:{hash:016x}", features.nrows(), features.ncols())
    }
}

fn features<Y: Task>(rows: &Dataset<Y>) -> String {
    let s = if rows.width() == 1 { "" } else { "s" };
    format!("{} feature{s}", rows.width())
}
