//! Runs the program.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::process::{Command, ExitStatus};

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program with these arguments.
pub(crate) fn chainrule(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_chainrule")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
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
