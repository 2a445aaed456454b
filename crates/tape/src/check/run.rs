//! What is compared: gradients with differences of the function, Hessian-vector products with differences of gradients.

use std::panic::Location;

use ndarray::ArrayD;

use super::blame::culprit;
use super::point::{Point, Random};
use super::session::{Names, Session, Subject};
use super::{Check, Report};
use crate::dual::Dual;
use crate::element::Element;
use crate::error::Error;
use crate::graph::gradients::Handle;
use crate::graph::tape::Tape;
use crate::handles::{Scalar, Tensor};

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
    let gradients =
        if all { output.backward() } else { output.backward_for(leaves.iter().map(|leaf| leaf.node_id())) };
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
