//! The comparison: along each direction, and down to one number where it fails.

use std::panic::Location;

use ndarray::ArrayD;

use super::blame::culprit;
use super::point::{Point, Random};
use super::quotient::Quotient;
use super::{Check, Entry, Place, Report};
use crate::dual::Dual;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::graph::gradients::Handle;
use crate::graph::tape::Tape;
use crate::handles::{Scalar, Tensor};

/// A derivative that is known in two ways, along any direction.
trait Subject {
    /// By the sweep, and the sum of the sizes of its terms.
    fn analytic(&self, direction: &[f64]) -> (f64, f64);
    /// The function whose derivative at 0 it is.
    fn value(&mut self, direction: &[f64], t: f64) -> f64;
}

enum Verdict {
    Fine(Entry),
    Kink(Entry),
    Fault(Entry, Fault),
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Dropped,
    Wrong,
    NoNumber,
    Unsettled,
}

/// What is needed to name a number.
struct Names {
    operation: String,
    inputs: Vec<Option<String>>,
}

/// A check under way.
struct Session<'a> {
    check: &'a Check,
    name: &'static str,
    here: &'static Location<'static>,
    point: &'a Point,
    names: Names,
}

impl Session<'_> {
    fn error(&self, text: String) -> Error {
        Error::new(ErrorKind::Gradient, text).operation(self.name).at(self.here)
    }

    fn place(&self, position: usize) -> Place {
        let (input, index) = self.point.place(position);
        Place::Element { input, name: self.names.inputs[input].clone(), index }
    }

    /// Along one direction.
    fn judge(&self, subject: &mut impl Subject, direction: &[f64], number: usize) -> Result<Verdict, Error> {
        let mut moving = direction.iter().enumerate().filter(|(_, d)| **d != 0.0);
        let (place, unit) = match (moving.next(), moving.next()) {
            (Some((position, &d)), None) => (self.place(position), d),
            _ => (Place::Direction(number), 1.0),
        };
        let (analytic, size) = subject.analytic(direction);
        let at = subject.value(direction, 0.0);
        let Some(quotient) = Quotient::of(|t| subject.value(direction, t), at, self.check.step) else {
            return Err(
                self.error(format!("the function has no finite values around {place}: take other inputs"))
            );
        };
        let Quotient { value: numeric, error, noise, step, .. } = quotient;
        let entry = Entry {
            operation: self.names.operation.clone(),
            place,
            analytic: analytic / unit,
            numeric: numeric / unit,
            error: error / unit.abs(),
            step: step * unit.abs(),
        };
        if quotient.is_kink() {
            return Ok(Verdict::Kink(entry));
        }
        let larger = analytic.abs().max(numeric.abs());
        let allowed = self.check.tolerance * larger + 4.0 * error + 8.0 * f64::EPSILON * size;
        let fault = if !analytic.is_finite() {
            Fault::NoNumber
        } else if error > 1e-3 * larger && error > 100.0 * noise {
            Fault::Unsettled
        } else if (analytic - numeric).abs() <= allowed {
            return Ok(Verdict::Fine(entry));
        } else if analytic == 0.0 {
            Fault::Dropped
        } else {
            Fault::Wrong
        };
        Ok(Verdict::Fault(entry, fault))
    }

    /// Narrows a fault down to one number, by halves; where it is of several together it stays with them.
    fn narrow(
        &self,
        subject: &mut impl Subject,
        direction: &[f64],
        number: usize,
        mut found: (Entry, Fault),
    ) -> Result<(Entry, Fault), Error> {
        let mut support: Vec<usize> = (0..direction.len()).filter(|&k| direction[k] != 0.0).collect();
        while support.len() > 1 {
            let rest = support.split_off(support.len() / 2);
            let mut worse = None;
            for half in [support, rest] {
                let mut part = vec![0.0; direction.len()];
                half.iter().for_each(|&k| part[k] = direction[k]);
                if let Verdict::Fault(entry, fault) = self.judge(subject, &part, number)? {
                    let off = (entry.analytic - entry.numeric).abs();
                    let is_worse = worse.as_ref().is_none_or(|&(_, _, before)| !(off <= before));
                    if is_worse {
                        worse = Some((half, (entry, fault), off));
                    }
                }
            }
            let Some((half, fault, _)) = worse else { break };
            (support, found) = (half, fault);
        }
        Ok(found)
    }

    fn explain(&self, (entry, fault): &(Entry, Fault)) -> String {
        match fault {
            Fault::Dropped => {
                format!("a derivative is dropped: it is 0 where the difference quotient is not: {entry}")
            }
            Fault::Wrong => format!("a derivative is wrong: {entry}"),
            Fault::NoNumber => format!("a derivative is no finite number: {entry}"),
            Fault::Unsettled => format!(
                "the difference quotients have no limit: {entry}: is the function continuous here? take other inputs, or a \
                 smaller step"
            ),
        }
    }

    /// Judges one direction and writes down what came of it; the error is that of a fault, with what `blame` knows.
    fn look(
        &self,
        report: &mut Report,
        subject: &mut impl Subject,
        direction: &[f64],
        blame: impl FnOnce() -> Option<String>,
    ) -> Result<(), Error> {
        let number = report.checked;
        match self.judge(subject, direction, number)? {
            Verdict::Fine(entry) => {
                if report.worst.as_ref().is_none_or(|worst| worst.difference() < entry.difference()) {
                    report.worst = Some(entry);
                }
            }
            Verdict::Kink(entry) => report.kinks.push(entry),
            Verdict::Fault(entry, fault) => {
                let found = self.narrow(subject, direction, number, (entry, fault))?;
                let blame = blame().map_or(String::new(), |blame| format!("; {blame}"));
                return Err(self.error(format!("{}{blame}", self.explain(&found))));
            }
        }
        report.checked += 1;
        Ok(())
    }

    /// Every axis, or random directions.
    fn directions(&self) -> Vec<Vec<f64>> {
        let n = self.point.numbers.len();
        let mut random = Random(self.check.seed);
        match self.check.directions_for(n) {
            Some(count) => (0..count).map(|_| self.point.direction(&mut random)).collect(),
            None => (0..n)
                .map(|axis| (0..n).map(|k| if k == axis { self.point.scale(k) } else { 0.0 }).collect())
                .collect(),
        }
    }
}

fn names<T: Element>(output: Scalar<'_, T>, leaves: &[Tensor<'_, T>]) -> Names {
    let operation =
        output.position().and_then(|(tape, id)| Some(tape.nodes().nth(id.index())?.op().to_owned()));
    let name = |leaf: &Tensor<'_, T>| {
        leaf.tape().nodes().nth(leaf.node_id().index()).and_then(|node| node.name().map(ToOwned::to_owned))
    };
    Names {
        operation: operation.unwrap_or_else(|| "constant".to_owned()),
        inputs: leaves.iter().map(name).collect(),
    }
}

/// The gradient in all leaves, as one row; with the gradients of all nodes kept, or those of the leaves alone, as in
/// training: operations may then work in place.
fn row<T: Element>(output: Scalar<'_, T>, leaves: &[Tensor<'_, T>], all: bool) -> Vec<T> {
    if output.position().is_none() {
        return leaves.iter().flat_map(|leaf| vec![T::zero(); leaf.value().len()]).collect();
    }
    let gradients = match all {
        true => output.backward(),
        false => output.backward_for(leaves.iter().map(|leaf| leaf.node_id())),
    };
    leaves.iter().flat_map(|leaf| gradients.wrt(*leaf).iter().copied().collect::<Vec<_>>()).collect()
}

struct First<'a, F> {
    f: &'a F,
    point: &'a Point,
    gradient: Vec<f64>,
    tape: Tape<f64>,
}

impl<F: for<'t> Fn(&[Tensor<'t, f64>]) -> Scalar<'t, f64>> Subject for First<'_, F> {
    fn analytic(&self, direction: &[f64]) -> (f64, f64) {
        dot(&self.gradient, direction)
    }

    fn value(&mut self, direction: &[f64], t: f64) -> f64 {
        let numbers = &self.point.numbers;
        let arrays = self.point.arrays(|k| numbers[k] + t * direction[k]);
        let leaves: Vec<_> = arrays.into_iter().map(|array| self.tape.tensor(array)).collect();
        let value = (self.f)(&leaves).value();
        self.tape.reset();
        value
    }
}

/// `Σ a·b`, and the sum of the sizes; what does not move does not count, were it infinite.
fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    let terms = a.iter().zip(b).filter(|(_, b)| **b != 0.0).map(|(a, b)| a * b);
    terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

#[track_caller]
pub(super) fn gradients<F>(check: &Check, f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
where
    F: for<'t> Fn(&[Tensor<'t, f64>]) -> Scalar<'t, f64>,
{
    let (point, here) = (Point::new(inputs), Location::caller());
    let tape = Tape::new();
    let leaves: Vec<_> = inputs.iter().map(|input| tape.tensor(input)).collect();
    let output = f(&leaves);
    let (gradient, with_all) = (row(output, &leaves, false), row(output, &leaves, true));
    let session =
        Session { check, name: "check_gradients", here, point: &point, names: names(output, &leaves) };
    let apart =
        |(one, other): (&f64, &f64)| (one - other).abs() > check.tolerance * one.abs().max(other.abs());
    if let Some(k) = gradient.iter().zip(&with_all).position(apart) {
        let (place, all, alone) = (session.place(k), with_all[k], gradient[k]);
        let blame = culprit(&tape, &leaves, check).map_or(String::new(), |blame| format!("; {blame}"));
        let text = format!(
            "the derivative in {place} is {all} with all gradients kept, {alone} with those of the inputs alone{blame}"
        );
        return Err(session.error(text));
    }
    let mut subject = First { f, point: &point, gradient, tape: Tape::new() };
    let again = subject.value(&vec![0.0; point.numbers.len()], 0.0);
    session.steady(output.value(), again)?;
    let mut report = Report { checked: 0, worst: None, kinks: Vec::new() };
    for direction in session.directions() {
        session.look(&mut report, &mut subject, &direction, || culprit(&tape, &leaves, check))?;
    }
    Ok(report)
}

impl Session<'_> {
    /// A function gives the same finite value each time.
    fn steady(&self, first: f64, second: f64) -> Result<(), Error> {
        if !first.is_finite() {
            return Err(
                self.error(format!("the function is {first} at the inputs: there is nothing to check"))
            );
        }
        if first != second {
            let text = format!(
                "the function is {first} and then {second} at the same inputs: it is none of them alone"
            );
            return Err(self.error(text));
        }
        Ok(())
    }
}

/// A Hessian-vector product along a fixed direction of the inputs. The directions of the comparison are those in which
/// gradient and product are looked at.
struct Second<'a, F> {
    f: &'a F,
    point: &'a Point,
    along: Vec<f64>,
    product: Vec<f64>,
    tape: Tape<Dual<f64>>,
}

impl<F: for<'t> Fn(&[Tensor<'t, Dual<f64>>]) -> Scalar<'t, Dual<f64>>> Second<'_, F> {
    /// The gradient a step along the direction, with its own derivative along `tangent`.
    fn gradient(&mut self, t: f64, tangent: &[f64]) -> Vec<Dual<f64>> {
        let numbers = &self.point.numbers;
        let along = &self.along;
        let arrays = self.point.arrays(|k| Dual::new(numbers[k] + t * along[k], tangent[k]));
        let leaves: Vec<_> = arrays.into_iter().map(|array| self.tape.tensor(array)).collect();
        let gradient = row((self.f)(&leaves), &leaves, false);
        self.tape.reset();
        gradient
    }
}

impl<F: for<'t> Fn(&[Tensor<'t, Dual<f64>>]) -> Scalar<'t, Dual<f64>>> Subject for Second<'_, F> {
    fn analytic(&self, direction: &[f64]) -> (f64, f64) {
        dot(&self.product, direction)
    }

    fn value(&mut self, direction: &[f64], t: f64) -> f64 {
        let still = vec![0.0; direction.len()];
        let gradient: Vec<_> = self.gradient(t, &still).iter().map(|slope| slope.value).collect();
        dot(&gradient, direction).0
    }
}

#[track_caller]
pub(super) fn second_order<F>(check: &Check, f: &F, inputs: &[ArrayD<f64>]) -> Result<Report, Error>
where
    F: for<'t> Fn(&[Tensor<'t, Dual<f64>>]) -> Scalar<'t, Dual<f64>>,
{
    let (point, here) = (Point::new(inputs), Location::caller());
    let tape = Tape::new();
    let arrays = point.arrays(|k| Dual::constant(point.numbers[k]));
    let leaves: Vec<_> = arrays.into_iter().map(|array| tape.tensor(array)).collect();
    let output = f(&leaves);
    let names = names(output, &leaves);
    let session = Session { check, name: "check_second_order", here, point: &point, names };
    session.steady(output.value().value, f(&leaves).value().value)?;
    let mut report = Report { checked: 0, worst: None, kinks: Vec::new() };
    let mut random = Random(!check.seed);
    let mut subject = Second { f, point: &point, along: Vec::new(), product: Vec::new(), tape: Tape::new() };
    for along in session.directions() {
        let weights: Vec<f64> = (0..along.len()).map(|_| random.signed()).collect();
        let tangents =
            |duals: Vec<Dual<f64>>| duals.into_iter().map(|slope| slope.tangent).collect::<Vec<_>>();
        subject.along = along;
        subject.product = tangents(subject.gradient(0.0, &subject.along.clone()));
        let kinks = report.kinks.len();
        session.look(&mut report, &mut subject, &weights, || None)?;
        let ((there, size), other) =
            (dot(&subject.product, &weights), tangents(subject.gradient(0.0, &weights)));
        let (back, _) = dot(&other, &subject.along);
        if report.kinks.len() == kinks
            && (there - back).abs() > check.tolerance * there.abs().max(back.abs()) + 1e-12 * size
        {
            let text = format!("the Hessian matrix is not symmetric: uᵀ(H v) is {there}, vᵀ(H u) is {back}");
            return Err(session.error(text));
        }
    }
    Ok(report)
}
