//! The protocol between `run` and the programs: lines of JSON out, requests of a few words in.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::timing::time;

/// What is called again and again.
pub type Work = Box<dyn FnMut()>;

/// A call whose result is used by nobody, but has to be computed.
pub fn work<R>(mut f: impl FnMut() -> R + 'static) -> Work {
    Box::new(move || {
        black_box(f());
    })
}

/// Something a program can time. What it needs is made, and its answer checked, when it is first asked for.
pub struct Offer {
    tool: &'static str,
    workload: String,
    version: String,
    /// The work, and a number that all tools of this workload have to agree on.
    prepare: Box<dyn FnOnce() -> (Work, Option<f64>)>,
}

impl Offer {
    /// `package` is the tool's name in the lock file, where its version is read; a tool that is none has no version.
    /// `prepare` panics where the tool's answer is not the right one.
    pub fn new(
        tool: &'static str,
        package: &str,
        workload: impl Into<String>,
        prepare: impl FnOnce() -> Work + 'static,
    ) -> Self {
        let prepare = Box::new(|| (prepare(), None));
        Self { tool, workload: workload.into(), version: version(package), prepare }
    }

    /// As [`new`](Self::new), with a number to agree on in place of a check.
    pub fn with_value(
        tool: &'static str,
        package: &str,
        workload: impl Into<String>,
        prepare: impl FnOnce() -> (Work, f64) + 'static,
    ) -> Self {
        let prepare = Box::new(|| {
            let (work, value) = prepare();
            (work, Some(value))
        });
        Self { tool, workload: workload.into(), version: version(package), prepare }
    }
}

/// The version of a package in the lock file.
fn version(package: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split("[[package]]").find(|e| e.contains(&format!("\nname = \"{package}\"\n")));
    let version = entry.and_then(|e| e.split("version = \"").nth(1)?.split('"').next());
    version.unwrap_or_default().to_string()
}

/// Announces the offers, then answers requests, each `tool<TAB>workload<TAB>seconds`, until there are no more.
///
/// # Panics
/// Standard input or output is closed in the middle of a line.
pub fn serve(offers: Vec<Offer>, threads: usize) {
    for offer in &offers {
        let Offer { tool, version, workload, .. } = offer;
        say(&format!(
            r#"{{"offer": true, "tool": "{tool}", "version": "{version}", "workload": "{workload}"}}"#
        ));
    }
    say(r#"{"ready": true}"#);
    let key = |offer: Offer| ((offer.tool.to_string(), offer.workload.clone()), offer);
    let mut offers: HashMap<_, _> = offers.into_iter().map(key).collect();
    let mut prepared = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("requests are text");
        let [tool, workload, seconds] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("no request: {line}");
        };
        let id = (tool.to_string(), workload.to_string());
        if let Some(offer) = offers.remove(&id) {
            let version = offer.version;
            match catch_unwind(AssertUnwindSafe(offer.prepare)) {
                Ok((work, value)) => drop(prepared.insert(id.clone(), (version, work, value))),
                Err(_) => eprintln!("{tool} {workload}: not timed, since its answer is wrong"),
            }
        }
        let Some((version, work, value)) = prepared.get_mut(&id) else {
            say(&format!(r#"{{"tool": "{tool}", "workload": "{workload}", "error": "not prepared"}}"#));
            continue;
        };
        let timing = time(seconds.parse().expect("seconds are a number"), work);
        let value = value.map_or("null".to_string(), |v| format!("{v:e}"));
        say(&format!(
            r#"{{"tool": "{tool}", "version": "{version}", "workload": "{workload}", "threads": {threads}, "median": {:.6}, "min": {:.6}, "samples": {}, "value": {value}}}"#,
            timing.median, timing.min, timing.samples
        ));
    }
}

/// A line that is there at once.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("standard output is open");
}

/// The argument after a flag: `--threads 2`.
pub fn argument(flag: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != flag).nth(1)
}

/// The number of threads asked for; 1 by default.
pub fn threads() -> usize {
    argument("--threads").map_or(1, |n| n.parse().expect("--threads takes a number"))
}
