//! Loops over slices of numbers, for operations of your own: see [`TensorOp`](crate::TensorOp).
//!
//! They run with the best instructions that the machine has. Sums are added in blocks and the blocks in pairs, in an
//! order that depends on nothing but their length, so that the same numbers give the same bits.

use crate::element::Element;
use crate::kernels::{elementwise, reduce, rows, sums};
use crate::rules::{Arity, Rule};

/// Writes `rule(x)` to `out`, number by number.
///
/// # Example
/// ```
/// let mut y = [0.0; 2];
/// tape::slices::map(tape::Rule::Exp, &[0.0, f64::NEG_INFINITY], &mut y);
/// assert_eq!(y, [1.0, 0.0]);
/// ```
///
/// # Panics
/// The rule has more than one operand, or the lengths differ.
pub fn map<T: Element>(rule: Rule, x: &[T], out: &mut [T]) {
    assert!(rule.arity() == Arity::Unary, "{} has more than one operand", rule.name());
    elementwise::value(rule, (&[x.len()], x), None, &[x.len()], out);
}

/// Replaces each number by its exponential.
///
/// # Example
/// ```
/// let mut x = [0.0, f64::NEG_INFINITY];
/// tape::slices::exp(&mut x);
/// assert_eq!(x, [1.0, 0.0]);
/// ```
pub fn exp<T: Element>(x: &mut [T]) {
    T::run(rows::Exponentials(x));
}

/// The largest number. NaNs are passed over; of none it is −∞.
///
/// # Example
/// ```
/// assert_eq!(tape::slices::max(&[1.0, 3.0, f64::NAN]), 3.0);
/// ```
pub fn max<T: Element>(x: &[T]) -> T {
    T::run(rows::Extreme::<T, false>(x))
}

/// The sum of the numbers.
///
/// # Example
/// ```
/// assert_eq!(tape::slices::sum(&[0.5; 1000]), 500.0);
/// ```
pub fn sum<T: Element>(x: &[T]) -> T {
    sums::sum(x)
}

/// The sum of `n` terms, of which `fill(first, terms)` writes a few at a time, from number `first` on.
///
/// # Example
/// ```
/// let squares = tape::slices::sum_of(4, |first, terms| {
///     terms.iter_mut().zip(first..).for_each(|(term, k)| *term = (k * k) as f64);
/// });
/// assert_eq!(squares, 14.0);
/// ```
pub fn sum_of<T: Element>(n: usize, fill: impl FnMut(usize, &mut [T])) -> T {
    sums::sum_of(n, fill)
}

/// Writes the sums of the columns of a matrix, given row by row, to `out`; or adds them, where `accumulate`.
///
/// # Example
/// ```
/// let mut sums = [0.0; 2];
/// tape::slices::sum_columns(&[1.0, 2.0, 3.0, 4.0], &mut sums, false);
/// assert_eq!(sums, [4.0, 6.0]);
/// ```
///
/// # Panics
/// The numbers are no whole rows as long as `out`.
pub fn sum_columns<T: Element>(matrix: &[T], out: &mut [T], accumulate: bool) {
    let rows = matrix.len().checked_div(out.len()).unwrap_or(0);
    reduce::sum_group(matrix, 1, rows, out.len(), out, accumulate);
}
