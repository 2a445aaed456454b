//! Choosing one of two values.

use std::cmp::Ordering;

use super::gate;
use crate::element::Element;

macro_rules! comparison_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The smaller of two values; NaN if either is.
///
/// # Derivative
/// `1` in the smaller, nothing flows to the other.
///
/// # At kinks
/// Half to each at a tie, as in `PyTorch`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = a.min(b).backward();
/// assert_eq!((grads[a], grads[b]), (1.0, 0.0));
/// ```
binary Min min try_min(a, b) -> y {
    value: if a < b || a.is_nan() { a } else { b },
    local: comparison::shares(b.partial_cmp(&a)),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [(&[1.0, 1.0], &[0.5, 0.5])],
}

/// The larger of two values; NaN if either is.
///
/// # Derivative
/// `1` in the larger, nothing flows to the other.
///
/// # At kinks
/// Half to each at a tie, as in `PyTorch`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
/// let grads = a.max(b).backward();
/// assert_eq!((grads[a], grads[b]), (0.0, 1.0));
/// ```
binary Max max try_max(a, b) -> y {
    value: if a > b || a.is_nan() { a } else { b },
    local: comparison::shares(a.partial_cmp(&b)),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [(&[1.0, 1.0], &[0.5, 0.5])],
}

/// `x`, but no less than `c`. NaN stays NaN.
///
/// # Derivative
/// `1` where `x ≥ c`, `0` below.
///
/// # At kinks
/// `1` at `x = c`, as in `PyTorch`: the bound belongs to what flows. [`max`](crate::Scalar::max) gives half to each.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// assert_eq!((x.clamp_min(3.0).value(), x.clamp_min(2.0).backward()[x]), (3.0, 1.0));
/// ```
parameter ClampMin clamp_min(x, c) -> y {
    // Open for NaN, so that it is not hidden.
    value: if x < c { c } else { x },
    local: gate(x == y || x.is_nan(), T::one()),
    domain: [-5.0..=5.0, 1.0..=1.0],
    kinks: [(&[1.0, 1.0], &[1.0])],
}

/// `x`, but no more than `c`. NaN stays NaN.
///
/// # Derivative
/// `1` where `x ≤ c`, `0` above.
///
/// # At kinks
/// `1` at `x = c`, as in `PyTorch`: the bound belongs to what flows. [`min`](crate::Scalar::min) gives half to each.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// assert_eq!((x.clamp_max(1.0).value(), x.clamp_max(2.0).backward()[x]), (1.0, 1.0));
/// ```
parameter ClampMax clamp_max(x, c) -> y {
    value: if x > c { c } else { x },
    local: gate(x == y || x.is_nan(), T::one()),
    domain: [-5.0..=5.0, -1.0..=-1.0],
    kinks: [(&[-1.0, -1.0], &[1.0])],
}

/// The first of two values, chosen by a condition: [`select`](crate::Scalar::select) where it holds.
///
/// # Derivative
/// `1` in the first. Nothing flows to the second, even where its own derivative is infinite or NaN.
choice SelectFirst select_first(a, b) -> y {
    value: a,
    local: (T::one(), None::<T>),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [],
}

/// The second of two values, chosen by a condition: [`select`](crate::Scalar::select) where it does not hold.
///
/// # Derivative
/// `1` in the second. Nothing flows to the first, even where its own derivative is infinite or NaN.
choice SelectSecond select_second(a, b) -> y {
    value: b,
    local: (None::<T>, T::one()),
    domain: [-5.0..=5.0, -5.0..=5.0],
    kinks: [],
}

/// `1` where `a > b`, else `0`: a mask for [`select`](crate::Tensor::select). With a NaN it does not hold.
///
/// # Derivative
/// Nothing flows through a comparison.
choice Greater gt(a, b) -> y {
    value: if a > b { T::one() } else { T::zero() },
    local: (None::<T>, None::<T>),
    domain: [-5.0..=-1.0, 1.0..=5.0],
    kinks: [],
}

/// `1` where `a ≥ b`, else `0`: a mask for [`select`](crate::Tensor::select). With a NaN it does not hold.
///
/// # Derivative
/// Nothing flows through a comparison.
choice GreaterEqual ge(a, b) -> y {
    value: if a >= b { T::one() } else { T::zero() },
    local: (None::<T>, None::<T>),
    domain: [-5.0..=-1.0, 1.0..=5.0],
    kinks: [],
}

/// `1` where `a < b`, else `0`: a mask for [`select`](crate::Tensor::select). With a NaN it does not hold.
///
/// # Derivative
/// Nothing flows through a comparison.
choice Less lt(a, b) -> y {
    value: if a < b { T::one() } else { T::zero() },
    local: (None::<T>, None::<T>),
    domain: [-5.0..=-1.0, 1.0..=5.0],
    kinks: [],
}

/// `1` where `a ≤ b`, else `0`: a mask for [`select`](crate::Tensor::select). With a NaN it does not hold.
///
/// # Derivative
/// Nothing flows through a comparison.
choice LessEqual le(a, b) -> y {
    value: if a <= b { T::one() } else { T::zero() },
    local: (None::<T>, None::<T>),
    domain: [-5.0..=-1.0, 1.0..=5.0],
    kinks: [],
}

    ] $($rest)* } };
}

/// What flows to a first value that compares so with a second, and to the second. Where they do not compare the
/// result is NaN, and depends on both.
#[inline(always)]
pub(super) fn shares<T: Element>(first: Option<Ordering>) -> (Option<T>, Option<T>) {
    let share = if first == Some(Ordering::Equal) { T::of(0.5) } else { T::one() };
    (gate(first != Some(Ordering::Less), share), gate(first != Some(Ordering::Greater), share))
}
