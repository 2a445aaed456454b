//! The way over the list: every sample of every operation, and every rule in shapes that its loops treat differently.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chainrule::tape::listing::{Drawn, Listed, Walk};
use chainrule::tape::{Arity, Rule};
use chainrule::{nn, tape};

use crate::case::{Case, Elementwise, Structured, Subject};
use crate::report::Report;

/// Something that must hold of every operation.
pub(crate) trait Check {
    /// Looks at one case.
    fn case<S: Subject>(&self, case: &Case<S>, report: &mut Report);
}

/// Takes a check to every case of every operation.
#[track_caller]
pub(crate) fn every_case(check: &impl Check) {
    let mut walker = Walker { check, report: Report::default() };
    tape::walk_operations(&mut walker);
    nn::walk_operations(&mut walker);
    for &rule in Rule::ALL {
        walker.rule(rule);
    }
    walker.report.finish(&listed());
}

/// The names of all structured operations and all rules.
pub(crate) fn listed() -> Vec<String> {
    struct Names(Vec<String>);

    impl Walk for Names {
        fn visit<O: Listed>(&mut self) {
            self.0.push(O::DESCRIPTION.name.to_owned());
        }
    }

    let mut names = Names(Vec::new());
    tape::walk_operations(&mut names);
    nn::walk_operations(&mut names);
    names.0.extend(Rule::ALL.iter().map(|&rule| elementwise(rule)));
    names.0
}

/// The name of a rule among all operations: there is `max` over an axis, and `max` of two numbers.
pub(crate) fn elementwise(rule: Rule) -> String {
    format!("{} (elementwise)", rule.name())
}

struct Walker<'a, C> {
    check: &'a C,
    report: Report,
}

impl<C: Check> Walker<'_, C> {
    fn rule(&mut self, rule: Rule) {
        let name = elementwise(rule);
        self.report.operation(&name);
        for (k, operands) in samples(rule).iter().enumerate() {
            self.sample(Elementwise(rule), &format!("{name}, sample {k}"), operands);
        }
    }

    /// One sample. A panic is a failure of this sample, and the walk goes on.
    fn sample<S: Subject>(&mut self, subject: S, title: &str, drawn: &[Drawn]) {
        self.report.case(title);
        let report = &mut self.report;
        let looked = guarded(|| match Case::new(subject, title, drawn) {
            Ok(case) => {
                report.case(&case.title);
                self.check.case(&case, report);
            }
            Err(text) => report.fail(&format!("the sample is refused: {text}")),
        });
        if let Err(text) = looked {
            self.report.fail(&format!("panics: {text}"));
        }
    }
}

impl<C: Check> Walk for Walker<'_, C> {
    fn visit<O: Listed>(&mut self) {
        let name = O::DESCRIPTION.name;
        self.report.operation(name);
        for (k, sample) in O::samples().into_iter().enumerate() {
            let title = format!("{name}, sample {k}, {}", brief(&sample.operation));
            self.sample(Structured(sample.operation), &title, &sample.operands);
        }
    }
}

/// An operation with its parameters, without the names of the types that they are wrapped in.
fn brief(operation: &impl Debug) -> String {
    format!("{operation:?}")
}

/// Runs something that may panic; the text of the panic is the error.
pub(crate) fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// Operands of a rule: none, one, a few and more than a register of numbers; alike, and spread over each other.
pub(crate) fn samples(rule: Rule) -> Vec<Vec<Drawn>> {
    let domain = rule.domain();
    let operand = |k: usize, shape: &[usize]| Drawn::real(shape).within(domain[k].clone());
    let shapes: [&[usize]; 5] = [&[2, 3], &[67], &[], &[1], &[3, 0, 2]];
    let alike = shapes.iter();
    match rule.arity() {
        Arity::Unary => alike.map(|shape| vec![operand(0, shape)]).collect(),
        Arity::Parameter => {
            let parameters = [*domain[1].start(), *domain[1].end()];
            let pair = |shape, c| vec![operand(0, shape), Drawn::given(&[], &[c])];
            alike.flat_map(|shape| parameters.map(|c| pair(shape, c))).collect()
        }
        Arity::Binary => {
            let spread: [(&[usize], &[usize]); 6] = [
                (&[2, 1], &[3]),
                (&[4], &[]),
                (&[], &[5]),
                (&[3, 37], &[37]),
                (&[1], &[0, 3]),
                (&[2, 0], &[1, 1]),
            ];
            let alike = alike.map(|&shape| (shape, shape));
            alike.chain(spread).map(|(a, b)| vec![operand(0, a), operand(1, b)]).collect()
        }
    }
}
