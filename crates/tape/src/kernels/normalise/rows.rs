//! A group for each row of a matrix, and parameters for each place of a row; or of several rows, which then take turns.

use super::tally::{self, Tally};
use super::{Affine, Slope, inverse, products, sum};
use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};

/// Rows of `n` numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    pub(crate) n: usize,
    /// Rows after which the parameters begin again.
    pub(crate) period: usize,
    /// The mean is taken off; else it counts as 0.
    pub(crate) centred: bool,
}

impl Rows {
    /// Numbers that the way back wants for a matrix of `len` numbers: a mean and an inverse for each row.
    pub(crate) fn saved(self, len: usize) -> usize {
        2 * (len / self.n)
    }

    /// Numbers of room for the way back.
    pub(crate) fn room(self, len: usize) -> usize {
        self.n + tally::room(len / self.n / self.period, 2 * self.n * self.period)
    }
}

/// Writes the normalised rows to `out`, and to `saved` the means and then the inverses.
pub(crate) struct Normalise<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) rows: Rows,
    pub(crate) affine: Affine<'a, T>,
    pub(crate) eps: f64,
    pub(crate) saved: &'a mut [T],
    pub(crate) out: &'a mut [T],
}

impl<T: Element> Loop<T> for Normalise<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let Rows { n, period, centred } = self.rows;
        let (count, affine) = (N::of(n as f64), self.affine.numbers::<N>());
        let (means, inverses) = N::numbers_mut(self.saved).split_at_mut(self.x.len() / n);
        let rows = N::numbers(self.x).chunks_exact(n).zip(N::numbers_mut(self.out).chunks_exact_mut(n));
        for (r, (x, out)) in rows.enumerate() {
            let mean = if centred { sum(x, |x| x) / count } else { N::zero() };
            let variance = sum(x, |x| (x - mean) * (x - mean)) / count;
            let inverse = inverse(variance, self.eps);
            (means[r], inverses[r]) = (mean, inverse);
            write(x, mean, inverse, affine.part(r % period * n, n), out);
        }
    }
}

#[inline(always)]
fn write<T: Element>(x: &[T], mean: T, inverse: T, affine: Affine<'_, T>, out: &mut [T]) {
    let places = out.iter_mut().zip(x);
    match (affine.weight, affine.bias) {
        (Some(weight), Some(bias)) => {
            let places = places.zip(weight.iter().zip(bias));
            places.for_each(|((y, &x), (&w, &b))| *y = (x - mean) * inverse * w + b);
        }
        (Some(weight), None) => {
            places.zip(weight).for_each(|((y, &x), &w)| *y = (x - mean) * inverse * w);
        }
        (None, Some(bias)) => {
            places.zip(bias).for_each(|((y, &x), &b)| *y = (x - mean) * inverse + b);
        }
        (None, None) => places.for_each(|(y, &x)| *y = (x - mean) * inverse),
    }
}

/// The way back, for all operands at once: writes (or adds) what goes to `x`, and leaves what goes to the weight and then
/// what goes to the bias at the beginning of the room.
pub(crate) struct Back<'a, T> {
    pub(crate) x: &'a [T],
    /// The upstream.
    pub(crate) g: &'a [T],
    pub(crate) rows: Rows,
    pub(crate) affine: Affine<'a, T>,
    pub(crate) saved: &'a [T],
    /// Where what goes to `x` is to be, and whether it is added there.
    pub(crate) gradient: Option<(&'a mut [T], bool)>,
    pub(crate) room: &'a mut [T],
}

impl<T: Element> Loop<T> for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let Rows { n, period, centred } = self.rows;
        let (x, g, weight) = (N::numbers(self.x), N::numbers(self.g), self.affine.weight.map(N::numbers));
        let count = N::of(n as f64);
        let (means, inverses) = N::numbers(self.saved).split_at(x.len() / n);
        let width = period * n;
        let (tallied, room) = N::numbers_mut(self.room).split_at_mut(tally::room(x.len() / width, 2 * width));
        let weighted = &mut room[..n];
        let (mut gradient, accumulate) = match self.gradient {
            Some((gradient, accumulate)) => (Some(N::numbers_mut(gradient)), accumulate),
            None => (None, false),
        };
        let parameters = self.affine.weight.is_some() || self.affine.bias.is_some();
        let mut tally = Tally::new(tallied, 2 * width);
        for first in (0..x.len()).step_by(width) {
            let sums = if parameters { Some(tally.row().split_at_mut(width)) } else { None };
            if let Some((to_weight, to_bias)) = sums {
                for k in 0..period {
                    let (start, place) = (first + k * n, k * n..(k + 1) * n);
                    let (mean, inverse) = (means[start / n], inverses[start / n]);
                    let sums = to_weight[place.clone()].iter_mut().zip(&mut to_bias[place]);
                    let row = g[start..start + n].iter().zip(&x[start..start + n]);
                    for ((to_weight, to_bias), (&g, &x)) in sums.zip(row) {
                        *to_weight = *to_weight + g * ((x - mean) * inverse);
                        *to_bias = *to_bias + g;
                    }
                }
            }
            let Some(gradient) = &mut gradient else { continue };
            for k in 0..period {
                let start = first + k * n;
                let (x, g, out) =
                    (&x[start..start + n], &g[start..start + n], &mut gradient[start..start + n]);
                let (mean, inverse) = (means[start / n], inverses[start / n]);
                let u = match weight {
                    Some(weight) => {
                        let factors = g.iter().zip(&weight[k * n..(k + 1) * n]);
                        weighted.iter_mut().zip(factors).for_each(|(u, (&g, &w))| *u = g * w);
                        &*weighted
                    }
                    None => g,
                };
                let slope = Slope::new(products(u, x, mean), inverse, count, centred);
                let places = out.iter_mut().zip(u.iter().zip(x));
                if accumulate {
                    places.for_each(|(out, (&u, &x))| *out = *out + slope.at(u, x, mean));
                } else {
                    places.for_each(|(out, (&u, &x))| *out = slope.at(u, x, mean));
                }
            }
        }
        if parameters {
            tally.total();
        }
    }
}
