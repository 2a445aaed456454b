//! A node that is made of several steps equals them: value and gradients of what [`open_on`](chainrule::tape::Node::open_on)
//! records are those of the one node.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chainrule::tape::{Element, Tape};

use crate::case::{Case, Tried, flat};
use crate::report::{Report, largest};
use crate::walk::{Check, every_case, listed};

/// How far the two may be apart, in units of epsilon times the largest of the numbers that the result is among or made of.
/// Both round: the node once in most places, its parts after every step, of which there are about ten, each over sums of up
/// to a hundred numbers. Where both are right to the last digits they stay within half of this; a wrong step is apart by
/// millions.
const EPSILONS: f64 = 32.0;

/// The operations that are one step for a reader too. Whatever is not here must open.
const ONE_STEP: [&str; 0] = [];

/// Opens every node, and notes which have something inside.
#[derive(Default)]
struct Parts {
    opened: RefCell<BTreeSet<String>>,
}

impl Check for Parts {
    fn case(&self, case: &Case, report: &mut Report) {
        report.note(1, None);
        let found = [opened::<f64>(case, report), opened::<f32>(case, report)];
        assert_eq!(found[0], found[1], "both types open the same");
        self.opened.borrow_mut().extend(found.into_iter().flatten());
    }
}

/// Compares a node with its parts; its name, if it has some.
fn opened<T: Tried>(case: &Case, report: &mut Report) -> Option<String> {
    let (tape, inside) = (Tape::<T>::new(), Tape::<T>::new());
    let numbers = case.numbers::<T>();
    let upstream = case.draw("parts").weights(case.shape.iter().product());
    let weights: Vec<T> = upstream.iter().map(|&w| T::of(w)).collect();
    let whole = case.record(&tape, &case.leaves(&tape, &numbers));
    let node = tape.nodes().last().expect("it was recorded");
    let parts = node.open_on(&inside)?;
    if parts.output.shape() != whole.shape() {
        report.fail(&format!("its parts give {:?}", parts.output.shape()));
        return None;
    }
    for part in inside.nodes() {
        if part.op() == node.op() {
            report.fail("it is a part of itself");
        }
    }
    let operands = numbers.iter().map(|numbers| largest(numbers)).fold(1.0, f64::max);
    let wanted = case.run(&numbers, &weights);
    let mut near = |what: &str, got: &[T], wanted: &[T], terms: f64| {
        let unit = T::epsilon().to_f64().unwrap_or(f64::NAN) * largest(wanted).max(terms);
        report.near(
            &format!("{what} of the parts in {}", std::any::type_name::<T>()),
            got,
            wanted,
            EPSILONS * unit,
        );
    };
    near("output", &flat(parts.output), &wanted.output, operands);
    let gradients = parts.output.backward_with((parts.output.shape(), weights));
    for k in case.variables() {
        let got: Vec<T> = gradients.wrt(parts.inputs[k]).iter().copied().collect();
        let gradient = wanted.gradients[k].as_deref().expect("of a variable");
        near(&format!("gradient in operand {k}"), &got, gradient, largest(&upstream));
    }
    Some(node.op().to_owned())
}

#[test]
fn every_node_equals_its_parts() {
    let parts = Parts::default();
    every_case(&parts);
    let opened = parts.opened.into_inner();
    let shut: Vec<_> = listed()
        .into_iter()
        .filter(|name| !name.ends_with("(elementwise)") && !opened.contains(name))
        .collect();
    assert_eq!(shut, ONE_STEP, "an operation without parts says so here");
}
