//! Event files, read back: by a reader of a few lines, and by `TensorBoard` itself.

mod read;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use draw::TensorBoard;
use nn::prelude::*;
use nn::train::{Checkpoints, History, Report, TrainErrorKind};

use read::{Event, event_files, events};

/// An empty folder of this name.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tensorboard").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn events_into(folder: &Path, train: &Dataset) -> TensorBoard {
    TensorBoard::new(folder.join("run"))
        .text("configuration", "seed 42, **digits**")
        .images("digits", train, 2)
        .hyperparameter("batch", "a quarter of 1000")
        .hyperparameter("augmented", false)
}

/// Trains so many epochs, from nothing or from a checkpoint, and keeps a copy of the checkpoint of each epoch.
fn training(folder: &Path, epochs: usize, from: Option<&str>) -> Report {
    let (train, test) = Dataset::digits().split(0.8, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 8, 10], Activation::Relu);
    let mut trainer = Trainer::classifier(&model, Adam::new(0.01))
        .epochs(epochs)
        .batch(256)
        .validate(&test)
        .observe(events_into(folder, &train))
        .observe(History::csv(folder.join("history.csv")))
        .observe(Checkpoints::new(folder.join("run.safetensors")).every_steps(1).keep(20));
    match from {
        None => trainer.fit(&mut params, &train),
        Some(name) => trainer.resume(&mut params, &train, folder.join(name)),
    }
    .unwrap()
}

/// A training of three epochs that went on twice from a checkpoint: in the midst of its third, and after its second.
fn interrupted(name: &str) -> (PathBuf, usize) {
    let folder = folder(name);
    let steps = training(&folder, 3, None).steps as usize / 3;
    // The last file but n is that of n steps before the end.
    for back in [2, steps] {
        fs::copy(folder.join(format!("run.{back}.safetensors")), folder.join(format!("back.{back}")))
            .unwrap();
    }
    training(&folder, 3, Some("back.2"));
    training(&folder, 4, Some(&format!("back.{steps}")));
    (folder, steps)
}

/// Each row of a history: names with numbers.
fn history(folder: &Path) -> Vec<Vec<(String, f64)>> {
    let text = fs::read_to_string(folder.join("history.csv")).unwrap();
    let mut rows = text.lines().map(|line| line.split(','));
    let names: Vec<&str> = rows.next().unwrap().collect();
    rows.map(|row| {
        names.iter().map(|&name| name.to_owned()).zip(row.map(|cell| cell.parse().unwrap())).collect()
    })
    .collect()
}

/// The scalars of an event of this tag.
fn scalars(events: &[Event], tag: &str) -> Vec<(u64, f32)> {
    let of_event = |event: &Event| {
        let found = event.values.iter().find(|value| value.tag == tag)?;
        Some((event.step, found.scalar?))
    };
    events.iter().filter_map(of_event).collect()
}

#[test]
fn every_number_of_the_history_is_there() {
    let folder = folder("history");
    let report = training(&folder, 2, None);
    let files = event_files(&folder.join("run"));
    assert_eq!(files.len(), 1);
    let events = events(&files[0]);
    assert_eq!(events[0].version.as_deref(), Some("brain.Event:2"));
    assert!(events[1].start && events[1].step == 0);
    assert!(events.windows(2).all(|pair| pair[0].wall_time <= pair[1].wall_time));

    let rows = history(&folder);
    assert_eq!(rows.len(), 2);
    for (k, row) in rows.iter().enumerate() {
        let step = row[1].1 as u64;
        for (name, number) in row.iter().filter(|(name, _)| name != "step") {
            let found = scalars(&events, &name.replace(' ', "/"));
            assert_eq!((found.len(), found[k]), (2, (step, *number as f32)), "{name}");
        }
    }
    for tag in ["step/loss", "step/gradient_norm", "step/learning_rate"] {
        let steps: Vec<u64> = scalars(&events, tag).iter().map(|&(step, _)| step).collect();
        assert_eq!(steps, (1..=report.steps).collect::<Vec<_>>(), "{tag}");
    }
}

#[test]
fn histograms_count_all_weights() {
    let folder = folder("histograms");
    training(&folder, 1, None);
    let events = events(&event_files(&folder.join("run"))[0]);
    let shapes =
        [("layers.0.weight", 512), ("layers.0.bias", 8), ("layers.1.weight", 80), ("layers.1.bias", 10)];
    for (name, count) in shapes {
        let tag = format!("weights/{name}");
        let found: Vec<_> =
            events.iter().flat_map(|event| &event.values).filter(|value| value.tag == tag).collect();
        let [value] = found[..] else { panic!("{name}: {found:?}") };
        let histogram = value.histogram.as_ref().unwrap();
        assert_eq!(
            (histogram.num, histogram.buckets.iter().sum::<f64>()),
            (f64::from(count), f64::from(count))
        );
        assert_eq!(histogram.limits.len(), histogram.buckets.len());
        assert!(histogram.limits.is_sorted() && histogram.min < histogram.limits[0]);
        assert_eq!(histogram.limits.last(), Some(&histogram.max));
        let (mean, mean_square) = (histogram.sum / histogram.num, histogram.sum_squares / histogram.num);
        assert!(mean > histogram.min && mean < histogram.max && mean_square > mean * mean, "{histogram:?}");
    }
}

#[test]
fn numbers_that_are_alike_are_one_bin() {
    let folder = folder("alike");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    params.insert("idle", ([20], vec![0.5; 20]));
    let observer = TensorBoard::new(&folder).steps(0);
    let mut trainer = Trainer::classifier(&model, Sgd::new(0.1)).epochs(1).observe(observer);
    trainer.fit(&mut params, &Dataset::digits()).unwrap();
    drop(trainer);
    let events = events(&event_files(&folder)[0]);
    assert!(scalars(&events, "step/loss").is_empty(), "none was asked for");
    let histogram = events
        .iter()
        .flat_map(|event| &event.values)
        .find(|value| value.tag == "weights/idle")
        .and_then(|value| value.histogram.as_ref())
        .unwrap();
    assert_eq!((&histogram.limits[..], &histogram.buckets[..]), (&[0.5][..], &[20.0][..]));
}

#[test]
fn a_training_that_goes_on_says_from_where() {
    let (folder, steps) = interrupted("goes-on");
    let files = event_files(&folder.join("run"));
    assert_eq!(files.len(), 3, "a file for each run");
    let starts: Vec<u64> = files.iter().map(|file| events(file)[1].step).collect();
    let steps = steps as u64;
    assert_eq!(starts, [0, 3 * steps - 1, 2 * steps + 1]);
    let all: Vec<Event> = files.iter().flat_map(|file| events(file)).collect();
    let texts =
        all.iter().flat_map(|event| &event.values).filter(|value| value.tag == "configuration").count();
    assert_eq!(texts, 1, "it is there already when the training goes on");
    for (file, start) in files.iter().zip(starts) {
        let of_file = scalars(&events(file), "step/loss");
        let first = start.max(1);
        assert!(of_file.iter().map(|&(step, _)| step).eq(first..first + of_file.len() as u64));
    }
}

#[test]
fn the_folder_is_named_when_it_cannot_be_made() {
    let folder = folder("fault");
    fs::write(folder.join("run"), "a file").unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let mut trainer =
        Trainer::classifier(&model, Sgd::new(0.1)).observe(TensorBoard::new(folder.join("run")));
    let error = trainer.fit(&mut params, &Dataset::digits()).unwrap_err();
    assert_eq!(error.kind(), TrainErrorKind::Io);
    let text = error.to_string();
    assert!(text.starts_with(&format!("{}: ", folder.join("run").display())), "{text}");
}

/// It runs where Python knows `TensorBoard`; with `CHAINRULE_TENSORBOARD=required` it fails where Python does not.
#[test]
fn tensorboard_reads_what_was_written() {
    let python = |arguments: &[&str]| Command::new("python3").args(arguments).output();
    if !python(&["-c", "import tensorboard"]).is_ok_and(|output| output.status.success()) {
        let required = std::env::var("CHAINRULE_TENSORBOARD").is_ok_and(|value| value == "required");
        assert!(!required, "python3 cannot import tensorboard");
        eprintln!("skipped: python3 cannot import tensorboard");
        return;
    }
    let (folder, steps) = interrupted("python");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tensorboard/compare.py");
    let (run, history) = (folder.join("run"), folder.join("history.csv"));
    let output =
        python(&[script, run.to_str().unwrap(), history.to_str().unwrap(), &steps.to_string()]).unwrap();
    let [said, fault] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{said}{fault}");
    // 4 epochs of epoch, rate, two losses, accuracy, two numbers of two layers, and seconds; three of each step.
    assert!(said.contains(&format!("{} numbers are equal", 4 * 10 + 4 * steps * 3)), "{said}");
}
