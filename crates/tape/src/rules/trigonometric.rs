//! Sine to arc tangent.

use crate::element::Element;

macro_rules! trigonometric_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The sine of an angle in radians.
///
/// # Derivative
/// `cos x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.sin();
/// assert_eq!((y.value(), y.backward()[x]), (2f64.sin(), 2f64.cos()));
/// ```
unary Sin sin(x) -> y {
    value: x.sin(),
    local: x.cos(),
    apart: trigonometric::is_large(x),
    domain: [-6.0..=6.0],
    kinks: [],
}

/// The cosine of an angle in radians.
///
/// # Derivative
/// `−sin x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.cos();
/// assert_eq!((y.value(), y.backward()[x]), (2f64.cos(), -2f64.sin()));
/// ```
unary Cos cos(x) -> y {
    value: x.cos(),
    local: -x.sin(),
    apart: trigonometric::is_large(x),
    domain: [-6.0..=6.0],
    kinks: [],
}

/// The tangent of an angle in radians.
///
/// # Derivative
/// `1 + tan² x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.tan();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Tan tan(x) -> y {
    value: x.tan(),
    local: T::one() + y * y,
    apart: trigonometric::is_large(x),
    domain: [-1.3..=1.3],
    kinks: [],
}

/// The arc sine, within [−π/2, π/2].
///
/// # Derivative
/// `1/√(1 − x²)`, with `1 − x²` as `(1 − x)(1 + x)`.
///
/// # At kinks
/// +∞ at −1 and 1.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.asin();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Asin asin(x) -> y {
    value: x.asin(),
    local: ((T::one() - x) * (T::one() + x)).sqrt().recip(),
    apart: true,
    domain: [-0.9..=0.9],
    kinks: [(&[-1.0], &[f64::INFINITY]), (&[1.0], &[f64::INFINITY])],
}

/// The arc cosine, within [0, π].
///
/// # Derivative
/// `−1/√(1 − x²)`, with `1 − x²` as `(1 − x)(1 + x)`.
///
/// # At kinks
/// −∞ at −1 and 1.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.acos();
/// assert_eq!((y.value(), y.backward()[x]), (std::f64::consts::FRAC_PI_2, -1.0));
/// ```
unary Acos acos(x) -> y {
    value: x.acos(),
    local: -((T::one() - x) * (T::one() + x)).sqrt().recip(),
    apart: true,
    domain: [-0.9..=0.9],
    kinks: [(&[-1.0], &[f64::NEG_INFINITY]), (&[1.0], &[f64::NEG_INFINITY])],
}

/// The arc tangent, within [−π/2, π/2].
///
/// # Derivative
/// `1/(1 + x²)`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.0);
/// let y = x.atan();
/// assert_eq!((y.value(), y.backward()[x]), (std::f64::consts::FRAC_PI_4, 0.5));
/// ```
unary Atan atan(x) -> y {
    value: x.atan(),
    local: trigonometric::atan_slope(x),
    apart: true,
    domain: [-4.0..=4.0],
    kinks: [],
}

/// The angle of the point `(b, a)`, ordinate first as in C, within [−π, π].
///
/// # Derivative
/// `b/(a² + b²)` in `a`, `−a/(a² + b²)` in `b`, without overflow or underflow on the way.
///
/// # At kinks
/// `0` in both at the origin.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (y, x) = (tape.scalar(1.0), tape.scalar(1.0));
/// let grads = y.atan2(x).backward();
/// assert_eq!((grads[y], grads[x]), (0.5, -0.5));
/// ```
binary Atan2 atan2 try_atan2(a, b) -> y {
    value: a.atan2(b),
    local: trigonometric::atan2_slopes(a, b),
    apart: true,
    domain: [-4.0..=4.0, 0.3..=4.0],
    kinks: [(&[0.0, 0.0], &[0.0, 0.0])],
}

    ] $($rest)* } };
}

/// To find the multiple of π in a large angle takes more digits of π than vectors are given.
#[inline(always)]
pub(super) fn is_large<T: Element>(x: T) -> bool {
    x.is_nan() || x.abs() > T::of(65_536.0)
}

#[inline(always)]
pub(super) fn atan_slope<T: Element>(x: T) -> T {
    if x.abs() * T::epsilon() < T::one() {
        (T::one() + x * x).recip()
    } else {
        // The 1 is below the rounding of x², which may be infinite where its reciprocal is not 0.
        x.recip() / x
    }
}

#[inline(always)]
pub(super) fn atan2_slopes<T: Element>(a: T, b: T) -> (T, T) {
    let size = a.abs().max(b.abs());
    let square = a * a + b * b;
    if square.is_finite() && square * T::epsilon() > T::min_positive_value() || !size.is_finite() {
        (b / square, -a / square)
    } else if size == T::zero() {
        (T::zero(), -T::zero())
    } else {
        let (a, b) = (a / size, b / size);
        let square = a * a + b * b;
        (b / square / size, -a / square / size)
    }
}
