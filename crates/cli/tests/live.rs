//! The live view on a real terminal, which `script` makes: it starts, pauses, stops, and leaves the terminal as it was.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use common::{directory, program, run};

const ENTERED: &str = "\x1b[?1049h";
const LEFT: &str = "\x1b[?1049l";
/// Long enough to be stopped on any machine.
const LONG: &str = "train --epochs 100000 --seed 3";

/// The program on a terminal of 80 × 24, with the settings of the terminal before and after it in two files.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Arc<Mutex<Vec<u8>>>,
    place: PathBuf,
}

impl Terminal {
    fn start(name: &str, line: &str, environment: &[(&str, &str)]) -> Self {
        let place = directory(name);
        let program = env!("CARGO_BIN_EXE_chainrule");
        let line = format!(
            "stty cols 80 rows 24; stty -g > before; '{program}' {line}; status=$?; stty -g > after; exit $status"
        );
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        command.current_dir(&place).env("TERM", "xterm-256color").env("SHELL", "/bin/sh");
        command.env_remove("CI").env_remove("NO_COLOR").envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let shown = Arc::default();
        let reader: Arc<Mutex<Vec<u8>>> = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                reader.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self { child, keys, shown, place }
    }

    /// All that was written to the terminal.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the terminal shows this after what it showed before.
    fn wait_for(&self, wanted: &str, from: usize) -> usize {
        let begin = Instant::now();
        loop {
            let text = self.text();
            if let Some(place) = text.get(from..).and_then(|text| text.find(wanted)) {
                return from + place + wanted.len();
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "no {wanted:?} in {text:?}");
            sleep(Duration::from_millis(10));
        }
    }

    /// The process of the program itself, below `script` and its shell.
    fn program(&self) -> String {
        let children = |of: &str| {
            let path = format!("/proc/{of}/task/{of}/children");
            fs::read_to_string(path).unwrap().split_whitespace().last().map(str::to_owned)
        };
        let shell = children(&self.child.id().to_string()).unwrap();
        children(&shell).unwrap()
    }

    /// The exit status; the terminal must be as it was.
    fn end(&mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap().code();
        // The reader may not have read the last of it.
        sleep(Duration::from_millis(100));
        let [before, after] =
            ["before", "after"].map(|name| fs::read_to_string(self.place.join(name)).unwrap());
        assert_eq!(before, after, "the settings of the terminal");
        let text = self.text();
        let entered = text.matches(ENTERED).count();
        assert_eq!(entered, text.matches(LEFT).count(), "the other screen is left as often as it is entered");
        assert_eq!(text.matches("\x1b[?25l").count() > 0, entered > 0);
        if entered > 0 {
            assert!(text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l"), "the cursor is shown again");
        }
        (status, text)
    }
}

impl Drop for Terminal {
    /// A test that fails leaves no training behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// What comes after the view.
fn after(text: &str) -> &str {
    text.rsplit_once(LEFT).map_or(text, |(_, after)| after)
}

/// What the program prints where there is no terminal.
fn lines(line: &str, place: &Path) -> String {
    let mut command = program(&line.split_whitespace().collect::<Vec<_>>());
    command.current_dir(place);
    let run = run(command);
    assert!(run.status.success(), "{}", run.stderr);
    run.stdout
}

#[test]
fn the_lines_come_after_the_view() {
    let line = "train --epochs 3 --hidden 16";
    let mut terminal = Terminal::start("live-end", line, &[]);
    let place = terminal.place.clone();
    let (status, text) = terminal.end();
    assert_eq!(status, Some(0), "{text}");
    let wanted = lines(line, &place).replace('\n', "\r\n");
    let (head, rest) = text.split_once(ENTERED).unwrap();
    let after = after(rest).trim_start_matches("\x1b[?25h");
    assert_eq!(head.to_owned() + after, wanted);
}

#[test]
fn a_pause_changes_no_number_and_a_stop_is_clean() {
    let mut terminal = Terminal::start("live-keys", &format!("{LONG} --save run --history h.csv"), &[]);
    let place = terminal.wait_for("accuracy", 0);
    terminal.press("p");
    let place = terminal.wait_for("paused", place);
    let rows = || fs::read_to_string(terminal.place.join("h.csv")).unwrap();
    let before = rows();
    sleep(Duration::from_millis(500));
    assert_eq!(before, rows(), "nothing is learnt in a pause");
    terminal.press("?");
    let place = terminal.wait_for("Ctrl-Z", place);
    terminal.press(" ");
    sleep(Duration::from_millis(300));
    assert_ne!(before, fs::read_to_string(terminal.place.join("h.csv")).unwrap(), "it goes on");
    let _ = place;
    terminal.press("q");
    let folder = terminal.place.clone();
    let (status, text) = terminal.end();
    assert_eq!(status, Some(130), "{text}");
    assert!(after(&text).contains("chainrule: stopped in epoch "), "{text}");
    assert!(text.ends_with(": --resume run/last.safetensors goes on from there\r\n"), "{text}");

    // The epochs are those of a training that nobody paused.
    let without_seconds = |text: &str, rows: usize| {
        common::files::without_seconds(text).lines().take(rows).collect::<Vec<_>>().join("\n")
    };
    let found = fs::read_to_string(folder.join("h.csv")).unwrap();
    let epochs = found.lines().count() - 1;
    lines(&format!("train --epochs {epochs} --seed 3 --history other.csv"), &folder);
    let wanted = fs::read_to_string(folder.join("other.csv")).unwrap();
    assert_eq!(without_seconds(&found, epochs + 1), without_seconds(&wanted, epochs + 1));
}

#[test]
fn a_pause_ends_when_it_is_stopped() {
    for keys in ["q", "\x03"] {
        let mut terminal = Terminal::start("live-pause", LONG, &[]);
        let place = terminal.wait_for("accuracy", 0);
        terminal.press("p");
        terminal.wait_for("paused", place);
        terminal.press(keys);
        let (status, text) = terminal.end();
        assert_eq!(status, Some(130), "{text}");
        assert!(after(&text).contains("without --save nothing was kept"), "{text}");
    }
}

#[test]
fn signals_stop_it_as_keys_do() {
    for signal in ["-INT", "-TERM"] {
        let mut terminal = Terminal::start("live-signal", LONG, &[]);
        terminal.wait_for("accuracy", 0);
        assert!(Command::new("kill").args([signal, &terminal.program()]).status().unwrap().success());
        let (status, text) = terminal.end();
        assert_eq!(status, Some(130), "{text}");
        assert!(after(&text).contains("chainrule: stopped in epoch "), "{text}");
    }
}

#[test]
fn asked_twice_it_stops_at_once() {
    // A step of this network takes its time.
    let line = "train --hidden 3000,3000 --batch full --threads 1 --epochs 1000";
    let mut terminal = Terminal::start("live-twice", line, &[]);
    let place = terminal.wait_for("1/1000", 0);
    terminal.press("q");
    // Of the word only the letters are written that were others before.
    terminal.wait_for("stopp", place);
    terminal.press("q");
    let (status, text) = terminal.end();
    assert_eq!(status, Some(130), "{text}");
    assert!(!text.contains("stopped in epoch"), "it did not wait for the step: {text}");
}

#[test]
fn it_sleeps_and_wakes() {
    let mut terminal = Terminal::start("live-sleep", LONG, &[]);
    let place = terminal.wait_for("accuracy", 0);
    let program = terminal.program();
    terminal.press("\x1a");
    let place = terminal.wait_for(LEFT, place);
    let state = || fs::read_to_string(format!("/proc/{program}/stat")).unwrap();
    let begin = Instant::now();
    while !state().contains(") T ") {
        assert!(begin.elapsed() < Duration::from_secs(20), "{}", state());
        sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-CONT", &program]).status().unwrap().success());
    let place = terminal.wait_for(ENTERED, place);
    terminal.wait_for("accuracy", place);
    terminal.press("q");
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn an_error_is_read_after_the_view() {
    // The loss overflows after some steps, which are enough for the view to begin.
    let mut terminal = Terminal::start("live-error", "train --optimizer sgd --rate 1e30", &[]);
    let (status, text) = terminal.end();
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains(ENTERED), "{text}");
    assert!(after(&text).contains("chainrule: epoch 1, batch "), "{text}");
}

#[test]
fn elsewhere_there_are_plain_lines() {
    let line = "train --epochs 2 --hidden 8";
    let wanted = lines(line, &directory("live-plain-lines")).replace('\n', "\r\n");
    let plain = format!("{line} --plain");
    for (line, environment) in [
        (line, ("TERM", "dumb")),
        (line, ("CI", "true")),
        (&plain, ("LANG", "C")),
        (&format!("{line} 2> errors"), ("LANG", "C")),
    ] {
        let (status, text) = Terminal::start("live-plain", line, &[environment]).end();
        assert_eq!((status, text.as_str()), (Some(0), wanted.as_str()), "{line} {environment:?}");
    }
}

#[test]
fn without_colours() {
    let (status, text) = Terminal::start("live-colours", "train --epochs 20", &[("NO_COLOR", "1")]).end();
    assert_eq!(status, Some(0), "{text}");
    let colours = |text: &str| ["38;5;2", "38;5;3", "38;5;6"].iter().any(|code| text.contains(code));
    assert!(text.contains(ENTERED) && !colours(&text), "{text}");
    let (_, text) = Terminal::start("live-colours", "train --epochs 20", &[]).end();
    assert!(colours(&text), "{text}");
}
