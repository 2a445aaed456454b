//! Every elementwise rule against reference values: 60-digit ones, and the conventions of `PyTorch` and JAX.
//!
//! `tests/fixtures/README.md` describes the file.

use std::collections::BTreeSet;
use std::fmt::Write;

use chainrule::tape::Rule;
use chainrule::tape::rules::Arity;
use serde_json::Value;

const ULPS: u64 = 4;

/// Entries of special points where we mean to differ from both `PyTorch` and JAX, or of singular points from
/// `PyTorch`, which alone has a value there: operation, operands, entry, our value, the reason.
const EXCEPTIONS: &[(&str, &[f64], &str, f64, &str)] = &[
    ("hypot", &[0.0, 0.0], "da", 0.0, "the subgradient of least norm, not NaN"),
    ("hypot", &[0.0, 0.0], "db", 0.0, "the subgradient of least norm, not NaN"),
];

/// One point of the file.
struct Case<'a> {
    op: &'a str,
    operands: Vec<f64>,
    point: &'a Value,
}

impl Case<'_> {
    /// The names of value and derivatives in the file, with what our rule gives.
    fn entries(&self) -> Vec<(&'static str, f64)> {
        let rule = rule(self.op);
        let (a, b) = match rule.arity() {
            Arity::Unary => (self.operands[0], f64::NAN),
            Arity::Parameter => (self.operands[0], parameter(self.op)),
            Arity::Binary => (self.operands[0], self.operands[1]),
        };
        let y = rule.value(a, b);
        let (da, db) = rule.local(a, b, y);
        match self.operands.len() {
            1 => vec![("y", y), ("dx", da.unwrap_or(0.0))],
            _ => vec![("y", y), ("da", da.unwrap_or(0.0)), ("db", db.unwrap_or(0.0))],
        }
    }
}

fn rule(op: &str) -> Rule {
    let name = match op {
        "log" => "ln",
        "expm1" => "exp_m1",
        "log1p" => "ln_1p",
        same => same,
    };
    let found = Rule::ALL.iter().find(|rule| rule.name() == name);
    *found.unwrap_or_else(|| panic!("no rule for the operation `{op}` of the file"))
}

fn parameter(op: &str) -> f64 {
    match op {
        "leaky_relu" => 0.01,
        "elu" => 1.0,
        _ => panic!("which parameter does the file use for `{op}`?"),
    }
}

/// A number of the file; `None` where there is none.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.parse().expect("inf, -inf or nan")),
        _ => Some(value.as_f64().expect("a number")),
    }
}

/// How many doubles apart two numbers are. NaN is close to NaN only.
fn ulps(a: f64, b: f64) -> u64 {
    let rank = |x: f64| {
        let bits = x.to_bits().cast_signed();
        if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
    };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) => rank(a).abs_diff(rank(b)),
        _ => u64::MAX,
    }
}

/// A convention is met to the sign of zero.
fn agrees(ours: f64, theirs: f64) -> bool {
    ulps(ours, theirs) <= ULPS && (ours.is_nan() || ours.is_sign_negative() == theirs.is_sign_negative())
}

/// All points under the key `list`, of unary and binary operations.
fn cases<'a>(file: &'a Value, list: &str) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for (group, names) in [("unary", &["x"][..]), ("binary", &["a", "b"])] {
        for (op, lists) in file[group].as_object().expect("operations by name") {
            for point in lists[list].as_array().expect("a list of points") {
                let operands = names.iter().map(|name| number(&point[*name]).expect("an operand")).collect();
                cases.push(Case { op, operands, point });
            }
        }
    }
    assert!(!cases.is_empty(), "the file has no {list}");
    cases
}

fn fixture() -> Value {
    let text = include_str!("../fixtures/ops.json");
    let file: Value = serde_json::from_str(text).expect("the file is JSON");
    assert_eq!(file["format"], "ops/1");
    file
}

/// Collects what is wrong, and which exceptions were made.
#[derive(Default)]
struct Report {
    wrong: String,
    used: BTreeSet<usize>,
}

impl Report {
    fn check(&mut self, ok: bool, case: &Case<'_>, entry: &str, ours: f64, want: &str) {
        if !ok {
            let (op, operands) = (case.op, &case.operands);
            writeln!(self.wrong, "{op}{operands:?} {entry}: {ours:e}, {want}; {}", case.point)
                .expect("a string");
        }
    }

    /// Whether this entry is an exception, and has the value stated there.
    fn excepted(&mut self, case: &Case<'_>, entry: &str, ours: f64) -> bool {
        let found = EXCEPTIONS.iter().position(|&(op, operands, name, value, _)| {
            op == case.op && operands == case.operands && name == entry && agrees(ours, value)
        });
        self.used.extend(found);
        found.is_some()
    }

    fn finish(self) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong);
    }
}

#[test]
fn points_are_exact_to_four_ulps() {
    let file = fixture();
    let mut report = Report::default();
    for case in cases(&file, "points") {
        for (entry, ours) in case.entries() {
            let torch = number(&case.point[entry]).expect("torch has every entry");
            let exact = number(&case.point["exact"][entry]);
            let near = exact.is_some_and(|exact| ulps(ours, exact) <= ULPS);
            match case.point["kind"].as_str().expect("a kind") {
                "normal" => {
                    report.check(near || ours == torch, &case, entry, ours, "not within 4 ulp of exact");
                }
                "loose" => report.check(near, &case, entry, ours, "not within 4 ulp of exact"),
                "kink" => report.check(agrees(ours, torch), &case, entry, ours, "not torch's convention"),
                "singular" if exact.is_some() => {
                    report.check(near, &case, entry, ours, "not within 4 ulp of exact");
                }
                "singular" => {
                    let ok = agrees(ours, torch) || report.excepted(&case, entry, ours);
                    report.check(ok, &case, entry, ours, "neither torch's convention nor a stated exception");
                }
                kind => panic!("an unknown kind of point: {kind}"),
            }
        }
    }
    report.finish();
}

#[test]
fn special_points_follow_torch_or_jax() {
    let file = fixture();
    let mut report = Report::default();
    for case in cases(&file, "special") {
        for (entry, ours) in case.entries() {
            let conventions = [&case.point[entry], &case.point["jax"][entry]];
            let ok = conventions.iter().any(|theirs| agrees(ours, number(theirs).expect("a number")))
                || report.excepted(&case, entry, ours);
            report.check(ok, &case, entry, ours, "neither torch nor jax nor a stated exception");
        }
    }
    report.finish();
}

#[test]
fn every_exception_is_needed() {
    let file = fixture();
    let mut report = Report::default();
    for case in cases(&file, "points").into_iter().chain(cases(&file, "special")) {
        for (entry, ours) in case.entries() {
            let conventions = [&case.point[entry], &case.point["jax"][entry]];
            if !conventions.iter().any(|theirs| number(theirs).is_some_and(|theirs| agrees(ours, theirs))) {
                report.excepted(&case, entry, ours);
            }
        }
    }
    for (index, exception) in EXCEPTIONS.iter().enumerate() {
        assert!(report.used.contains(&index), "no longer needed: {exception:?}");
    }
}
