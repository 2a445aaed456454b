//! Slices: the parts of a tensor at even distances along each axis, forwards or backwards, and what is around them.

use crate::element::Element;
use crate::kernels::reduce::put;
use crate::kernels::strided::Axes;

/// The part of an axis that a slice takes: `len` positions from `start` on, `step` apart. A negative step goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) len: usize,
    /// Not 0.
    pub(crate) step: isize,
}

impl Span {
    /// `len` neighbours from `start` on.
    pub(crate) fn block(start: usize, len: usize) -> Self {
        Self { start, len, step: 1 }
    }

    fn fits(self, extent: usize) -> bool {
        let Some(steps) = self.len.checked_sub(1) else { return self.start <= extent };
        let last = self.step.checked_mul(steps as isize).and_then(|way| self.start.checked_add_signed(way));
        self.step != 0 && self.start < extent && last.is_some_and(|last| last < extent)
    }
}

/// Numbers of the whole at even distances, which are neighbours in the part.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    step: isize,
}

impl Run {
    /// Applies `join` to each number of the part and its number of the whole.
    #[inline(always)]
    fn read<T: Copy>(self, whole: &[T], part: &mut [T], join: impl Fn(&mut T, T)) {
        let Self { start, len, step } = self;
        let each = |(part, &whole): (&mut T, &T)| join(part, whole);
        match step {
            1 => part.iter_mut().zip(&whole[start..start + len]).for_each(each),
            -1 => part.iter_mut().zip(whole[start + 1 - len..=start].iter().rev()).for_each(each),
            2.. => part.iter_mut().zip(whole[start..].iter().step_by(step as usize)).for_each(each),
            _ => {
                let down = whole[..=start].iter().rev().step_by(step.unsigned_abs());
                part.iter_mut().zip(down).for_each(each);
            }
        }
    }

    /// Applies `join` to each number of the whole and its number of the part.
    #[inline(always)]
    fn write<T: Copy>(self, whole: &mut [T], part: &[T], join: impl Fn(&mut T, T)) {
        let Self { start, len, step } = self;
        let each = |(whole, &part): (&mut T, &T)| join(whole, part);
        match step {
            1 => whole[start..start + len].iter_mut().zip(part).for_each(each),
            -1 => whole[start + 1 - len..=start].iter_mut().rev().zip(part).for_each(each),
            2.. => whole[start..].iter_mut().step_by(step as usize).zip(part).for_each(each),
            _ => {
                let down = whole[..=start].iter_mut().rev().step_by(step.unsigned_abs());
                down.zip(part).for_each(each);
            }
        }
    }
}

/// Writes (or adds) to `out` the part of `data`, of `shape`, that `spans` take, one for each axis.
pub(crate) fn take<T: Element>(data: &[T], shape: &[usize], spans: &[Span], out: &mut [T], accumulate: bool) {
    let len = out.len();
    walk(shape, spans, (data.len(), len), |at, run| {
        let out = &mut out[at..at + run.len];
        if run.step == 1 {
            put(out, &data[run.start..run.start + run.len], accumulate);
        } else if accumulate {
            run.read(data, out, |out, x| *out = *out + x);
        } else {
            run.read(data, out, |out, x| *out = x);
        }
    });
}

/// Adds `part`, which has the slice's shape, to its places in `out`, which has the full `shape`.
pub(crate) fn add<T: Element>(part: &[T], shape: &[usize], spans: &[Span], out: &mut [T]) {
    let len = out.len();
    walk(shape, spans, (len, part.len()), |at, run| {
        run.write(out, &part[at..at + run.len], |out, x| *out = *out + x);
    });
}

/// Writes `part`, which has the slice's shape, to its places in `out`, which has the full `shape`, and `around` to all
/// others.
pub(crate) fn write<T: Element>(part: &[T], shape: &[usize], spans: &[Span], out: &mut [T], around: T) {
    let len = out.len();
    // Where places only go up, each number is written once: what lies between two runs is around the slice.
    let upwards = spans.iter().all(|span| span.step > 0 || span.len <= 1);
    let mut done = if part.len() == len { len } else { 0 };
    if !upwards && done == 0 {
        out.fill(around);
        done = len;
    }
    walk(shape, spans, (len, part.len()), |at, run| {
        let from = &part[at..at + run.len];
        if run.step == 1 {
            let (start, end) = (run.start, run.start + run.len);
            if start > done {
                out[done..start].fill(around);
            }
            out[start..end].copy_from_slice(from);
            done = done.max(end);
            return;
        }
        if done < len {
            let end = run.start + (run.len - 1) * run.step.unsigned_abs() + 1;
            out[done..end].fill(around);
            done = end;
        }
        run.write(out, from, |out, x| *out = x);
    });
    out[done..].fill(around);
}

/// Writes to `out`, in order, the numbers of `data` that a slice of neighbours leaves.
pub(crate) fn rest<T: Element>(data: &[T], shape: &[usize], spans: &[Span], out: &mut [T]) {
    assert!(spans.iter().all(|span| span.step == 1), "{spans:?} are not neighbours");
    let (mut out, mut done) = (out, 0);
    let mut leave = |gap: &[T]| {
        let (now, later) = std::mem::take(&mut out).split_at_mut(gap.len());
        now.copy_from_slice(gap);
        out = later;
    };
    walk(shape, spans, (data.len(), spans.iter().map(|span| span.len).product()), |_, run| {
        leave(&data[done..run.start]);
        done = run.start + run.len;
    });
    leave(&data[done..]);
    assert!(out.is_empty(), "more room than what is left of {shape:?} around {spans:?}");
}

/// Visits the runs of a slice, with the place of each in the part. `lens` are those of the whole and of the part.
#[inline(always)]
fn walk(shape: &[usize], spans: &[Span], lens: (usize, usize), mut visit: impl FnMut(usize, Run)) {
    assert_eq!(shape.len(), spans.len(), "a slice takes one span an axis");
    let (mut first, mut elements) = (0, 1);
    let mut axes = Axes::<1>::new();
    for (axis, (&extent, &span)) in shape.iter().zip(spans).enumerate() {
        assert!(span.fits(extent), "{span:?} of an axis of {extent}");
        let stride: usize = shape[axis + 1..].iter().product();
        axes.push(span.len, [stride.wrapping_mul(span.step as usize)]);
        first += stride * span.start;
        elements *= span.len;
    }
    assert_eq!((shape.iter().product(), elements), lens, "a slice {spans:?} of {shape:?}: wrong lengths");
    if elements == 0 {
        return;
    }
    let last = axes.pop();
    let (len, step) = (last.extent, if last.extent == 1 { 1 } else { last.steps[0] as isize });
    let mut at = 0;
    axes.each(|[offset]| {
        visit(at, Run { start: first.wrapping_add(offset), len, step });
        at += len;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Shape, elements, strides, unravel};

    type Case = (&'static [usize], &'static [(usize, usize, isize)]);

    const CASES: &[Case] = &[
        (&[], &[]),
        (&[7], &[(1, 3, 2)]),
        (&[7], &[(0, 7, 1)]),
        (&[7], &[(6, 7, -1)]),
        (&[7], &[(5, 3, -2)]),
        (&[7], &[(3, 1, -2)]),
        (&[4, 5], &[(1, 2, 1), (0, 5, 1)]),
        (&[4, 5], &[(0, 2, 3), (1, 2, 2)]),
        (&[4, 5], &[(3, 4, -1), (4, 5, -1)]),
        (&[4, 5], &[(3, 4, -1), (0, 5, 1)]),
        (&[4, 5], &[(3, 2, -2), (1, 2, 2)]),
        (&[4, 5], &[(0, 4, 1), (4, 3, -2)]),
        (&[4, 5], &[(2, 0, 1), (0, 5, 1)]),
        (&[4, 5], &[(0, 4, 1), (5, 0, 2)]),
        (&[3, 4, 5], &[(0, 2, 2), (1, 1, 1), (4, 1, 7)]),
        (&[3, 4, 5], &[(2, 3, -1), (0, 4, 1), (4, 5, -1)]),
        (&[3, 4, 5], &[(1, 2, 1), (1, 2, 1), (2, 2, 1)]),
        (&[2, 3, 4], &[(1, 1, 1), (0, 3, 1), (0, 4, 1)]),
        (&[0, 3], &[(0, 0, 1), (0, 3, 1)]),
    ];

    fn numbers(n: usize) -> Vec<f64> {
        (0..n).map(|k| k as f64 + 1.0).collect()
    }

    /// The place in the whole of each number of the part.
    fn places(shape: &[usize], spans: &[Span]) -> Vec<usize> {
        let part: Shape = spans.iter().map(|span| span.len).collect();
        let place = |k| {
            let along = |((index, span), stride): ((usize, &Span), usize)| {
                (span.start as isize + index as isize * span.step) as usize * stride
            };
            unravel(k, &part).into_iter().zip(spans).zip(strides(shape)).map(along).sum()
        };
        (0..elements(&part).unwrap()).map(place).collect()
    }

    fn spans(spans: &[(usize, usize, isize)]) -> Vec<Span> {
        spans.iter().map(|&(start, len, step)| Span { start, len, step }).collect()
    }

    #[test]
    fn slices_of_every_kind() {
        for &(shape, case) in CASES {
            let spans = spans(case);
            let (data, places) = (numbers(elements(shape).unwrap()), places(shape, &spans));
            let mut out = vec![f64::NAN; places.len()];
            take(&data, shape, &spans, &mut out, false);
            assert!(out.iter().zip(&places).all(|(x, &k)| *x == data[k]), "{shape:?} {spans:?}");
            take(&data, shape, &spans, &mut out, true);
            assert!(out.iter().zip(&places).all(|(x, &k)| *x == 2.0 * data[k]), "{shape:?} {spans:?}");
        }
    }

    #[test]
    fn slices_put_back() {
        for &(shape, case) in CASES {
            let spans = spans(case);
            let (data, places) = (numbers(elements(shape).unwrap()), places(shape, &spans));
            let part: Vec<f64> = places.iter().map(|&k| data[k]).collect();
            let mut full = vec![f64::NAN; data.len()];
            write(&part, shape, &spans, &mut full, -1.0);
            let want = |k: usize, around, factor| if places.contains(&k) { factor * data[k] } else { around };
            assert!((0..data.len()).all(|k| full[k] == want(k, -1.0, 1.0)), "{shape:?} {spans:?} {full:?}");
            add(&part, shape, &spans, &mut full);
            assert!((0..data.len()).all(|k| full[k] == want(k, -1.0, 2.0)), "{shape:?} {spans:?} {full:?}");
            if spans.iter().all(|span| span.step == 1) {
                let left: Vec<f64> =
                    (0..data.len()).filter(|k| !places.contains(k)).map(|k| data[k]).collect();
                let mut out = vec![f64::NAN; left.len()];
                rest(&data, shape, &spans, &mut out);
                assert_eq!(out, left, "{shape:?} {spans:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "of an axis of 4")]
    fn a_span_that_reaches_below_is_refused() {
        take(&[0.0; 4], &[4], &[Span { start: 2, len: 4, step: -1 }], &mut [0.0; 4], false);
    }
}
