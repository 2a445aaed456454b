//! Derivatives of any order: forward mode against reverse mode, and both orders of nesting against each other and against
//! difference quotients of the order below.

use chainrule::tape::{Dual, Element, Scalar, Tape};

use crate::case::{Case, Operand, Tried};
use crate::differences::STEP;
use crate::numeric::derivative;
use crate::report::{Report, largest};
use crate::walk::{Check, every_case};

/// How far two sums of the same products in another order may be apart, in units of epsilon times what they are sums of.
const EPSILONS: f64 = 256.0;
/// How far a derivative may be from the difference quotient of the order below, in units of the largest of its numbers.
const TOLERANCE: f64 = 1e-7;
/// Third derivatives are looked at for operands of so many numbers together, and fewer.
const FEW: usize = 12;

/// A direction in all operands at once; none in data.
type Direction = Vec<Vec<f64>>;

pub(crate) struct Orders;

impl Check for Orders {
    fn case(&self, case: &Case, report: &mut Report) {
        let mut draw = case.draw("orders");
        let upstream = draw.weights(case.shape.iter().product());
        let mut direction = || -> Direction {
            let along = |k: usize| {
                let width = case.operands[k].width.unwrap_or(0.0);
                draw.weights(case.operands[k].numbers.len()).iter().map(|u| u * width).collect()
            };
            (0..case.operands.len()).map(along).collect()
        };
        let (u, v) = (direction(), direction());
        first(case, &upstream, &u, report);
        second(case, &upstream, &u, &v, report);
        if case.operands.iter().map(|operand| operand.numbers.len()).sum::<usize>() <= FEW {
            third(case, &upstream, &u, &v, report);
        }
        if case.variables().next().is_none() {
            report.note(upstream.len(), None);
        }
    }
}

/// The operands' numbers, each with its part of a direction.
fn along<T: Element>(numbers: &[Vec<T>], direction: &Direction) -> Vec<Vec<Dual<T>>> {
    let dual = |(&x, &u): (&T, &f64)| Dual::new(x, T::of(u));
    numbers.iter().zip(direction).map(|(x, u)| x.iter().zip(u).map(dual).collect()).collect()
}

fn constants<T: Element>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&w| T::of(w)).collect()
}

/// The gradients in all variables, one after another.
fn gradient<T: Tried>(case: &Case, numbers: &[Vec<T>], upstream: &[f64]) -> Vec<T> {
    case.run(numbers, &constants(upstream)).gradients.into_iter().flatten().flatten().collect()
}

/// A direction's numbers in the order of [`gradient`].
fn flat(case: &Case, direction: &Direction) -> Vec<f64> {
    case.variables().flat_map(|k| direction[k].iter().copied()).collect()
}

fn tangents<T: Element>(duals: &[Dual<T>]) -> Vec<T> {
    duals.iter().map(|dual| dual.tangent).collect()
}

/// Two products must be the same sum up to rounding.
fn same_sum(report: &mut Report, what: &str, left: (&[f64], &[f64]), right: (&[f64], &[f64])) {
    let products = |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
    let (left, right) = (products(left), products(right));
    let size = left.iter().chain(&right).map(|term| term.abs()).sum::<f64>();
    let tolerance = EPSILONS * f64::EPSILON * size.max(f64::MIN_POSITIVE);
    report.near(what, &[left.iter().sum::<f64>()], &[right.iter().sum()], tolerance);
}

/// `⟨w, J u⟩ = ⟨Jᵀ w, u⟩`: the derivative along a direction, forward and backward. The values are those of plain numbers.
fn first(case: &Case, upstream: &[f64], u: &Direction, report: &mut Report) {
    let numbers = case.numbers::<f64>();
    let outcome = case.run(&numbers, upstream);
    let forward = case.value(&along(&numbers, u));
    let values: Vec<_> = forward.iter().map(|y| y.value).collect();
    let near = EPSILONS * f64::EPSILON * largest(&outcome.output).max(1.0);
    report.near("the value over dual numbers", &values, &outcome.output, near);
    let backward = gradient(case, &numbers, upstream);
    same_sum(
        report,
        "⟨w, J u⟩ against ⟨Jᵀ w, u⟩",
        (upstream, &tangents(&forward)),
        (&backward, &flat(case, u)),
    );
}

/// The Hessian of `Σ w · output` times a direction: forward over reverse against reverse over reverse and against
/// differences of the gradient; and it is symmetric.
fn second(case: &Case, upstream: &[f64], u: &Direction, v: &Direction, report: &mut Report) {
    let numbers = case.numbers::<f64>();
    let hu = tangents(&gradient(case, &along(&numbers, u), upstream));
    let hv = tangents(&gradient(case, &along(&numbers, v), upstream));
    same_sum(report, "⟨v, H u⟩ against ⟨u, H v⟩", (&flat(case, v), &hu), (&flat(case, u), &hv));

    let slopes = gradient(case, &numbers, upstream);
    let width = case.variables().filter_map(|k| case.operands[k].width).fold(0.0, f64::max);
    let size = largest(&hu).max(largest(&slopes) * width.min(1.0));
    let (reverse, recorded) = reverse_over_reverse(case, &numbers, upstream, u);
    let near = EPSILONS * f64::EPSILON * size.max(f64::MIN_POSITIVE);
    let plain = EPSILONS * f64::EPSILON * largest(&slopes).max(f64::MIN_POSITIVE);
    report.near("the gradient over recorded numbers", &recorded, &slopes, plain);
    report.near("H u, reverse over reverse against forward over reverse", &reverse, &hu, near);

    let moved = |step: f64| gradient(case, &shifted(&numbers, u, step), upstream);
    let quotient = derivative(moved, STEP);
    report.near(
        "H u against differences of the gradient",
        &hu,
        &quotient,
        TOLERANCE * size.max(f64::MIN_POSITIVE),
    );
}

/// The third derivative along two directions against differences of the second along one.
fn third(case: &Case, upstream: &[f64], u: &Direction, v: &Direction, report: &mut Report) {
    let numbers = case.numbers::<f64>();
    let twice = gradient(case, &along(&along(&numbers, u), v), upstream);
    let third: Vec<_> = twice.iter().map(|dual| dual.tangent.tangent).collect();
    let seconds = |step: f64| tangents(&gradient(case, &along(&shifted(&numbers, v, step), u), upstream));
    let size = largest(&third).max(largest(&seconds(0.0))).max(f64::MIN_POSITIVE);
    report.near("the third derivative", &third, &derivative(seconds, STEP), TOLERANCE * size);
}

/// The operands' numbers, moved along a direction.
fn shifted(numbers: &[Vec<f64>], direction: &Direction, step: f64) -> Vec<Vec<f64>> {
    let moved = |(x, u): (&Vec<f64>, &Vec<f64>)| x.iter().zip(u).map(|(x, u)| x + step * u).collect();
    numbers.iter().zip(direction).map(moved).collect()
}

/// The Hessian times a direction from two backward passes, one through the other; and the gradient from the inner one.
fn reverse_over_reverse(
    case: &Case,
    numbers: &[Vec<f64>],
    upstream: &[f64],
    direction: &Direction,
) -> (Vec<f64>, Vec<f64>) {
    let outer = Tape::<f64>::new();
    let record = |(operand, numbers): (&Operand, &Vec<f64>)| {
        let number = |&x: &f64| if operand.width.is_some() { outer.scalar(x) } else { Scalar::constant(x) };
        numbers.iter().map(number).collect()
    };
    let recorded: Vec<Vec<_>> = case.operands.iter().zip(numbers).map(record).collect();
    let slopes = gradient(case, &recorded, upstream);
    let values = slopes.iter().map(|slope| slope.value()).collect();
    let along = slopes.iter().zip(flat(case, direction)).map(|(&slope, u)| slope * u);
    // A leaf of its own, so that there is a node even where no slope depends on any operand.
    let total = along.fold(outer.scalar(0.0), |sum, term| sum + term);
    let grads = total.backward();
    (
        case.variables().flat_map(|k| recorded[k].iter().map(|&x| grads[x]).collect::<Vec<_>>()).collect(),
        values,
    )
}

#[test]
fn orders_add_up_and_modes_agree() {
    every_case(&Orders);
}
