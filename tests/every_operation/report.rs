//! What a walk over the list found.

use std::collections::BTreeMap;

use chainrule::tape::Element;

/// How many failures are shown.
const SHOWN: usize = 40;

/// Failures, and how many numbers of each operation were compared.
#[derive(Default)]
pub(crate) struct Report {
    compared: BTreeMap<String, usize>,
    failures: Vec<String>,
    operation: String,
    case: String,
}

impl Report {
    /// What comes next is about this operation.
    pub(crate) fn operation(&mut self, name: &str) {
        let before = self.compared.insert(name.to_owned(), 0);
        assert_eq!(before, None, "two operations are named {name}");
        name.clone_into(&mut self.operation);
        name.clone_into(&mut self.case);
    }

    /// What comes next is about this case of it.
    pub(crate) fn case(&mut self, title: &str) {
        title.clone_into(&mut self.case);
    }

    /// Something is wrong.
    pub(crate) fn fail(&mut self, text: &str) {
        self.failures.push(format!("{}: {text}", self.case));
    }

    /// Notes that so many numbers were looked at, and fails with the text if there is one.
    pub(crate) fn note(&mut self, numbers: usize, failure: Option<String>) {
        *self.compared.get_mut(&self.operation).expect("an operation comes first") += numbers;
        if let Some(text) = failure {
            self.fail(&text);
        }
    }

    /// Two lists of numbers must be equal to the bit.
    pub(crate) fn same<T: Element>(&mut self, what: &str, got: &[T], wanted: &[T]) {
        self.near(what, got, wanted, 0.0);
    }

    /// Two lists of numbers must agree to a tolerance.
    pub(crate) fn near<T: Element>(&mut self, what: &str, got: &[T], wanted: &[T], tolerance: f64) {
        if got.len() != wanted.len() {
            return self.fail(&format!("{what}: {} numbers instead of {}", got.len(), wanted.len()));
        }
        let agree = |got: T, wanted: T| {
            got == wanted
                || got.is_nan() && wanted.is_nan()
                || (got - wanted).abs() <= T::of(tolerance) && tolerance > 0.0
        };
        let wrong = (0..got.len()).find(|&k| !agree(got[k], wanted[k]));
        let text = wrong.map(|k| {
            let size = (got[k] - wanted[k]).abs();
            format!("{what}: number {k} is {:?}, not {:?}; they differ by {size:?}", got[k], wanted[k])
        });
        self.note(got.len(), text);
    }

    /// The first failure; empty if there is none.
    pub(crate) fn first(&self) -> String {
        self.failures.first().cloned().unwrap_or_default()
    }

    /// Fails where something was wrong, or where an operation of the list was not compared in a single number.
    #[track_caller]
    pub(crate) fn finish(self, listed: &[String]) {
        let names: Vec<_> = self.compared.keys().cloned().collect();
        let mut wanted = listed.to_vec();
        wanted.sort();
        assert_eq!(names, wanted, "every operation of the list is checked, and no other");
        let failures = self.failures.len();
        let shown = self.failures[..failures.min(SHOWN)].join("\n");
        assert!(failures == 0, "{failures} failures; the first are\n{shown}");
        for (name, numbers) in self.compared {
            assert!(numbers > 0, "{name}: nothing was compared");
        }
    }
}

/// The largest size among the numbers; 0 of none.
pub(crate) fn largest<T: Element>(numbers: &[T]) -> f64 {
    numbers.iter().map(|x| x.abs().to_f64().unwrap_or(f64::NAN)).fold(0.0, f64::max)
}
