//! How far loops over vectors are from the exact values: of all rules of one operand, value and derivative.

use crate::element::Element;
use crate::kernels::elementwise::{self, Side};
use crate::rules::{Arity, Law, Rule, Visitor};

/// The greatest distances that are allowed of a value and of a derivative, in units of the last place. A derivative is a
/// formula of several roundings: 4 units are kept by all but those of `tan`, `silu` and `gelu_tanh`.
const ULPS: [f64; 2] = [4.0, 6.0];
/// Numbers that are worked on at a time.
const BLOCK: usize = 1 << 12;

/// Rules of one operand.
fn rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied().filter(|rule| rule.arity() == Arity::Unary)
}

/// Whether a rule leaves this operand to the standard library.
struct StandsApart(f32);

impl Visitor for StandsApart {
    type Output = bool;

    fn visit<L: Law>(self) -> bool {
        L::APART && L::apart(self.0, self.0)
    }
}

/// Value and derivative of each number, as tensors have them.
fn tensors<T: Element>(rule: Rule, x: &[T]) -> [Vec<T>; 2] {
    let (mut y, mut slope) = (vec![T::nan(); x.len()], vec![T::nan(); x.len()]);
    elementwise::value(rule, (&[x.len()], x), None, &[x.len()], &mut y);
    elementwise::local(rule, (&[x.len()], x), None, &[x.len()], &y, Side::First, &mut slope);
    [y, slope]
}

/// The distance of `got` from `want` in units of the last place of `want` as an `f32`. Infinity counts as the number
/// that would come next; where both are NaN the distance is 0.
fn distance(got: f32, want: f64) -> f64 {
    let end = 2.0 * f64::from(f32::MAX);
    let (near, size) =
        (f64::from(got).clamp(-end, end), want.abs().clamp(f32::MIN_POSITIVE.into(), f32::MAX.into()));
    let unit = f64::from(f32::from_bits((size as f32).to_bits() & 0x7f80_0000) * f32::EPSILON);
    let off = (near - want.clamp(-end, end)).abs() / unit;
    let nearest = want as f32;
    let same = (got == nearest) | (got.is_nan() & want.is_nan());
    let off = if off.is_nan() { f64::INFINITY } else { off };
    if same { 0.0 } else { off }
}

/// The greatest distances of value and derivative over some numbers, and where they are.
///
/// What they are compared with is computed in `f64` from the `f32` operand. A derivative that crosses 0 as a
/// sum of terms that are close to ±1 may be off by a rounding of these.
#[derive(Clone, Copy, Debug, Default)]
struct Worst([(f64, f32); 2]);

impl Worst {
    fn add(&mut self, rule: Rule, x: &[f32]) {
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let exact = tensors(rule, &wide);
        let rounding = f64::from(f32::EPSILON) * cancelled(rule);
        let mut offs = vec![0.0; x.len()];
        for ((worst, got), want) in self.0.iter_mut().zip(tensors(rule, x)).zip(&exact) {
            for (((off, &got), &want), y) in offs.iter_mut().zip(&got).zip(want).zip(&exact[0]) {
                let near = (f64::from(got) - want).abs() <= rounding;
                // Where there is no value, a derivative has no meaning.
                let meant = !(y.is_nan() & !want.is_nan());
                *off = if near || !meant { 0.0 } else { distance(got, want) };
            }
            if offs.iter().any(|&off| off > worst.0) {
                let (k, &off) =
                    offs.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("some numbers");
                *worst = (off, x[k]);
            }
        }
    }
}

/// How large the terms are that cancel in the derivative of a rule.
fn cancelled(rule: Rule) -> f64 {
    if matches!(rule, Rule::Gelu | Rule::GeluTanh | Rule::Silu) { 1.0 } else { 0.0 }
}

/// Numbers that are a case of their own to some function, in both signs.
fn special() -> Vec<f32> {
    let near = |x: f32| [x, f32::from_bits(x.to_bits() + 1), f32::from_bits(x.to_bits() - 1)];
    let positive = [
        1e-45,
        1e-40,
        1.2e-38,
        1e-30,
        6e-8,
        1.2e-7,
        0.25,
        0.5,
        0.707,
        1.0,
        1.414,
        std::f32::consts::FRAC_PI_2,
        2.0,
        std::f32::consts::PI,
        4.0,
        10.0,
        13.0,
        64.0,
        87.4,
        88.72284,
        89.4,
        103.97208,
        104.1,
        128.0,
        150.0,
        35_814.156,
        52_516.434,
        65_536.0,
        1e6,
        1e10,
        1e20,
        3.4e38,
    ];
    let all = positive.into_iter().flat_map(near).chain([0.0, f32::INFINITY, f32::NAN]);
    all.flat_map(|x| [x, -x]).collect()
}

/// A prime step, so that all exponents and all kinds of fractions are met; and the special numbers.
fn sample() -> Vec<f32> {
    (0..u32::MAX).step_by(60_013).map(f32::from_bits).chain(special()).collect()
}

/// Whether somewhere on the sample a loop gives other bits than the standard library.
fn has_functions_of_its_own(rule: Rule) -> bool {
    let sample = sample();
    let [y, slope] = tensors(rule, &sample);
    let other = |a: f32, b: f32| a != b && !(a.is_nan() && b.is_nan());
    sample.iter().zip(y.iter().zip(&slope)).any(|(&x, (&y, &slope))| {
        let value = rule.value(x, x);
        other(value, y) || other(rule.local(x, x, value).0.unwrap_or(0.0), slope)
    })
}

#[test]
fn a_sample_of_single_precision() {
    for rule in rules() {
        let mut worst = Worst::default();
        worst.add(rule, &sample());
        assert!(worst.0.iter().zip(ULPS).all(|(&(off, _), most)| off <= most), "{}: {worst:?}", rule.name());
    }
}

#[test]
#[ignore = "half an hour"]
fn all_of_single_precision() {
    println!("| function | value, ulp | at | derivative, ulp | at |\n|---|---|---|---|---|");
    let mut failed = Vec::new();
    for rule in rules().filter(|&rule| has_functions_of_its_own(rule)) {
        let half = |from: u32, to: u32| {
            let mut worst = Worst::default();
            for first in (from..to).step_by(BLOCK) {
                let x: Vec<f32> = (first..=first + (BLOCK as u32 - 1)).map(f32::from_bits).collect();
                // Both ends stand apart, and so does what lies between.
                if ![x[0], x[BLOCK - 1]].into_iter().all(|x| rule.visit(StandsApart(x))) {
                    worst.add(rule, &x);
                }
            }
            worst
        };
        let [positive, negative] = std::thread::scope(|scope| {
            let positive = scope.spawn(|| half(0, 1 << 31));
            [half(1 << 31, u32::MAX), positive.join().expect("no panic")]
        })
        .map(|worst| worst.0);
        let larger = |k: usize| if positive[k].0 > negative[k].0 { positive[k] } else { negative[k] };
        let (value, slope) = (larger(0), larger(1));
        println!("| `{}` | {:.2} | {:e} | {:.2} | {:e} |", rule.name(), value.0, value.1, slope.0, slope.1);
        if value.0 > ULPS[0] || slope.0 > ULPS[1] {
            failed.push(rule.name());
        }
    }
    assert!(failed.is_empty(), "more than {ULPS:?} ulp: {failed:?}");
}

#[test]
fn double_precision_follows_the_standard_library() {
    for rule in rules() {
        let range = &rule.domain()[0];
        let inside =
            (0..50_000).map(|k| range.start() + (range.end() - range.start()) * f64::from(k) / 50_000.0);
        // All exponents, and fractions spread by the golden ratio.
        let outside = (0..200_000u64).map(|k| f64::from_bits(k.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let x: Vec<f64> = inside.chain(outside).chain(special().into_iter().map(f64::from)).collect();
        let [y, slope] = tensors(rule, &x);
        for ((&x, &y), &slope) in x.iter().zip(&y).zip(&slope) {
            let value = rule.value(x, x);
            let local = rule.local(x, x, value).0.unwrap_or(0.0);
            for (got, want, name) in [(y, value, "value"), (slope, local, "derivative")] {
                // A unit more, or another rounding, for the error of what it is compared with.
                let near = got == want
                    || got.is_nan() && want.is_nan()
                    || got.to_bits().abs_diff(want.to_bits()) <= 5;
                let cancelled = (got - want).abs() <= f64::EPSILON * cancelled(rule);
                let meant = !(value.is_nan() && name == "derivative");
                assert!(
                    near || cancelled || !meant,
                    "{} of {x:e}: the {name} is {got:e}, not {want:e}",
                    rule.name()
                );
            }
        }
    }
}

#[test]
fn exact_cases() {
    let one = |rule: Rule, x: f64| (tensors(rule, &[x])[0][0], f64::from(tensors(rule, &[x as f32])[0][0]));
    let (zero, inf) = (0.0, f64::INFINITY);
    let exact = [
        (Rule::Exp, 0.0, 1.0),
        (Rule::Exp, -zero, 1.0),
        (Rule::Exp, inf, inf),
        (Rule::Exp, -inf, 0.0),
        (Rule::Exp2, 10.0, 1024.0),
        (Rule::Exp2, -140.0, 2f64.powi(-140)),
        (Rule::ExpM1, -zero, -zero),
        (Rule::ExpM1, -inf, -1.0),
        (Rule::Ln, 1.0, 0.0),
        (Rule::Ln, 0.0, -inf),
        (Rule::Ln, inf, inf),
        (Rule::Ln1p, -zero, -zero),
        (Rule::Ln1p, -1.0, -inf),
        (Rule::Log2, 2f64.powi(-140), -140.0),
        (Rule::Log2, 8.0, 3.0),
        (Rule::Sin, -zero, -zero),
        (Rule::Cos, 0.0, 1.0),
        (Rule::Tanh, -zero, -zero),
        (Rule::Tanh, -inf, -1.0),
        (Rule::Sigmoid, 0.0, 0.5),
        (Rule::Sigmoid, -inf, 0.0),
        (Rule::Erf, -zero, -zero),
        (Rule::Erf, inf, 1.0),
        (Rule::Erfc, -inf, 2.0),
        (Rule::Softplus, -inf, 0.0),
        (Rule::Relu, -3.0, 0.0),
    ];
    for (rule, x, want) in exact {
        for got in [one(rule, x).0, one(rule, x).1] {
            assert!(
                got == want && got.is_sign_negative() == want.is_sign_negative(),
                "{} of {x}: {got}, not {want}",
                rule.name()
            );
        }
    }
    for rule in [Rule::Ln, Rule::Log2, Rule::Log10, Rule::Sqrt] {
        assert!(one(rule, -1.0).0.is_nan() && one(rule, -1.0).1.is_nan(), "{} of −1", rule.name());
    }
}
