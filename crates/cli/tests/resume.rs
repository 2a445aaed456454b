//! `chainrule train --save` and `--resume`: what is written, and what goes on.

mod common;

use std::fs;
use std::path::Path;

use common::files::{two_sides, without_seconds};
use common::{Run, directory, program, refused, run, succeeds};

/// Runs the program in a directory with data, where paths are short and the same in every directory.
fn inside(place: &Path, line: &str) -> Run {
    fs::write(place.join("rows.csv"), two_sides("x,side,y\n")).unwrap();
    let mut command = program(&line.split_whitespace().collect::<Vec<_>>());
    command.current_dir(place);
    run(command)
}

fn succeeds_inside(place: &Path, line: &str) -> Run {
    let run = inside(place, line);
    assert!(run.status.success(), "{line}: {}", run.stderr);
    run
}

/// Dropout, momentum, random order, parts of steps: all that has a state of its own.
const OPTIONS: &str = "--data rows.csv --target side --hidden 8 --dropout 0.2 --norm batch --optimizer adam \
    --rate 0.02 --batch 7 --accumulate 2 --schedule exponential:0.9 --warmup 5";

/// The file without the notes of the options, which differ in the number of epochs.
fn weights(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let header = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    bytes[8 + header..].to_vec()
}

#[test]
fn more_epochs_are_those_of_a_longer_training() {
    let [whole, parts] = ["resume-whole", "resume-parts"].map(directory);
    succeeds_inside(&whole, &format!("train {OPTIONS} --epochs 6 --save run --history h.csv"));
    succeeds_inside(&parts, &format!("train {OPTIONS} --epochs 2 --save run --history h.csv"));
    let second = succeeds_inside(&parts, "train --resume run/last.safetensors --epochs 4");
    assert!(second.stdout.contains("\n    3  ") && !second.stdout.contains("\n    2  "), "{}", second.stdout);
    succeeds_inside(&parts, "train --resume run/last.safetensors --epochs 6 --threads 1");
    for name in ["last.safetensors", "best.safetensors"] {
        let [a, b] = [&whole, &parts].map(|place| weights(&place.join("run").join(name)));
        assert!(a == b, "{name}");
    }
    let [a, b] = [&whole, &parts].map(|place| fs::read_to_string(place.join("h.csv")).unwrap());
    assert_eq!(without_seconds(&a), without_seconds(&b));
    assert_eq!(a.lines().count(), 7);
}

#[test]
fn a_training_that_is_done_says_so() {
    let place = directory("resume-done");
    succeeds_inside(&place, &format!("train {OPTIONS} --epochs 2 --save run.safetensors"));
    assert!(place.join("run.best.safetensors").exists());
    let again = succeeds_inside(&place, "train --resume run.safetensors");
    assert!(again.stdout.lines().last().unwrap().starts_with("test accuracy: "), "{}", again.stdout);
}

#[test]
fn other_options_are_listed() {
    let place = directory("resume-options");
    succeeds_inside(&place, &format!("train {OPTIONS} --epochs 2 --save run"));
    let model = place.join("run/last.safetensors").into_os_string().into_string().unwrap();
    let line = refused(&["train", "--resume", &model, "--rate", "0.5", "--epochs", "3", "--hidden", "9"]);
    assert_eq!(
        line,
        "--resume goes on with the options of the training, but there is --hidden 9, which was 8; \
         --rate 0.5, which was 0.02"
    );
}

#[test]
fn other_rows_are_refused() {
    let place = directory("resume-rows");
    succeeds_inside(&place, &format!("train {OPTIONS} --epochs 2 --save run"));
    let rows = two_sides("x,side,y\n");
    let turned = rows.replace("above", "beside").replace("below", "above").replace("beside", "below");
    for other in [rows.replace("1000,", "1001,"), turned] {
        fs::write(place.join("other.csv"), other).unwrap();
        let resumed = inside(&place, "train --resume run/last.safetensors --data other.csv --epochs 3");
        assert_eq!(resumed.status.code(), Some(2), "{}", resumed.stderr);
        let line = "chainrule: other.csv: these are not the rows that run/last.safetensors was trained on\n";
        assert_eq!(resumed.stderr, line);
    }
    fs::rename(place.join("rows.csv"), place.join("moved.csv")).unwrap();
    succeeds_inside(&place, "train --resume run/last.safetensors --data moved.csv --epochs 3");
}

#[test]
fn early_stopping_goes_back_to_the_best() {
    let place = directory("early");
    let stopped = succeeds_inside(
        &place,
        "train --data digits --epochs 60 --hidden 16 --optimizer adam --rate 0.03 --early-stopping 3 \
         --validation 0.2 --history h.jsonl",
    );
    assert!(stopped.stdout.contains("early stopping: "), "{}", stopped.stdout);
    let lines = fs::read_to_string(place.join("h.jsonl")).unwrap();
    assert!((4..60).contains(&lines.lines().count()), "{lines}");
    assert!(lines.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{lines}");
    assert!(stopped.stdout.contains("validation"), "{}", stopped.stdout);
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_the_training() {
    let place = directory("nowhere");
    for line in
        ["--save rows.csv/run.safetensors", "--save rows.csv", "--history no/such/h.csv", "--history h.txt"]
    {
        let run = inside(&place, &format!("train --data rows.csv --target side --epochs 1 {line}"));
        assert_eq!(run.status.code(), Some(2), "{line}: {}", run.stderr);
        let path = line.split(' ').nth(1).unwrap();
        assert!(run.stderr.contains(path) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
}

#[test]
fn weights_for_pytorch() {
    let place = directory("torch");
    succeeds_inside(&place, &format!("train {OPTIONS} --epochs 1 --export-torch w.safetensors"));
    let contents = nn::checkpoint::contents(place.join("w.safetensors")).unwrap();
    let mut names: Vec<&str> = contents.tensors.iter().map(|tensor| &tensor.name[..]).collect();
    names.sort_unstable();
    // Linear, BatchNorm1d, ReLU, Dropout, Linear.
    let norm = ["1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight"];
    assert_eq!(names, [&["0.weight"], &norm[..], &["4.bias", "4.weight"]].concat());
    let weight = contents.tensors.iter().find(|tensor| tensor.name == "0.weight").unwrap();
    assert_eq!(weight.shape, [8, 2], "[out, in]");
}

#[test]
fn a_rate_is_found() {
    let run = succeeds("train --data digits --find-rate");
    let rate = run.figure("rate: ");
    assert!((1e-3..10.0).contains(&rate), "{}", run.stdout);
}
