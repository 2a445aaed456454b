//! Exponentials.

use super::{Digits, polynomial, select};

/// `x = n ln 2 + r + rest` with a whole `n`: `(n, r, rest)`.
#[inline(always)]
fn reduced<T: Digits>(x: T) -> (T, T, T) {
    let n = x.mul_add(T::LOG2_E_PARTS[0], T::ROUNDING) - T::ROUNDING;
    let first = n.mul_add(-T::LN_2_PARTS[0], x);
    let r = n.mul_add(-T::LN_2_PARTS[1], first);
    (n, r, n.mul_add(-T::LN_2_PARTS[1], first - r))
}

/// `e^(r + rest) − 1`, where the rest is below the rounding of `r`.
#[inline(always)]
fn exp_m1_core<T: Digits>(r: T, rest: T) -> T {
    r + (r * r).mul_add(polynomial(r, T::EXP), rest)
}

/// `y · 2ⁿ`, in two factors: the power alone may be too large, or subnormal.
#[inline(always)]
fn scaled<T: Digits>(y: T, n: T) -> T {
    let half = n.mul_add(T::of(0.5), T::ROUNDING) - T::ROUNDING;
    y * T::power_of_two(half) * T::power_of_two(n - half)
}

/// `x` between two bounds; NaN stays.
#[inline(always)]
fn clamp<T: Digits>(x: T, [low, high]: [T; 2]) -> T {
    let x = select(x > high, high, x);
    select(x < low, low, x)
}

/// `eˣ`
#[inline(always)]
pub(in super::super) fn exp<T: Digits>(x: T) -> T {
    let (n, r, rest) = reduced(clamp(x, T::EXP_RANGE));
    scaled(T::one() + exp_m1_core(r, rest), n)
}

/// `e^(x + more)`, where there is more to `x` than its digits can say.
#[inline(always)]
pub(super) fn exp_sum<T: Digits>(x: T, more: T) -> T {
    let (n, r, rest) = reduced(clamp(x, T::EXP_RANGE));
    let e = exp_m1_core(r, rest);
    // To first order the factor is 1 + more.
    scaled(T::one() + (e + more.mul_add(e, more)), n)
}

/// `2ˣ`
#[inline(always)]
pub(in super::super) fn exp2<T: Digits>(x: T) -> T {
    let x = clamp(x, T::EXP_RANGE.map(|bound| bound * T::of(1.5)));
    let n = (x + T::ROUNDING) - T::ROUNDING;
    let whole = x - n;
    let r = whole * T::LN_2();
    let rest = whole.mul_add(T::LN_2(), -r) + whole * T::LN_2_REST;
    scaled(T::one() + exp_m1_core(r, rest), n)
}

/// `eˣ − 1`
#[inline(always)]
pub(in super::super) fn exp_m1<T: Digits>(x: T) -> T {
    // Below −64 nothing is left of eˣ beside 1.
    let (n, r, rest) = reduced(clamp(x, [T::of(-64.0), T::EXP_RANGE[1]]));
    let y = exp_m1_core(r, rest);
    // Half of the result, so that the largest powers have room.
    let half = T::power_of_two(n - T::one());
    let sum = half.mul_add(y, half - T::of(0.5));
    // Also for −0, and for subnormal numbers, which have no half.
    select(x.abs() < T::TINY, x, sum + sum)
}

/// The hyperbolic tangent, as `−E/(2 + E)` with `E = e^(−2|x|) − 1`.
#[inline(always)]
pub(in super::super) fn tanh<T: Digits>(x: T) -> T {
    let e = exp_m1(T::of(-2.0) * x.abs());
    (-e / (T::of(2.0) + e)).copysign(x)
}
