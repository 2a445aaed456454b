//! Single precision against double.

use chainrule::tape::Element;

use crate::case::{Case, Subject};
use crate::report::{Report, largest};
use crate::walk::{Check, every_case};

/// How far a number in `f32` may be from the same in `f64`, in units of `f32`'s epsilon times the largest number beside it.
const EPSILONS: f64 = 64.0;

struct Precision;

impl Check for Precision {
    fn case<S: Subject>(&self, case: &Case<S>, report: &mut Report) {
        for (what, error) in errors(case) {
            let text = format!("{what}: f32 is {error:.1} epsilons from f64, {EPSILONS} are allowed");
            report.note(1, (error > EPSILONS || error.is_nan()).then_some(text));
        }
    }
}

/// How far output and gradients in `f32` are from those in `f64`, each in units of `f32`'s epsilon times the largest number
/// among its terms: the numbers themselves, and what they are sums of.
pub(crate) fn errors<S: Subject>(case: &Case<S>) -> Vec<(String, f64)> {
    let upstream = case.draw("precision").weights(case.shape.iter().product());
    let singles: Vec<f32> = upstream.iter().map(|&w| f32::of(w)).collect();
    let double = case.run(&case.numbers::<f64>(), &upstream);
    let single = case.run(&case.numbers::<f32>(), &singles);
    let operands = case.variables().map(|k| largest(&case.operands[k].numbers)).fold(0.0, f64::max);
    let mut errors = vec![("output".to_owned(), error(&single.output, &double.output, operands))];
    for k in case.variables() {
        if let (Some(single), Some(double)) = (&single.gradients[k], &double.gradients[k]) {
            errors.push((format!("gradient in operand {k}"), error(single, double, largest(&upstream))));
        }
    }
    errors
}

fn error(single: &[f32], double: &[f64], terms: f64) -> f64 {
    let unit = f64::from(f32::EPSILON) * largest(double).max(terms);
    let differences = single.iter().zip(double).map(|(&s, d)| (f64::from(s) - d).abs());
    let worst = differences.fold(0.0, |worst: f64, d| if d.is_nan() { d } else { worst.max(d) });
    if worst == 0.0 { 0.0 } else { worst / unit }
}

#[test]
fn single_precision_follows_double() {
    every_case(&Precision);
}
