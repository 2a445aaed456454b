//! The gradient in the weight: for some channels of the output and some taps at a time, the sums of the products of what
//! they read, over all windows.

use super::taps::Tap;
use crate::kernels::gemm::vector::{MOST_LANES, Vector, transpose};

/// Vectors of windows that are summed at once: sums of more are added by parts.
const DEPTH: usize = 1024;
/// Most sums of a tile.
const MOST: usize = 24;

/// Some channels of the output, over some images.
pub(super) struct Weight<'a, T> {
    pub(super) taps: &'a [Tap],
    /// The padded copies, the distance of images, and of lines of windows.
    pub(super) copies: *const T,
    pub(super) copy: usize,
    pub(super) copy_line: usize,
    /// The output at the first of the channels, the distance of images, and of channels.
    pub(super) y: *const T,
    pub(super) image: usize,
    pub(super) plane: usize,
    pub(super) images: usize,
    pub(super) channels: usize,
    /// Lines and columns of windows.
    pub(super) lines: usize,
    pub(super) columns: usize,
    /// To be added to: a row of numbers, one for each tap, for each channel.
    pub(super) out: *mut T,
}

/// # Safety
/// As [`Vector`] says; the pointers reach as far as the extents and distances.
#[inline(always)]
pub(super) unsafe fn weight<V: Vector>(w: &Weight<'_, V::Number>) {
    let mut tap = 0;
    while tap < w.taps.len() {
        // SAFETY: as promised by the caller.
        unsafe {
            match w.taps.len() - tap {
                6.. => {
                    channels::<V, 6>(w, tap);
                    tap += 6;
                }
                3.. => {
                    channels::<V, 3>(w, tap);
                    tap += 3;
                }
                _ => {
                    channels::<V, 1>(w, tap);
                    tap += 1;
                }
            }
        }
    }
}

/// `TAPS` taps of all channels.
///
/// # Safety
/// As [`weight`].
#[inline(always)]
unsafe fn channels<V: Vector, const TAPS: usize>(w: &Weight<'_, V::Number>, tap: usize) {
    let lines = (DEPTH / w.columns.div_ceil(V::LANES)).max(1);
    for line in (0..w.lines).step_by(lines) {
        let lines = line..(line + lines).min(w.lines);
        let mut channel = 0;
        while channel < w.channels {
            let rest = w.channels - channel;
            // SAFETY: as promised by the caller.
            unsafe {
                if rest >= 4 && V::ROWS >= 8 {
                    tile::<V, 4, TAPS>(w, channel, tap, lines.clone());
                    channel += 4;
                } else if rest >= 2 {
                    tile::<V, 2, TAPS>(w, channel, tap, lines.clone());
                    channel += 2;
                } else {
                    tile::<V, 1, TAPS>(w, channel, tap, lines.clone());
                    channel += 1;
                }
            }
        }
    }
}

/// `TAPS` taps of `ROWS` channels, over some lines of all images.
///
/// # Safety
/// As [`weight`].
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const TAPS: usize>(
    w: &Weight<'_, V::Number>,
    channel: usize,
    tap: usize,
    lines: std::ops::Range<usize>,
) {
    // SAFETY: as promised by the caller.
    unsafe {
        let mut from = [0; TAPS];
        for (from, tap) in from.iter_mut().zip(&w.taps[tap..]) {
            *from = tap.from;
        }
        let mut sums = [[V::zero(); TAPS]; ROWS];
        let rest = w.columns % V::LANES;
        for image in 0..w.images {
            for line in lines.start..lines.end {
                let mut x = w.copies.add(image * w.copy + line * w.copy_line);
                let mut y = w.y.add(image * w.image + channel * w.plane + line * w.columns);
                for _ in 0..w.columns / V::LANES {
                    let mut upstream = [V::zero(); ROWS];
                    for (r, upstream) in upstream.iter_mut().enumerate() {
                        *upstream = V::load(y.add(r * w.plane));
                    }
                    for t in 0..TAPS {
                        let x = V::load(x.add(from[t]));
                        for (sums, &upstream) in sums.iter_mut().zip(&upstream) {
                            sums[t] = x.mul_add(upstream, sums[t]);
                        }
                    }
                    (x, y) = (x.add(V::LANES), y.add(V::LANES));
                }
                if rest > 0 {
                    // Lanes behind the last window hold zeros in both, so that nothing of theirs gets into the sums.
                    let mut upstream = [V::zero(); ROWS];
                    for (r, upstream) in upstream.iter_mut().enumerate() {
                        *upstream = V::load_some(y.add(r * w.plane), rest);
                    }
                    for t in 0..TAPS {
                        let x = V::load_some(x.add(from[t]), rest);
                        for (sums, &upstream) in sums.iter_mut().zip(&upstream) {
                            sums[t] = x.mul_add(upstream, sums[t]);
                        }
                    }
                }
            }
        }
        // As rows in memory, of which the first `ROWS · TAPS` count.
        let mut rows = [[num_traits::Zero::zero(); MOST_LANES]; MOST + MOST_LANES];
        for (sum, row) in sums.iter().flatten().zip(&mut rows) {
            sum.store(row.as_mut_ptr());
        }
        for first in (0..ROWS * TAPS).step_by(V::LANES) {
            let mut totals = [num_traits::Zero::zero(); MOST_LANES];
            lane_sums::<V>(&rows[first..first + V::LANES], &mut totals);
            for (k, &total) in (first..(first + V::LANES).min(ROWS * TAPS)).zip(&totals) {
                let to = w.out.add((channel + k / TAPS) * w.taps.len() + tap + k % TAPS);
                *to = *to + total;
            }
        }
    }
}

/// The sums of the lanes of each row, in pairs.
///
/// # Safety
/// As [`Vector`] says. There are as many rows as lanes.
#[inline(always)]
unsafe fn lane_sums<V: Vector>(rows: &[[V::Number; MOST_LANES]], totals: &mut [V::Number; MOST_LANES]) {
    // SAFETY: as promised by the caller; every row, and the totals, hold a vector.
    unsafe {
        let mut square = [V::zero(); MOST_LANES];
        for (vector, row) in square.iter_mut().zip(rows) {
            *vector = V::load(row.as_ptr());
        }
        let mut square = transpose::<V>(square);
        let mut half = V::LANES / 2;
        while half > 0 {
            for lane in 0..half {
                square[lane] = square[lane].add(square[lane + half]);
            }
            half /= 2;
        }
        square[0].store(totals.as_mut_ptr());
    }
}
