//! Addition to reciprocal: the rules of arithmetic.

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

    ] $($rest)* } };
}
