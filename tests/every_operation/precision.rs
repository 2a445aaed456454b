//! Single precision against double, and double against twice its digits.

use chainrule::tape::Element;

use crate::case::{Case, Tried};
use crate::report::{Report, largest};
use crate::twofold::Twofold;
use crate::walk::{Check, every_case};

/// How far a number may be from the same in a type of more digits, in units of epsilon times the largest number beside it.
const EPSILONS: f64 = 64.0;

pub(crate) struct Precision;

impl Check for Precision {
    fn case(&self, case: &Case, report: &mut Report) {
        let types = [("f32", single(case)), ("f64", double(case))];
        for (name, errors) in types {
            for (what, error) in errors {
                let text =
                    format!("{what}: in {name} it is wrong by {error:.1} epsilons, {EPSILONS} are allowed");
                report.note(1, (error > EPSILONS || error.is_nan()).then_some(text));
            }
        }
    }
}

/// How far output and gradients in `f32` are from those in `f64`, for numbers that both can hold.
pub(crate) fn single(case: &Case) -> Vec<(String, f64)> {
    let upstream = case.draw("precision").weights(case.shape.iter().product());
    errors::<f32, f64>(case, &case.numbers(), &upstream)
}

/// How far output and gradients in `f64` are from those in twice its digits, for numbers that take all its digits.
pub(crate) fn double(case: &Case) -> Vec<(String, f64)> {
    let mut draw = case.draw("precision");
    let mut upstream = draw.weights(case.shape.iter().product());
    upstream.iter_mut().for_each(|w| *w *= draw.within(1.0 - 1e-9..=1.0));
    let mut numbers = case.numbers::<f64>();
    for k in case.variables() {
        let width = case.operands[k].width.unwrap_or(0.0);
        numbers[k].iter_mut().for_each(|x| *x += width * draw.within(-1e-9..=1e-9));
    }
    errors::<f64, Twofold>(case, &numbers, &upstream)
}

/// How far output and gradients in the type `T` are from those in the type `M` of more digits, each in units of `T`'s
/// epsilon times the largest number among its terms: the numbers themselves, and what they are made of.
fn errors<T: Tried, M: Tried>(case: &Case, numbers: &[Vec<f64>], upstream: &[f64]) -> Vec<(String, f64)> {
    let exact = case.run(&lists::<M>(numbers), &of::<M>(upstream));
    let rounded = case.run(&lists::<T>(numbers), &of::<T>(upstream));
    let operands = case.variables().map(|k| largest(&case.operands[k].numbers)).fold(0.0, f64::max);
    let mut errors = vec![("output".to_owned(), error(&rounded.output, &exact.output, operands))];
    for k in case.variables() {
        if let (Some(rounded), Some(exact)) = (&rounded.gradients[k], &exact.gradients[k]) {
            errors.push((format!("gradient in operand {k}"), error(rounded, exact, largest(upstream))));
        }
    }
    errors
}

fn of<T: Element>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&w| T::of(w)).collect()
}

fn lists<T: Element>(numbers: &[Vec<f64>]) -> Vec<Vec<T>> {
    numbers.iter().map(|numbers| of(numbers)).collect()
}

fn error<T: Element, M: Element>(rounded: &[T], exact: &[M], terms: f64) -> f64 {
    let double = |x: T| x.to_f64().unwrap_or(f64::NAN);
    let unit = double(T::epsilon()) * largest(exact).max(terms);
    let differences: Vec<M> = rounded.iter().zip(exact).map(|(&x, &y)| M::of(double(x)) - y).collect();
    let worst = if differences.iter().any(|d| d.is_nan()) { f64::NAN } else { largest(&differences) };
    if worst == 0.0 { 0.0 } else { worst / unit }
}

#[test]
fn single_precision_follows_double_and_double_follows_more() {
    every_case(&Precision);
}
