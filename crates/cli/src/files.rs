//! The files that a training writes.

use std::path::{Path, PathBuf};

use nn::train::History;

use crate::args::TrainArgs;
use crate::fault::Fault;

fn history(path: &Path) -> Result<History, Fault> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => Ok(History::csv(path)),
        Some("jsonl") => Ok(History::json_lines(path)),
        _ => {
            let path = path.display();
            Err(Fault::input(format!("--history {path}: a file that ends in .csv or .jsonl is expected")))
        }
    }
}

/// What a training writes while it runs.
pub(crate) struct Files {
    pub(crate) history: Option<History>,
    pub(crate) places: Option<Places>,
}

impl Files {
    /// Those that were asked for. There is room for those, too, that are written at the end.
    pub(crate) fn of(args: &TrainArgs) -> Result<Self, Fault> {
        let history = args.history.as_deref().map(history).transpose()?;
        for path in [&args.export_torch, &args.report, &args.graph].into_iter().flatten() {
            make_room(path)?;
        }
        Ok(Self { history, places: args.save.as_deref().map(Places::of).transpose()? })
    }
}

/// The files of a training that is saved.
pub(crate) struct Places {
    pub(crate) last: PathBuf,
    pub(crate) best: PathBuf,
}

impl Places {
    fn of(path: &Path) -> Result<Self, Fault> {
        let places = match path.extension() {
            Some(extension) if extension == "safetensors" => {
                Self { last: path.to_owned(), best: path.with_extension("best.safetensors") }
            }
            _ => Self { last: path.join("last.safetensors"), best: path.join("best.safetensors") },
        };
        make_room(&places.last)?;
        Ok(places)
    }
}

/// Makes the directory of a file that is to be written at the end, so that a fault is found at the beginning.
fn make_room(file: &Path) -> Result<(), Fault> {
    match file.parent() {
        // That of `run.safetensors` is "", which is there.
        Some(directory) if !directory.as_os_str().is_empty() => std::fs::create_dir_all(directory)
            .map_err(|error| Fault::input(format!("{}: {error}", file.display()))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_stands_beside_the_last() {
        let places = Places::of(Path::new("run.1.safetensors")).unwrap();
        assert_eq!((places.last, places.best), ("run.1.safetensors".into(), "run.1.best.safetensors".into()));
    }
}
