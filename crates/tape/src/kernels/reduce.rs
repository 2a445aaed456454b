//! Sums over axes, and the two sides of broadcasting: [`broadcast`] spreads, [`sum_to`] undoes it.

use smallvec::SmallVec;

use crate::element::Element;
use crate::kernels::softmax::logsumexp;
use crate::kernels::strided::{Axes, Axis};
use crate::kernels::sums::{WIDTH, column_sums, sum};

/// Axes of a shape joined to groups that are alternately kept and reduced, outermost first; extents of 1 fall out.
#[derive(Debug)]
struct Groups(SmallVec<[(usize, bool); 6]>);

impl Groups {
    fn new(shape: &[usize], reduced: impl Fn(usize) -> bool) -> Self {
        let mut groups = SmallVec::<[(usize, bool); 6]>::new();
        for (axis, &extent) in shape.iter().enumerate().filter(|&(_, &extent)| extent != 1) {
            match groups.last_mut() {
                Some(last) if last.1 == reduced(axis) => last.0 *= extent,
                _ => groups.push((extent, reduced(axis))),
            }
        }
        Self(groups)
    }

    /// Of a sum over `axes`, which are sorted.
    fn over(shape: &[usize], axes: &[usize]) -> Self {
        Self::new(shape, |axis| axes.contains(&axis))
    }

    /// Of the sum that takes `from` down to `to`, aligned at the last axis.
    fn down(from: &[usize], to: &[usize]) -> Self {
        let lead = from.len().checked_sub(to.len());
        let lead = lead.unwrap_or_else(|| panic!("{from:?} cannot be summed down to {to:?}"));
        for (axis, &extent) in to.iter().enumerate() {
            assert!(extent == 1 || extent == from[lead + axis], "{from:?} cannot be summed down to {to:?}");
        }
        Self::new(from, |axis| axis < lead || to[axis - lead] == 1)
    }

    /// Reduces the innermost group that is to be reduced: `(outer, extent, inner)`.
    fn pop(&mut self) -> Option<(usize, usize, usize)> {
        let position = self.0.iter().rposition(|group| group.1)?;
        let product = |groups: &[(usize, bool)]| groups.iter().map(|group| group.0).product();
        let split = (product(&self.0[..position]), self.0[position].0, product(&self.0[position + 1..]));
        self.0.remove(position);
        Some(split)
    }

    /// Numbers of room for results on the way: they alternate between two places, the last goes to `out`.
    fn scratch(mut self) -> usize {
        let reduced = self.0.iter().filter(|group| group.1).count();
        let sizes = std::iter::from_fn(|| self.pop().map(|(outer, _, inner)| outer * inner));
        sizes.take(reduced.saturating_sub(1).min(2)).sum()
    }

    fn sum<T: Element>(self, data: &[T], out: &mut [T], accumulate: bool, scratch: &mut [T]) {
        self.reduce(
            data,
            out,
            scratch,
            |data, (outer, extent, inner), out, last| {
                sum_group(data, outer, extent, inner, out, accumulate && last);
            },
            |data, out| put(out, data, accumulate),
        );
    }

    /// Reduces group by group, innermost first: `one(data, (outer, extent, inner), result, is the last)`; where there is
    /// none, `none(data, result)`.
    fn reduce<T: Element>(
        mut self,
        data: &[T],
        out: &mut [T],
        scratch: &mut [T],
        one: impl Fn(&[T], (usize, usize, usize), &mut [T], bool),
        none: impl FnOnce(&[T], &mut [T]),
    ) {
        let reduced = self.0.iter().filter(|group| group.1).count();
        let Some(extents) = self.pop() else {
            return none(data, out);
        };
        if reduced == 1 {
            return one(data, extents, out, true);
        }
        let (mut here, mut there) = scratch.split_at_mut(extents.0 * extents.2);
        one(data, extents, here, false);
        for _ in 2..reduced {
            let Some((outer, extent, inner)) = self.pop() else { unreachable!("as many as were counted") };
            let (from, to) = (&here[..outer * extent * inner], &mut there[..outer * inner]);
            one(from, (outer, extent, inner), to, false);
            (here, there) = (there, here);
        }
        if let Some((outer, extent, inner)) = self.pop() {
            one(&here[..outer * extent * inner], (outer, extent, inner), out, true);
        }
    }
}

/// Sums the middle one of three axes: `out[o, i] (+)= Σ_r data[o, r, i]`.
pub(crate) fn sum_group<T: Element>(
    data: &[T],
    outer: usize,
    extent: usize,
    inner: usize,
    out: &mut [T],
    accumulate: bool,
) {
    assert_eq!(
        (data.len(), out.len()),
        (outer * extent * inner, outer * inner),
        "sum of a group: wrong lengths"
    );
    for o in 0..outer {
        let data = &data[o * extent * inner..][..extent * inner];
        let out = &mut out[o * inner..][..inner];
        if inner == 1 {
            put(out, &[sum(data)], accumulate);
            continue;
        }
        for (tile, out) in out.chunks_mut(WIDTH).enumerate() {
            let width = out.len();
            let mut totals = [T::zero(); WIDTH];
            column_sums(extent, &mut totals[..width], |r, totals| {
                for (total, &x) in totals.iter_mut().zip(&data[r * inner + tile * WIDTH..][..width]) {
                    *total = total.plus(x);
                }
            });
            put(out, &totals[..width], accumulate);
        }
    }
}

/// `out (+)= data`, number by number.
pub(crate) fn put<T: Element>(out: &mut [T], data: &[T], accumulate: bool) {
    if accumulate {
        assert_eq!(out.len(), data.len(), "two buffers of different lengths");
        for (out, &x) in out.iter_mut().zip(data) {
            *out = out.plus(x);
        }
    } else {
        out.copy_from_slice(data);
    }
}

/// Numbers of scratch that [`sum_axes`] needs; 0 where the axes are adjacent.
pub(crate) fn sum_axes_scratch(shape: &[usize], axes: &[usize]) -> usize {
    Groups::over(shape, axes).scratch()
}

/// Writes the sum of `data` over the sorted `axes` to `out`, which holds the other axes in order.
pub(crate) fn sum_axes<T: Element>(
    data: &[T],
    shape: &[usize],
    axes: &[usize],
    out: &mut [T],
    scratch: &mut [T],
) {
    Groups::over(shape, axes).sum(data, out, false, scratch);
}

/// Writes the logarithm of the sum of exponentials of `data` over the sorted `axes` to `out`, which holds the other axes
/// in order. The scratch is that of [`sum_axes`].
pub(crate) fn logsumexp_axes<T: Element>(
    data: &[T],
    shape: &[usize],
    axes: &[usize],
    out: &mut [T],
    scratch: &mut [T],
) {
    // Over axes that do not lie side by side it is that of what it is over the inner ones.
    let one = |data: &[T], extents, out: &mut [T], _| logsumexp(data, extents, out);
    Groups::over(shape, axes).reduce(data, out, scratch, one, |data, out| out.copy_from_slice(data));
}

/// Numbers of scratch that [`sum_to`] needs.
pub(crate) fn sum_to_scratch(from: &[usize], to: &[usize]) -> usize {
    Groups::down(from, to).scratch()
}

/// Undoes a broadcast: writes (or adds) to `out`, of shape `to`, the sums of `data`, of shape `from`, over the axes
/// along which `to` was spread. This is the one place where broadcasting is undone.
pub(crate) fn sum_to<T: Element>(
    data: &[T],
    from: &[usize],
    to: &[usize],
    out: &mut [T],
    accumulate: bool,
    scratch: &mut [T],
) {
    Groups::down(from, to).sum(data, out, accumulate, scratch);
}

/// Spreads `data`, of shape `from`, over `out`, of shape `to`, under `NumPy`'s rule; writes or adds. The forward of
/// `broadcast_to`, and the adjoint of a sum whose axes were kept with extent 1.
pub(crate) fn broadcast<T: Element>(
    data: &[T],
    from: &[usize],
    to: &[usize],
    out: &mut [T],
    accumulate: bool,
) {
    assert_eq!(to.iter().product::<usize>(), out.len(), "an output of shape {to:?}: wrong length");
    let mut axes = Axes::broadcast(to, [from]);
    if out.is_empty() {
        return;
    }
    let Axis { extent, steps: [step] } = axes.pop();
    let mut rest = out;
    axes.each(|[offset]| {
        let (run, tail) = std::mem::take(&mut rest).split_at_mut(extent);
        rest = tail;
        if step == 1 {
            put(run, &data[offset..offset + extent], accumulate);
        } else if accumulate {
            let x = data[offset];
            for out in run {
                *out = out.plus(x);
            }
        } else {
            run.fill(data[offset]);
        }
    });
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::shape::elements;

    pub(crate) const SHAPES: &[&[usize]] = &[
        &[],
        &[7],
        &[1, 5],
        &[4, 5],
        &[2, 3, 4],
        &[3, 1, 70, 2],
        &[2, 3, 2, 3, 2],
        &[67, 130],
        &[0, 3],
        &[3, 0, 2],
    ];

    pub(crate) fn sets(rank: usize) -> impl Iterator<Item = Vec<usize>> {
        (0..1usize << rank).map(move |set| (0..rank).filter(|axis| set >> axis & 1 == 1).collect())
    }

    pub(crate) fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|k| f64::from((k * 7919 + 13) as u32 % 257) - 128.0).collect()
    }

    /// For every flat position of `shape` its position among the axes that are not in `axes`.
    pub(crate) fn positions(shape: &[usize], axes: &[usize]) -> Vec<usize> {
        (0..elements(shape).unwrap())
            .map(|mut flat| {
                let (mut position, mut step) = (0, 1);
                for axis in (0..shape.len()).rev() {
                    if !axes.contains(&axis) {
                        position += flat % shape[axis] * step;
                        step *= shape[axis];
                    }
                    flat /= shape[axis];
                }
                position
            })
            .collect()
    }

    pub(crate) fn kept(shape: &[usize], axes: &[usize], reduced: Option<usize>) -> Vec<usize> {
        let extent = |axis: usize| if axes.contains(&axis) { reduced } else { Some(shape[axis]) };
        (0..shape.len()).filter_map(extent).collect()
    }

    #[test]
    fn sums_over_every_set_of_axes() {
        for &shape in SHAPES {
            for axes in sets(shape.len()) {
                let data = numbers(elements(shape).unwrap());
                let to = kept(shape, &axes, Some(1));
                let mut want = vec![0.0; elements(&kept(shape, &axes, None)).unwrap()];
                positions(shape, &axes).iter().zip(&data).for_each(|(&p, x)| want[p] += x);

                let mut out = vec![f64::NAN; want.len()];
                let mut scratch = vec![f64::NAN; sum_axes_scratch(shape, &axes)];
                sum_axes(&data, shape, &axes, &mut out, &mut scratch);
                assert_eq!(out, want, "{shape:?} over {axes:?}");

                assert_eq!(sum_to_scratch(shape, &to), scratch.len());
                sum_to(&data, shape, &to, &mut out, true, &mut scratch);
                assert!(out.iter().zip(&want).all(|(out, want)| *out == 2.0 * want), "{shape:?} to {to:?}");
            }
        }
    }

    #[test]
    fn leading_axes_are_summed_down() {
        let mut out = [f64::NAN; 2];
        sum_to(&numbers(12), &[3, 2, 2], &[2], &mut out, false, &mut []);
        let want = numbers(12).chunks(2).fold([0.0; 2], |sum, row| [sum[0] + row[0], sum[1] + row[1]]);
        assert_eq!(out, want);
        let mut one = [1.0];
        sum_to(&[2.0, 3.0], &[2], &[], &mut one, true, &mut []);
        assert_eq!(one, [6.0]);
    }

    #[test]
    #[should_panic(expected = "[2, 3] cannot be summed down to [2]")]
    fn shapes_that_do_not_fit_are_refused() {
        sum_to(&[0.0; 6], &[2, 3], &[2], &mut [0.0; 2], false, &mut []);
    }

    #[test]
    fn broadcast_spreads_what_sum_to_gathers() {
        for &shape in SHAPES {
            for axes in sets(shape.len()) {
                let from = kept(shape, &axes, Some(1));
                let data = numbers(elements(&from).unwrap());
                let mut out = vec![f64::NAN; elements(shape).unwrap()];
                broadcast(&data, &from, shape, &mut out, false);
                for (position, got) in positions(shape, &axes).into_iter().zip(&out) {
                    assert_eq!(*got, data[position], "{from:?} to {shape:?}");
                }
                let once = out.clone();
                broadcast(&data, &from, shape, &mut out, true);
                assert!(out.iter().zip(&once).all(|(out, once)| *out == 2.0 * once));
            }
        }
    }
}
