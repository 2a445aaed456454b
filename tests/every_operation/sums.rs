//! A node that is used more than once gets the sum of what comes back from each use.

use chainrule::tape::{Shape, Tape};

use crate::case::Case;
use crate::draw::apart;
use crate::report::{Report, largest};
use crate::walk::{Check, every_case};

/// How far two sums of the same numbers in another order may be apart, in units of epsilon times the largest of them.
const EPSILONS: f64 = 64.0;

pub(crate) struct Sums;

impl Check for Sums {
    fn case(&self, case: &Case, report: &mut Report) {
        if case.variables().next().is_none() {
            // Data has no gradients to be added up.
            return report.note(1, None);
        }
        let upstream = case.draw("sums").weights(case.shape.iter().product());
        used_elsewhere(case, &upstream, report);
        used_twice(case, &upstream, report);
        spread(case, &upstream, report);
    }
}

fn tolerance(sizes: &[&[f64]]) -> f64 {
    EPSILONS * f64::EPSILON * sizes.iter().map(|numbers| largest(numbers)).fold(f64::MIN_POSITIVE, f64::max)
}

fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Each operand is used by another node before, and by one after: whichever comes first in the sweep, all three count.
fn used_elsewhere(case: &Case, upstream: &[f64], report: &mut Report) {
    let numbers = case.numbers::<f64>();
    let alone = case.run(&numbers, upstream);
    let tape = Tape::new();
    let leaves = case.leaves(&tape, &numbers);
    let mut draw = case.draw("elsewhere");
    let mut extra: Vec<Vec<f64>> = Vec::new();
    let mut total = tape.scalar(0.0);
    for &leaf in &leaves {
        let weights = draw.weights(leaf.shape().iter().product());
        total += (leaf * tape.constant((leaf.shape(), weights.clone()))).sum();
        extra.push(weights);
    }
    let output = case.record(&tape, &leaves);
    total += (output * tape.constant((output.shape(), upstream.to_vec()))).sum();
    for (&leaf, extra) in leaves.iter().zip(&mut extra) {
        let weights = draw.weights(extra.len());
        total += (leaf * tape.constant((leaf.shape(), weights.clone()))).sum();
        *extra = add(extra, &weights);
    }
    let grads = total.backward();
    for k in case.variables() {
        let gradient = alone.gradients[k].as_deref().expect("of a variable");
        let got: Vec<f64> = grads.wrt(leaves[k]).iter().copied().collect();
        let what = format!("operand {k}, used elsewhere besides");
        report.near(&what, &got, &add(gradient, &extra[k]), tolerance(&[gradient, &extra[k]]));
    }
}

/// Two operands of one shape are the same node.
fn used_twice(case: &Case, upstream: &[f64], report: &mut Report) {
    let pairs = case.variables().flat_map(|a| case.variables().map(move |b| (a, b))).filter(|(a, b)| a < b);
    for (a, b) in pairs.filter(|&(a, b)| case.operands[a].shape == case.operands[b].shape) {
        let Some(shared) = shared(case, a, b) else { continue };
        let mut numbers = case.numbers::<f64>();
        numbers[b].clone_from(&shared);
        numbers[a] = shared;
        let distinct = case.run(&numbers, upstream);
        let tape = Tape::new();
        let mut leaves = case.leaves(&tape, &numbers);
        leaves[b] = leaves[a];
        let once = case.run_on(&tape, &leaves, upstream);
        let [first, second] = [a, b].map(|k| distinct.gradients[k].as_deref().expect("of a variable"));
        let got = once.gradients[a].as_deref().expect("of a variable");
        let what = format!("operands {a} and {b} are the same node");
        report.same(&format!("{what}: output"), &once.output, &distinct.output);
        report.near(&format!("{what}: gradient"), got, &add(first, second), tolerance(&[first, second]));
    }
}

/// Numbers that two operands of one shape can both have; `None` if their intervals are apart.
fn shared(case: &Case, a: usize, b: usize) -> Option<Vec<f64>> {
    let [first, second] = [a, b].map(|k| case.operands[k].range.as_ref());
    let (first, second) = (first?, second?);
    let range = first.start().max(*second.start())..=first.end().min(*second.end());
    let len = case.operands[a].numbers.len();
    (range.start() < range.end()).then(|| apart(&range, len, &mut case.draw("shared")))
}

/// An operand is a smaller one, spread over its shape: the smaller one gets the sum.
fn spread(case: &Case, upstream: &[f64], report: &mut Report) {
    for k in case.variables() {
        let shape = &case.operands[k].shape;
        for axis in (0..shape.len()).filter(|&axis| shape[axis] > 1) {
            let mut smaller: Shape = shape.clone();
            smaller[axis] = 1;
            let inner: usize = shape[axis + 1..].iter().product();
            // Where a number of the spread operand comes from.
            let from = |at: usize| at / (inner * shape[axis]) * inner + at % inner;
            let mut numbers = case.numbers::<f64>();
            let few: Vec<f64> = (0..numbers[k].len() / shape[axis])
                .map(|at| numbers[k][at / inner * inner * shape[axis] + at % inner])
                .collect();
            numbers[k] = (0..numbers[k].len()).map(|at| few[from(at)]).collect();
            let whole = case.run(&numbers, upstream);
            let gradient = whole.gradients[k].as_deref().expect("of a variable");
            let mut wanted = vec![0.0; few.len()];
            gradient.iter().enumerate().for_each(|(at, g)| wanted[from(at)] += g);

            let tape = Tape::new();
            let mut leaves = case.leaves(&tape, &numbers);
            let small = tape.tensor((smaller, few));
            leaves[k] = small.broadcast_to(shape);
            let output = case.record(&tape, &leaves);
            let grads = output.backward_with((output.shape(), upstream.to_vec()));
            let got: Vec<f64> = grads.wrt(small).iter().copied().collect();
            let what = format!("operand {k} spread along axis {axis}");
            report.near(&what, &got, &wanted, tolerance(&[gradient, &wanted]));
        }
    }
}

#[test]
fn gradients_of_several_uses_add_up() {
    every_case(&Sums);
}
