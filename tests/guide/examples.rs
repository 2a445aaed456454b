//! Every example runs, in a folder of its own, and says something.

use std::path::Path;
use std::process::Command;

#[test]
fn examples_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Cargo has built them with this test, in the same profile; where only this test was asked for, it does so now.
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--examples", "--message-format=json"]).current_dir(root);
    match std::env::current_exe().expect("the path of this test").iter().any(|part| part == "release") {
        true => build.arg("--release"),
        false => build.args(["--profile", "test"]),
    };
    let built = build.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let lines = String::from_utf8_lossy(&built.stdout);
    let programs = lines.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_example = message["target"]["kind"][0] == "example";
        is_example.then(|| message["executable"].as_str().map(str::to_owned))?
    });
    let mut programs: Vec<_> = programs.collect();
    programs.sort();
    assert_eq!(programs.len(), 12, "{programs:?}");

    let folder = std::env::temp_dir().join(format!("chainrule-examples-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for what examples write");
    for program in programs {
        let ran = Command::new(&program).current_dir(&folder).arg(&folder).output().expect("it starts");
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
        assert!(!ran.stdout.is_empty(), "{program} says nothing");
    }
    std::fs::remove_dir_all(&folder).expect("the folder is there");
}
