//! A group and a parameter for each column of a matrix: the features of a batch.

use super::tally::{self, Tally};
use super::{Affine, Pair, Slope, inverse};
use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};

/// Numbers of room for a matrix of so many rows and columns, in either pass.
pub(crate) fn room(rows: usize, columns: usize) -> usize {
    3 * columns + tally::room(rows, 2 * columns)
}

/// Writes to `saved` the mean, the inverse and the variance of each column.
pub(crate) struct Statistics<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) columns: usize,
    pub(crate) eps: f64,
    pub(crate) saved: &'a mut [T],
    pub(crate) room: &'a mut [T],
}

impl<T: Element> Loop<T> for Statistics<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (x, columns, room) = (N::numbers(self.x), self.columns, N::numbers_mut(self.room));
        let count = N::of((x.len() / columns) as f64);
        let (means, rest) = N::numbers_mut(self.saved).split_at_mut(columns);
        let (inverses, variances) = rest.split_at_mut(columns);
        let mut tally = Tally::new(room, columns);
        for x in x.chunks_exact(columns) {
            tally.row().iter_mut().zip(x).for_each(|(sum, &x)| *sum = *sum + x);
        }
        means.iter_mut().zip(tally.total()).for_each(|(mean, &mut sum)| *mean = sum / count);
        let mut tally = Tally::new(room, columns);
        for x in x.chunks_exact(columns) {
            for (sum, (&x, &mean)) in tally.row().iter_mut().zip(x.iter().zip(&*means)) {
                *sum = *sum + (x - mean) * (x - mean);
            }
        }
        let columns = inverses.iter_mut().zip(variances).zip(tally.total());
        for ((to_inverse, to_variance), &mut sum) in columns {
            *to_variance = sum / count;
            *to_inverse = inverse(*to_variance, self.eps);
        }
    }
}

/// Writes the normalised columns to `out`.
pub(crate) struct Normalise<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) means: &'a [T],
    pub(crate) inverses: &'a [T],
    pub(crate) affine: Affine<'a, T>,
    pub(crate) out: &'a mut [T],
    pub(crate) room: &'a mut [T],
}

impl<T: Element> Loop<T> for Normalise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (means, inverses) = (N::numbers(self.means), N::numbers(self.inverses));
        let columns = means.len();
        let affine = self.affine.numbers::<N>();
        let factors = &mut N::numbers_mut(self.room)[..columns];
        match affine.weight {
            Some(weight) => {
                let products = inverses.iter().zip(weight);
                factors.iter_mut().zip(products).for_each(|(factor, (&inverse, &w))| *factor = inverse * w);
            }
            None => factors.copy_from_slice(inverses),
        }
        let rows = N::numbers(self.x).chunks_exact(columns);
        for (x, out) in rows.zip(N::numbers_mut(self.out).chunks_exact_mut(columns)) {
            let places = out.iter_mut().zip(x).zip(means.iter().zip(&*factors));
            if let Some(bias) = affine.bias {
                let places = places.zip(bias);
                places.for_each(|(((y, &x), (&mean, &factor)), &b)| *y = (x - mean) * factor + b);
            } else {
                places.for_each(|((y, &x), (&mean, &factor))| *y = (x - mean) * factor);
            }
        }
    }
}

/// The way back, for all operands at once: writes (or adds) what goes to `x`, and leaves `Σ g · (x − mean) · inverse` and
/// then `Σ g` of each column at the beginning of the room.
pub(crate) struct Back<'a, T> {
    pub(crate) x: &'a [T],
    /// The upstream.
    pub(crate) g: &'a [T],
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
        let (x, g) = (N::numbers(self.x), N::numbers(self.g));
        let (means, inverses) = (N::numbers(self.means), N::numbers(self.inverses));
        let columns = means.len();
        let count = N::of((x.len() / columns) as f64);
        let room = N::numbers_mut(self.room);
        let (tallied, slopes) = room.split_at_mut(room.len() - 3 * columns);
        let mut tally = Tally::new(tallied, 2 * columns);
        for (x, g) in x.chunks_exact(columns).zip(g.chunks_exact(columns)) {
            let (products, plain) = tally.row().split_at_mut(columns);
            let sums = products.iter_mut().zip(plain);
            for ((product, plain), ((&x, &mean), &g)) in sums.zip(x.iter().zip(means).zip(g)) {
                *product = *product + g * (x - mean);
                *plain = *plain + g;
            }
        }
        let (products, plain) = tally.total().split_at_mut(columns);
        let (p, rest) = slopes.split_at_mut(columns);
        let (q, r) = rest.split_at_mut(columns);
        for k in 0..columns {
            let w = self.weight.map_or(N::one(), |weight| N::numbers(weight)[k]);
            let slope = Slope::new(Pair(plain[k], products[k]), inverses[k], count, true);
            p[k] = slope.p * w;
            (q[k], r[k]) = (slope.q * w, slope.r * w);
            products[k] = products[k] * inverses[k];
        }
        let Some((gradient, accumulate)) = self.gradient else { return };
        let rows = N::numbers_mut(gradient).chunks_exact_mut(columns);
        for ((out, x), g) in rows.zip(x.chunks_exact(columns)).zip(g.chunks_exact(columns)) {
            if !self.own {
                let places = out.iter_mut().zip(g.iter().zip(&*p));
                if accumulate {
                    places.for_each(|(out, (&g, &p))| *out = *out + p * g);
                } else {
                    places.for_each(|(out, (&g, &p))| *out = p * g);
                }
                continue;
            }
            let slopes = p.iter().zip(&*q).zip(&*r).zip(means);
            let places = out.iter_mut().zip(x.iter().zip(g)).zip(slopes);
            if accumulate {
                places.for_each(|((out, (&x, &g)), (((&p, &q), &r), &mean))| {
                    *out = *out + Slope { p, q, r }.at(g, x, mean);
                });
            } else {
                places.for_each(|((out, (&x, &g)), (((&p, &q), &r), &mean))| {
                    *out = Slope { p, q, r }.at(g, x, mean);
                });
            }
        }
    }
}
