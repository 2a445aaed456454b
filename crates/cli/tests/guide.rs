//! The guide shows what the program says.
//!
//! `GUIDE=write cargo test -p chainrule-cli --test guide` writes it anew, except where a line `…` stands for what is left out.

mod common;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use common::{directory, program, run};

const LEFT_OUT: &str = "…";

fn pages() -> Vec<PathBuf> {
    let (mut folders, mut pages) =
        (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/src")], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the guide") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The words of a command. What stands between quotes is one word.
fn words(line: &str) -> Vec<String> {
    let parts = line.split(['\'', '"']).enumerate();
    let words = parts.flat_map(|(k, part)| match k % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// The commands of a page that are shown with what they print, and the place of that.
fn shown(text: &str) -> Vec<(Vec<String>, Range<usize>)> {
    const OPEN: &str = "\n```text\n$ chainrule ";
    let blocks = text.match_indices(OPEN).map(|(at, _)| {
        let start = at + OPEN.len();
        let line = start + text[start..].find('\n').expect("the end of the command");
        let end = line + text[line..].find("\n```").expect("the end of the block");
        (words(&text[start..line]), line + 1..(end + 1).max(line + 1))
    });
    blocks.collect()
}

/// The commands of a page that are shown without that.
fn named(text: &str) -> Vec<Vec<String>> {
    let blocks = text.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("chainrule "));
    lines.map(|line| words(line.split('>').next().expect("what stands in front of the file"))).collect()
}

/// Whether this is what was printed, but for what is left out.
fn agrees(wanted: &str, printed: &str) -> bool {
    let parts: Vec<&str> = wanted.split(LEFT_OUT).collect();
    let [first, .., last] = &parts[..] else { return wanted.trim_end() == printed.trim_end() };
    let Some(mut rest) = printed.trim_end().strip_prefix(first.trim_start()) else { return false };
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.trim_end())
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let write = std::env::var_os("GUIDE").is_some_and(|word| word == "write");
    let mut seen = 0;
    for page in pages() {
        let mut text = fs::read_to_string(&page).expect("a page of the guide");
        // From the last to the first, so that places stay what they are.
        for (words, place) in shown(&text).into_iter().rev() {
            let run = run(program(&words.iter().map(String::as_str).collect::<Vec<_>>()));
            assert!(run.status.success(), "{words:?}: {}", run.stderr);
            if write && !text[place.clone()].contains(LEFT_OUT) {
                text.replace_range(place, &format!("{}\n", run.stdout.trim_end()));
            } else {
                let wanted = &text[place];
                assert!(agrees(wanted, &run.stdout), "{words:?} prints\n{}\nand not\n{wanted}", run.stdout);
            }
            seen += 1;
        }
        if write {
            // In one step, since the other test reads pages meanwhile.
            let beside = page.with_extension("tmp");
            fs::write(&beside, text)
                .and_then(|()| fs::rename(&beside, &page))
                .expect("the page can be written");
        }
    }
    assert!(seen >= 6, "{seen} commands");
}

/// Whatever the data are: all else is read before the file is missed.
#[test]
fn the_program_takes_every_command() {
    let folder = directory("guide");
    let mut seen = 0;
    for mut words in pages().iter().flat_map(|page| named(&fs::read_to_string(page).expect("a page"))) {
        let differentiates = words[0] == "grad";
        if let Some(place) = words.iter().position(|word| word == "--data") {
            words[place + 1] = "no/such-idx".to_owned();
        } else if !differentiates && !words.iter().any(|word| word == "--resume") {
            words.extend(["--data", "no/such-idx"].map(str::to_owned));
        }
        let mut command = program(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.current_dir(&folder);
        let run = run(command);
        if differentiates {
            assert!(run.status.success(), "{words:?}: {}", run.stderr);
        } else {
            assert!(run.stderr.contains("No such file"), "{words:?}: {}", run.stderr);
        }
        seen += 1;
    }
    assert!(seen >= 10, "{seen} commands");
}

#[test]
fn what_is_left_out_is_nothing_else() {
    assert!(agrees("a\nb\n", "a\nb"));
    assert!(!agrees("a\nb\n", "a\nc"));
    assert!(agrees("a\n…\nd\n", "a\nb\nc\nd\n"));
    assert!(agrees("a\n…\nc\n…\ne", "a\nb\nc\nd\ne"));
    assert!(!agrees("a\n…\ne\n", "a\nb\nc\nd\n"));
    assert!(!agrees("b\n…\nd\n", "a\nb\nc\nd\n"));
}
