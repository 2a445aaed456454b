//! Normalisation: groups of numbers are taken to mean 0 and variance 1, then stretched and shifted.
//!
//! ```text
//! y  = (x − mean) · inverse · weight + bias,   inverse = 1 / √(variance + ε)
//! dx = inverse · (u − A − (x − mean) · inverse · B),   u = g · weight, A = mean of u, B = mean of u · (x − mean) · inverse
//! ```
//!
//! The variance is that of the group, divided by its count, in a second pass over differences from the mean: nothing
//! cancels where the mean is large. How groups and parameters lie in memory is what the files differ in: [`rows`] has
//! groups without gaps and a parameter for each place in them; [`runs`] has groups of runs with a parameter for each
//! run; [`columns`] has a group and a parameter for each column; [`channels`] chooses between the latter two.

/// A group and a parameter for each channel of a batch.
pub(crate) mod channels;
/// A group and a parameter for each column of a matrix.
mod columns;
/// A group for each row of a matrix, a parameter for each column.
pub(crate) mod rows;
/// Groups of runs, a parameter for each channel.
pub(crate) mod runs;
/// Sums of columns, row after row.
mod tally;

use crate::element::Element;
use crate::kernels::dispatch::Stored;
use crate::kernels::sums::{Counter, LANES, PLACES, Summand, fold};

/// Numbers of a block of a sum.
const BLOCK: usize = 1024;

/// What the normalised numbers are multiplied by, and what is added to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine<'a, T> {
    pub(crate) weight: Option<&'a [T]>,
    pub(crate) bias: Option<&'a [T]>,
}

impl<'a, T> Affine<'a, T> {
    /// The same numbers, seen as another type.
    #[inline(always)]
    fn numbers<N: Stored<T>>(self) -> Affine<'a, N> {
        Affine { weight: self.weight.map(N::numbers), bias: self.bias.map(N::numbers) }
    }

    /// The parameters of some places.
    #[inline(always)]
    fn part(self, start: usize, len: usize) -> Self {
        let part = |all: &'a [T]| &all[start..start + len];
        Self { weight: self.weight.map(part), bias: self.bias.map(part) }
    }
}

/// Two sums at once.
#[derive(Clone, Copy)]
struct Pair<T>(T, T);

impl<T: Element> Summand for Pair<T> {
    #[inline(always)]
    fn nothing() -> Self {
        Self(T::zero(), T::zero())
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

/// `Σ term(x)`, in blocks.
#[inline(always)]
fn sum<T: Element>(x: &[T], term: impl Fn(T) -> T) -> T {
    if x.len() <= BLOCK {
        return block(x, &term);
    }
    let mut counter = Counter::<T, PLACES>::new();
    // No `for_each`: its loop would not be compiled for the machine's vectors.
    for x in x.chunks(BLOCK) {
        counter.add(block(x, &term));
    }
    counter.total()
}

#[inline(always)]
fn block<T: Element>(x: &[T], term: impl Fn(T) -> T) -> T {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut tail = T::zero();
    for &x in rest {
        tail = tail + term(x);
    }
    if whole.is_empty() {
        return tail;
    }
    let mut lanes = [T::zero(); LANES];
    for chunk in whole {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = *lane + term(x);
        }
    }
    fold(lanes) + tail
}

/// `Σ u` and `Σ u · (x − mean)`, in blocks.
#[inline(always)]
fn products<T: Element>(u: &[T], x: &[T], mean: T) -> Pair<T> {
    if x.len() <= BLOCK {
        return products_of_block(u, x, mean);
    }
    let mut counter = Counter::<Pair<T>, PLACES>::new();
    for (u, x) in u.chunks(BLOCK).zip(x.chunks(BLOCK)) {
        counter.add(products_of_block(u, x, mean));
    }
    counter.total()
}

#[inline(always)]
fn products_of_block<T: Element>(u: &[T], x: &[T], mean: T) -> Pair<T> {
    let ((us, u), (xs, x)) = (u.as_chunks::<LANES>(), x.as_chunks::<LANES>());
    let mut tail = Pair::nothing();
    for (&u, &x) in u.iter().zip(x) {
        tail = tail.plus(Pair(u, u * (x - mean)));
    }
    if us.is_empty() {
        return tail;
    }
    let (mut plain, mut weighted) = ([T::zero(); LANES], [T::zero(); LANES]);
    for (u, x) in us.iter().zip(xs) {
        for (((plain, weighted), &u), &x) in plain.iter_mut().zip(&mut weighted).zip(u).zip(x) {
            *plain = *plain + u;
            *weighted = *weighted + u * (x - mean);
        }
    }
    Pair(fold(plain), fold(weighted)).plus(tail)
}

/// `1 / √(variance + ε)`
#[inline(always)]
fn inverse<T: Element>(variance: T, eps: f64) -> T {
    (variance + T::of(eps)).sqrt().recip()
}

/// What turns upstream gradients of a group into downstream ones: `p · u − q · (x − mean) − r`.
#[derive(Clone, Copy)]
struct Slope<T> {
    p: T,
    q: T,
    r: T,
}

impl<T: Element> Slope<T> {
    /// Of a group of `count` numbers with `Σ u` and `Σ u · (x − mean)`; the mean moves with them where it is `centred`.
    #[inline(always)]
    fn new(sums: Pair<T>, inverse: T, count: T, centred: bool) -> Self {
        let (a, b) = (sums.0 / count, sums.1 * inverse / count);
        Self { p: inverse, q: b * inverse * inverse, r: if centred { a * inverse } else { T::zero() } }
    }

    #[inline(always)]
    fn at(self, u: T, x: T, mean: T) -> T {
        self.p * u - self.q * (x - mean) - self.r
    }
}
