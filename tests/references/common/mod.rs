//! Reading the reference values in `tests/fixtures`; see the README there.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses a part")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Index;

use serde_json::Value;

/// A fixture file, whole.
pub fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A number, which may be written `"inf"`, `"-inf"` or `"nan"`.
pub fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("a number in words"),
        other => other.as_f64().expect("a number"),
    }
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

pub fn whole(value: &Value) -> isize {
    value.as_i64().expect("a whole number") as isize
}

pub fn wholes(value: &Value) -> Vec<isize> {
    value.as_array().expect("a list").iter().map(whole).collect()
}

/// Shape and data of a tensor.
pub fn tensor(value: &Value) -> (Vec<usize>, Vec<f64>) {
    (wholes(&value["shape"]).into_iter().map(|n| n as usize).collect(), numbers(&value["data"]))
}

/// Whether two lists of numbers agree to `tolerance`, relative to `max(|wanted|, floor)`.
#[track_caller]
pub fn assert_close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    wanted: &[f64],
    tolerance: f64,
    floor: f64,
) {
    let got: Vec<f64> = got.into_iter().copied().collect();
    assert_eq!(got.len(), wanted.len(), "{what}: as many numbers");
    for (k, (&g, &w)) in got.iter().zip(wanted).enumerate() {
        let close = g == w || (g - w).abs() <= tolerance * w.abs().max(floor) || (g.is_nan() && w.is_nan());
        assert!(close, "{what}[{k}]: got {g:e}, wanted {w:e}");
    }
}

/// The settings of a case, which remember what they were asked for: a setting that nobody looked at was not tested.
pub struct Settings<'a> {
    values: &'a Value,
    seen: RefCell<BTreeSet<String>>,
}

impl<'a> Settings<'a> {
    /// The settings in an object of a file; none where there is no object.
    pub fn of(values: &'a Value) -> Self {
        assert!(values.is_object() || values.is_null(), "settings are an object: {values}");
        Self { values, seen: RefCell::default() }
    }

    /// Fails if there is a setting that nobody looked at.
    #[track_caller]
    pub fn finish(self, case: &str) {
        let seen = self.seen.into_inner();
        for key in self.values.as_object().into_iter().flat_map(|values| values.keys()) {
            assert!(
                seen.contains(key),
                "{case}: nothing looks at the setting {key}, which is {}",
                self.values[key]
            );
        }
    }
}

impl Index<&str> for Settings<'_> {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.seen.borrow_mut().insert(key.to_owned());
        &self.values[key]
    }
}
