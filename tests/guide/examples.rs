//! Every example runs, in a folder of its own, and says something.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder in which cargo puts examples that are built as this test is, and the profile that this is.
fn built() -> (PathBuf, &'static str) {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.parent().and_then(Path::parent).expect("it lies in `deps`");
    (folder.join("examples"), if folder.ends_with("release") { "release" } else { "test" })
}

#[test]
fn examples_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = fs::read_dir(root.join("examples")).expect("the folder of examples");
    let mut names: Vec<_> = sources.map(|entry| entry.expect("an entry").path().with_extension("")).collect();
    names.sort();
    let (folder, profile) = built();
    let programs = names.iter().map(|path| folder.join(path.file_name().expect("a name")));
    let programs: Vec<_> =
        programs.map(|path| path.with_extension(std::env::consts::EXE_EXTENSION)).collect();
    assert_eq!(programs.len(), 12, "{programs:?}");
    // `cargo test` builds examples before it runs a test; where only this test was asked for, it did not.
    if !programs.iter().all(|program| program.is_file()) {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--examples", "--package", "chainrule", "--profile", profile]);
        assert!(build.current_dir(root).status().expect("cargo runs").success());
    }

    let folder = std::env::temp_dir().join(format!("chainrule-examples-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for what examples write");
    for program in programs {
        let ran = Command::new(&program).current_dir(&folder).arg(&folder).output().expect("it starts");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{}: {said}", program.display());
        assert!(!ran.stdout.is_empty(), "{} says nothing", program.display());
    }
    let written = ["graph.svg", "graph.html", "report.html", "runs"];
    assert!(written.iter().all(|name| folder.join(name).exists()), "what examples say that they write");
    fs::remove_dir_all(&folder).expect("the folder is there");
}
