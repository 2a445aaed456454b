//! Sine, cosine and tangent, of angles up to 65,536.

use super::{Digits, polynomial, select};

/// `x` less the nearest multiple of `π/2`, in two parts, and that multiple, in the last bits: see
/// [`Digits::ROUNDING`].
#[inline(always)]
fn reduced<T: Digits>(x: T) -> (T, T, T) {
    let multiple = x.mul_add(T::TWO_OVER_PI, T::ROUNDING);
    let n = multiple - T::ROUNDING;
    // The first difference is exact. Of the second either term may be the larger one: what its rounding has lost, and
    // that of its product, is found without asking which.
    let first = n.mul_add(-T::HALF_PI[0], x);
    let product = n * T::HALF_PI[1];
    let low = n.mul_add(T::HALF_PI[1], -product);
    let r = first - product;
    let taken = first - r;
    let lost = (first - (r + taken)) + (taken - product);
    (r, n.mul_add(-T::HALF_PI[2], lost - low), multiple)
}

/// `sin(r + rest)`
#[inline(always)]
fn sine<T: Digits>(r: T, rest: T) -> T {
    let square = r * r;
    r + (square * r).mul_add(polynomial(square, T::SIN), rest)
}

/// `cos(r + rest)`
#[inline(always)]
fn cosine<T: Digits>(r: T, rest: T) -> T {
    let square = r * r;
    let half = T::of(0.5) * square;
    let first = T::one() - half;
    // What the rounding of the difference has lost, and the rest.
    let low = (T::one() - first) - half;
    first + (square * square).mul_add(polynomial(square, T::COS), (-r).mul_add(rest, low))
}

/// The sine.
#[inline(always)]
pub(in super::super) fn sin<T: Digits>(x: T) -> T {
    let (r, rest, multiple) = reduced(x);
    let y = select(T::is_odd(multiple), cosine(r, rest), sine(r, rest)).turned(multiple);
    select(x.abs() < T::TINY, x, y)
}

/// The cosine.
#[inline(always)]
pub(in super::super) fn cos<T: Digits>(x: T) -> T {
    let (r, rest, multiple) = reduced(x);
    // cos x = sin(x + π/2)
    let y = select(T::is_odd(multiple), sine(r, rest), cosine(r, rest));
    y.turned(multiple + T::one())
}

/// The tangent.
#[inline(always)]
pub(in super::super) fn tan<T: Digits>(x: T) -> T {
    let (r, rest, multiple) = reduced(x);
    let (sine, cosine, odd) = (sine(r, rest), cosine(r, rest), T::is_odd(multiple));
    let y = select(odd, -cosine, sine) / select(odd, sine, cosine);
    select(x.abs() < T::TINY, x, y)
}
