//! Sum to absolute value: the rules of arithmetic.

use crate::element::Element;

macro_rules! arithmetic_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The sum, `a + b`.
///
/// # Derivative
/// `1` in both.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = (a + b).backward();
/// assert_eq!((grads[a], grads[b]), (1.0, 1.0));
/// ```
operator Add add try_add(a, b) -> y {
    value: a + b,
    local: (T::one(), T::one()),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [],
}

/// The difference, `a − b`.
///
/// # Derivative
/// `1` in `a`, `−1` in `b`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = (a - b).backward();
/// assert_eq!((grads[a], grads[b]), (1.0, -1.0));
/// ```
operator Sub sub try_sub(a, b) -> y {
    value: a - b,
    local: (T::one(), -T::one()),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [],
}

/// The product, `a · b`.
///
/// # Derivative
/// `b` in `a`, `a` in `b`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = (a * b).backward();
/// assert_eq!((grads[a], grads[b]), (3.0, 2.0));
/// ```
operator Mul mul try_mul(a, b) -> y {
    value: a * b,
    local: (b, a),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [],
}

/// The quotient, `a / b`.
///
/// # Derivative
/// `1/b` in `a`, `−a/b²` in `b`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(6.0), tape.scalar(2.0));
/// let grads = (a / b).backward();
/// assert_eq!((grads[a], grads[b]), (0.5, -1.5));
/// ```
operator Div div try_div(a, b) -> y {
    value: a / b,
    local: (b.recip(), arithmetic::div_in_divisor(a, b, y)),
    domain: [-5.0..=5.0, 0.5..=4.0],
    kinks: [],
}

/// The remainder, `a − b·trunc(a/b)`; it has the sign of `a`.
///
/// # Derivative
/// `1` in `a`, `−trunc(a/b)` in `b`.
///
/// # At kinks
/// Where `a` is a multiple of `b` the value jumps; the derivative stays as above.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(7.0), tape.scalar(3.0));
/// let grads = (a % b).backward();
/// assert_eq!((grads[a], grads[b]), (1.0, -2.0));
/// ```
operator Rem rem try_rem(a, b) -> y {
    value: a % b,
    // Through the exact remainder: a/b may round up to the next whole number.
    local: (T::one(), -((a - y) / b).round()),
    apart: true,
    domain: [5.0..=5.5, 1.9..=2.4],
    kinks: [(&[6.0, 3.0], &[1.0, -2.0]), (&[0.0, 3.0], &[1.0, 0.0])],
}

/// The negative, `−x`.
///
/// # Derivative
/// `−1`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// assert_eq!((-x).backward()[x], -1.0);
/// ```
unary Neg neg(x) -> y {
    value: -x,
    local: -T::one(),
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The reciprocal, `1/x`.
///
/// # Derivative
/// `−1/x²`, as `−y²`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.recip();
/// assert_eq!((y.value(), y.backward()[x]), (0.5, -0.25));
/// ```
unary Recip recip(x) -> y {
    value: x.recip(),
    local: -(y * y),
    domain: [0.4..=5.0],
    kinks: [],
}

/// The square, `x²`.
///
/// # Derivative
/// `2x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(3.0);
/// let y = x.square();
/// assert_eq!((y.value(), y.backward()[x]), (9.0, 6.0));
/// ```
unary Square square(x) -> y {
    value: x * x,
    local: x + x,
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The cube, `x³`.
///
/// # Derivative
/// `3x²`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.cube();
/// assert_eq!((y.value(), y.backward()[x]), (8.0, 12.0));
/// ```
unary Cube cube(x) -> y {
    value: x * x * x,
    local: T::of(3.0) * x * x,
    domain: [-4.0..=4.0],
    kinks: [],
}

/// The absolute value, `|x|`.
///
/// # Derivative
/// The sign of `x`.
///
/// # At kinks
/// `0` at 0, as in `PyTorch` and JAX.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-2.0);
/// let y = x.abs();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, -1.0));
/// ```
unary Abs abs(x) -> y {
    value: x.abs(),
    local: arithmetic::sign(x),
    domain: [-5.0..=5.0],
    kinks: [(&[0.0], &[0.0])],
}

    ] $($rest)* } };
}

/// `−a/b²`, from the quotient `y`.
#[inline(always)]
pub(super) fn div_in_divisor<T: Element>(a: T, b: T, y: T) -> T {
    if y.abs() < T::min_positive_value() && y != T::zero() && b.abs() < T::one() {
        // A subnormal quotient has lost digits that a small divisor would bring up again.
        -(a / (b * b))
    } else {
        -y / b
    }
}

/// −1, 0 or 1.
#[inline(always)]
pub(super) fn sign<T: Element>(x: T) -> T {
    if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}
