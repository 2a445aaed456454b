//! A training that was interrupted and resumed equals one that was not, bit for bit.

use std::fs;
use std::path::{Path, PathBuf};

use nn::layers::{BatchNorm, Dropout};
use nn::prelude::*;
use nn::schedule::{Plateau, Schedule};
use nn::train::{
    Checkpoints, EarlyStopping, EpochRecord, Flow, History, Observer, Per, StepRecord, TrainError,
    TrainErrorKind, Watch,
};

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("resume-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn restless(params: &mut Params<f32>) -> Sequential<f32> {
    let first = Linear::new(params, 64, 12);
    let norm = BatchNorm::new(params, 12);
    let last = Linear::new(params, 12, 10);
    Sequential::new().then(first).then(norm).then(Activation::Relu).then(Dropout::new(0.3)).then(last)
}

/// Breaks off after so many steps or epochs, as a process that is killed: without a last word.
struct Kill {
    step: u64,
    epoch: usize,
}

impl Observer for Kill {
    fn name(&self) -> &str {
        "kill"
    }
    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        if record.step == self.step { killed() } else { Ok(Flow::Continue) }
    }
    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        if record.epoch == self.epoch { killed() } else { Ok(Flow::Continue) }
    }
}

fn killed() -> Result<Flow, TrainError> {
    Err(TrainError::new(TrainErrorKind::Observer, "killed"))
}

/// What a training leaves behind.
#[derive(PartialEq)]
struct Left {
    params: Vec<u8>,
    epochs: Vec<EpochRecord>,
    stopped: Option<String>,
    validation: Option<nn::train::Evaluation>,
    csv: String,
    json: String,
    run: Vec<u8>,
    best: Vec<u8>,
}

struct Setup {
    train: Dataset,
    test: Dataset,
    folder: PathBuf,
}

impl Setup {
    fn new(name: &str) -> Self {
        let (train, rest) = Dataset::digits().split(0.12, 42); // 215 rows: 7 batches of 32, the last of 23
        let (test, _) = rest.split(0.1, 42);
        Self { train, test, folder: folder(name) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Trains from the start, or goes on from the file of the last checkpoint.
    fn train(
        &self,
        kill: Option<Kill>,
        resume: bool,
        threads: usize,
        epochs: usize,
    ) -> Result<Left, TrainError> {
        let mut params = Params::<f32>::seeded(42);
        let model = restless(&mut params);
        let run = self.file("run.safetensors");
        let mut trainer = Trainer::classifier(&model, Adam::new(2e-2))
            .epochs(epochs)
            .batch(32)
            .shards(2)
            .threads(threads)
            .accumulate(2)
            .clip_norm(1.0)
            .validate(&self.test)
            .schedule(Per::Epoch, Plateau::new(0, 0.5))
            .observe(History::csv(self.file("history.csv")))
            .observe(History::json_lines(self.file("history.jsonl")))
            .observe(EarlyStopping::new(Watch::lowest("validation_loss")).patience(4).restore_best(true));
        if let Some(kill) = kill {
            trainer = trainer.observe(kill);
        }
        let best = self.file("best.safetensors");
        let checkpoints = Checkpoints::new(&run).every_steps(3).best(&best).watch(Watch::highest("accuracy"));
        trainer = trainer.observe(checkpoints);
        let report = if resume {
            trainer.resume(&mut params, &self.train, &run)?
        } else {
            trainer.fit(&mut params, &self.train)?
        };
        drop(trainer);
        Ok(Left {
            params: params.to_bytes(),
            epochs: report.epochs.into_iter().map(|record| EpochRecord { seconds: 0.0, ..record }).collect(),
            stopped: report.stopped,
            validation: report.validation,
            csv: timeless(&self.file("history.csv")),
            json: timeless(&self.file("history.jsonl")),
            run: fs::read(run).unwrap(),
            best: fs::read(best).unwrap(),
        })
    }
}

/// The rows of a file without their last column, which is the time.
fn timeless(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|row| row.rsplit_once(',').unwrap().0.to_owned() + "\n").collect()
}

fn same(whole: &Left, resumed: &Left, what: &str) {
    let after = whole.epochs.len() - resumed.epochs.len();
    assert!(
        whole.epochs[after..] == resumed.epochs,
        "{what}: epochs\n{:?}\n{:?}",
        whole.epochs,
        resumed.epochs
    );
    assert!(whole.params == resumed.params, "{what}: parameters");
    assert_eq!(whole.csv, resumed.csv, "{what}");
    assert_eq!(whole.json, resumed.json, "{what}");
    assert!(whole.stopped == resumed.stopped && whole.validation == resumed.validation, "{what}: end");
    assert!(whole.run == resumed.run && whole.best == resumed.best, "{what}: checkpoints");
}

#[test]
fn at_every_step_and_every_epoch() {
    let setup = Setup::new("everywhere");
    let whole = setup.train(None, false, 1, 5).unwrap();
    assert_eq!(whole.csv.lines().count(), 6);
    // Four steps to an epoch; a checkpoint after every third, and after every epoch.
    for step in 4..20 {
        let threads = 1 + step as usize % 3;
        let kill = Kill { step, epoch: 0 };
        assert_eq!(setup.train(Some(kill), false, threads, 5).err().unwrap().to_string(), "killed");
        let resumed = setup.train(None, true, 3 - step as usize % 3, 5).unwrap();
        same(&whole, &resumed, &format!("step {step}"));
    }
    for epoch in 2..=5 {
        let kill = Kill { step: 0, epoch };
        assert!(setup.train(Some(kill), false, 1, 5).is_err());
        let resumed = setup.train(None, true, 2, 5).unwrap();
        same(&whole, &resumed, &format!("epoch {epoch}"));
    }
    fs::remove_dir_all(setup.folder).unwrap();
}

#[test]
fn with_more_epochs_than_were_asked_for() {
    let setup = Setup::new("more");
    let whole = setup.train(None, false, 1, 30).unwrap();
    assert!(whole.stopped.is_some(), "early stopping is to have its say");
    let short = Setup::new("more-short");
    short.train(None, false, 1, 2).unwrap();
    let resumed = short.train(None, true, 1, 30).unwrap();
    assert_eq!(resumed.epochs[0].epoch, 3);
    same(&whole, &resumed, "more epochs");
    // All that was asked for is done: nothing happens, and that is no fault.
    let before = fs::read(short.file("run.safetensors")).unwrap();
    let done = short.train(None, true, 1, 2).unwrap();
    assert!(done.epochs.is_empty() && done.run == before);
    [setup, short].into_iter().for_each(|setup| fs::remove_dir_all(setup.folder).unwrap());
}

/// Twice, the second time after rows beyond the checkpoint were written and half a row was.
#[test]
fn rows_are_neither_doubled_nor_lost() {
    let setup = Setup::new("rows");
    let whole = setup.train(None, false, 1, 4).unwrap();
    assert!(setup.train(Some(Kill { step: 0, epoch: 2 }), false, 1, 4).is_err());
    // The row of epoch 2 is there; the checkpoint is of step 6, in its midst.
    assert_eq!(timeless(&setup.file("history.csv")).lines().count(), 3);
    for name in ["history.csv", "history.jsonl"] {
        let mut text = fs::read_to_string(setup.file(name)).unwrap();
        text += if name.ends_with("csv") { "3,8,0.0" } else { "{\"epoch\":3,\"st" };
        fs::write(setup.file(name), text).unwrap();
    }
    let resumed = setup.train(None, true, 1, 4).unwrap();
    same(&whole, &resumed, "rows");
    fs::remove_dir_all(setup.folder).unwrap();
}

#[test]
fn what_does_not_fit_is_listed_and_nothing_is_changed() {
    let setup = Setup::new("mismatch");
    setup.train(None, false, 1, 1).unwrap();
    let run = setup.file("run.safetensors");
    let mut params = Params::<f32>::seeded(1);
    let model = restless(&mut params);
    let before = params.to_bytes();
    let trainer =
        || Trainer::classifier(&model, Adam::new(2e-2)).validate(&setup.test).clip_norm(1.0).accumulate(2);
    let error = trainer().batch(16).shards(1).seed(7).resume(&mut params, &setup.train, &run).unwrap_err();
    assert_eq!((error.kind(), error.path()), (TrainErrorKind::Checkpoint, Some(&*run)));
    let text = error.to_string();
    let wanted = "the training cannot go on as if it had not stopped, and nothing was changed:\n  \
                  batch: 32 in the checkpoint, 16 here\n  seed: 42 in the checkpoint, 7 here\n  \
                  shards: 2 in the checkpoint, 1 here\n  schedule: Epoch Plateau ";
    assert!(text.starts_with(&format!("{}: {wanted}", run.display())), "{text}");
    assert!(text.ends_with(" in the checkpoint, none here"), "{text}");
    assert_eq!(params.to_bytes(), before);

    // Another network, another optimiser, no checkpoint at all.
    let mut other = Params::<f32>::seeded(1);
    let small = Mlp::new(&mut other, &[64, 10], Activation::Relu);
    let schedule = || Plateau::new(0, 0.5);
    let mut wrong =
        Trainer::classifier(&small, Adam::new(2e-2)).validate(&setup.test).clip_norm(1.0).accumulate(2);
    wrong = wrong.shards(2).schedule(Per::Epoch, schedule());
    let text = wrong.resume(&mut other, &setup.train, &run).unwrap_err().to_string();
    assert!(text.starts_with(&run.display().to_string()) && text.contains("layers.0.weight"), "{text}");

    let mut wrong =
        Trainer::classifier(&model, Sgd::new(2e-2)).validate(&setup.test).clip_norm(1.0).accumulate(2);
    wrong = wrong.shards(2).schedule(Per::Epoch, schedule());
    let text = wrong.resume(&mut params, &setup.train, &run).unwrap_err().to_string();
    assert!(text.contains("adam"), "{text}");
    assert_eq!(params.to_bytes(), before);

    let error = trainer().resume(&mut params, &setup.train, setup.file("nothing")).unwrap_err();
    assert_eq!(error.path(), None);
    assert!(error.to_string().contains("nothing: "), "{error}");
    params.save(setup.file("weights.safetensors")).unwrap();
    let text = trainer()
        .resume(&mut params, &setup.train, setup.file("weights.safetensors"))
        .unwrap_err()
        .to_string();
    assert!(text.contains("a checkpoint is expected"), "{text}");
    fs::remove_dir_all(setup.folder).unwrap();
}

/// Far too high from the fourth epoch on.
#[derive(Debug)]
struct Wild;

impl Schedule for Wild {
    fn factor(&self, tick: u64) -> f64 {
        if tick < 3 { 1.0 } else { 100.0 }
    }
}

#[test]
fn the_last_files_are_kept_and_the_best_is_the_best() {
    let setup = Setup::new("keep");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let (run, best) = (setup.file("run.safetensors"), setup.file("best.safetensors"));
    let checkpoints = Checkpoints::new(&run).keep(3).best(&best).text("architecture", "mlp 64 10");
    let mut trainer = Trainer::classifier(&model, Sgd::new(0.5))
        .epochs(7)
        .validate(&setup.test)
        .schedule(Per::Epoch, Wild)
        .observe(checkpoints);
    let report = trainer.fit(&mut params, &setup.train).unwrap();
    drop(trainer);
    let epoch = |name: &str| nn::Checkpoint::read(setup.file(name)).unwrap().position().epoch;
    assert_eq!(["run.safetensors", "run.1.safetensors", "run.2.safetensors"].map(epoch), [7, 6, 5]);
    assert!(!setup.file("run.3.safetensors").exists());
    let lowest =
        report.epochs.iter().min_by(|a, b| a.validation_loss.unwrap().total_cmp(&b.validation_loss.unwrap()));
    assert_eq!(epoch("best.safetensors"), lowest.unwrap().epoch as u64);
    assert!(lowest.unwrap().epoch < 7);
    assert_eq!(nn::Checkpoint::read(&best).unwrap().text("architecture"), Some("mlp 64 10"));
    assert_eq!(report.epochs[6].learning_rate, 50.0);
    fs::remove_dir_all(setup.folder).unwrap();
}

#[test]
fn files_that_cannot_be_written_stop_the_training_and_are_named() {
    let setup = Setup::new("unwritable");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let nowhere = setup.file("no/such/folder/file");
    let trainer = || Trainer::classifier(&model, Sgd::new(0.1)).epochs(1);
    for error in [
        trainer().observe(History::csv(&nowhere)).fit(&mut params, &setup.train).unwrap_err(),
        trainer().observe(Checkpoints::new(&nowhere)).fit(&mut params, &setup.train).unwrap_err(),
    ] {
        assert_eq!(error.kind(), TrainErrorKind::Io);
        assert!(error.to_string().contains(&*nowhere.to_string_lossy()), "{error}");
    }
    let file = setup.file("other.csv");
    fs::write(&file, "epoch,beauty\n1,2\n").unwrap();
    setup.train(None, false, 1, 1).unwrap();
    fs::copy(&file, setup.file("history.csv")).unwrap();
    let error = setup.train(None, true, 1, 2).err().unwrap().to_string();
    assert!(
        error.contains("history: the columns epoch,step,learning_rate,loss,validation_loss,accuracy,"),
        "{error}"
    );
    assert!(error.ends_with("are expected, found epoch,beauty"), "{error}");
    let text = trainer()
        .observe(EarlyStopping::new(Watch::lowest("validation_loss")))
        .fit(&mut params, &setup.train)
        .unwrap_err()
        .to_string();
    let wanted =
        "early stopping: there is no `validation_loss` to watch, only loss: validation data are missing";
    assert_eq!(text, wanted);
    fs::remove_dir_all(setup.folder).unwrap();
}
