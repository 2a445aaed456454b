//! Exponentials and logarithms.

use crate::element::Element;

macro_rules! exponential_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The exponential, `eˣ`.
///
/// # Derivative
/// `eˣ`, the output itself.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.exp();
/// assert_eq!((y.value(), y.backward()[x]), (1.0, 1.0));
/// ```
unary Exp exp(x) -> y {
    value: x.exp(),
    local: y,
    domain: [-3.0..=3.0],
    kinks: [],
}

/// The power of two, `2ˣ`.
///
/// # Derivative
/// `2ˣ ln 2`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(3.0);
/// let y = x.exp2();
/// assert_eq!((y.value(), y.backward()[x]), (8.0, 8.0 * 2f64.ln()));
/// ```
unary Exp2 exp2(x) -> y {
    value: x.exp2(),
    local: exponential::exp2_slope(x, y),
    domain: [-4.0..=4.0],
    kinks: [],
}

/// `eˣ − 1`, without the cancellation near 0.
///
/// # Derivative
/// `eˣ`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.exp_m1();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary ExpM1 exp_m1(x) -> y {
    value: x.exp_m1(),
    // y + 1 has no digits left where y is close to −1.
    local: if y > T::of(-0.5) { y + T::one() } else { x.exp() },
    domain: [-3.0..=3.0],
    kinks: [],
}

/// The natural logarithm, `ln x`.
///
/// # Derivative
/// `1/x`.
///
/// # At kinks
/// At 0 the value is −∞ and the derivative +∞.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.0);
/// let y = x.ln();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Ln ln(x) -> y {
    value: x.ln(),
    local: x.recip(),
    domain: [0.2..=5.0],
    kinks: [(&[0.0], &[f64::INFINITY])],
}

/// `ln(1 + x)`, without the rounding of `1 + x`.
///
/// # Derivative
/// `1/(1 + x)`.
///
/// # At kinks
/// At −1 the value is −∞ and the derivative +∞.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.ln_1p();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 1.0));
/// ```
unary Ln1p ln_1p(x) -> y {
    value: x.ln_1p(),
    local: (T::one() + x).recip(),
    domain: [-0.8..=4.0],
    kinks: [(&[-1.0], &[f64::INFINITY])],
}

/// The logarithm to base 2.
///
/// # Derivative
/// `1/(x ln 2)`.
///
/// # At kinks
/// At 0 the value is −∞ and the derivative +∞.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(8.0);
/// let y = x.log2();
/// assert_eq!((y.value(), y.backward()[x]), (3.0, std::f64::consts::LOG2_E / 8.0));
/// ```
unary Log2 log2(x) -> y {
    value: x.log2(),
    local: T::LOG2_E() / x,
    domain: [0.2..=5.0],
    kinks: [(&[0.0], &[f64::INFINITY])],
}

/// The logarithm to base 10.
///
/// # Derivative
/// `1/(x ln 10)`.
///
/// # At kinks
/// At 0 the value is −∞ and the derivative +∞.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(100.0);
/// let y = x.log10();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, std::f64::consts::LOG10_E / 100.0));
/// ```
unary Log10 log10(x) -> y {
    value: x.log10(),
    local: T::LOG10_E() / x,
    domain: [0.2..=5.0],
    kinks: [(&[0.0], &[f64::INFINITY])],
}

/// `x ln y`, and 0 where `x` is 0 (unless `y` is NaN): a term of an entropy.
///
/// # Derivative
/// `ln y` in `x`, `x/y` in `y`.
///
/// # At kinks
/// At `x = y = 0` the derivative in `x` is −∞, the limit from the right; nothing flows to `y`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (p, q) = (tape.scalar(0.0), tape.scalar(0.5));
/// let y = p.xlogy(q);
/// let grads = y.backward();
/// assert_eq!((y.value(), grads[p], grads[q]), (0.0, 0.5f64.ln(), 0.0));
/// ```
binary Xlogy xlogy try_xlogy(x, y) -> z {
    value: if x.is_zero() && !y.is_nan() { T::zero() } else { x * y.ln() },
    local: (y.ln(), gate(!(x.is_zero() && y.is_zero()), x / y)),
    domain: [-5.0..=5.0, 0.2..=5.0],
    kinks: [(&[0.0, 0.0], &[f64::NEG_INFINITY, 0.0])],
}

    ] $($rest)* } };
}

/// `2ˣ ln 2`, from the output `y`.
#[inline(always)]
pub(super) fn exp2_slope<T: Element>(x: T, y: T) -> T {
    if y.is_infinite() {
        // ln 2 < 1: just beyond the largest power the derivative is still finite.
        (x - T::one()).exp2() * (T::LN_2() + T::LN_2())
    } else {
        y * T::LN_2()
    }
}
