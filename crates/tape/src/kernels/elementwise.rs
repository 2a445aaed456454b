//! Elementwise rules over broadcast operands.
//!
//! What is compiled against a rule is a loop over equally long slices: see [`loops`](super::loops). Everything else —
//! walking the axes, spreading an operand that stays over a run, adding instead of writing — is done here, once for all
//! rules, a chunk that fits the first-level cache at a time.

use std::ops::Range;

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::runs::{CHUNK, Operand, runs};
use crate::rules::Rule;

/// The operand that a derivative is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    First,
    Second,
}

/// Writes `rule(a, b)` to `out`. The operands broadcast to `shape`, the shape of `out`; a unary rule has no `b`.
pub(crate) fn value<T: Element>(
    rule: Rule,
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    out: &mut [T],
) {
    let run = T::value_loop(rule);
    runs(a, b, shape, out.len(), |at, a, b| run(a, b, &mut out[at..at + a.len()]));
}

/// Writes (or adds, where `accumulate`) `∂rule/∂side · upstream` to `out`. All of `y` (the output), `upstream` and
/// `out` have the output's `shape`: to undo the broadcast of an operand is left to [`sum_to`](super::reduce::sum_to).
///
/// A gate that is closed (a local derivative of `None`) gives 0, and so does an upstream of 0, whatever the local
/// derivative is: see [`Element::chain`].
#[expect(clippy::too_many_arguments, reason = "a kernel names its buffers one by one")]
pub(crate) fn vjp<T: Element>(
    rule: Rule,
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    y: &[T],
    upstream: &[T],
    side: Side,
    out: &mut [T],
    accumulate: bool,
) {
    let (y, upstream) = (&y[..out.len()], &upstream[..out.len()]);
    let run = T::vjp_loop(rule, side == Side::Second);
    if !accumulate {
        return runs(a, b, shape, out.len(), |at, a, b| {
            let range = at..at + a.len();
            run(a, b, &y[range.clone()], &upstream[range.clone()], &mut out[range]);
        });
    }
    let mut product = [T::zero(); CHUNK];
    chunks(a, b, shape, out.len(), |range, a, b| {
        let product = &mut product[..range.len()];
        run(a, b, &y[range.clone()], &upstream[range.clone()], product);
        put(&mut out[range], product, true);
    });
}

/// As [`vjp`] without `accumulate`, where `gradient` comes as the upstream and is left as the downstream gradient.
pub(crate) fn vjp_in_place<T: Element>(
    rule: Rule,
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    y: &[T],
    side: Side,
    gradient: &mut [T],
) {
    let y = &y[..gradient.len()];
    let run = T::vjp_loop(rule, side == Side::Second);
    let mut upstream = [T::zero(); CHUNK];
    chunks(a, b, shape, gradient.len(), |range, a, b| {
        let (upstream, gradient) = (&mut upstream[..range.len()], &mut gradient[range.clone()]);
        upstream.copy_from_slice(gradient);
        run(a, b, &y[range], upstream, gradient);
    });
}

/// Writes the local derivative in one operand to `out`, of the output's `shape`; 0 where a gate is closed.
pub(crate) fn local<T: Element>(
    rule: Rule,
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    y: &[T],
    side: Side,
    out: &mut [T],
) {
    let y = &y[..out.len()];
    let run = T::vjp_loop(rule, side == Side::Second);
    let ones = [T::one(); CHUNK];
    chunks(a, b, shape, out.len(), |range, a, b| {
        run(a, b, &y[range.clone()], &ones[..range.len()], &mut out[range]);
    });
}

/// As [`runs`], with runs of at most a chunk and the whole range of each.
fn chunks<T: Element>(
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    len: usize,
    mut visit: impl FnMut(Range<usize>, &[T], &[T]),
) {
    runs(a, b, shape, len, |at, a, b| {
        for (at, (a, b)) in (at..).step_by(CHUNK).zip(a.chunks(CHUNK).zip(b.chunks(CHUNK))) {
            visit(at..at + a.len(), a, b);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Arity;
    use crate::shape::{broadcast, elements};

    /// Pairs of shapes: same, a number, a row, a column, both, ranks that differ, runs longer than a chunk, empty.
    const PAIRS: &[(&[usize], &[usize])] = &[
        (&[2, 3], &[2, 3]),
        (&[], &[]),
        (&[7], &[]),
        (&[], &[5, 3]),
        (&[4, 5], &[5]),
        (&[4, 5], &[4, 1]),
        (&[4, 1], &[5]),
        (&[2, 1, 3, 1], &[5, 1, 4]),
        (&[2, 3, 4], &[3, 1]),
        (&[1, 1], &[1, 1, 1]),
        (&[3, 601], &[601]),
        (&[3, 601], &[3, 1]),
        (&[0, 3], &[3]),
        (&[2, 0], &[1]),
    ];

    /// The number at a flat position of `shape` of an operand that is broadcast to it, by index arithmetic.
    fn at(operand: Operand<'_, f64>, shape: &[usize], mut flat: usize) -> f64 {
        let mut offset = 0;
        let mut step = 1;
        for back in 1..=shape.len() {
            let index = flat % shape[shape.len() - back];
            flat /= shape[shape.len() - back];
            if let Some(axis) = operand.0.len().checked_sub(back) {
                offset += if operand.0[axis] == 1 { 0 } else { index * step };
                step *= operand.0[axis];
            }
        }
        operand.1[offset]
    }

    fn fill(rule: Rule, operand: usize, shape: &[usize]) -> Vec<f64> {
        let domain = &rule.domain()[operand.min(rule.domain().len() - 1)];
        let n = elements(shape).unwrap();
        (0..n)
            .map(|k| domain.start() + (domain.end() - domain.start()) * ((k * 37 + 11) % 101) as f64 / 101.0)
            .collect()
    }

    fn same(x: f64, y: f64) -> bool {
        x == y || (x.is_nan() && y.is_nan())
    }

    /// Value and what flows to both operands, of one element by itself.
    fn alone(rule: Rule, (a, b): (f64, f64), upstream: f64) -> (f64, [f64; 2]) {
        let (a, b, mut y, mut products) = ([a], [b], [f64::NAN], [[f64::NAN]; 2]);
        f64::value_loop(rule)(&a, &b, &mut y);
        for (side, product) in [Side::First, Side::Second].into_iter().zip(&mut products) {
            f64::vjp_loop(rule, side == Side::Second)(&a, &b, &y, &[upstream], product);
        }
        (y[0], products.concat().try_into().expect("two operands"))
    }

    #[test]
    fn every_rule_on_every_pair_of_shapes() {
        for &rule in Rule::ALL {
            for &(left, right) in PAIRS {
                let unary = rule.arity() == Arity::Unary;
                let (left_data, right_data) = (fill(rule, 0, left), fill(rule, 1, right));
                let (a, b) = ((left, &left_data[..]), (right, &right_data[..]));
                let shape = if unary { left.into() } else { broadcast(left, right).unwrap() };
                let n = elements(&shape).unwrap();
                let second = (!unary).then_some(b);
                let pair = |k| (at(a, &shape, k), at(if unary { a } else { b }, &shape, k));
                let check = |got: &[f64], want: &dyn Fn(usize) -> f64| {
                    for (k, &got) in got.iter().enumerate() {
                        assert!(same(got, want(k)), "{} {left:?} {right:?} at {k}: {got}", rule.name());
                    }
                };

                let mut y = vec![f64::NAN; n];
                value(rule, a, second, &shape, &mut y);
                check(&y, &|k| alone(rule, pair(k), 1.0).0);

                let upstream: Vec<f64> = (0..n).map(|k| (k % 5) as f64 - 2.0).collect();
                for side in [Side::First, Side::Second] {
                    let want =
                        |k, upstream| alone(rule, pair(k), upstream).1[usize::from(side == Side::Second)];
                    let mut out = vec![f64::NAN; n];
                    local(rule, a, second, &shape, &y, side, &mut out);
                    check(&out, &|k| want(k, 1.0));
                    out.fill(f64::NAN);
                    vjp(rule, a, second, &shape, &y, &upstream, side, &mut out, false);
                    check(&out, &|k| want(k, upstream[k]));
                    out.fill(0.5);
                    vjp(rule, a, second, &shape, &y, &upstream, side, &mut out, true);
                    check(&out, &|k| 0.5 + want(k, upstream[k]));
                    out.copy_from_slice(&upstream);
                    vjp_in_place(rule, a, second, &shape, &y, side, &mut out);
                    check(&out, &|k| want(k, upstream[k]));
                }
            }
        }
    }

    #[test]
    fn nothing_passes_a_closed_gate_and_zero_times_infinity_is_zero() {
        assert_eq!(f64::chain(None, f64::NAN), 0.0);
        assert_eq!(f64::chain(Some(f64::INFINITY), 0.0), 0.0);
        assert_eq!(f64::chain(Some(f64::NAN), 0.0), 0.0);
        assert_eq!(f64::chain(Some(3.0), 2.0), 6.0);
        assert!(f64::chain(Some(f64::NAN), 1.0).is_nan());
        let (mut out, inf) = ([9.0], [f64::INFINITY]);
        vjp(Rule::Mul, (&[1], &[2.0]), Some((&[1], &inf)), &[1], &inf, &[0.0], Side::First, &mut out, false);
        assert_eq!(out, [0.0]);
    }

    #[test]
    fn an_operand_with_itself() {
        let (x, mut y) = ([1.0, 2.0, 3.0], [0.0; 3]);
        value(Rule::Mul, (&[3], &x), Some((&[3], &x)), &[3], &mut y);
        assert_eq!(y, [1.0, 4.0, 9.0]);
    }
}
