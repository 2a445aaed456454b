//! The diagonal between two axes.

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::strided::{Axes, Axis};

/// The walk over data (first) and diagonal (second): the other axes in order, then the diagonal.
fn walk(shape: &[usize], [a, b]: [usize; 2]) -> Axes<2> {
    let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
    let others = || (0..shape.len()).filter(|&axis| axis != a && axis != b);
    let length = shape[a].min(shape[b]);
    let mut left = others().map(|axis| shape[axis]).product::<usize>() * length;
    let mut axes = Axes::new();
    for axis in others() {
        left /= shape[axis].max(1);
        axes.push(shape[axis], [stride(axis), left]);
    }
    axes.push(length, [stride(a) + stride(b), 1]);
    axes
}

/// Writes to `out` the numbers of `data`, of `shape`, whose indices along the two axes are equal. Their axis comes last.
pub(crate) fn take<T: Element>(data: &[T], shape: &[usize], between: [usize; 2], out: &mut [T]) {
    let mut axes = walk(shape, between);
    let Axis { extent, steps: [step, to_step] } = axes.pop();
    axes.each(|[from, to]| {
        for k in 0..extent {
            out[to + k * to_step] = data[from + k * step];
        }
    });
}

/// The adjoint of [`take`]: adds `upstream` to its places in `out`, which has the full `shape`. The rest of `out` becomes 0, or
/// stays as it is where `accumulate`.
pub(crate) fn give<T: Element>(
    upstream: &[T],
    shape: &[usize],
    between: [usize; 2],
    out: &mut [T],
    accumulate: bool,
) {
    if !accumulate {
        out.fill(T::zero());
    }
    let mut axes = walk(shape, between);
    let Axis { extent, steps: [step, from_step] } = axes.pop();
    axes.each(|[to, from]| {
        for k in 0..extent {
            let at = to + k * step;
            put(&mut out[at..=at], &upstream[from + k * from_step..][..1], true);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonals_between_any_two_axes() {
        let cases: [(&[usize], [usize; 2], &[f64]); 6] = [
            (&[3, 3], [0, 1], &[0.0, 4.0, 8.0]),
            (&[2, 3], [1, 0], &[0.0, 4.0]),
            (&[2, 3, 2], [0, 2], &[0.0, 7.0, 2.0, 9.0, 4.0, 11.0]),
            (&[2, 2, 2], [1, 2], &[0.0, 3.0, 4.0, 7.0]),
            (&[1, 3], [0, 1], &[0.0]),
            (&[0, 3], [0, 1], &[]),
        ];
        for (shape, between, want) in cases {
            let data: Vec<f64> = (0..shape.iter().product::<usize>()).map(|k| k as f64).collect();
            let mut out = vec![f64::NAN; want.len()];
            take(&data, shape, between, &mut out);
            assert_eq!(out, want, "{shape:?} between {between:?}");
            let mut back = vec![f64::NAN; data.len()];
            give(&vec![1.0; want.len()], shape, between, &mut back, false);
            let on = |k: usize| f64::from(u8::from(want.contains(&(k as f64))));
            assert!(back.iter().enumerate().all(|(k, &g)| g == on(k)), "{shape:?} between {between:?}");
            give(&vec![1.0; want.len()], shape, between, &mut back, true);
            assert!(back.iter().enumerate().all(|(k, &g)| g == 2.0 * on(k)), "{shape:?} between {between:?}");
        }
    }
}
