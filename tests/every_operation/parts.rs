//! A node that is made of several steps equals them: value and gradients of what [`open_on`](chainrule::tape::Node::open_on)
//! records are those of the one node.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chainrule::tape::Tape;

use crate::case::{Case, Tried, flat};
use crate::report::{Report, largest};
use crate::walk::{Check, every_case, listed};

/// How far the two may be apart, in units of epsilon times the largest of the numbers that the result is among or made of.
/// Both round: the node once in most places, its parts after each of a handful of steps, over sums of up to a hundred numbers.
/// The worst of all samples is 2.3; a wrong step is apart by millions.
const EPSILONS: f64 = 8.0;

/// The operations that are one step for a reader too, in the order of the lists. Whatever is not here must open.
const ONE_STEP: [&str; 31] = [
    "get",
    "concat",
    "stack",
    "conv2d",
    "conv_transpose2d",
    "cumsum",
    "diagonal",
    "gather",
    "scatter_add",
    "reshape",
    "permute",
    "broadcast_to",
    "matmul",
    "max",
    "min",
    "amax",
    "amin",
    "outer",
    "pad",
    "split",
    "max_pool2d",
    "avg_pool2d",
    "adaptive_avg_pool2d",
    "prod",
    "repeat",
    "select",
    "slice",
    "stop_gradient",
    "sum",
    "index_select",
    "tril",
];

/// Whether the node of a case has something inside.
pub(crate) fn opens(case: &Case) -> bool {
    let (tape, inside) = (Tape::<f64>::new(), Tape::new());
    case.record(&tape, &case.leaves(&tape, &case.numbers()));
    tape.nodes().last().is_some_and(|node| node.open_on(&inside).is_some())
}

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
