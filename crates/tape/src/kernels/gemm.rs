//! Matrix products.
use crate::element::Matrix;
use num_traits::Float;

/// The plain triple loop, for element types without a kernel of their own.
pub(crate) fn plain<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    let ((ra, ca), (rb, cb)) = (a.strides(), b.strides());
    for i in 0..a.rows {
        let row = &mut c[i * b.columns..][..b.columns];
        if !accumulate {
            row.fill(T::zero());
        }
        for k in 0..a.columns {
            let x = a.data[i * ra + k * ca];
            for (j, c) in row.iter_mut().enumerate() {
                *c = *c + x * b.data[k * rb + j * cb];
            }
        }
    }
}
pub(crate) fn fast<T: Float>(a: Matrix<'_, T>, b: Matrix<'_, T>, c: &mut [T], accumulate: bool) {
    plain(a, b, c, accumulate)
}
