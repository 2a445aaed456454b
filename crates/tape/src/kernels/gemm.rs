//! Matrix products.
use crate::element::Matrix;
use num_traits::Float;

/// The plain triple loop, for element types without a kernel of their own.
pub(crate) fn plain<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    let _ = (a, b, c, accumulate);
}
pub(crate) fn fast<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    let _ = (a, b, c, accumulate);
}
