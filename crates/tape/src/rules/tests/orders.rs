//! Derivatives of every rule beyond the first, by every way there is, walked from [`Rule::ALL`].

use super::{DRAWS, Points, variables};
use crate::dual::Dual;
use crate::element::Element;
use crate::handles::Scalar;
use crate::rules::{Arity, Rule};
use crate::{Handle, Tape};

/// The rule on a tape of these elements: the gradient in each operand, a parameter being a constant.
fn gradient<T: Element>(rule: Rule, [a, b]: [T; 2]) -> [T; 2] {
    let tape = Tape::new();
    let a = tape.scalar(a);
    let (b, operands) = match rule.arity() {
        Arity::Unary => (None, vec![a]),
        Arity::Parameter => (None, vec![a, Scalar::constant(b)]),
        Arity::Binary => {
            let b = tape.scalar(b);
            (Some(b), vec![a, b])
        }
    };
    let gradients = Scalar::apply(rule, &operands).expect("the operands are those of the rule").backward();
    [gradients[a], b.map_or(T::zero(), |b| gradients[b])]
}

/// A point that moves along an axis.
fn moving<T: Element>(operands: [T; 2], axis: usize) -> [Dual<T>; 2] {
    let mut duals = operands.map(Dual::constant);
    duals[axis].tangent = T::one();
    duals
}

/// Second derivatives, forward over reverse: of the gradient along the axis.
fn forward_over_reverse(rule: Rule, operands: [f64; 2], axis: usize) -> [f64; 2] {
    gradient(rule, moving(operands, axis)).map(|slope| slope.tangent)
}

/// The same, reverse over reverse.
fn reverse_over_reverse(rule: Rule, operands: [f64; 2], axis: usize) -> [f64; 2] {
    let tape = Tape::<f64>::new();
    let leaves = operands.map(|x| tape.scalar(x));
    gradient(rule, leaves).map(|slope| match slope.position() {
        Some(_) => slope.backward()[leaves[axis]],
        None => 0.0,
    })
}

/// Central differences of `f` along the axis, with the two leading error terms removed.
fn differences(operands: [f64; 2], axis: usize, f: impl Fn([f64; 2]) -> [f64; 2]) -> [f64; 2] {
    let central = |h: f64| {
        let at = |shift: f64| {
            let mut moved = operands;
            moved[axis] += shift;
            f(moved)
        };
        let (above, below) = (at(h), at(-h));
        [0, 1].map(|k| (above[k] - below[k]) / (2.0 * h))
    };
    let [d1, d2, d4] = [1e-3, 2e-3, 4e-3].map(central);
    [0, 1].map(|k| {
        let (first, second) = ((4.0 * d1[k] - d2[k]) / 3.0, (4.0 * d2[k] - d4[k]) / 3.0);
        (16.0 * first - second) / 15.0
    })
}

#[track_caller]
fn close(rule: Rule, operands: [f64; 2], what: &str, got: [f64; 2], want: [f64; 2], tolerance: f64) {
    for axis in 0..variables(rule) {
        let (got, want) = (got[axis], want[axis]);
        assert!(
            (got - want).abs() <= tolerance * want.abs().max(1.0),
            "{} at {operands:?}, axis {axis}, {what}: {got}, not {want}",
            rule.name()
        );
    }
}

fn every_rule(mut check: impl FnMut(Rule, [f64; 2], usize)) {
    for &rule in Rule::ALL {
        let mut points = Points::of(rule);
        for _ in 0..DRAWS / 8 {
            let operands = points.draw();
            (0..variables(rule)).for_each(|axis| check(rule, operands, axis));
        }
    }
}

#[test]
fn first_derivatives_forward_and_back() {
    every_rule(|rule, operands, axis| {
        let [a, b] = moving(operands, axis);
        let forward = rule.value(a, b);
        assert_eq!(forward.value, rule.value(operands[0], operands[1]), "{}", rule.name());
        let back = gradient(rule, operands)[axis];
        close(rule, operands, "forward", [forward.tangent; 2], [back; 2], 1e-15);
    });
}

#[test]
fn second_derivatives_in_three_ways() {
    every_rule(|rule, operands, axis| {
        let second = forward_over_reverse(rule, operands, axis);
        let back = reverse_over_reverse(rule, operands, axis);
        close(rule, operands, "reverse over reverse", back, second, 1e-12);
        let numeric = differences(operands, axis, |x| gradient(rule, x));
        close(rule, operands, "differences", second, numeric, 1e-8);
    });
}

#[test]
fn third_derivatives_in_three_ways() {
    every_rule(|rule, operands, axis| {
        let third = gradient(rule, moving(moving(operands, axis), axis)).map(|slope| slope.tangent.tangent);
        let numeric = differences(operands, axis, |x| forward_over_reverse(rule, x, axis));
        close(rule, operands, "differences", third, numeric, 1e-7);
        let [a, b] = moving(moving(moving(operands, axis), axis), axis);
        let forward = rule.value(a, b).tangent.tangent.tangent;
        close(rule, operands, "forward", [forward; 2], [third[axis]; 2], 1e-11);
    });
}

/// Where a formula that is right to first order would be wrong to second, or 0/0.
#[test]
fn second_derivatives_at_special_points() {
    let bell = (2.0 / std::f64::consts::PI).sqrt();
    let table = [
        (Rule::Powi, [0.0, 0.0], 0.0),
        (Rule::Powi, [0.0, 1.0], 0.0),
        (Rule::Powi, [0.0, 2.0], 2.0),
        (Rule::Powi, [0.0, 3.0], 0.0),
        (Rule::Powi, [0.0, 9.0], 0.0),
        (Rule::Powi, [-2.0, 2.0], 2.0),
        (Rule::Powi, [-2.0, 7.0], -1344.0),
        (Rule::Powi, [-2.0, -3.0], -0.375),
        (Rule::Pow, [0.0, 0.0], 0.0),
        (Rule::Pow, [0.0, 1.0], 0.0),
        (Rule::Pow, [0.0, 2.0], 2.0),
        (Rule::Pow, [0.0, 3.0], 0.0),
        (Rule::Pow, [2.0, 0.0], 0.0),
        (Rule::Pow, [2.0, 1.0], 0.0),
        (Rule::Pow, [2.0, 2.0], 2.0),
        (Rule::Pow, [1e-200, 2.0], 2.0),
        (Rule::Square, [0.0, 0.0], 2.0),
        (Rule::Cube, [0.0, 0.0], 0.0),
        (Rule::Cbrt, [-8.0, 0.0], 1.0 / 144.0),
        (Rule::Cbrt, [1.0, 0.0], -2.0 / 9.0),
        (Rule::Hypot, [0.0, 2.0], 0.5),
        (Rule::Hypot, [3.0, 4.0], 0.128),
        (Rule::Atan2, [0.0, 1.0], 0.0),
        (Rule::Atan2, [1.0, 1.0], -0.5),
        (Rule::Gelu, [0.0, 0.0], bell),
        (Rule::Gelu, [-9.0, 0.0], -8.121_021_121_618_443e-17),
        (Rule::GeluTanh, [0.0, 0.0], bell),
        (Rule::Silu, [0.0, 0.0], 0.5),
        (Rule::Softplus, [0.0, 0.0], 0.25),
        (Rule::Softplus, [-800.0, 0.0], 0.0),
        (Rule::Sigmoid, [0.0, 0.0], 0.0),
        (Rule::Tanh, [0.0, 0.0], 0.0),
        (Rule::Asinh, [0.0, 0.0], 0.0),
        (Rule::Abs, [0.0, 0.0], 0.0),
        (Rule::Relu, [0.0, 0.0], 0.0),
        (Rule::Sqrt, [0.0, 0.0], f64::NEG_INFINITY),
        (Rule::Ln, [0.0, 0.0], f64::NEG_INFINITY),
    ];
    for (rule, operands, want) in table {
        for got in [forward_over_reverse(rule, operands, 0)[0], reverse_over_reverse(rule, operands, 0)[0]] {
            let close = got == want || (got - want).abs() <= 1e-12 * want.abs();
            assert!(close, "{} at {operands:?}: {got:e}, not {want:e}", rule.name());
        }
    }
}

/// Mixed derivatives of a power, in both orders.
#[test]
fn mixed_derivatives_of_powers() {
    for ([a, b], want) in
        [([2.0, 0.0], 0.5), ([2.0, 1.0], 1.0 + 2f64.ln()), ([2.0, 3.0], 4.0 * (1.0 + 3.0 * 2f64.ln()))]
    {
        let mixed = [
            forward_over_reverse(Rule::Pow, [a, b], 0)[1],
            forward_over_reverse(Rule::Pow, [a, b], 1)[0],
            reverse_over_reverse(Rule::Pow, [a, b], 0)[1],
            reverse_over_reverse(Rule::Pow, [a, b], 1)[0],
        ];
        assert!(mixed.iter().all(|got| (got - want).abs() < 1e-14), "{a}^{b}: {mixed:?}, not {want}");
    }
}
