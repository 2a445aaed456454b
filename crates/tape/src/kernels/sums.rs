//! Long sums whose rounding error grows with the logarithm of their length.
//!
//! Terms are added in blocks, and blocks by pairs of equal size, in the manner of a binary counter: a new block is a
//! unit, and as long as the counter has a one at a place, the two are added and carried to the next. Nothing
//! depends on anything but the length, so the same numbers give the same bits.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};

/// Independent partial sums within a block: the additions of one do not wait for those of another.
pub(super) const LANES: usize = 32;
/// Terms of a block of [`sum`].
const BLOCK: usize = 512;
/// Terms of a block of [`sum_of`], which needs room for them.
const TERMS: usize = 128;
/// Columns that [`column_sums`] takes at a time.
pub(crate) const WIDTH: usize = 64;
/// Rows of a block of [`column_sums`].
const ROWS: usize = 32;
/// Places of the counter of [`sum`]: more than memory has room for blocks.
pub(super) const PLACES: usize = 48;
/// Places of the counter of [`column_sums`], each a row. Where there are more blocks than these can count, 33 million
/// rows, blocks become longer.
const ROW_PLACES: usize = 20;

/// The sum of the numbers; 0 of none.
pub(crate) fn sum<T: Element>(data: &[T]) -> T {
    if data.len() < LANES { few(data) } else { T::run(Sum(data)) }
}

/// The loop of [`sum`].
struct Sum<'a, T>(&'a [T]);

impl<T: Element> Loop<T> for Sum<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<N: Stored<T>>(self) -> T {
        if self.0.len() <= BLOCK {
            return block(N::numbers(self.0)).stored();
        }
        let mut counter = Counter::<N, PLACES>::new();
        for data in N::numbers(self.0).chunks(BLOCK) {
            counter.add(block(data));
        }
        counter.total().stored()
    }
}

/// The sum of `n` terms that `fill(first, terms)` writes, a few at a time.
pub(crate) fn sum_of<T: Element>(n: usize, mut fill: impl FnMut(usize, &mut [T])) -> T {
    let mut terms = [T::zero(); TERMS];
    if n <= TERMS {
        fill(0, &mut terms[..n]);
        return block(&terms[..n]);
    }
    let mut counter = Counter::<T, PLACES>::new();
    for first in (0..n).step_by(TERMS) {
        let terms = &mut terms[..TERMS.min(n - first)];
        fill(first, terms);
        counter.add(block(terms));
    }
    counter.total()
}

/// Sums of columns that lie side by side, at most [`WIDTH`]: `add(r, totals)` adds row `r` to the totals, which start
/// at 0. Blocks of rows are added as those of [`sum`] are.
pub(crate) fn column_sums<T: Element>(rows: usize, totals: &mut [T], mut add: impl FnMut(usize, &mut [T])) {
    if rows <= ROWS {
        totals.fill(T::zero());
        (0..rows).for_each(|r| add(r, totals));
        return;
    }
    let width = totals.len();
    let mut places = [[T::zero(); WIDTH]; ROW_PLACES];
    let height = ROWS.max(rows >> (ROW_PLACES - 1));
    let blocks = rows.div_ceil(height);
    let carry = |totals: &mut [T], place: &[T]| {
        for (total, &x) in totals.iter_mut().zip(place) {
            *total = x.plus(*total);
        }
    };
    for count in 0..blocks {
        totals.fill(T::zero());
        (count * height..rows.min((count + 1) * height)).for_each(|r| add(r, totals));
        let ones = count.trailing_ones() as usize;
        places[..ones].iter().for_each(|place| carry(totals, &place[..width]));
        places[ones][..width].copy_from_slice(totals);
    }
    totals.fill(T::zero());
    for (place, sums) in places.iter().enumerate() {
        if blocks >> place & 1 == 1 {
            carry(totals, &sums[..width]);
        }
    }
}

/// What a [`Counter`] adds.
pub(super) trait Summand: Copy {
    /// The sum of nothing.
    fn nothing() -> Self;
    /// This and what comes after it.
    #[must_use]
    fn plus(self, other: Self) -> Self;
}

impl<T: Element> Summand for T {
    #[inline(always)]
    fn nothing() -> Self {
        T::zero()
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Element::plus(self, other)
    }
}

/// A binary counter of blocks: see the head of this file.
pub(super) struct Counter<S, const PLACES: usize> {
    places: [S; PLACES],
    count: usize,
}

impl<S: Summand, const PLACES: usize> Counter<S, PLACES> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self { places: [S::nothing(); PLACES], count: 0 }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, mut block: S) {
        let ones = self.count.trailing_ones() as usize;
        for &place in &self.places[..ones] {
            block = place.plus(block);
        }
        self.places[ones] = block;
        self.count += 1;
    }

    /// The smallest blocks first.
    #[inline(always)]
    pub(super) fn total(&self) -> S {
        let mut total = None;
        let used = (usize::BITS - self.count.leading_zeros()) as usize;
        for (place, &sum) in self.places[..used].iter().enumerate() {
            if self.count >> place & 1 == 1 {
                total = Some(total.map_or(sum, |total| sum.plus(total)));
            }
        }
        total.unwrap_or_else(S::nothing)
    }
}

/// The sum of fewer than [`LANES`] numbers.
#[inline(always)]
fn few<T: Element>(data: &[T]) -> T {
    data.iter().fold(T::zero(), |sum, &x| sum.plus(x))
}

/// The sum of a block: lane by lane, then the lanes, then what is left.
#[inline(always)]
pub(super) fn block<T: Element>(data: &[T]) -> T {
    let (whole, rest) = data.as_chunks::<LANES>();
    let tail = few(rest);
    if whole.is_empty() {
        return tail;
    }
    let mut lanes = [T::zero(); LANES];
    for chunk in whole {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = lane.plus(x);
        }
    }
    fold(lanes).plus(tail)
}

/// The sum of the lanes, by halves; each is an array, so that it can be a register.
#[inline(always)]
pub(super) fn fold<T: Element>(lanes: [T; LANES]) -> T {
    let sixteen: [T; 16] = std::array::from_fn(|k| lanes[k].plus(lanes[k + 16]));
    let eight: [T; 8] = std::array::from_fn(|k| sixteen[k].plus(sixteen[k + 8]));
    let four: [T; 4] = std::array::from_fn(|k| eight[k].plus(eight[k + 4]));
    four[0].plus(four[2]).plus(four[1].plus(four[3]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_length_up_to_several_blocks() {
        for n in (0..200).chain([511, 512, 513, 1024, 1535, 1537, 5000]) {
            let data: Vec<f64> = (0..n).map(f64::from).collect();
            let want = f64::from(n) * (f64::from(n) - 1.0) / 2.0;
            assert_eq!(sum(&data), want.max(0.0), "{n}");
            let squares = sum_of(data.len(), |first, terms| {
                terms.iter_mut().zip(&data[first..]).for_each(|(term, x)| *term = x * x);
            });
            assert_eq!(squares, data.iter().map(|x| x * x).sum::<f64>(), "{n}");
        }
    }

    #[test]
    fn columns_of_every_height() {
        for rows in (0..140).chain([1023, 1025]) {
            let mut totals = [f64::NAN; 3];
            column_sums(rows, &mut totals, |r, totals| {
                totals.iter_mut().zip(1..).for_each(|(total, k)| *total += (r * k) as f64);
            });
            let one = (rows * rows.saturating_sub(1) / 2) as f64;
            assert_eq!(totals, [one, 2.0 * one, 3.0 * one], "{rows}");
        }
    }

    #[test]
    fn a_million_tenths_in_f32() {
        let data = vec![0.1f32; 1 << 20];
        let exact = f64::from(0.1f32) * f64::from(1 << 20);
        assert!((f64::from(sum(&data)) - exact).abs() <= exact * f64::from(f32::EPSILON) * 4.0);
        let mut total = [0.0];
        column_sums(data.len(), &mut total, |r, total| total[0] += data[r]);
        assert!((f64::from(total[0]) - exact).abs() <= exact * f64::from(f32::EPSILON) * 4.0);
    }

    proptest! {
        #[test]
        fn close_to_the_sum_in_f64(data in prop::collection::vec(-1.0f32..1.0, 0..3000)) {
            let exact: f64 = data.iter().map(|&x| f64::from(x)).sum();
            let size: f64 = data.iter().map(|&x| f64::from(x.abs())).sum();
            prop_assert!((f64::from(sum(&data)) - exact).abs() <= 16.0 * f64::from(f32::EPSILON) * size);
        }
    }
}
