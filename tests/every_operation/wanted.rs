//! What is asked for is computed, to the same bits whatever else is; what is not asked for is not.

use chainrule::tape::Tape;

use crate::case::Case;
use crate::report::Report;
use crate::walk::{Check, every_case};

pub(crate) struct Wanted;

impl Check for Wanted {
    fn case(&self, case: &Case, report: &mut Report) {
        let upstream = case.draw("wanted").weights(case.shape.iter().product());
        alone(case, &upstream, report);
        constants(case, &upstream, report);
        if case.variables().next().is_none() {
            report.note(upstream.len(), None);
        }
    }
}

/// A pruned pass for one operand gives what the full pass gives. It may overwrite the upstream gradient in place.
fn alone(case: &Case, upstream: &[f64], report: &mut Report) {
    let tape = Tape::new();
    let leaves = case.leaves(&tape, &case.numbers());
    let output = case.record(&tape, &leaves);
    let loss = (output * tape.constant((output.shape(), upstream.to_vec()))).sum();
    let full = loss.backward();
    for k in case.variables() {
        let pruned = loss.backward_for([leaves[k].node_id()]);
        let [got, wanted] =
            [&pruned, &full].map(|grads| grads.wrt(leaves[k]).iter().copied().collect::<Vec<f64>>());
        report.same(&format!("operand {k} alone"), &got, &wanted);
    }
}

/// An operand that is a constant gets no gradient, and the others get what they got before.
fn constants(case: &Case, upstream: &[f64], report: &mut Report) {
    let numbers = case.numbers::<f64>();
    let wanted = case.run(&numbers, upstream);
    for constant in case.variables() {
        let tape = Tape::new();
        let mut leaves = case.leaves(&tape, &numbers);
        leaves[constant] = tape.constant((&case.operands[constant].shape, numbers[constant].clone()));
        let output = case.record(&tape, &leaves);
        report.same(
            &format!("operand {constant} constant: output"),
            &crate::case::flat(output),
            &wanted.output,
        );
        let grads = output.backward_with((output.shape(), upstream.to_vec()));
        if grads.get(leaves[constant]).is_some() {
            report.fail(&format!("operand {constant} is a constant and has a gradient"));
        }
        for k in case.variables().filter(|&k| k != constant) {
            let got: Vec<f64> = grads.wrt(leaves[k]).iter().copied().collect();
            let wanted = wanted.gradients[k].as_deref().expect("of a variable");
            report.same(&format!("operand {constant} constant: gradient in operand {k}"), &got, wanted);
        }
    }
}

#[test]
fn what_is_wanted_does_not_depend_on_what_else_is() {
    every_case(&Wanted);
}
