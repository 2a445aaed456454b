//! Rounding and signs: flat pieces, and the jumps between them.

macro_rules! rounding_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The largest whole number not above `x`.
///
/// # Derivative
/// `0`: nothing flows through it.
///
/// # At kinks
/// At whole numbers the value jumps; the derivative stays `0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.5);
/// let y = x.floor();
/// assert_eq!((y.value(), y.backward()[x]), (1.0, 0.0));
/// ```
unary Floor floor(x) -> y {
    value: x.floor(),
    local: None::<T>,
    domain: [1.1..=1.9],
    kinks: [(&[2.0], &[0.0])],
}

/// The smallest whole number not below `x`.
///
/// # Derivative
/// `0`: nothing flows through it.
///
/// # At kinks
/// At whole numbers the value jumps; the derivative stays `0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.5);
/// let y = x.ceil();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, 0.0));
/// ```
unary Ceil ceil(x) -> y {
    value: x.ceil(),
    local: None::<T>,
    domain: [1.1..=1.9],
    kinks: [(&[2.0], &[0.0])],
}

/// The nearest whole number; halves go away from 0, as in Rust's own `round`.
///
/// # Derivative
/// `0`: nothing flows through it.
///
/// # At kinks
/// Halfway between whole numbers the value jumps; the derivative stays `0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(1.5);
/// let y = x.round();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, 0.0));
/// ```
unary Round round(x) -> y {
    value: x.round(),
    local: None::<T>,
    domain: [0.6..=1.4],
    kinks: [(&[0.5], &[0.0])],
}

/// The whole part: `x` without its fraction.
///
/// # Derivative
/// `0`: nothing flows through it.
///
/// # At kinks
/// At whole numbers the value jumps; the derivative stays `0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-1.5);
/// let y = x.trunc();
/// assert_eq!((y.value(), y.backward()[x]), (-1.0, 0.0));
/// ```
unary Trunc trunc(x) -> y {
    value: x.trunc(),
    local: None::<T>,
    domain: [-1.9..=-1.1],
    kinks: [(&[2.0], &[0.0])],
}

/// The fraction, `x − trunc x`; it has the sign of `x`.
///
/// # Derivative
/// `1`.
///
/// # At kinks
/// At whole numbers the value jumps; the derivative stays `1`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-1.5);
/// let y = x.fract();
/// assert_eq!((y.value(), y.backward()[x]), (-0.5, 1.0));
/// ```
unary Fract fract(x) -> y {
    value: x.fract(),
    local: T::one(),
    domain: [-1.9..=-1.1],
    kinks: [(&[2.0], &[1.0])],
}

/// The sign of `x`, −1 or 1. That of +0 is 1 and that of −0 is −1, as in Rust's own `signum`.
///
/// # Derivative
/// `0`: nothing flows through it.
///
/// # At kinks
/// At 0 the value jumps; the derivative stays `0`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-1.5);
/// let y = x.signum();
/// assert_eq!((y.value(), y.backward()[x]), (-1.0, 0.0));
/// ```
unary Signum signum(x) -> y {
    value: x.signum(),
    local: None::<T>,
    domain: [-5.0..=-0.5],
    kinks: [(&[0.0], &[0.0])],
}

    ] $($rest)* } };
}
