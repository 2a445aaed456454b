//! The largest numbers of windows, for every type of number.

use std::ops::Range;

use crate::element::Element;
use crate::kernels::windows::Axis;

/// The largest number of each window, and its place in the window, counted row by row.
///
/// The first of equal numbers is taken, and a NaN is greater than any number. Padding is never taken; a window of
/// padding alone has −∞ and the place −1.
#[derive(Debug)]
pub struct Maxima<'a, T> {
    /// Windows along rows and columns.
    pub(crate) axes: [Axis; 2],
    /// Planes, one after another.
    pub(crate) x: &'a [T],
    /// To be written: a number for each window.
    pub(crate) out: &'a mut [T],
    /// To be written: a place for each window.
    pub(crate) places: &'a mut [T],
}

/// The way back of [`Maxima`]: the gradient of each window goes to the number at its place.
#[derive(Debug)]
pub struct MaximaVjp<'a, T> {
    /// Windows along rows and columns.
    pub(crate) axes: [Axis; 2],
    /// A place for each window.
    pub(crate) places: &'a [T],
    /// A gradient for each window.
    pub(crate) g: &'a [T],
    /// To be written or added to.
    pub(crate) out: &'a mut [T],
    /// Whether it is added to.
    pub(crate) accumulate: bool,
}

/// Numbers in a plane of windows, and in one that they move over.
pub(super) fn planes([rows, columns]: &[Axis; 2]) -> (usize, usize) {
    ((rows.output * columns.output).max(1), (rows.input * columns.input).max(1))
}

/// Computes the maxima window by window.
pub(crate) fn plain<T: Element>(job: Maxima<'_, T>) {
    let Maxima { axes, x, out, places } = job;
    let (windows, plane) = planes(&axes);
    let planes = out.chunks_exact_mut(windows).zip(places.chunks_exact_mut(windows));
    for (x, (out, places)) in x.chunks_exact(plane).zip(planes) {
        for line in 0..axes[0].output {
            windows_of_line(&axes, x, line, 0..axes[1].output, out, places);
        }
    }
}

/// Some windows of a line of a plane.
pub(super) fn windows_of_line<T: Element>(
    [rows, columns]: &[Axis; 2],
    x: &[T],
    line: usize,
    range: Range<usize>,
    out: &mut [T],
    places: &mut [T],
) {
    for column in range {
        let (mut best, mut place) = (T::neg_infinity(), -T::one());
        let mut first = true;
        for ky in rows.places(line) {
            let row = rows.at(line, ky) * columns.input;
            for kx in columns.places(column) {
                let x = x[row + columns.at(column, kx)];
                if first || x > best || (x.is_nan() && !best.is_nan()) {
                    (best, place, first) = (x, T::of((ky * columns.kernel + kx) as f64), false);
                }
            }
        }
        let at = line * columns.output + column;
        (out[at], places[at]) = (best, place);
    }
}

/// Sends gradients back window by window.
pub(crate) fn plain_vjp<T: Element>(job: MaximaVjp<'_, T>) {
    let MaximaVjp { axes, places, g, out, accumulate } = job;
    let (windows, plane) = planes(&axes);
    let planes = places.chunks_exact(windows).zip(g.chunks_exact(windows));
    for (out, (places, g)) in out.chunks_exact_mut(plane).zip(planes) {
        if !accumulate {
            out.fill(T::zero());
        }
        for line in 0..axes[0].output {
            windows_of_line_vjp(&axes, places, g, line, 0..axes[1].output, out);
        }
    }
}

/// Some windows of a line of a plane.
pub(super) fn windows_of_line_vjp<T: Element>(
    [rows, columns]: &[Axis; 2],
    places: &[T],
    g: &[T],
    line: usize,
    range: Range<usize>,
    out: &mut [T],
) {
    for column in range {
        let at = line * columns.output + column;
        // A window of padding alone has no place.
        if let Some(place) = places[at].to_usize() {
            let row = rows.at(line, place / columns.kernel);
            let to = &mut out[row * columns.input + columns.at(column, place % columns.kernel)];
            *to = *to + g[at];
        }
    }
}
