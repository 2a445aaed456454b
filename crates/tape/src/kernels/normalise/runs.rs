//! Groups of runs, and parameters for each channel: the places of a feature map.
//!
//! A run is what lies together of one sample and one channel. A group has the runs of one channel in all samples, or
//! those of a few channels in one sample.

use super::{Affine, Pair, Slope, inverse, products, sum};
use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::sums::{Counter, PLACES};

/// How runs make groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs {
    /// Numbers of a run.
    inner: usize,
    channels: usize,
    groups: usize,
    /// Runs of a group.
    each: usize,
    /// Distance of the runs of a group, in runs.
    step: usize,
    /// Distance of the first runs of two groups.
    stride: usize,
}

impl Runs {
    /// A group for each channel.
    pub(crate) fn of_channels(samples: usize, channels: usize, inner: usize) -> Self {
        Self { inner, channels, groups: channels, each: samples, step: channels, stride: 1 }
    }

    /// Groups of neighbouring channels, in each sample.
    pub(crate) fn of_samples(samples: usize, channels: usize, groups: usize, inner: usize) -> Self {
        let each = channels / groups;
        Self { inner, channels, groups: samples * groups, each, step: 1, stride: each }
    }

    /// Numbers that the way back wants: mean, inverse and variance of each group.
    pub(crate) fn saved(self) -> usize {
        3 * self.groups
    }

    /// The means and the inverses among them.
    pub(crate) fn statistics<T>(self, saved: &[T]) -> (&[T], &[T]) {
        let (means, rest) = saved.split_at(self.groups);
        (means, &rest[..self.groups])
    }

    /// Numbers of room for the way back: two sums a run.
    pub(crate) fn room(self) -> usize {
        2 * self.groups * self.each
    }

    /// The runs of a group.
    #[inline(always)]
    fn group(self, group: usize) -> impl Iterator<Item = usize> {
        let first = group * self.stride;
        (0..self.each).map(move |k| first + k * self.step)
    }

    #[inline(always)]
    fn count<T: Element>(self) -> T {
        T::of((self.each * self.inner) as f64)
    }

    /// A run of a tensor.
    #[inline(always)]
    fn run<T>(self, data: &[T], run: usize) -> &[T] {
        &data[run * self.inner..][..self.inner]
    }
}

/// Writes to `saved` the mean, the inverse and the variance of each group.
pub(crate) struct Statistics<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) runs: Runs,
    pub(crate) eps: f64,
    pub(crate) saved: &'a mut [T],
}

impl<T: Element> Loop<T> for Statistics<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (x, runs, count) = (N::numbers(self.x), self.runs, self.runs.count::<N>());
        let (means, rest) = N::numbers_mut(self.saved).split_at_mut(runs.groups);
        let (inverses, variances) = rest.split_at_mut(runs.groups);
        for group in 0..runs.groups {
            let mut counter = Counter::<N, PLACES>::new();
            for run in runs.group(group) {
                counter.add(sum(runs.run(x, run), |x| x));
            }
            let mean = counter.total() / count;
            let mut counter = Counter::<N, PLACES>::new();
            for run in runs.group(group) {
                counter.add(sum(runs.run(x, run), |x| (x - mean) * (x - mean)));
            }
            let variance = counter.total() / count;
            (means[group], variances[group]) = (mean, variance);
            inverses[group] = inverse(variance, self.eps);
        }
    }
}

/// Writes the normalised runs to `out`.
pub(crate) struct Normalise<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) runs: Runs,
    pub(crate) means: &'a [T],
    pub(crate) inverses: &'a [T],
    pub(crate) affine: Affine<'a, T>,
    pub(crate) out: &'a mut [T],
}

impl<T: Element> Loop<T> for Normalise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (x, runs, out) = (N::numbers(self.x), self.runs, N::numbers_mut(self.out));
        let affine = self.affine.numbers::<N>();
        for group in 0..runs.groups {
            let (mean, inverse) = (N::numbers(self.means)[group], N::numbers(self.inverses)[group]);
            for run in runs.group(group) {
                let channel = run % runs.channels;
                let factor = affine.weight.map_or(inverse, |weight| inverse * weight[channel]);
                let places = out[run * runs.inner..][..runs.inner].iter_mut().zip(runs.run(x, run));
                if let Some(bias) = affine.bias {
                    let b = bias[channel];
                    places.for_each(|(y, &x)| *y = (x - mean) * factor + b);
                } else {
                    places.for_each(|(y, &x)| *y = (x - mean) * factor);
                }
            }
        }
    }
}

/// The way back, for all operands at once: writes (or adds) what goes to `x`, and leaves `Σ g · (x − mean) · inverse` and
/// then `Σ g` of each run in the room.
pub(crate) struct Back<'a, T> {
    pub(crate) x: &'a [T],
    /// The upstream.
    pub(crate) g: &'a [T],
    pub(crate) runs: Runs,
    pub(crate) means: &'a [T],
    pub(crate) inverses: &'a [T],
    pub(crate) weight: Option<&'a [T]>,
    /// Mean and inverse are those of `x`, and move with it.
    pub(crate) own: bool,
    /// Where what goes to `x` is to be, and whether it is added there.
    pub(crate) gradient: Option<(&'a mut [T], bool)>,
    pub(crate) room: &'a mut [T],
}

impl<T: Element> Loop<T> for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (x, g, runs, count) = (N::numbers(self.x), N::numbers(self.g), self.runs, self.runs.count::<N>());
        let weight = |run: usize| self.weight.map_or(N::one(), |w| N::numbers(w)[run % runs.channels]);
        let (products_of, plain_of) = N::numbers_mut(self.room).split_at_mut(runs.groups * runs.each);
        let (mut gradient, accumulate) = match self.gradient {
            Some((gradient, accumulate)) => (Some(N::numbers_mut(gradient)), accumulate),
            None => (None, false),
        };
        for group in 0..runs.groups {
            let (mean, inverse) = (N::numbers(self.means)[group], N::numbers(self.inverses)[group]);
            let mut counter = Counter::<Pair<N>, PLACES>::new();
            for run in runs.group(group) {
                let sums = products(runs.run(g, run), runs.run(x, run), mean);
                (plain_of[run], products_of[run]) = (sums.0, sums.1 * inverse);
                counter.add(Pair(sums.0 * weight(run), sums.1 * weight(run)));
            }
            let Some(gradient) = &mut gradient else { continue };
            let slope = Slope::new(counter.total(), inverse, count, true);
            for run in runs.group(group) {
                let p = slope.p * weight(run);
                let slope = Slope { p, ..slope };
                let operands = runs.run(g, run).iter().zip(runs.run(x, run));
                let places = gradient[run * runs.inner..][..runs.inner].iter_mut().zip(operands);
                match (self.own, accumulate) {
                    (true, false) => places.for_each(|(out, (&g, &x))| *out = slope.at(g, x, mean)),
                    (true, true) => places.for_each(|(out, (&g, &x))| *out = *out + slope.at(g, x, mean)),
                    (false, false) => places.for_each(|(out, (&g, _))| *out = p * g),
                    (false, true) => places.for_each(|(out, (&g, _))| *out = *out + p * g),
                }
            }
        }
    }
}
