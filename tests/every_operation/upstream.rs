//! Gradients are linear in the upstream gradient.

use crate::case::Case;
use crate::report::{Report, largest};
use crate::walk::{Check, every_case};

/// How far the gradient of a sum may be from the sum of gradients, in units of epsilon times the largest of them.
const EPSILONS: f64 = 64.0;

pub(crate) struct Linear;

impl Check for Linear {
    fn case(&self, case: &Case, report: &mut Report) {
        let len = case.shape.iter().product();
        let mut draw = case.draw("upstream");
        let (first, second) = (draw.weights(len), draw.weights(len));
        let numbers = case.numbers::<f64>();
        let gradients = |upstream: &[f64]| case.run(&numbers, upstream).gradients;
        let [a, b] = [&first, &second].map(|upstream| gradients(upstream));
        let sum = gradients(&first.iter().zip(&second).map(|(a, b)| a + b).collect::<Vec<_>>());
        let double = gradients(&first.iter().map(|a| 2.0 * a).collect::<Vec<_>>());
        let nothing = gradients(&vec![0.0; len]);
        for k in case.variables() {
            let [a, b, sum, double, nothing] =
                [&a, &b, &sum, &double, &nothing].map(|list| list[k].as_deref().expect("of a variable"));
            report.same(&format!("operand {k}, upstream 0"), nothing, &vec![0.0; nothing.len()]);
            let wanted: Vec<_> = a.iter().map(|a| 2.0 * a).collect();
            report.same(&format!("operand {k}, upstream doubled"), double, &wanted);
            let wanted: Vec<_> = a.iter().zip(b).map(|(a, b)| a + b).collect();
            let tolerance = EPSILONS * f64::EPSILON * largest(a).max(largest(b));
            report.near(&format!("operand {k}, sum of two upstreams"), sum, &wanted, tolerance);
        }
        if case.variables().next().is_none() {
            report.note(len, None);
        }
    }
}

#[test]
fn gradients_are_linear_in_the_upstream() {
    every_case(&Linear);
}
