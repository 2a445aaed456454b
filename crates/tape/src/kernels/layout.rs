//! Kernels that move numbers and compute none: permutations, and blocks along an axis.

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::strided::{Axes, Axis};

/// Side of the squares in which a transposition is done: both the rows read and those written stay in the cache.
const TILE: usize = 16;

/// Writes (or adds) `data`, of `shape`, to `out` with its axes in another order: axis `k` of `out` is axis `dims[k]`
/// of `data`. The adjoint is the permutation by the inverse of `dims`.
pub(crate) fn permute<T: Element>(
    data: &[T],
    shape: &[usize],
    dims: &[usize],
    out: &mut [T],
    accumulate: bool,
) {
    assert_eq!((data.len(), shape.len()), (out.len(), dims.len()), "a permutation keeps elements and rank");
    if data.is_empty() {
        return;
    }
    // Operand 0 of the walk is `data`, operand 1 is `out`.
    let mut axes = Axes::<2>::new();
    let mut left = out.len();
    for &dim in dims {
        left /= shape[dim];
        axes.push(shape[dim], [shape[dim + 1..].iter().product(), left]);
    }
    let last = axes.pop();
    if last.extent == 1 || last.steps[0] == 1 {
        return axes.each(|[i, o]| put(&mut out[o..o + last.extent], &data[i..i + last.extent], accumulate));
    }
    let Some(first) = axes.take_unit(0) else {
        unreachable!("one axis of the data has neighbours at distance 1")
    };
    axes.each(|[i, o]| {
        let (data, out) = (&data[i..], &mut out[o..]);
        if accumulate {
            transpose(data, out, first, last, |out, x| *out = *out + x);
        } else {
            transpose(data, out, first, last, |out, x| *out = x);
        }
    });
}

/// Moves a matrix whose rows are contiguous in `out` and whose columns are contiguous in `data`.
fn transpose<T: Copy>(data: &[T], out: &mut [T], rows: Axis<2>, columns: Axis<2>, put: impl Fn(&mut T, T)) {
    let (row_step, column_step) = (rows.steps[1], columns.steps[0]);
    for row in (0..rows.extent).step_by(TILE) {
        let height = TILE.min(rows.extent - row);
        for column in (0..columns.extent).step_by(TILE) {
            let width = TILE.min(columns.extent - column);
            for r in row..row + height {
                let out = &mut out[r * row_step + column..][..width];
                let data = data[r + column * column_step..].iter().step_by(column_step);
                out.iter_mut().zip(data).for_each(|(out, &x)| put(out, x));
            }
        }
    }
}

/// A block put in its place, as a piece of a concatenation: `dst[o, offset + i] = src[o, i]` for `o < outer`, `i < src_inner`.
///
/// To concatenate along an axis, `outer` is the product of the extents before it; the inner lengths are those of the
/// axis and all behind it together; `offset` is where the piece starts, in elements of `dst_inner`.
pub(crate) fn copy_block<T: Element>(
    src: &[T],
    outer: usize,
    src_inner: usize,
    dst: &mut [T],
    dst_inner: usize,
    offset: usize,
) {
    check_block(src.len(), outer, src_inner, dst.len(), dst_inner, offset);
    for o in 0..outer {
        let from = &src[o * src_inner..][..src_inner];
        dst[o * dst_inner + offset..][..src_inner].copy_from_slice(from);
    }
}

/// A block taken from its place, the adjoint of [`copy_block`]: `out[o, i] (+)= upstream[o, offset + i]`, where `out` has rows of `out_inner` and
/// `upstream` of `upstream_inner`.
pub(crate) fn take_block<T: Element>(
    upstream: &[T],
    outer: usize,
    upstream_inner: usize,
    offset: usize,
    out: &mut [T],
    out_inner: usize,
    accumulate: bool,
) {
    check_block(out.len(), outer, out_inner, upstream.len(), upstream_inner, offset);
    for o in 0..outer {
        let from = &upstream[o * upstream_inner + offset..][..out_inner];
        put(&mut out[o * out_inner..][..out_inner], from, accumulate);
    }
}

/// The way back of a block that was taken: adds `block` to its place in `out`, `out[o, offset + i] += block[o, i]`.
pub(crate) fn add_block<T: Element>(
    block: &[T],
    outer: usize,
    inner: usize,
    out: &mut [T],
    out_inner: usize,
    offset: usize,
) {
    check_block(block.len(), outer, inner, out.len(), out_inner, offset);
    for o in 0..outer {
        put(&mut out[o * out_inner + offset..][..inner], &block[o * inner..][..inner], true);
    }
}

/// The same where nothing else has reached `out` yet: the rest of it becomes 0.
pub(crate) fn lone_block<T: Element>(
    block: &[T],
    outer: usize,
    inner: usize,
    out: &mut [T],
    out_inner: usize,
    offset: usize,
) {
    check_block(block.len(), outer, inner, out.len(), out_inner, offset);
    for o in 0..outer {
        let (before, rest) = out[o * out_inner..][..out_inner].split_at_mut(offset);
        let (within, after) = rest.split_at_mut(inner);
        before.fill(T::zero());
        within.copy_from_slice(&block[o * inner..][..inner]);
        after.fill(T::zero());
    }
}

fn check_block(part: usize, outer: usize, inner: usize, whole: usize, whole_inner: usize, offset: usize) {
    assert_eq!((part, whole), (outer * inner, outer * whole_inner), "a block: wrong lengths");
    assert!(offset + inner <= whole_inner, "a block of {inner} at {offset} in rows of {whole_inner}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Shape, elements, strides};

    fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|k| k as f64 + 1.0).collect()
    }

    /// All index tuples of a shape, in order.
    fn indices(shape: &[usize]) -> impl Iterator<Item = Shape> {
        let (shape, steps) = (Shape::from_slice(shape), strides(shape));
        (0..elements(&shape).unwrap())
            .map(move |k| (0..shape.len()).map(|axis| k / steps[axis] % shape[axis]).collect())
    }

    fn flat(index: &[usize], shape: &[usize]) -> usize {
        index.iter().zip(&strides(shape)).map(|(i, s)| i * s).sum()
    }

    #[test]
    fn permutations_of_every_kind() {
        let cases: &[(&[usize], &[usize])] = &[
            (&[], &[]),
            (&[5], &[0]),
            (&[3, 4], &[0, 1]),
            (&[3, 4], &[1, 0]),
            (&[37, 50], &[1, 0]),
            (&[1, 7], &[1, 0]),
            (&[2, 3, 4], &[2, 0, 1]),
            (&[2, 3, 4], &[0, 2, 1]),
            (&[2, 3, 4], &[1, 0, 2]),
            (&[2, 3, 4, 5], &[3, 1, 2, 0]),
            (&[2, 3, 4, 5], &[0, 2, 3, 1]),
            (&[2, 1, 4, 5, 3], &[4, 3, 2, 1, 0]),
            (&[2, 0, 4], &[2, 1, 0]),
        ];
        for &(shape, dims) in cases {
            let data = numbers(elements(shape).unwrap());
            let to: Shape = dims.iter().map(|&dim| shape[dim]).collect();
            let mut want = vec![0.0; data.len()];
            for (index, x) in indices(shape).zip(&data) {
                let moved: Shape = dims.iter().map(|&dim| index[dim]).collect();
                want[flat(&moved, &to)] = *x;
            }
            let mut out = vec![f64::NAN; data.len()];
            permute(&data, shape, dims, &mut out, false);
            assert_eq!(out, want, "{shape:?} by {dims:?}");
            permute(&data, shape, dims, &mut out, true);
            assert!(out.iter().zip(&want).all(|(out, want)| *out == 2.0 * want), "{shape:?} by {dims:?}");
        }
    }

    #[test]
    fn blocks_of_a_concatenation() {
        let (a, b) = (numbers(4), numbers(6));
        let mut out = [0.0; 10];
        copy_block(&a, 2, 2, &mut out, 5, 0);
        copy_block(&b, 2, 3, &mut out, 5, 2);
        assert_eq!(out, [1.0, 2.0, 1.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0]);
        let mut back = [f64::NAN; 6];
        take_block(&out, 2, 5, 2, &mut back, 3, false);
        assert_eq!(back[..], b);
        take_block(&out, 2, 5, 2, &mut back, 3, true);
        assert!(back.iter().zip(&b).all(|(x, b)| *x == 2.0 * b));
        copy_block::<f64>(&[], 2, 0, &mut out, 5, 5);
        let mut alone = [f64::NAN; 10];
        lone_block(&b, 2, 3, &mut alone, 5, 1);
        assert_eq!(alone, [0.0, 1.0, 2.0, 3.0, 0.0, 0.0, 4.0, 5.0, 6.0, 0.0]);
        add_block(&b, 2, 3, &mut alone, 5, 1);
        assert_eq!(alone, [0.0, 2.0, 4.0, 6.0, 0.0, 0.0, 8.0, 10.0, 12.0, 0.0]);
    }
}
