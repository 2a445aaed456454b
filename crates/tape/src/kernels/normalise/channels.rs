//! A group and a parameter for each channel of a batch: columns where a channel is one number of a sample, else runs.

use super::Affine;
use super::columns;
use super::runs::{self, Runs};
use crate::element::Element;
use crate::kernels::reduce::{put, sum_group};

/// The axes of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch {
    pub(crate) samples: usize,
    pub(crate) channels: usize,
    /// Numbers of a channel in a sample.
    pub(crate) inner: usize,
}

/// Mean and inverse of each channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statistics<'a, T> {
    pub(crate) means: &'a [T],
    pub(crate) inverses: &'a [T],
    /// They are those of the batch, and move with it.
    pub(crate) own: bool,
}

impl Batch {
    fn runs(self) -> Option<Runs> {
        (self.inner != 1).then(|| Runs::of_channels(self.samples, self.channels, self.inner))
    }

    /// Numbers of room, in either pass.
    pub(crate) fn room(self) -> usize {
        self.runs().map_or_else(|| columns::room(self.samples, self.channels), Runs::room)
    }

    /// Writes to `saved` the means, the inverses and the variances.
    pub(crate) fn statistics<T: Element>(self, x: &[T], eps: f64, saved: &mut [T], room: &mut [T]) {
        match self.runs() {
            Some(runs) => T::run(runs::Statistics { x, runs, eps, saved }),
            None => T::run(columns::Statistics { x, columns: self.channels, eps, saved, room }),
        }
    }

    /// Writes the normalised batch to `out`.
    pub(crate) fn normalise<T: Element>(
        self,
        x: &[T],
        Statistics { means, inverses, .. }: Statistics<'_, T>,
        affine: Affine<'_, T>,
        out: &mut [T],
        room: &mut [T],
    ) {
        match self.runs() {
            Some(runs) => T::run(runs::Normalise { x, runs, means, inverses, affine, out }),
            None => T::run(columns::Normalise { x, means, inverses, affine, out, room }),
        }
    }

    /// The way back, for all operands at once: writes what goes to `x`, or adds it if the flag says so, and leaves sums
    /// in the room, for [`Self::sums`].
    pub(crate) fn back<T: Element>(
        self,
        (x, g): (&[T], &[T]),
        Statistics { means, inverses, own }: Statistics<'_, T>,
        weight: Option<&[T]>,
        gradient: Option<(&mut [T], bool)>,
        room: &mut [T],
    ) {
        match self.runs() {
            Some(runs) => T::run(runs::Back { x, g, runs, means, inverses, weight, own, gradient, room }),
            None => T::run(columns::Back { x, g, means, inverses, weight, own, gradient, room }),
        }
    }

    /// Writes (or adds) a sum for each channel: `Σ g · (x − mean) · inverse`, or `Σ g` where it is `plain`.
    pub(crate) fn sums<T: Element>(self, room: &[T], plain: bool, out: &mut [T], accumulate: bool) {
        let samples = if self.inner == 1 { 1 } else { self.samples };
        let size = samples * self.channels;
        let sums = &room[usize::from(plain) * size..][..size];
        if samples == 1 {
            put(out, sums, accumulate);
        } else {
            sum_group(sums, 1, samples, self.channels, out, accumulate);
        }
    }
}
