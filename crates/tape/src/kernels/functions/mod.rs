//! Elementary functions without branches, for loops that the compiler is to turn into vectors.
//!
//! Each is written once for `f32` and `f64`: an argument is reduced to a small interval, a polynomial gives the function
//! there, and the result is put together again; what a range of arguments needs for itself is chosen by selects. The
//! coefficients were fitted to 60 digits by weighted least squares, reweighted towards the smallest greatest error, and
//! rounded one after the other. Every function is within 4 ulp of the exact value, over the whole range of its
//! arguments but for what its documentation says; subnormal results are within one unit of the smallest number.
//!
//! They need a multiplication and addition in one: without the instruction it would be a call.

use crate::element::Element;

mod constants;
mod error_function;
mod exponential;
mod logarithm;
#[cfg(test)]
mod tests;
mod trigonometric;

pub(super) use error_function::{erf, erfc};
pub(super) use exponential::{exp, exp_m1, exp2, tanh};
pub(super) use logarithm::{ln, ln_1p, log2, log10};
pub(super) use trigonometric::{cos, sin, tan};

/// A number in floating point, seen as digits: `f32` and `f64`.
pub(crate) trait Digits: Element + 'static {
    /// Added to a number and taken off again, it leaves the nearest whole number. In between, that number stands in the
    /// last bits. Good for numbers of up to a quarter of it.
    const ROUNDING: Self;
    /// The logarithm of two in two parts; the first times any exponent is exact.
    const LN_2_PARTS: [Self; 2];
    /// The decimal logarithm of two, likewise.
    const LOG10_2_PARTS: [Self; 2];
    /// What the rounding of `ln 2` left.
    const LN_2_REST: Self;
    /// `log₂ e`, and what its rounding left.
    const LOG2_E_PARTS: [Self; 2];
    /// `log₁₀ e`, and what its rounding left.
    const LOG10_E_PARTS: [Self; 2];
    /// `π/2`, and twice what the rounding left.
    const HALF_PI: [Self; 3];
    /// `2/π`
    const TWO_OVER_PI: Self;
    /// Below the first, `eˣ` is 0, and above the second infinite.
    const EXP_RANGE: [Self; 2];
    /// Nothing beside 1: below it `eˣ − 1`, `ln(1 + x)` and `sin x` are `x`.
    const TINY: Self;
    /// What lifts any subnormal number among the normal ones, and its exponent.
    const LIFT: (Self, Self);
    /// `(eʳ − 1 − r)/r²` for `|r| ≤ ½ ln 2`
    const EXP: &'static [Self];
    /// `(ln((1 + s)/(1 − s)) − 2s)/s³` in `s²`, for `(1 + s)/(1 − s)` between `√½` and `√2`
    const LN: &'static [Self];
    /// `(sin r − r)/r³` in `r²` for `|r| ≤ π/4`
    const SIN: &'static [Self];
    /// `(cos r − 1 + r²/2)/r⁴` in `r²` for `|r| ≤ π/4`
    const COS: &'static [Self];
    /// `erf x / x` in `x²` for `|x| ≤ 1`
    const ERF: &'static [Self];
    /// Where `erfc x` has become 0.
    const ERFC_END: Self;
    /// Centre of the variable `(x − c)/(x + c)` that [`ERFCX`](Self::ERFCX) is in.
    const ERFCX_CENTRE: Self;
    /// `(1 + 2x) e^(x²) erfc x` for `x` from 0 to [`ERFC_END`](Self::ERFC_END)
    const ERFCX: &'static [Self];

    /// `2ⁿ` for a whole `n` that is the exponent of a normal number.
    fn power_of_two(n: Self) -> Self;

    /// `x = m · 2ᵏ` with `m` between `√½` and `√2`, for a positive normal `x`: `(k, m)`.
    fn parts(self) -> (Self, Self);

    /// Whether the whole number in the last bits is odd: see [`ROUNDING`](Self::ROUNDING).
    fn is_odd(rounding: Self) -> bool;

    /// `self`, with the other sign where the whole number in the last bits has its second bit set.
    fn turned(self, rounding: Self) -> Self;
}

/// The polynomial with these coefficients, that of `x⁰` first.
#[inline(always)]
fn polynomial<T: Digits>(x: T, coefficients: &[T]) -> T {
    let Some((&last, others)) = coefficients.split_last() else { return T::zero() };
    others.iter().rev().fold(last, |sum, &c| sum.mul_add(x, c))
}

/// One of two numbers; both have been computed.
#[inline(always)]
fn select<T>(condition: bool, a: T, b: T) -> T {
    if condition { a } else { b }
}
