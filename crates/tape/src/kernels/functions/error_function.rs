//! The error function and its complement.

use super::exponential::exp_sum;
use super::{Digits, polynomial, select};

/// `erfc x` for `x ≥ 0`.
///
/// With `e^(x²) erfc x` by a polynomial in `(x − c)/(x + c)`, which takes the half-line to an interval: M. Shepherd and
/// J. Laframboise, “Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞”, 1981.
#[inline(always)]
fn tail<T: Digits>(x: T) -> T {
    let x = select(x > T::ERFC_END, T::ERFC_END, x);
    let c = T::ERFCX_CENTRE;
    let ratio = polynomial((x - c) / (x + c), T::ERFCX) / (T::one() + (x + x));
    let square = x * x;
    let lost = x.mul_add(x, -square);
    exp_sum(-square, -lost) * ratio
}

/// `erf x` for `|x| ≤ 1`
#[inline(always)]
fn near<T: Digits>(x: T) -> T {
    x * polynomial(x * x, T::ERF)
}

/// The error function.
#[inline(always)]
pub(in super::super) fn erf<T: Digits>(x: T) -> T {
    let size = x.abs();
    select(size < T::one(), near(x), (T::one() - tail(size)).copysign(x))
}

/// `1 − erf x`
#[inline(always)]
pub(in super::super) fn erfc<T: Digits>(x: T) -> T {
    let tail = tail(x.abs());
    let far = select(x < T::zero(), T::of(2.0) - tail, tail);
    select(x.abs() < T::of(0.5), T::one() - near(x), far)
}
