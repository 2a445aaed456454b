//! Saving a training while it runs.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::{TrainError, TrainErrorKind};
use super::observer::{Flow, Observer, ObserverState, Run};
use super::record::{EpochRecord, StepRecord};
use super::snapshot::Snapshot;
use super::watch::Watch;
use crate::params::Params;

/// Saves the training in a file, for [`Trainer::resume`](super::Trainer::resume) and for its weights: after every epoch
/// unless told otherwise, and at the end. Files are replaced in one step, so that there is always a whole one.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// use nn::train::{Checkpoints, Watch};
/// # let folder = std::env::temp_dir().join(format!("checkpoints-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let (run, best) = (folder.join("run.safetensors"), folder.join("best.safetensors"));
/// let (train, test) = Dataset::digits().split(0.8, 42);
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
///
/// let checkpoints = || Checkpoints::new(&run).best(&best).watch(Watch::highest("accuracy"));
/// let trainer = || Trainer::classifier(&model, Adam::new(5e-3)).validate(&test).observe(checkpoints());
/// trainer().epochs(2).fit(&mut params, &train)?;
///
/// // Another day, in another process: two more epochs.
/// let report = trainer().epochs(4).resume(&mut params, &train, &run)?;
/// assert_eq!(report.epochs[0].epoch, 3);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Checkpoints {
    path: PathBuf,
    epochs: usize,
    steps: Option<u64>,
    keep: usize,
    best: Option<PathBuf>,
    watch: Option<Watch>,
    texts: Vec<(String, String)>,
    /// The best number so far.
    record: Option<f64>,
    /// What is to be saved next.
    due: Due,
    /// The epochs and steps that were done at the last save, and those that are now.
    saved: Option<(usize, u64)>,
    now: (usize, u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Due {
    run: bool,
    best: bool,
}

impl Checkpoints {
    /// In this file, after every epoch.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            epochs: 1,
            steps: None,
            keep: 1,
            best: None,
            watch: None,
            texts: Vec::new(),
            record: None,
            due: Due::default(),
            saved: None,
            now: (0, 0),
        }
    }

    /// After every so many epochs, and at the end; 0 for the end alone.
    #[must_use]
    pub fn every(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// After every so many steps, too: a training whose epochs take long can then go on in the midst of one.
    ///
    /// # Panics
    /// There are 0.
    #[must_use]
    #[track_caller]
    pub fn every_steps(self, steps: u64) -> Self {
        assert!(steps > 0, "a checkpoint every 0 steps");
        Self { steps: Some(steps), ..self }
    }

    /// How many files are kept, 1 unless set: beside `run.safetensors`, which is the last, those before it as
    /// `run.1.safetensors`, `run.2.safetensors` …
    #[must_use]
    pub fn keep(self, files: usize) -> Self {
        Self { keep: files.max(1), ..self }
    }

    /// The training after its best epoch, in another file.
    #[must_use]
    pub fn best(self, path: impl Into<PathBuf>) -> Self {
        Self { best: Some(path.into()), ..self }
    }

    /// What tells which epoch is the best: the lowest `validation_loss` unless set, or the lowest `loss` where there are no
    /// validation data.
    #[must_use]
    pub fn watch(self, watch: Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// A text that is saved with all files: what the network is, where the data come from. See
    /// [`Checkpoint::text`](crate::checkpoint::Checkpoint::text).
    ///
    /// # Panics
    /// The name begins with `chainrule.`, when it is saved.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.push((name.into(), text.into()));
        self
    }

    /// Moves the files that are kept on by one, and leaves the last one where it is.
    fn rotate(&self) -> Result<(), TrainError> {
        for number in (1..self.keep).rev() {
            let (from, to) = (self.numbered(number - 1), self.numbered(number));
            let moved = match number {
                // It stays until it is replaced: a training that is killed here has it still.
                1 => link(&from, &to),
                _ => fs::rename(&from, &to),
            };
            match moved {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(TrainError::caused(TrainErrorKind::Io, error).in_file(to));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn numbered(&self, number: usize) -> PathBuf {
        match (number, self.path.extension()) {
            (0, _) => self.path.clone(),
            (_, Some(extension)) => {
                let mut end = std::ffi::OsString::from(format!("{number}."));
                end.push(extension);
                self.path.with_extension(end)
            }
            (_, None) => self.path.with_extension(number.to_string()),
        }
    }
}

/// A second name for a file, or a copy where the file system knows no second names.
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::hard_link(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => fs::copy(from, to).map(drop),
        done => done,
    }
}

impl Observer for Checkpoints {
    fn name(&self) -> &str {
        "checkpoints"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        if self.best.is_some() {
            let validated = run.values.iter().any(|value| value == "validation_loss");
            let usual = || Watch::lowest(if validated { "validation_loss" } else { "loss" });
            self.watch.get_or_insert_with(usual).check("checkpoints", run)?;
        }
        (self.record, self.due, self.saved, self.now) = (None, Due::default(), None, (run.done, run.step));
        Ok(())
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        self.now = (record.epoch - 1, record.step);
        self.due.run |= self.steps.is_some_and(|steps| record.step.is_multiple_of(steps));
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        self.now = (record.epoch, record.step);
        self.due.run |= self.epochs > 0 && record.epoch.is_multiple_of(self.epochs);
        if let (Some(_), Some(watch)) = (&self.best, &self.watch) {
            let value = watch.value(record);
            if watch.better(value, self.record, 0.0) {
                (self.record, self.due.best) = (Some(value), true);
            }
        }
        Ok(Flow::Continue)
    }

    fn due(&self, last: bool) -> bool {
        self.due.run || self.due.best || last && self.saved != Some(self.now)
    }

    fn save(&mut self, snapshot: &Snapshot<'_>) -> Result<(), TrainError> {
        let Due { run, best } = std::mem::take(&mut self.due);
        let mut checkpoint = snapshot.checkpoint();
        for (name, text) in &self.texts {
            checkpoint = checkpoint.with_text(name, text);
        }
        let fault = |error| TrainError::caused(TrainErrorKind::Io, error);
        if let Some(path) = self.best.as_ref().filter(|_| best) {
            checkpoint.write(path).map_err(fault)?;
        }
        if run || snapshot.last && self.saved != Some(self.now) {
            self.rotate()?;
            checkpoint.write(&self.path).map_err(fault)?;
            self.saved = Some(self.now);
        }
        Ok(())
    }

    fn state(&self) -> ObserverState {
        ObserverState::default().with("best", self.record.into_iter().collect::<Vec<_>>())
    }

    fn restore(&mut self, state: &ObserverState, _: &Params<f32>) -> Result<(), TrainError> {
        self.record = state.get("best").first().copied();
        self.saved = Some(self.now);
        Ok(())
    }
}
