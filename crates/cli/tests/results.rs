//! docs/RESULTS.md: the program takes its commands, and those on data that are built in reach what is promised.

mod common;

use common::{program, run};

/// The commands of the document, word by word.
fn commands() -> Vec<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/RESULTS.md");
    let text = std::fs::read_to_string(path).expect("the document is there");
    let lines = text.lines().filter_map(|line| line.strip_prefix("chainrule "));
    let words = |line: &str| {
        // What stands between quotes is one word.
        let parts = line.split('"').enumerate();
        let split = |(k, part): (usize, &str)| match k % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        };
        parts.flat_map(split).collect()
    };
    lines.map(words).collect()
}

fn is_built_in(command: &[String]) -> bool {
    let data = command.iter().position(|word| word == "--data");
    data.is_none_or(|place| command[place + 1] == "iris")
}

#[test]
fn the_program_takes_every_command() {
    let all = commands();
    assert!(all.len() >= 12, "{all:?}");
    for command in all.iter().filter(|command| !is_built_in(command)) {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        // Whatever the data are: all else is read before the file is missed.
        for k in 1..words.len() {
            if ["--data", "--test-data", "--labels", "--test-labels"].contains(&words[k - 1]) {
                words[k] = if words[k - 1].ends_with("data") { "no/such-idx" } else { "no/such-idx1" };
            }
        }
        let said = run(program(&words)).stderr;
        assert!(said.contains("no/such-idx: No such file"), "{words:?}: {said}");
    }
}

#[test]
fn digits_reach_what_is_promised() {
    // Bars of docs/RESULTS.md, by a word of the command.
    let bars = [
        ("256", 0.985),
        ("conv 32x3 bn relu, pool 2, conv 64x3 bn relu, dropout 0.4, linear 128 relu, dropout 0.4", 0.99),
    ];
    for (word, bar) in bars {
        let found = commands().into_iter().find(|command| command.iter().any(|other| other == word));
        let command = found.unwrap_or_else(|| panic!("no command has {word}"));
        assert!(is_built_in(&command));
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let reached = run(program(&words)).figure("test accuracy: ");
        assert!(reached >= bar, "{word}: {reached}");
    }
}
