//! Where rows come from: a name that is built in, files of arrays, or a table.

use std::path::{Path, PathBuf};

use ndarray::{ArrayD, IxDyn};
use nn::data::{Npz, Numbers, read_idx};
use nn::{DataError, Dataset};

use crate::fault::Fault;

/// Rows, not yet looked at.
pub(crate) enum Source {
    /// A data set that is built in.
    Built(&'static str),
    /// Arrays from IDX files or from an npz file.
    Arrays { rows: Box<Arrays>, test: Option<Box<Arrays>> },
    /// A CSV file.
    Table(PathBuf),
}

/// An array of rows, and one of answers.
pub(crate) struct Arrays {
    pub(crate) rows: Numbers,
    pub(crate) answers: Option<Numbers>,
    /// The file of the rows.
    pub(crate) path: PathBuf,
}

impl Arrays {
    /// Makes a data set of them. Where there are no answers, each row has none.
    pub(crate) fn read<Y>(
        self,
        read: impl FnOnce(Numbers, Numbers) -> Result<Dataset<Y>, DataError>,
    ) -> Result<Dataset<Y>, Fault> {
        let Self { rows, answers, path } = self;
        let count = rows.shape().first().copied().unwrap_or_default();
        let answers = answers.unwrap_or_else(|| ArrayD::<f32>::zeros(IxDyn(&[count, 0])).into());
        read(rows, answers).map_err(|error| match error.path() {
            Some(_) => Fault::input(error),
            None => Fault::input(format!("{}: {error}", path.display())),
        })
    }
}

/// The data sets that are built in.
const BUILT: [&str; 2] = ["digits", "iris"];

/// The names of arrays in an npz file: rows and answers to train on, and those to test on.
const NAMES: [[&str; 4]; 3] = [
    ["x_train", "y_train", "x_test", "y_test"],
    ["x", "y", "x_test", "y_test"],
    ["X", "y", "X_test", "y_test"],
];

impl Source {
    /// What a path, or a name, stands for. The rows of a directory are those to train on, with others to test on.
    pub(crate) fn open(path: &Path, labels: Option<&Path>) -> Result<Self, Fault> {
        let built = BUILT.into_iter().find(|name| path.as_os_str() == *name);
        let no_images = || match labels {
            Some(_) => {
                Err(Fault::input(format!("--labels goes with IDX files, and {} is none", path.display())))
            }
            None => Ok(()),
        };
        if let Some(name) = built {
            no_images()?;
            return Ok(Self::Built(name));
        }
        if path.is_dir() {
            no_images()?;
            return family(path);
        }
        if is_idx(path) {
            return Ok(Self::Arrays { rows: Box::new(idx(path, labels)?), test: None });
        }
        no_images()?;
        match path.extension() {
            Some(extension) if extension == "npz" => numpy(path),
            _ => Ok(Self::Table(path.to_owned())),
        }
    }

    /// Of rows to train on and rows to test on, the latter.
    pub(crate) fn for_testing(self) -> Self {
        match self {
            Self::Arrays { test: Some(test), .. } => Self::Arrays { rows: test, test: None },
            other => other,
        }
    }
}

/// A data set that is built in.
pub(crate) fn built(name: &str) -> Dataset {
    if name == "iris" { Dataset::iris() } else { Dataset::digits() }
}

/// Whether the name is one of an IDX file, as they are called since the first of them.
fn is_idx(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    ["ubyte", ".idx"].iter().any(|end| name.ends_with(end)) || name.contains("-idx")
}

fn idx(images: &Path, labels: Option<&Path>) -> Result<Arrays, Fault> {
    let rows = read_idx(images).map_err(Fault::input)?;
    let answers = labels.map(read_idx).transpose().map_err(Fault::input)?;
    Ok(Arrays { rows, answers, path: images.to_owned() })
}

/// The four files of the MNIST family.
fn family(directory: &Path) -> Result<Source, Fault> {
    let file = |name: &str| {
        // Some unpack the files under a name with a dot.
        let dotted = name.replace("-idx", ".idx");
        let names = [format!("{name}.gz"), name.to_owned(), format!("{dotted}.gz"), dotted];
        let found = names.iter().map(|name| directory.join(name)).find(|path| path.exists());
        found.ok_or_else(|| {
            let text = "there is no file, as there is in a directory of the MNIST family";
            Fault::input(format!("{}[.gz]: {text}", directory.join(name).display()))
        })
    };
    let part = |name: &str| {
        let images = file(&format!("{name}-images-idx3-ubyte"))?;
        let labels = file(&format!("{name}-labels-idx1-ubyte"))?;
        Ok::<_, Fault>((images, labels))
    };
    // All four are looked for before the first is read.
    let [train, test] = [part("train")?, part("t10k")?];
    let read = |(images, labels): (PathBuf, PathBuf)| idx(&images, Some(&labels)).map(Box::new);
    Ok(Source::Arrays { rows: read(train)?, test: Some(read(test)?) })
}

/// The arrays of an npz file, by their usual names.
fn numpy(path: &Path) -> Result<Source, Fault> {
    let mut file = Npz::open(path).map_err(Fault::input)?;
    let names = file.names();
    let there = |name: &str| names.iter().any(|other| other == name);
    let Some([x, y, test_x, test_y]) = NAMES.into_iter().find(|[x, ..]| there(x)) else {
        let text =
            format!("arrays named x and y, or x_train and y_train, are expected, found {}", names.join(", "));
        return Err(Fault::input(format!("{}: {text}", path.display())));
    };
    let mut part = |x: &str, y: &str| {
        let rows = file.array(x).map_err(Fault::input)?;
        let answers = there(y).then(|| file.array(y)).transpose().map_err(Fault::input)?;
        Ok::<_, Fault>(Box::new(Arrays { rows, answers, path: path.to_owned() }))
    };
    let rows = part(x, y)?;
    let test = there(test_x).then(|| part(test_x, test_y)).transpose()?;
    Ok(Source::Arrays { rows, test })
}
