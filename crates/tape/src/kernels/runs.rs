//! Broadcast operands as pairs of equally long slices, which is all that the loops of the rules have to know.

use crate::element::Element;
use crate::kernels::strided::{Axes, Axis};

/// An operand: shape and numbers, row-major.
pub(crate) type Operand<'a, T> = (&'a [usize], &'a [T]);

/// Numbers that are spread, or wait to be added, at a time.
pub(super) const CHUNK: usize = 256;

/// Cuts the output into runs and calls `visit(position, a, b)` with the operands of each, equally long. Without a
/// second operand, `b` is `a` again.
pub(super) fn runs<T: Element>(
    a: Operand<'_, T>,
    b: Option<Operand<'_, T>>,
    shape: &[usize],
    len: usize,
    mut visit: impl FnMut(usize, &[T], &[T]),
) {
    assert_eq!(shape.iter().product::<usize>(), len, "a tensor of shape {shape:?} over {len} numbers");
    if len == 0 {
        return;
    }
    let ((a_shape, a), (b_shape, b)) = (a, b.unwrap_or(a));
    if a_shape == shape && b_shape == shape {
        return visit(0, &a[..len], &b[..len]);
    }
    let mut axes = Axes::broadcast(shape, [a_shape, b_shape]);
    let Axis { extent, steps } = axes.pop();
    let mut at = 0;
    if extent == 1 || steps == [1, 1] {
        axes.each(|[from_a, from_b]| {
            visit(at, &a[from_a..from_a + extent], &b[from_b..from_b + extent]);
            at += extent;
        });
    } else {
        spread(a, b, &axes, extent, steps, visit);
    }
}

/// As [`runs`], where an operand stays over a run: it is spread over a chunk first, so that the loops of the rules
/// need not know.
fn spread<T: Element>(
    a: &[T],
    b: &[T],
    axes: &Axes<2>,
    extent: usize,
    steps: [usize; 2],
    mut visit: impl FnMut(usize, &[T], &[T]),
) {
    let (mut spread_a, mut spread_b) = ([T::zero(); CHUNK], [T::zero(); CHUNK]);
    let mut at = 0;
    axes.each(|[from_a, from_b]| {
        if steps[0] == 0 {
            spread_a[..extent.min(CHUNK)].fill(a[from_a]);
        }
        if steps[1] == 0 {
            spread_b[..extent.min(CHUNK)].fill(b[from_b]);
        }
        for start in (0..extent).step_by(CHUNK) {
            let width = CHUNK.min(extent - start);
            let a = if steps[0] == 0 { &spread_a[..width] } else { &a[from_a + start..][..width] };
            let b = if steps[1] == 0 { &spread_b[..width] } else { &b[from_b + start..][..width] };
            visit(at, a, b);
            at += width;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(a: Operand<'_, f64>, b: Operand<'_, f64>, shape: &[usize]) -> Vec<(usize, Vec<f64>, Vec<f64>)> {
        let mut all = Vec::new();
        runs(a, Some(b), shape, shape.iter().product(), |at, a, b| all.push((at, a.to_vec(), b.to_vec())));
        all
    }

    #[test]
    fn the_same_shape_is_one_run() {
        let x = [1.0; 600];
        let all = pairs((&[2, 300], &x), (&[2, 300], &x), &[2, 300]);
        assert_eq!((all.len(), all[0].1.len()), (1, 600));
    }

    #[test]
    fn what_stays_is_spread_by_chunks() {
        let x: Vec<f64> = (0..300).map(f64::from).collect();
        let all = pairs((&[300], &x), (&[2, 1], &[7.0, 8.0]), &[2, 300]);
        let starts: Vec<_> = all.iter().map(|run| (run.0, run.1[0], run.2[0], run.1.len())).collect();
        assert_eq!(
            starts,
            [(0, 0.0, 7.0, 256), (256, 256.0, 7.0, 44), (300, 0.0, 8.0, 256), (556, 256.0, 8.0, 44)]
        );
        assert!(all.iter().all(|run| run.1.len() == run.2.len() && run.2.iter().all(|&b| b == run.2[0])));
    }

    #[test]
    fn nothing_is_visited_of_nothing() {
        assert!(pairs((&[0, 3], &[]), (&[1], &[1.0]), &[0, 3]).is_empty());
    }
}
