//! What tests of composite nodes share.

use ndarray::{Array2, ArrayD, Dimension};
use tape::{Element, Error, ErrorKind, Tensor};

/// Values and gradients in all operands agree to a few units of the type's last place.
#[track_caller]
pub(crate) fn assert_same<T: Element>(
    what: &str,
    a: Tensor<'_, T>,
    b: Tensor<'_, T>,
    operands: &[Tensor<'_, T>],
) {
    let tolerance = T::of(64.0) * T::epsilon();
    let close = |what: &str, a: &ArrayD<T>, b: &ArrayD<T>| {
        assert_eq!(a.shape(), b.shape(), "{what}");
        for (&a, &b) in a.iter().zip(b) {
            assert!((a - b).abs() <= tolerance * a.abs().max(T::one()), "{what}: {a} and {b}");
        }
    };
    close(what, &a.value().to_owned(), &b.value().to_owned());
    // An upstream gradient that is no ones.
    let seed = ArrayD::from_shape_fn(a.shape(), |index| {
        T::of(0.7 - index.slice().iter().fold(0.0, |sum, &k| 0.6 * sum + 0.3 * k as f64))
    });
    let (of_a, of_b) = (a.backward_with(&seed), b.backward_with(&seed));
    for (k, &operand) in operands.iter().enumerate() {
        let what = format!("{what}: gradient {k}");
        close(&what, &of_a.wrt(operand).to_owned(), &of_b.wrt(operand).to_owned());
    }
}

/// A matrix of numbers in all signs and sizes up to 2.
pub(crate) fn spread<T: Element>(rows: usize, columns: usize, phase: f64) -> Array2<T> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        T::of(2.0 * (1.3 * i as f64 + 2.1 * j as f64 + phase).sin())
    })
}

/// The whole text of an error, which ends with the line of the caller's file.
#[track_caller]
pub(crate) fn assert_text<V: std::fmt::Debug>(result: Result<V, Error>, kind: ErrorKind, text: &str) {
    let (error, here) = (result.unwrap_err(), std::panic::Location::caller());
    let line = error.location().unwrap().line();
    assert!(line.abs_diff(here.line()) <= 1, "the call is on line {} or the next, not {line}", here.line());
    assert_eq!(error.to_string(), format!("{text} (at {}:{line})", here.file()));
    assert_eq!(error.kind(), kind);
}
