//! Gradients against difference quotients of the values.

use chainrule::tape::shape::unravel;

use crate::case::Case;
use crate::numeric::derivative;
use crate::report::{Report, largest};
use crate::walk::{Check, every_case};

/// How far gradient and quotient may be apart, in units of what they are sums of.
const TOLERANCE: f64 = 1e-8;
/// The largest step, in units of the interval that an operand is drawn from.
pub(crate) const STEP: f64 = 0.01;
/// In how many directions each operand is moved.
const DIRECTIONS: usize = 2;

pub(crate) struct Differences;

impl Check for Differences {
    fn case(&self, case: &Case, report: &mut Report) {
        let mut draw = case.draw("differences");
        let upstream = draw.weights(case.shape.iter().product());
        let numbers = case.numbers::<f64>();
        let outcome = case.run(&numbers, &upstream);
        for (k, operand) in case.operands.iter().enumerate() {
            let (Some(gradient), Some(width)) = (&outcome.gradients[k], operand.width) else { continue };
            for direction in 0..DIRECTIONS {
                let along: Vec<f64> = draw.weights(gradient.len()).iter().map(|u| u * width).collect();
                let quotient = quotient(case, &numbers, k, &along, &upstream);
                let terms = gradient.iter().zip(&along).map(|(g, u)| g * u);
                let (analytic, size) =
                    terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
                let scale = f64::max(size, largest(&outcome.output) * largest(&upstream));
                let wrong = (analytic - quotient).abs() > TOLERANCE * scale || quotient.is_nan();
                let failure = (wrong && !gradient.is_empty()).then(|| {
                    let flat = gradient.iter().all(|&g| g == 0.0);
                    let what = if flat { "the gradient is zero, and the value changes" } else { "the gradient is wrong" };
                    let worst = worst(case, &numbers, k, gradient, &upstream);
                    format!("operand {k}, direction {direction}: {what}: analytic {analytic:e}, numeric {quotient:e}; {worst}")
                });
                report.note(gradient.len(), failure);
            }
        }
        if case.variables().next().is_none() {
            report.note(outcome.output.len(), None);
        }
    }
}

/// The difference quotient of `Σ upstream · output` where operand `k` moves along a direction.
fn quotient(case: &Case, numbers: &[Vec<f64>], k: usize, along: &[f64], upstream: &[f64]) -> f64 {
    let mut moved = numbers.to_vec();
    let value = |step: f64| {
        for ((moved, x), u) in moved[k].iter_mut().zip(&numbers[k]).zip(along) {
            *moved = x + step * u;
        }
        case.value(&moved)
    };
    derivative(value, STEP).iter().zip(upstream).map(|(dy, w)| dy * w).sum()
}

/// The element of operand `k` in which gradient and quotient are farthest apart.
fn worst(case: &Case, numbers: &[Vec<f64>], k: usize, gradient: &[f64], upstream: &[f64]) -> String {
    let width = case.operands[k].width.unwrap_or(1.0);
    let numeric: Vec<_> = (0..gradient.len())
        .map(|element| {
            let mut along = vec![0.0; gradient.len()];
            along[element] = width;
            quotient(case, numbers, k, &along, upstream) / width
        })
        .collect();
    let error = |element: &usize| (gradient[*element] - numeric[*element]).abs();
    let worst = (0..gradient.len()).max_by(|a, b| error(a).total_cmp(&error(b))).expect("not empty");
    let index = unravel(worst, &case.operands[k].shape);
    format!("worst at {index:?}: analytic {:e}, numeric {:e}", gradient[worst], numeric[worst])
}

#[test]
fn gradients_are_what_differences_of_values_say() {
    every_case(&Differences);
}
