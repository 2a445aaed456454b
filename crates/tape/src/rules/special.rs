//! The error function and its complement.

use crate::element::Element;

macro_rules! special_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The error function, `2/√π ∫₀ˣ e^(−t²) dt`.
///
/// # Derivative
/// `2/√π e^(−x²)`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.erf();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, std::f64::consts::FRAC_2_SQRT_PI));
/// ```
unary Erf erf(x) -> y {
    value: x.erf(),
    local: T::FRAC_2_SQRT_PI() * special::bell(x, T::one()),
    domain: [-2.5..=2.5],
    kinks: [],
}

/// The complement of the error function, `1 − erf x`, without the cancellation for large `x`.
///
/// # Derivative
/// `−2/√π e^(−x²)`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.erfc();
/// assert_eq!((y.value(), y.backward()[x]), (1.0, -std::f64::consts::FRAC_2_SQRT_PI));
/// ```
unary Erfc erfc(x) -> y {
    value: x.erfc(),
    local: -T::FRAC_2_SQRT_PI() * special::bell(x, T::one()),
    domain: [-2.5..=2.5],
    kinks: [],
}

    ] $($rest)* } };
}

/// `e^(−c x²)` for a power of two `c`. The rounding of `x²`, which the exponential would multiply by `x²`, is put
/// right to first order.
#[inline(always)]
pub(super) fn bell<T: Element>(x: T, c: T) -> T {
    let square = x * x;
    let e = (-c * square).exp();
    if e > T::zero() { e - e * (c * x.mul_add(x, -square)) } else { e }
}
