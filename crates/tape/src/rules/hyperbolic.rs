//! Hyperbolic functions and their inverses.

use crate::element::Element;

macro_rules! hyperbolic_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The hyperbolic sine, `(eˣ − e⁻ˣ)/2`.
///
/// # Derivative
/// `cosh x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.sinh();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Sinh sinh(x) -> y {
    value: x.sinh(),
    local: x.cosh(),
    apart: true,
    domain: [-3.0..=3.0],
    kinks: [],
}

/// The hyperbolic cosine, `(eˣ + e⁻ˣ)/2`.
///
/// # Derivative
/// `sinh x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.cosh();
/// assert_eq!((y.value(), y.backward()[x]), (1.0, 0.0));
/// ```
unary Cosh cosh(x) -> y {
    value: x.cosh(),
    local: x.sinh(),
    apart: true,
    domain: [-3.0..=3.0],
    kinks: [],
}

/// The hyperbolic tangent.
///
/// # Derivative
/// `1 − y²`: from the output as `(1 − y)(1 + y)` where that keeps its digits, beyond |y| = ½ from the input as
/// `4e/(1 + e)²` with `e = exp(−2|x|)`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.tanh();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Tanh tanh(x) -> y {
    value: x.tanh(),
    local: hyperbolic::tanh_slope(x, y),
    domain: [-4.0..=4.0],
    kinks: [],
}

/// The inverse of the hyperbolic sine, `ln(x + √(x² + 1))`.
///
/// # Derivative
/// `1/√(1 + x²)`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.asinh();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Asinh asinh(x) -> y {
    value: hyperbolic::odd(x, hyperbolic::asinh),
    local: T::one().hypot(x).recip(),
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The inverse of the hyperbolic cosine, `ln(x + √(x² − 1))`, for `x ≥ 1`.
///
/// # Derivative
/// `1/√(x² − 1)`.
///
/// # At kinks
/// +∞ at 1.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.25);
/// let y = x.acosh();
/// assert_eq!((y.value(), y.backward()[x]), (2f64.ln(), 4.0 / 3.0));
/// ```
unary Acosh acosh(x) -> y {
    value: hyperbolic::acosh(x),
    local: ((x - T::one()).sqrt() * (x + T::one()).sqrt()).recip(),
    domain: [1.2..=5.0],
    kinks: [(&[1.0], &[f64::INFINITY])],
}

/// The inverse of the hyperbolic tangent, `½ ln((1 + x)/(1 − x))`, for `|x| ≤ 1`.
///
/// # Derivative
/// `1/(1 − x²)`, with `1 − x²` as `(1 − x)(1 + x)`.
///
/// # At kinks
/// At −1 and 1 the value is infinite and the derivative +∞.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.atanh();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Atanh atanh(x) -> y {
    value: hyperbolic::odd(x, hyperbolic::atanh),
    local: ((T::one() - x) * (T::one() + x)).recip(),
    domain: [-0.8..=0.8],
    kinks: [(&[-1.0], &[f64::INFINITY]), (&[1.0], &[f64::INFINITY])],
}

    ] $($rest)* } };
}

#[inline(always)]
pub(super) fn tanh_slope<T: Element>(x: T, y: T) -> T {
    if y.abs() <= T::of(0.5) {
        (T::one() - y) * (T::one() + y)
    } else {
        let e = (T::of(-2.0) * x.abs()).exp();
        let sum = T::one() + e;
        T::of(4.0) * e / (sum * sum)
    }
}

/// The odd function that is `f` for positive arguments. Not `signum` and `abs`: their derivatives at 0 are not its own.
#[inline(always)]
pub(super) fn odd<T: Element>(x: T, f: impl Fn(T) -> T) -> T {
    if x.is_sign_negative() { -f(-x) } else { f(x) }
}

/// Beyond this the 1 in `√(x² ± 1)` is below rounding.
#[inline(always)]
fn is_large<T: Element>(x: T) -> bool {
    x * T::epsilon().sqrt() > T::one()
}

#[inline(always)]
pub(super) fn asinh<T: Element>(x: T) -> T {
    if is_large(x) {
        x.ln() + T::LN_2()
    } else {
        (x + x * (x / (T::one() + (T::one() + x * x).sqrt()))).ln_1p()
    }
}

/// Not `Float::acosh`: the standard library's loses half its digits near 1.
#[inline(always)]
pub(super) fn acosh<T: Element>(x: T) -> T {
    if is_large(x) {
        x.ln() + T::LN_2()
    } else {
        let t = x - T::one();
        (t + t.sqrt() * (t + T::of(2.0)).sqrt()).ln_1p()
    }
}

#[inline(always)]
pub(super) fn atanh<T: Element>(x: T) -> T {
    T::of(0.5) * ((x + x) / (T::one() - x)).ln_1p()
}
