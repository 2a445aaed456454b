//! Runs the program.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

pub(crate) mod files;

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The words after a heading at the start of a line.
    pub(crate) fn after(&self, heading: &str) -> &str {
        let line = self.stdout.lines().find_map(|line| line.strip_prefix(heading));
        line.unwrap_or_else(|| panic!("no line begins with {heading:?}: {}{}", self.stdout, self.stderr))
            .trim()
    }

    /// The number after a heading.
    pub(crate) fn figure(&self, heading: &str) -> f64 {
        let text = self.after(heading).split(' ').next().unwrap_or_default();
        text.parse().unwrap_or_else(|_| panic!("{heading}: {text:?}"))
    }
}

/// The program with these arguments.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chainrule"));
    command.args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Run {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the program with these arguments.
pub(crate) fn chainrule(arguments: &[&str]) -> Run {
    run(program(arguments))
}

/// Runs the program with the words of a line, which has to end well.
pub(crate) fn succeeds(line: &str) -> Run {
    let run = chainrule(&line.split_whitespace().collect::<Vec<_>>());
    assert!(run.status.success(), "{line}: {}", run.stderr);
    assert_eq!(run.stderr, "", "{line}");
    run
}

/// The one line with which the program refuses its arguments.
pub(crate) fn refused(arguments: &[&str]) -> String {
    let run = chainrule(arguments);
    assert_eq!(run.status.code(), Some(2), "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}");
    let line = run.stderr.strip_prefix("chainrule: ").and_then(|text| text.strip_suffix('\n'));
    let line = line.unwrap_or_else(|| panic!("{arguments:?}: {}", run.stderr));
    assert!(!line.contains('\n'), "{line}");
    line.to_owned()
}

/// An empty directory of this name, for this test run.
pub(crate) fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    match fs::remove_dir_all(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{}: {error}", path.display()),
        _ => {}
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// A file of this test run with this content.
pub(crate) fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}
