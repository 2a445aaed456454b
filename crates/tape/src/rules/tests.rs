//! What every rule must satisfy, walked from [`Rule::ALL`].

mod orders;

use super::{Arity, Rule};
use crate::element::Element;

const DRAWS: usize = 200;

/// A small generator, seeded by the rule: a new rule does not move the points of the others.
struct Points {
    rule: Rule,
    state: u64,
}

impl Points {
    fn of(rule: Rule) -> Self {
        let seed = rule.name().bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { rule, state: seed }
    }

    fn uniform(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Operands from the rule's own domain, representable in `f32` too, none close to a kink.
    fn draw(&mut self) -> [f64; 2] {
        loop {
            let mut operands = [0.0; 2];
            for (operand, range) in operands.iter_mut().zip(self.rule.domain()) {
                let drawn = range.start() + (range.end() - range.start()) * self.uniform();
                *operand = f64::from(drawn as f32);
            }
            let is_close = |kink: &[f64]| kink.iter().zip(operands).all(|(k, x)| (k - x).abs() < 0.02);
            // Of a rule with a parameter or of one operand, a kink is a place on the first axis.
            let axes = if self.rule.arity() == Arity::Binary { 2 } else { 1 };
            if !self.rule.kinks().iter().any(|(kink, _)| is_close(&kink[..axes])) {
                return operands;
            }
        }
    }
}

/// Value and local derivatives, a closed gate being 0.
fn evaluate<T: Element>(rule: Rule, [a, b]: [T; 2]) -> (T, [T; 2]) {
    let y = rule.value(a, b);
    let (da, db) = rule.local(a, b, y);
    (y, [da.unwrap_or(T::zero()), db.unwrap_or(T::zero())])
}

/// How many operands a rule is differentiated in.
fn variables(rule: Rule) -> usize {
    if rule.arity() == Arity::Binary { 2 } else { 1 }
}

/// Central differences with the two leading error terms removed.
fn numeric(rule: Rule, operands: [f64; 2], axis: usize) -> f64 {
    let central = |h: f64| {
        let at = |shift: f64| {
            let mut moved = operands;
            moved[axis] += shift;
            rule.value(moved[0], moved[1])
        };
        (at(h) - at(-h)) / (2.0 * h)
    };
    let [d1, d2, d4] = [1e-3, 2e-3, 4e-3].map(central);
    let (first, second) = ((4.0 * d1 - d2) / 3.0, (4.0 * d2 - d4) / 3.0);
    (16.0 * first - second) / 15.0
}

#[test]
fn derivatives_match_differences() {
    for &rule in Rule::ALL {
        let mut points = Points::of(rule);
        for _ in 0..DRAWS {
            let operands = points.draw();
            let (_, locals) = evaluate(rule, operands);
            for (axis, analytic) in locals.into_iter().enumerate().take(variables(rule)) {
                let numeric = numeric(rule, operands, axis);
                let error = (analytic - numeric).abs() / numeric.abs().max(1.0);
                assert!(
                    error < 1e-9,
                    "{} at {operands:?}, axis {axis}: analytic {analytic}, numeric {numeric}",
                    rule.name()
                );
            }
        }
    }
}

#[test]
fn single_precision_follows_double() {
    for &rule in Rule::ALL {
        let mut points = Points::of(rule);
        for _ in 0..DRAWS {
            let operands = points.draw();
            let (y, locals) = evaluate(rule, operands);
            let (single_y, single_locals) = evaluate(rule, operands.map(|x| x as f32));
            for (name, want, got) in
                [("y", y, single_y), ("da", locals[0], single_locals[0]), ("db", locals[1], single_locals[1])]
            {
                // Relative; or, for derivatives that cross 0 in a sum of larger terms, a rounding of these.
                let ulps = got.to_bits().abs_diff((want as f32).to_bits());
                let error = (f64::from(got) - want).abs();
                assert!(
                    ulps <= 4 || error <= 0.5 * f64::from(f32::EPSILON) || want.is_nan() && got.is_nan(),
                    "{} at {operands:?}: {name} is {got} in f32, {want} in f64",
                    rule.name()
                );
            }
        }
    }
}

#[test]
fn kinks_are_as_stated() {
    for &rule in Rule::ALL {
        let operand_count = if rule.arity() == Arity::Unary { 1 } else { 2 };
        assert_eq!(rule.domain().len(), operand_count, "{}: one range an operand", rule.name());
        for (operands, agreed) in rule.kinks() {
            assert_eq!(operands.len(), operand_count, "{}: one operand each", rule.name());
            assert_eq!(agreed.len(), variables(rule), "{}: one local derivative a variable", rule.name());
            let (_, locals) = evaluate(rule, [operands[0], operands.get(1).copied().unwrap_or(f64::NAN)]);
            for (got, want) in locals.iter().zip(*agreed) {
                assert!(
                    got == want || got.is_nan() && want.is_nan(),
                    "{} at {operands:?}: {got}, agreed was {want}",
                    rule.name()
                );
            }
        }
    }
}

/// Values of 60 digits, rounded, at points where a plain formula overflows, underflows or cancels.
#[test]
#[allow(
    clippy::unreadable_literal,
    clippy::approx_constant,
    reason = "a table of numbers, to be compared with other tables"
)]
fn extremes_keep_their_digits() {
    let table: &[(Rule, [f64; 2], [f64; 3])] = &[
        (Rule::Div, [1.5e-323, 0.001], [1.482e-320, 1000.0, -1.482197e-317]),
        (Rule::Rem, [0.9999999999999999, 0.001], [0.0009999999999998682, 1.0, -999.0]),
        (Rule::Atan2, [1e-320, 1e-310], [9.99988867182686e-11, f64::INFINITY, -9.99988867182689e299]),
        (Rule::Hypot, [1.5e308, 1.5e308], [f64::INFINITY, 0.7071067811865476, 0.7071067811865476]),
        (Rule::Pow, [1e300, -1.06], [1e-318, 0.0, 6.90775526e-316]),
        (Rule::Pow, [-0.01, -161.0], [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NAN]),
        (Rule::Pow, [1.0000000001, 7200000000000.0], [f64::INFINITY, f64::INFINITY, 4.920994310005442e302]),
        (Rule::Powi, [1.1, -300.0], [3.821153221963708e-13, -1.0421326968991931e-10, 0.0]),
        (Rule::Asinh, [1.7e308, 0.0], [710.4199840737882, 5.88235294117647e-309, 0.0]),
        (Rule::Asinh, [-1e-300, 0.0], [-1e-300, 1.0, 0.0]),
        (Rule::Acosh, [1.0000000001, 0.0], [1.4142136208675862e-05, 70710.67519157329, 0.0]),
        (Rule::Acosh, [1e300, 0.0], [691.4686750787737, 1e-300, 0.0]),
        (Rule::Atanh, [-0.9999999, 0.0], [-8.40562139102231, 5000000.252631792, 0.0]),
        (Rule::Erf, [5.3, 0.0], [0.9999999999999338, 7.130550543752623e-13, 0.0]),
        (Rule::Erfc, [26.3, 0.0], [8.590249058794049e-303, -4.5217325541611525e-301, 0.0]),
        (Rule::Tanh, [-20.0, 0.0], [-1.0, 1.6993417021166355e-17, 0.0]),
        (Rule::Sigmoid, [40.3, 0.0], [1.0, 3.1472582402307286e-18, 0.0]),
        (Rule::Silu, [-750.0, 0.0], [-1.5e-323, -1.5e-323, 0.0]),
        (Rule::Gelu, [-8.3, 0.0], [-4.3206228882589113e-16, -3.584705034023844e-15, 0.0]),
        (Rule::Gelu, [-38.4, 0.0], [-2.535e-321, -9.7346e-320, 0.0]),
        (Rule::GeluTanh, [-7.7, 0.0], [-2.527135687363147e-19, -3.5778631501593594e-18, 0.0]),
        (Rule::GeluTanh, [-21.3, 0.0], [-1.26335442077e-313, -1.2465230094397e-311, 0.0]),
        (Rule::Exp2, [1024.2, 0.0], [f64::INFINITY, 1.431353881644626e308, 0.0]),
        (Rule::Log2, [1e-308, 0.0], [-1023.1538532253076, 1.4426950408889635e308, 0.0]),
        (Rule::Cube, [3e-162, 0.0], [0.0, 2.5e-323, 0.0]),
        (Rule::Atan, [1e155, 0.0], [1.5707963267948966, 1e-310, 0.0]),
    ];
    for &(rule, operands, want) in table {
        let (y, [da, db]) = evaluate(rule, operands);
        for (got, want) in [y, da, db].into_iter().zip(want) {
            // Neighbouring numbers of one sign have neighbouring bits.
            let ulps = got.to_bits().abs_diff(want.to_bits());
            assert!(
                got == want || ulps <= 4 || got.is_nan() && want.is_nan(),
                "{} at {operands:?}: {got:e}, not {want:e}",
                rule.name()
            );
        }
    }
}
