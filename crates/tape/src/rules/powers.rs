//! Roots and powers.

use super::gate;
use crate::element::Element;

macro_rules! powers_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The square root, `√x`.
///
/// # Derivative
/// `1/(2√x)`.
///
/// # At kinks
/// +∞ at 0, times the upstream gradient; where that is 0, so is the product.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(4.0);
/// let y = x.sqrt();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, 0.25));
/// ```
unary Sqrt sqrt(x) -> y {
    value: x.sqrt(),
    local: T::of(0.5) / y,
    domain: [0.3..=9.0],
    kinks: [(&[0.0], &[f64::INFINITY])],
}

/// The cube root, `∛x`, of negative numbers too.
///
/// # Derivative
/// `1/(3 ∛x²)`.
///
/// # At kinks
/// +∞ at 0, times the upstream gradient; where that is 0, so is the product.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(8.0);
/// let y = x.cbrt();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, 1.0 / 12.0));
/// ```
unary Cbrt cbrt(x) -> y {
    value: x.cbrt(),
    local: (T::of(3.0) * y * y).recip(),
    apart: true,
    domain: [0.3..=9.0],
    kinks: [(&[0.0], &[f64::INFINITY])],
}

/// The length of the hypotenuse, `√(a² + b²)`, without overflow or underflow on the way.
///
/// # Derivative
/// `a/y` in `a`, `b/y` in `b`.
///
/// # At kinks
/// `0` in both at the origin: the subgradient of least norm.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(3.0), tape.scalar(4.0));
/// let grads = a.hypot(b).backward();
/// assert_eq!((grads[a], grads[b]), (0.6, 0.8));
/// ```
binary Hypot hypot try_hypot(a, b) -> y {
    value: a.hypot(b),
    local: powers::direction(a, b, y),
    apart: true,
    domain: [0.3..=4.0, -4.0..=4.0],
    kinks: [(&[0.0, 0.0], &[0.0, 0.0])],
}

/// The whole power, `xⁿ`.
///
/// # Derivative
/// `n xⁿ⁻¹`, and nothing for `n = 0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.powi(3);
/// assert_eq!((y.value(), y.backward()[x]), (8.0, 12.0));
/// ```
integer Powi powi(x, n) -> y {
    value: powers::whole_power(x, n),
    local: gate(n != T::zero(), powers::whole_power_slope(x, n, y)),
    apart: true,
    domain: [-3.0..=3.0, 3.0..=3.0],
    kinks: [(&[0.0, 0.0], &[0.0]), (&[0.0, 1.0], &[1.0])],
}

/// The power, `aᵇ`; for a negative `a` only with a whole `b`.
///
/// # Derivative
/// `b aᵇ⁻¹` in `a`, `aᵇ ln a` in `b`: NaN for a negative `a`, wherever `b` is a variable.
///
/// # At kinks
/// `x⁰` has derivative 0 in `x`, at 0 too; `0ᵇ` with `b ≥ 0` has derivative 0 in `b`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = a.pow(b).backward();
/// assert_eq!((grads[a], grads[b]), (12.0, 8.0 * 2f64.ln()));
/// ```
binary Pow pow try_pow(a, b) -> y {
    value: a.powf(b),
    local: (powers::pow_in_base(a, b, y), powers::pow_in_exponent(a, b, y)),
    apart: true,
    domain: [0.3..=3.0, -2.5..=2.5],
    kinks: [(&[0.0, 0.0], &[0.0, 0.0]), (&[0.0, 2.0], &[0.0, 0.0]), (&[-2.0, 2.0], &[-4.0, f64::NAN])],
}

    ] $($rest)* } };
}

/// `(a, b) / √(a² + b²)`, from the length `y`.
#[inline(always)]
pub(super) fn direction<T: Element>(a: T, b: T, y: T) -> (T, T) {
    if y.is_normal() {
        (a / y, b / y)
    } else if y == T::zero() {
        (T::zero(), T::zero())
    } else if a.is_finite() && b.is_finite() {
        // The length is subnormal or too large: of a triangle of usual size it is neither.
        let size = a.abs().max(b.abs());
        let (a, b) = (a / size, b / size);
        let y = a.hypot(b);
        (a / y, b / y)
    } else {
        (a / y, b / y)
    }
}

/// `xⁿ`: by multiplication where that is exact enough, else by the real power, whose error does not grow with `n`.
#[inline(always)]
pub(super) fn whole_power<T: Element>(x: T, n: T) -> T {
    match n.to_i32() {
        Some(small @ 0..=4) => x.powi(small),
        _ => x.powf(n),
    }
}

#[inline(always)]
pub(super) fn whole_power_slope<T: Element>(x: T, n: T, y: T) -> T {
    match n.to_i32() {
        Some(small @ 1..=5) => n * x.powi(small - 1),
        _ => pow_in_base(x, n, y),
    }
}

/// `b aᵇ⁻¹`, from the power `y`.
#[inline(always)]
pub(super) fn pow_in_base<T: Element>(a: T, b: T, y: T) -> T {
    let ratio = y / a;
    if y.is_normal() && ratio.is_normal() {
        // Not aᵇ⁻¹: for a small b the rounding of b − 1 costs digits.
        b * ratio
    } else if b == T::zero() && (a == T::zero() || a.is_nan()) {
        T::zero()
    } else if a.is_normal() && !y.is_nan() && b.is_finite() {
        let slope = power_times(a.abs(), b - T::one(), b);
        // For a negative base b is whole, and aᵇ⁻¹ has the other sign than aᵇ.
        if a.is_sign_negative() == y.is_sign_negative() { slope } else { -slope }
    } else {
        b * a.powf(b - T::one())
    }
}

/// `aᵇ ln a`, from the power `y`.
#[inline(always)]
pub(super) fn pow_in_exponent<T: Element>(a: T, b: T, y: T) -> Option<T> {
    let slope = if y.is_normal() || !(a.is_finite() && b.is_finite()) {
        y * a.ln()
    } else if a == T::zero() {
        y * a.abs().ln()
    } else {
        power_times(a, b, a.ln())
    };
    gate(a != T::zero() || b < T::zero(), slope)
}

/// `base^exponent · factor` where the power alone would be subnormal or too large: half of it on either side.
fn power_times<T: Element>(base: T, exponent: T, factor: T) -> T {
    let half = base.powf(exponent * T::of(0.5));
    half * factor * half
}
