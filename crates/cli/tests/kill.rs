//! A training that is killed and goes on ends like one that was left alone: the same bits, in every file. Only how long
//! an epoch took differs, which the history says in its last column.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::files::{two_sides, without_seconds};
use common::{directory, program, run};
use nn::Generator;

/// A network that is large beside its data, so that a good part of the time goes into saving it.
const OPTIONS: &str = "train --data rows.csv --target side --hidden 200,200 --dropout 0.2 --optimizer adamw \
    --rate 0.01 --schedule cosine --batch 8 --epochs 8 --shards 2 --threads 2 --save run --history run/history.csv";
/// What a training leaves behind.
const FILES: [&str; 3] = ["last.safetensors", "best.safetensors", "history.csv"];

/// The program in a directory with data.
fn in_directory(directory: &Path, options: &str) -> Command {
    fs::write(directory.join("rows.csv"), two_sides("x,side,y\n")).unwrap();
    let mut command = program(&options.split_whitespace().collect::<Vec<_>>());
    command.current_dir(directory).stdin(Stdio::null());
    command
}

/// The training, begun or gone on with, by what there is.
fn next(directory: &Path) -> Command {
    let saved = directory.join("run/last.safetensors").exists();
    in_directory(directory, if saved { "train --resume run/last.safetensors" } else { OPTIONS })
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What the files hold at the end of the training.
fn finish(directory: &Path) -> [Vec<u8>; 3] {
    let done = run(next(directory));
    assert!(done.status.success(), "{}", done.stderr);
    let left: Vec<String> = names(directory);
    assert!(left.iter().all(|name| FILES.contains(&name.as_str())), "{left:?}");
    let [last, best, history] = FILES.map(|name| fs::read(directory.join("run").join(name)).unwrap());
    [last, best, without_seconds(&String::from_utf8(history).unwrap()).into_bytes()]
}

/// The files of the run.
fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory.join("run")) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

fn assert_equal(found: &[Vec<u8>; 3], wanted: &[Vec<u8>; 3], when: &str) {
    for ((found, wanted), name) in found.iter().zip(wanted).zip(FILES) {
        assert!(found == wanted, "{name} differs after {when}");
    }
}

/// The files of a training that was left alone, and how long it took.
fn undisturbed(name: &str) -> ([Vec<u8>; 3], Duration) {
    let place = directory(name);
    let start = Instant::now();
    let files = finish(&place);
    (files, start.elapsed())
}

#[test]
fn killed_at_any_moment() {
    let (wanted, duration) = undisturbed("kill-none");
    let mut random = Generator::seeded(20);
    for trial in 0..20 {
        let place = directory("kill-any");
        let mut moments = Vec::new();
        // Every fourth training is killed twice.
        for _ in 0..=usize::from(trial % 4 == 0) {
            let moment = duration.mul_f64(random.uniform());
            moments.push(moment);
            let mut child = start(next(&place));
            sleep(moment);
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert_equal(&finish(&place), &wanted, &format!("SIGKILL at {moments:?} of {duration:?}"));
    }
}

#[test]
fn killed_during_a_save() {
    let (wanted, _) = undisturbed("kill-save-none");
    let mut met = 0;
    for saves in 0..6 {
        let place = directory("kill-save");
        let mut child = start(next(&place));
        let mut seen = 0;
        let mut writing = false;
        while child.try_wait().unwrap().is_none() {
            // Anything that is not one of the files is on the way to become one.
            let now = names(&place).iter().any(|name| !FILES.contains(&name.as_str()));
            seen += usize::from(now && !writing);
            writing = now;
            if seen > saves {
                child.kill().unwrap();
                child.wait().unwrap();
                break;
            }
        }
        met += usize::from(names(&place).iter().any(|name| !FILES.contains(&name.as_str())));
        assert_equal(&finish(&place), &wanted, &format!("SIGKILL in save {saves}"));
    }
    assert!(met > 0, "no save was met halfway");
}

#[test]
fn stopped_by_the_user() {
    let (wanted, duration) = undisturbed("stop-none");
    let mut met = 0;
    for part in [0.3, 0.4, 0.5, 0.6, 0.7] {
        let place = directory("stop");
        let mut command = next(&place);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        sleep(duration.mul_f64(part));
        let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        // The signal may have come too late, or before the program could take note of it.
        if output.status.code() == Some(130) {
            met += 1;
            assert!(said.starts_with("chainrule: stopped in epoch "), "{said}");
            assert!(said.ends_with("--resume run/last.safetensors goes on from there\n"), "{said}");
        }
        assert_equal(&finish(&place), &wanted, &format!("SIGINT at {part} of {duration:?}"));
    }
    assert!(met > 0, "no training was stopped in its midst");
}
