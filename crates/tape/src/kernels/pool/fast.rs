//! The largest numbers of windows of `f32` and `f64`, a vector of windows at a time, shared between threads.

use std::ops::Range;

use num_traits::Float;

use super::maximum::{Maxima, MaximaVjp, planes, windows_of_line, windows_of_line_vjp};
use crate::element::Element;
use crate::kernels::gemm::arch::Instructions;
use crate::kernels::gemm::vector::Vector;
use crate::kernels::threads;
use crate::kernels::vectors::{Vectors, Work};
use crate::kernels::windows::Axis;

/// Numbers from which on the planes are shared between threads.
const SHARED_FROM: usize = 1 << 17;

/// As [`plain`](super::plain), for `f32` and `f64`, by the widest vectors that the machine has.
pub(crate) fn fast<T: Vectors>(job: Maxima<'_, T>) {
    let threads = threads_for(job.x.len());
    maxima(Instructions::best(), threads, job);
}

/// As [`plain_vjp`](super::plain_vjp), for `f32` and `f64`, by the widest vectors that the machine has.
pub(crate) fn fast_vjp<T: Vectors>(job: MaximaVjp<'_, T>) {
    let threads = threads_for(job.out.len());
    maxima_vjp(Instructions::best(), threads, job);
}

fn threads_for(numbers: usize) -> usize {
    if numbers < SHARED_FROM { 1 } else { threads::threads() }
}

/// The maxima by instructions that this machine has, on at most so many threads.
pub(super) fn maxima<T: Vectors>(instructions: Instructions, threads: usize, job: Maxima<'_, T>) {
    let Maxima { axes, x, out, places } = job;
    let (windows, plane) = planes(&axes);
    let count = x.len() / plane;
    assert_eq!([out.len(), places.len()], [count * windows; 2], "maxima of {count} planes");
    let all = Planes { axes, from: [x.as_ptr(); 2], to: [out.as_mut_ptr(), places.as_mut_ptr()] };
    threads::ranges(threads, count, 1, |range| {
        // SAFETY: the machine has the instructions; the ranges are of different planes, of which there are so many.
        unsafe { T::with(instructions, Forward(all.part(range))) }
    });
}

/// The way back by instructions that this machine has, on at most so many threads.
pub(super) fn maxima_vjp<T: Vectors>(instructions: Instructions, threads: usize, job: MaximaVjp<'_, T>) {
    let MaximaVjp { axes, places, g, out, accumulate } = job;
    let (windows, plane) = planes(&axes);
    let count = out.len() / plane;
    assert_eq!([g.len(), places.len()], [count * windows; 2], "gradients of {count} planes");
    let all = Planes { axes, from: [places.as_ptr(), g.as_ptr()], to: [out.as_mut_ptr(); 2] };
    threads::ranges(threads, count, 1, |range| {
        // SAFETY: the machine has the instructions; the ranges are of different planes, of which there are so many.
        unsafe { T::with(instructions, Backward { part: all.part(range), accumulate }) }
    });
}

/// Planes that are read, and planes that are written.
struct Planes<T> {
    axes: [Axis; 2],
    from: [*const T; 2],
    to: [*mut T; 2],
}

// SAFETY: `from` is only read, and threads write to different planes of `to`.
unsafe impl<T: Send + Sync> Sync for Planes<T> {}

impl<T> Planes<T> {
    fn part(&self, range: Range<usize>) -> Part<'_, T> {
        Part { all: self, range }
    }
}

/// Some of the planes.
struct Part<'a, T> {
    all: &'a Planes<T>,
    range: Range<usize>,
}

/// The windows of a line that lie within it.
fn inside(columns: &Axis) -> Range<usize> {
    let (first, last) = (columns.windows(0), columns.windows(columns.kernel - 1));
    first.start..last.end.max(first.start)
}

/// The loop of [`maxima`].
struct Forward<'a, T>(Part<'a, T>);

impl<T: Vectors> Work<T> for Forward<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector<Number = T>>(self) {
        let Part { all: &Planes { axes, from, to }, range } = self.0;
        let (windows, plane) = planes(&axes);
        let [rows, columns] = &axes;
        let vectors = if columns.stride <= 2 { inside(columns) } else { 0..0 };
        for k in range.start..range.end {
            // SAFETY: as promised by the caller: this plane is there, and nobody else writes to its windows.
            unsafe {
                let x = std::slice::from_raw_parts(from[0].add(k * plane), plane);
                let out = std::slice::from_raw_parts_mut(to[0].add(k * windows), windows);
                let places = std::slice::from_raw_parts_mut(to[1].add(k * windows), windows);
                for line in 0..rows.output {
                    let lines = rows.places(line);
                    let vectors = if lines.is_empty() { 0..0 } else { vectors.clone() };
                    if vectors.len() < columns.output {
                        windows_of_line(&axes, x, line, 0..vectors.start, out, places);
                        windows_of_line(&axes, x, line, vectors.end..columns.output, out, places);
                    }
                    let mut column = vectors.start;
                    while column < vectors.end {
                        let lanes = V::LANES.min(vectors.end - column);
                        let first = x.as_ptr().wrapping_add(columns.at(column, 0));
                        let (best, place) = window_vector::<V>(&axes, first, line, lines.clone(), lanes);
                        let at = line * columns.output + column;
                        best.store_some(out.as_mut_ptr().add(at), lanes);
                        place.store_some(places.as_mut_ptr().add(at), lanes);
                        column += lanes;
                    }
                }
            }
        }
    }
}

/// The maxima and places of `lanes` windows of a line, all of which lie within it, and in those lines of it that are
/// named. The first of their columns is that of `x`, in the first line of the plane.
///
/// # Safety
/// As [`Vector`] says; the windows are there, and their stride is 1 or 2.
#[inline(always)]
unsafe fn window_vector<V: Vector>(
    [rows, columns]: &[Axis; 2],
    x: *const V::Number,
    line: usize,
    lines: Range<usize>,
    lanes: usize,
) -> (V, V)
where
    V::Number: Element,
{
    // With a stride of 2, the last number of the windows is that far from the first.
    let reach = 2 * lanes - 1;
    let (low, high) = (reach.min(V::LANES), reach.saturating_sub(V::LANES));
    // SAFETY: as promised by the caller: no more is read than the windows hold.
    unsafe {
        let mut best = V::splat(V::Number::neg_infinity());
        let mut place = V::splat(V::Number::of((lines.start * columns.kernel) as f64));
        for ky in lines.start..lines.end {
            let row = x.wrapping_add(rows.at(line, ky) * columns.input);
            for kx in 0..columns.kernel {
                let from = row.wrapping_add(kx * columns.dilation);
                let numbers = if columns.stride == 1 {
                    V::load_some(from, lanes)
                } else {
                    V::load_some(from, low).evens(V::load_some(from.wrapping_add(V::LANES), high))
                };
                let here = V::splat(V::Number::of((ky * columns.kernel + kx) as f64));
                (best, place) = numbers.greater(best, here, place);
            }
        }
        (best, place)
    }
}

/// The loop of [`maxima_vjp`].
struct Backward<'a, T> {
    part: Part<'a, T>,
    accumulate: bool,
}

impl<T: Vectors> Work<T> for Backward<'_, T> {
    #[inline(always)]
    unsafe fn run<V: Vector<Number = T>>(self) {
        let Part { all: &Planes { axes, from, to }, range } = self.part;
        let (windows, plane) = planes(&axes);
        let [rows, columns] = &axes;
        // Vectors for windows beside one another, two columns wide. Where lines of windows have none in common, what
        // they cover is written once, and only the rest has to be made 0 before.
        let pairs = (columns.stride, columns.kernel, columns.dilation) == (2, 2, 1);
        let vectors = if pairs { inside(columns) } else { 0..0 };
        let writes = !self.accumulate && rows.stride > rows.reach() && !vectors.is_empty();
        for k in range.start..range.end {
            // SAFETY: as promised by the caller: this plane is there, and nobody else writes to it.
            unsafe {
                let places = std::slice::from_raw_parts(from[0].add(k * windows), windows);
                let g = std::slice::from_raw_parts(from[1].add(k * windows), windows);
                let out = std::slice::from_raw_parts_mut(to[0].add(k * plane), plane);
                if !self.accumulate && !writes {
                    out.fill(T::zero());
                }
                let mut done = 0;
                for line in 0..rows.output {
                    let lines = rows.places(line);
                    if writes {
                        for ky in lines.clone() {
                            let row = rows.at(line, ky) * columns.input;
                            let covered = columns.at(vectors.start, 0)..columns.at(vectors.end - 1, 1) + 1;
                            out[done..row + covered.start].fill(T::zero());
                            done = row + covered.end;
                        }
                    }
                    let mut column = vectors.start;
                    while column < vectors.end {
                        let lanes = V::LANES.min(vectors.end - column);
                        let at = line * columns.output + column;
                        let place = V::load_some(places.as_ptr().add(at), lanes);
                        let g = V::load_some(g.as_ptr().add(at), lanes);
                        for ky in lines.start..lines.end {
                            let to = rows.at(line, ky) * columns.input + columns.at(column, 0);
                            let to = out.as_mut_ptr().add(to);
                            pair_vector::<V>(g, place, ky, lanes, to, !writes);
                        }
                        column += lanes;
                    }
                    if vectors.len() < columns.output && !writes {
                        windows_of_line_vjp(&axes, places, g, line, 0..vectors.start, out);
                        windows_of_line_vjp(&axes, places, g, line, vectors.end..columns.output, out);
                    }
                }
                if writes {
                    out[done..].fill(T::zero());
                    let edges = vectors.len() < columns.output;
                    for line in (0..rows.output).filter(|_| edges) {
                        windows_of_line_vjp(&axes, places, g, line, 0..vectors.start, out);
                        windows_of_line_vjp(&axes, places, g, line, vectors.end..columns.output, out);
                    }
                }
            }
        }
    }
}

/// Writes or adds the gradients of `lanes` windows, two columns wide, to line `ky` of theirs.
///
/// # Safety
/// As [`Vector`] says; the line has its columns from `to` on.
#[inline(always)]
unsafe fn pair_vector<V: Vector>(g: V, place: V, ky: usize, lanes: usize, to: *mut V::Number, adds: bool)
where
    V::Number: Element,
{
    let (first, second) = ((2 * lanes).min(V::LANES), (2 * lanes).saturating_sub(V::LANES));
    // SAFETY: as promised by the caller: there are as many numbers as `first` and `second` say.
    unsafe {
        let left = V::splat(V::Number::of((2 * ky) as f64));
        let right = V::splat(V::Number::of((2 * ky + 1) as f64));
        let (mut low, mut high) = g.where_equal(place, left).interleave(g.where_equal(place, right));
        let next = to.wrapping_add(V::LANES);
        if adds {
            low = V::load_some(to, first).add(low);
            high = V::load_some(next, second).add(high);
        }
        low.store_some(to, first);
        high.store_some(next, second);
    }
}
