//! Means of windows.

use std::iter::StepBy;
use std::ops::Range;

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::sums;
use crate::kernels::windows::Axis;

/// Numbers that may be summed one after another.
const SHORT: usize = 256;

/// What the means of windows along an axis are taken of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Means {
    /// Windows that move. Padding counts in the divisor or not; what lies behind the padding does not.
    Moving { axis: Axis, padding_counts: bool },
    /// As many windows as are asked for, as evenly as they can be: window `o` from `⌊o · input / output⌋` to
    /// `⌈(o + 1) · input / output⌉`.
    Shared { input: usize, output: usize },
}

impl Means {
    /// How many windows there are.
    pub(crate) fn output(&self) -> usize {
        match *self {
            Self::Moving { axis, .. } => axis.output,
            Self::Shared { output, .. } => output,
        }
    }

    fn input(&self) -> usize {
        match *self {
            Self::Moving { axis, .. } => axis.input,
            Self::Shared { input, .. } => input,
        }
    }

    /// The numbers of window `o`: the first, the distance, and the end.
    fn numbers(&self, o: usize) -> StepBy<Range<usize>> {
        match *self {
            Self::Moving { axis, .. } => {
                let places = axis.places(o);
                let first = if places.is_empty() { 0 } else { axis.at(o, places.start) };
                let end = if places.is_empty() { 0 } else { axis.at(o, places.end - 1) + 1 };
                (first..end).step_by(axis.dilation)
            }
            Self::Shared { input, output } => {
                (o * input / output..((o + 1) * input).div_ceil(output)).step_by(1)
            }
        }
    }

    /// By what the sum of window `o` is divided.
    fn count(&self, o: usize) -> usize {
        match *self {
            Self::Moving { axis, padding_counts: true } => {
                let end = (axis.input + 2 * axis.padding).saturating_sub(o * axis.stride);
                end.div_ceil(axis.dilation).min(axis.kernel)
            }
            _ => self.numbers(o).len(),
        }
    }

    /// The divisor of a window, lines and columns together; 1 of nothing but padding.
    fn divisor<T: Element>([rows, columns]: &[Self; 2], line: usize, column: usize) -> T {
        T::of((rows.count(line) * columns.count(column)).max(1) as f64)
    }
}

/// Writes the mean of each window of each plane to `out`.
pub(crate) fn means<T: Element>(axes: &[Means; 2], x: &[T], out: &mut [T]) {
    T::run(Forward { axes, x, out });
}

/// Writes (or adds) the gradients of the windows to `out`, each shared by the numbers of its window.
pub(crate) fn means_vjp<T: Element>(axes: &[Means; 2], g: &[T], out: &mut [T], accumulate: bool) {
    if !accumulate {
        out.fill(T::zero());
    }
    T::run(Backward { axes, g, out });
}

/// The loop of [`means`].
struct Forward<'a, T> {
    axes: &'a [Means; 2],
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Element> Loop<T> for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let [rows, columns] = self.axes;
        let (windows, plane) = extents(self.axes);
        let planes = N::numbers(self.x).chunks_exact(plane);
        for (x, out) in planes.zip(N::numbers_mut(self.out).chunks_exact_mut(windows)) {
            for line in 0..rows.output() {
                for column in 0..columns.output() {
                    let sum = sum_of(rows.numbers(line), |row| {
                        let row = &x[row * columns.input()..][..columns.input()];
                        sum_of(columns.numbers(column), |k| row[k])
                    });
                    out[line * columns.output() + column] = sum / Means::divisor(self.axes, line, column);
                }
            }
        }
    }
}

/// The sum of numbers: see [`sums`].
#[inline(always)]
fn sum_of<N: Element>(places: StepBy<Range<usize>>, number: impl Fn(usize) -> N) -> N {
    if places.len() <= SHORT {
        return places.fold(N::zero(), |sum, place| sum + number(place));
    }
    let mut places = places;
    sums::sum_of(places.len(), |_, terms| {
        terms.iter_mut().zip(&mut places).for_each(|(term, place)| *term = number(place));
    })
}

/// The loop of [`means_vjp`].
struct Backward<'a, T> {
    axes: &'a [Means; 2],
    g: &'a [T],
    out: &'a mut [T],
}

impl<T: Element> Loop<T> for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let [rows, columns] = self.axes;
        let (windows, plane) = extents(self.axes);
        let planes = N::numbers(self.g).chunks_exact(windows);
        for (g, out) in planes.zip(N::numbers_mut(self.out).chunks_exact_mut(plane)) {
            for line in 0..rows.output() {
                for column in 0..columns.output() {
                    let divisor = Means::divisor::<N>(self.axes, line, column);
                    let share = g[line * columns.output() + column] / divisor;
                    for row in rows.numbers(line) {
                        let row = &mut out[row * columns.input()..][..columns.input()];
                        for k in columns.numbers(column) {
                            row[k] = row[k] + share;
                        }
                    }
                }
            }
        }
    }
}

/// Windows, and numbers, in a plane.
fn extents([rows, columns]: &[Means; 2]) -> (usize, usize) {
    ((rows.output() * columns.output()).max(1), (rows.input() * columns.input()).max(1))
}
