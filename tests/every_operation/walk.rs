//! The way over the list: every sample of every operation, and every rule in shapes that its loops treat differently.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chainrule::nn;
use chainrule::tape::listing::{Drawn, Listed, Walk};
use chainrule::tape::{self, Arity, Rule};

use crate::case::{Case, Elementwise, Structured, Subject};
use crate::report::Report;

/// Something that must hold of every operation.
pub(crate) trait Check {
    /// Looks at one case.
    fn case(&self, case: &Case, report: &mut Report);
}

/// Takes a check to every case of every operation.
#[track_caller]
pub(crate) fn every_case(check: &impl Check) {
    let mut walker = Walker { check, report: Report::default() };
    structured(&mut walker);
    for &rule in Rule::ALL {
        walker.rule(rule);
    }
    walker.report.finish(&listed());
}

/// Shows every structured operation of both libraries.
pub(crate) fn structured(walk: &mut impl Walk) {
    tape::walk_operations(walk);
    nn::walk_operations(walk);
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
    structured(&mut names);
    names.0.extend(Rule::ALL.iter().map(|&rule| elementwise(rule)));
    names.0
}

/// The name of a rule among all operations: there is `max` over an axis, and `max` of two numbers.
pub(crate) fn elementwise(rule: Rule) -> String {
    format!("{} (elementwise)", rule.name())
}

/// The first thing that a check has to say of one operation; nothing if all is well.
pub(crate) fn complaint<O: Listed>(check: &impl Check) -> String {
    let mut walker = Walker { check, report: Report::default() };
    walker.visit::<O>();
    walker.report.first()
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
    fn sample(&mut self, subject: impl Subject + 'static, title: &str, drawn: &[Drawn]) {
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
        let samples = O::samples();
        if samples.is_empty() && !O::specials().is_empty() {
            // Of an operation that is no function with a derivative, everything is in its special points.
            self.report.note(1, None);
        }
        for (k, sample) in samples.into_iter().enumerate() {
            let title = format!("{name}, sample {k}, {:?}", sample.operation);
            self.sample(Structured(sample.operation), &title, &sample.operands);
        }
    }
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
