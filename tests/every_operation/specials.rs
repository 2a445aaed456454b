//! What operations say of their special points is so.

use chainrule::tape::listing::{Listed, Special, Walk};
use chainrule::tape::{Arity, Rule, Shape, Tape, Tensor};

use crate::case::{Elementwise, Structured, Subject, Tried};
use crate::report::{Report, largest};
use crate::walk::{elementwise, guarded, listed, structured};

/// What is stated, of structured operations and of rules.
#[derive(Default)]
pub(crate) struct Specials {
    pub(crate) report: Report,
}

impl Walk for Specials {
    fn visit<O: Listed>(&mut self) {
        let name = O::DESCRIPTION.name;
        self.report.operation(name);
        let specials = O::specials();
        if specials.is_empty() {
            self.report.note(1, None);
        }
        for (k, Special { operation, operands, output, gradients }) in specials.into_iter().enumerate() {
            self.report.case(&format!("{name}, special point {k}, {operation:?} of {operands:?}"));
            self.check(&Structured(operation), &operands, &output, &gradients);
        }
    }
}

impl Specials {
    fn rule(&mut self, rule: Rule) {
        let name = elementwise(rule);
        self.report.operation(&name);
        if rule.kinks().is_empty() {
            self.report.note(1, None);
        }
        for (operands, locals) in rule.kinks() {
            // As scalars, and in a tensor long enough for loops over registers.
            for shape in [&[][..], &[19]] {
                let (shape, len) = (Shape::from_slice(shape), shape.iter().product());
                let spread = |&x: &f64| (shape.clone(), vec![x; len]);
                let mut given: Vec<_> = operands.iter().map(spread).collect();
                let mut gradients: Vec<_> = locals.iter().map(|&local| Some(vec![local; len])).collect();
                if rule.arity() == Arity::Parameter {
                    given[1] = (Shape::new(), vec![operands[1]]);
                    gradients.push(None);
                }
                let y = rule.value(operands[0], operands.get(1).copied().unwrap_or(0.0));
                self.report.case(&format!("{name} at {operands:?} in {shape:?}"));
                self.check(&Elementwise(rule), &given, &vec![y; len], &gradients);
            }
        }
    }

    /// What is inside the node that was recorded last gives what was agreed, too; or there is nothing to be seen here.
    fn parts(&mut self, tape: &Tape<f64>, wanted: &[f64], gradients: &[Option<Vec<f64>>]) {
        let inside = Tape::new();
        let Some(parts) = tape.nodes().last().and_then(|node| node.open_on(&inside)) else { return };
        let close = |numbers: &[f64]| 8.0 * f64::EPSILON * largest(numbers).max(1.0);
        self.report.near("output of the parts", &crate::case::flat(parts.output), wanted, close(wanted));
        let grads = parts.output.backward_with((parts.output.shape(), vec![1.0; wanted.len()]));
        for (k, wanted) in gradients.iter().enumerate() {
            let Some(wanted) = wanted else { continue };
            let got: Vec<f64> = grads.wrt(parts.inputs[k]).iter().copied().collect();
            self.report.near(&format!("gradient of the parts in operand {k}"), &got, wanted, close(wanted));
        }
    }

    fn check(
        &mut self,
        subject: &(dyn Subject + 'static),
        operands: &[(Shape, Vec<f64>)],
        wanted: &[f64],
        gradients: &[Option<Vec<f64>>],
    ) {
        if gradients.len() != operands.len() {
            let (found, wanted) = (gradients.len(), operands.len());
            return self.report.fail(&format!("{found} gradients are stated for {wanted} operands"));
        }
        let tape = Tape::new();
        let leaf = |((shape, numbers), gradient): (&(Shape, Vec<f64>), &Option<Vec<f64>>)| {
            let pair = (shape, numbers.clone());
            if gradient.is_some() { tape.tensor(pair) } else { tape.constant(pair) }
        };
        let looked = guarded(|| {
            let leaves: Vec<Tensor<'_>> = operands.iter().zip(gradients).map(leaf).collect();
            let output = f64::record(subject, &tape, &leaves).map_err(|error| error.to_string())?;
            let grads = output.backward_with((output.shape(), vec![1.0; output.value().len()]));
            self.report.same("output", &crate::case::flat(output), wanted);
            self.parts(&tape, wanted, gradients);
            for (k, gradient) in gradients.iter().enumerate() {
                let got: Vec<f64> = grads.wrt(leaves[k]).iter().copied().collect();
                match gradient {
                    Some(wanted) => self.report.same(&format!("gradient in operand {k}"), &got, wanted),
                    None => self.report.same(&format!("operand {k} is data"), &got, &vec![0.0; got.len()]),
                }
            }
            Ok::<_, String>(())
        });
        match looked {
            Ok(Ok(())) => {}
            Ok(Err(text)) => self.report.fail(&format!("is refused: {text}")),
            Err(text) => self.report.fail(&format!("panics: {text}")),
        }
    }
}

#[test]
fn special_points_are_as_stated() {
    let mut specials = Specials::default();
    structured(&mut specials);
    for &rule in Rule::ALL {
        specials.rule(rule);
    }
    specials.report.finish(&listed());
}
