//! Logarithms.

use super::{Digits, polynomial, select};

/// `x = m · 2ᵏ` of any positive finite `x`, and `m − 1`: `(k, m − 1)`.
#[inline(always)]
fn reduced<T: Digits>(x: T) -> (T, T) {
    let small = x < T::min_positive_value();
    let (k, m) = select(small, x * T::LIFT.0, x).parts();
    (select(small, k - T::LIFT.1, k), m - T::one())
}

/// `ln(1 + f) = f − rest`: the rest, for `1 + f` between `√½` and `√2`.
#[inline(always)]
fn rest<T: Digits>(f: T) -> T {
    let s = f / (T::of(2.0) + f);
    let square = s * s;
    s * (f - square * polynomial(square, T::LN))
}

/// The logarithm `y` of a finite positive `x`, or what the others have.
#[inline(always)]
fn ends<T: Digits>(x: T, y: T) -> T {
    let y = select(x < T::infinity(), y, x);
    let y = select(x == T::zero(), T::neg_infinity(), y);
    select(x < T::zero(), T::nan(), y)
}

/// `ln x`
#[inline(always)]
pub(in super::super) fn ln<T: Digits>(x: T) -> T {
    let (k, f) = reduced(x);
    ends(x, k.mul_add(T::LN_2_PARTS[0], f - k.mul_add(-T::LN_2_PARTS[1], rest(f))))
}

/// `ln(1 + x)`
#[inline(always)]
pub(in super::super) fn ln_1p<T: Digits>(x: T) -> T {
    let sum = T::one() + x;
    // What the rounding of the sum has lost.
    let lost = select(x < T::one(), x - (sum - T::one()), T::one() - (sum - x));
    let (k, m) = sum.parts();
    // Of a large sum nothing is lost that counts.
    let scale = T::power_of_two(-select(k > T::of(60.0), T::of(60.0), k));
    let f = lost.mul_add(scale, m - T::one());
    let y = k.mul_add(T::LN_2_PARTS[0], f - k.mul_add(-T::LN_2_PARTS[1], rest(f)));
    select(x.abs() < T::TINY, x, ends(sum, y))
}

/// `log₂ x`
#[inline(always)]
pub(in super::super) fn log2<T: Digits>(x: T) -> T {
    let (k, f) = reduced(x);
    let (high, low) = times(f, T::LOG2_E_PARTS);
    ends(x, k + high + (low - rest(f) * T::LOG2_E_PARTS[0]))
}

/// `log₁₀ x`
#[inline(always)]
pub(in super::super) fn log10<T: Digits>(x: T) -> T {
    let (k, f) = reduced(x);
    let (high, low) = times(f, T::LOG10_E_PARTS);
    let low = low - rest(f) * T::LOG10_E_PARTS[0];
    ends(x, k.mul_add(T::LOG10_2_PARTS[0], high + k.mul_add(T::LOG10_2_PARTS[1], low)))
}

/// `f · (c + rest)` as the rounded product and what it lost.
#[inline(always)]
fn times<T: Digits>(f: T, [c, rest]: [T; 2]) -> (T, T) {
    let product = f * c;
    (product, f.mul_add(c, -product) + f * rest)
}
