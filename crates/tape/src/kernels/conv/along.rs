//! Sums over taps, along the lines of the result: some channels and some vectors of neighbours at a time.

use num_traits::{Float, Zero};

use super::taps::{Tap, abreast};
use crate::kernels::gemm::vector::{MOST_LANES, Vector};

/// Taps that are summed at once: sums of more are added by parts.
const DEPTH: usize = 256;

/// One phase of some channels of a plane.
pub(super) struct Along<'a, T> {
    pub(super) taps: &'a [Tap],
    /// The packed weights of the channels.
    pub(super) weights: *const T,
    pub(super) channels: usize,
    /// The extents of the phase.
    pub(super) lines: usize,
    pub(super) columns: usize,
    /// The padded copy, and the distance of lines in it.
    pub(super) copy: *const T,
    pub(super) copy_line: usize,
    /// The result, and the distances of its planes, lines and columns.
    pub(super) out: *mut T,
    pub(super) plane: usize,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) addend: Addend<T>,
}

/// What the sums are added to.
#[derive(Clone, Copy)]
pub(super) enum Addend<T> {
    Nothing,
    /// What stands in the place of the result.
    Output,
    /// A number for each channel, from the first one on.
    Channels(*const T),
}

/// # Safety
/// As [`Vector`] says; the pointers reach as far as the extents and distances, of the copy some lanes further.
#[inline(always)]
pub(super) unsafe fn along<V: Vector>(a: &Along<'_, V::Number>) {
    let mut channel = 0;
    while channel < a.channels {
        let rows = abreast::<V>(a.channels - channel);
        // SAFETY: as promised by the caller.
        unsafe {
            match rows {
                8 => vectors::<V, 8, 2>(a, channel),
                4 if V::ROWS >= 8 => vectors::<V, 4, 4>(a, channel),
                4 => vectors::<V, 4, 2>(a, channel),
                2 => vectors::<V, 2, 4>(a, channel),
                _ => vectors::<V, 1, 8>(a, channel),
            }
        }
        channel += rows;
    }
}

/// All vectors of `ROWS` channels, `VECTORS` at a time.
///
/// # Safety
/// As [`along`].
#[inline(always)]
unsafe fn vectors<V: Vector, const ROWS: usize, const VECTORS: usize>(
    a: &Along<'_, V::Number>,
    channel: usize,
) {
    let each_line = a.columns.div_ceil(V::LANES);
    let count = a.lines * each_line;
    let mut first = 0;
    // SAFETY: as promised by the caller; the last vectors are done one by one.
    unsafe {
        while first < count {
            let whole = count - first >= VECTORS;
            let mut done = 0;
            loop {
                let depth = DEPTH.min(a.taps.len() - done);
                let taps = &a.taps[done..done + depth];
                let weights = a.weights.add(channel * a.taps.len() + done * ROWS);
                let addend = if done == 0 { a.addend } else { Addend::Output };
                if whole {
                    tile::<V, ROWS, VECTORS>(a, taps, weights, addend, channel, first, each_line);
                } else {
                    tile::<V, ROWS, 1>(a, taps, weights, addend, channel, first, each_line);
                }
                done += depth;
                if done == a.taps.len() {
                    break;
                }
            }
            first += if whole { VECTORS } else { 1 };
        }
    }
}

/// The sums of `ROWS` channels and `VECTORS` vectors, from vector `first` of the phase on. Whatever the tile, a number is
/// computed by the same operations in the same order: a fused multiply-add for each tap from 0 on, then the addend.
///
/// # Safety
/// As [`along`].
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const VECTORS: usize>(
    a: &Along<'_, V::Number>,
    taps: &[Tap],
    mut weights: *const V::Number,
    addend: Addend<V::Number>,
    channel: usize,
    first: usize,
    each_line: usize,
) {
    // SAFETY: as promised by the caller.
    unsafe {
        let (mut from, mut to, mut lanes) = ([a.copy; VECTORS], [0; VECTORS], [0; VECTORS]);
        for v in 0..VECTORS {
            let line = (first + v) / each_line;
            let column = (first + v - line * each_line) * V::LANES;
            from[v] = a.copy.add(line * a.copy_line + column);
            to[v] = channel * a.plane + line * a.line + column * a.column;
            lanes[v] = V::LANES.min(a.columns - column);
        }
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        for tap in taps {
            let mut vectors = [V::zero(); VECTORS];
            for (vector, from) in vectors.iter_mut().zip(&from) {
                *vector = V::load(from.add(tap.from));
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let weight = V::splat(*weights.add(r));
                for (sum, &vector) in sums.iter_mut().zip(&vectors) {
                    *sum = weight.mul_add(vector, *sum);
                }
            }
            weights = weights.add(ROWS);
        }
        if let Addend::Channels(bias) = addend {
            for (r, sums) in sums.iter_mut().enumerate() {
                let bias = V::splat(*bias.add(channel + r));
                for sum in sums {
                    *sum = bias.add(*sum);
                }
            }
        }
        let adds = matches!(addend, Addend::Output);
        if a.column != 1 {
            let mut numbers = [[[V::Number::zero(); MOST_LANES]; VECTORS]; ROWS];
            for (sums, numbers) in sums.iter().zip(&mut numbers) {
                for (sum, numbers) in sums.iter().zip(numbers) {
                    sum.store(numbers.as_mut_ptr());
                }
            }
            for (r, row) in numbers.iter().enumerate() {
                for v in 0..VECTORS {
                    let out = a.out.add(to[v] + r * a.plane);
                    scatter(&row[v][..lanes[v]], out, a.column, adds);
                }
            }
            return;
        }
        if adds {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load_some(a.out.add(to[v] + r * a.plane), lanes[v]).add(*sum);
                }
            }
        }
        for v in 0..VECTORS {
            let out = a.out.add(to[v]);
            if lanes[v] == V::LANES {
                for (r, sums) in sums.iter().enumerate() {
                    sums[v].store(out.add(r * a.plane));
                }
            } else {
                for (r, sums) in sums.iter().enumerate() {
                    sums[v].store_some(out.add(r * a.plane), lanes[v]);
                }
            }
        }
    }
}

/// Writes or adds numbers at a distance from one another.
///
/// # Safety
/// There are as many places from `out` on.
#[inline(always)]
unsafe fn scatter<T: Float>(numbers: &[T], out: *mut T, distance: usize, adds: bool) {
    for (k, &number) in numbers.iter().enumerate() {
        // SAFETY: as promised by the caller.
        unsafe {
            let to = out.add(k * distance);
            *to = if adds { *to + number } else { number };
        }
    }
}
