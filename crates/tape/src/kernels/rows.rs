//! Softmax and what belongs to it over rows, with every loop compiled for the machine's instructions.
//!
//! A row is read twice. The first time its maximum and its sum of exponentials are found together, block by block: a
//! block is in the first-level cache while it is looked at for its maximum and then for its sum. The second time the
//! output is written.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::sums::{Counter, LANES, Summand, block};

/// Numbers of a block.
pub(super) const BLOCK: usize = 512;

/// A part of a row: its maximum, and the sum of `e^(x − shift)` with a shift that depends on the maximum alone.
#[derive(Clone, Copy)]
pub(super) struct Share<T> {
    max: T,
    pub(super) sum: T,
}

impl<T: Element> Share<T> {
    /// What is subtracted: the maximum, or 0 where it is infinite, so that −∞ stays what it is.
    #[inline(always)]
    pub(super) fn shift(self) -> T {
        if self.max.is_finite() { self.max } else { T::zero() }
    }

    /// `log Σ eˣ`
    #[inline(always)]
    fn logarithm(self) -> T {
        self.shift() + self.sum.ln()
    }
}

impl<T: Element> Summand for Share<T> {
    #[inline(always)]
    fn nothing() -> Self {
        Self { max: T::neg_infinity(), sum: T::zero() }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let both = Self { max: larger(self.max, other.max), sum: T::zero() };
        // Of a part that is all masked the factor is 0.
        let shift = both.shift();
        let (a, b) = (self.sum * (self.max - shift).exp(), other.sum * (other.max - shift).exp());
        Self { sum: Element::plus(a, b), ..both }
    }
}

/// The larger of two numbers; where the second is NaN, the first. There is one instruction for just that.
#[inline(always)]
fn larger<T: Element>(max: T, x: T) -> T {
    if x > max { x } else { max }
}

/// The smaller of two numbers; where the second is NaN, the first.
#[inline(always)]
fn smaller<T: Element>(min: T, x: T) -> T {
    if x < min { x } else { min }
}

/// The largest number. NaNs are passed over; of none it is −∞.
#[inline(always)]
pub(super) fn maximum<T: Element>(x: &[T]) -> T {
    extreme(x, T::neg_infinity(), larger)
}

/// The smallest number. NaNs are passed over; of none it is +∞.
#[inline(always)]
fn minimum<T: Element>(x: &[T]) -> T {
    extreme(x, T::infinity(), smaller)
}

/// What `further` leaves of `end` and all numbers.
#[inline(always)]
fn extreme<T: Element>(x: &[T], end: T, further: impl Fn(T, T) -> T + Copy) -> T {
    let (whole, rest) = x.as_chunks::<LANES>();
    let found = rest.iter().fold(end, |found, &x| further(found, x));
    if whole.is_empty() {
        return found;
    }
    let mut lanes = [end; LANES];
    for chunk in whole {
        for (found, &x) in lanes.iter_mut().zip(chunk) {
            *found = further(*found, x);
        }
    }
    let sixteen: [T; 16] = std::array::from_fn(|k| further(lanes[k], lanes[k + 16]));
    let four: [T; 4] = std::array::from_fn(|k| {
        further(further(sixteen[k], sixteen[k + 4]), further(sixteen[k + 8], sixteen[k + 12]))
    });
    four.into_iter().fold(found, further)
}

/// `x = eˣ`
#[inline(always)]
pub(super) fn exponentials<T: Element>(x: &mut [T]) {
    x.iter_mut().for_each(|x| *x = x.exp());
}

/// `out = x − shift`, with the shift of the block `x`, whose maximum it answers.
#[inline(always)]
fn shifted<T: Element>(x: &[T], out: &mut [T]) -> Share<T> {
    let part = Share { max: maximum(x), sum: T::zero() };
    let shift = part.shift();
    out.iter_mut().zip(x).for_each(|(out, &x)| *out = x - shift);
    part
}

/// The share of a row, with room for the exponentials of a block.
#[inline(always)]
fn share<T: Element>(x: &[T], terms: &mut [T]) -> Share<T> {
    let mut counter = Counter::<_, 32>::new();
    for x in x.chunks(BLOCK) {
        let terms = &mut terms[..x.len()];
        let part = shifted(x, terms);
        exponentials(terms);
        counter.add(Share { sum: block(terms), ..part });
    }
    counter.total()
}

/// `out = softmax(x)`, or its logarithm, of rows of `n` numbers.
pub(super) struct Softmax<'a, T> {
    pub(super) x: &'a [T],
    pub(super) n: usize,
    pub(super) out: &'a mut [T],
    pub(super) logarithm: bool,
}

impl<T: Element> Loop<T> for Softmax<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (x, n, out, logarithm) = (N::numbers(self.x), self.n, N::numbers_mut(self.out), self.logarithm);
        // Of a row that is all masked the sum is 0: then 0/1 instead of 0/0, and −∞ − 0 instead of −∞ − log 0.
        let unmasked = |sum: N| if sum.is_zero() { N::one() } else { sum };
        if n > BLOCK {
            for (x, out) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
                let share = share(x, out);
                let (shift, total) = (share.shift(), unmasked(share.sum));
                if logarithm {
                    let log = total.ln();
                    out.iter_mut().zip(x).for_each(|(y, &x)| *y = x - shift - log);
                } else {
                    out.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - shift).exp() / total);
                }
            }
            return;
        }
        // Short rows by the dozen, so that there is something to make vectors of.
        let group = BLOCK / n * n;
        for (x, out) in x.chunks(group).zip(out.chunks_mut(group)) {
            for (x, out) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
                shifted(x, out);
            }
            exponentials(out);
            for (x, out) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
                let total = unmasked(block(out));
                if logarithm {
                    let (shift, log) = (shifted(x, out).shift(), total.ln());
                    out.iter_mut().zip(x).for_each(|(y, &x)| *y = x - shift - log);
                } else {
                    out.iter_mut().for_each(|y| *y = *y / total);
                }
            }
        }
    }
}

/// `out (+)= y · (g − Σ g·y)` for `y = softmax(x)`, or `g − e^y · Σ g` for its logarithm, of rows of `n` numbers.
pub(super) struct SoftmaxVjp<'a, T> {
    pub(super) y: &'a [T],
    pub(super) g: &'a [T],
    pub(super) n: usize,
    pub(super) out: &'a mut [T],
    pub(super) accumulate: bool,
    pub(super) logarithm: bool,
}

impl<T: Element> Loop<T> for SoftmaxVjp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let rows = N::numbers(self.y).chunks_exact(self.n).zip(N::numbers(self.g).chunks_exact(self.n));
        for ((y, g), out) in rows.zip(N::numbers_mut(self.out).chunks_exact_mut(self.n)) {
            let mut counter = Counter::<_, 48>::new();
            for (y, g) in y.chunks(BLOCK).zip(g.chunks(BLOCK)) {
                counter.add(if self.logarithm { block(g) } else { product(y, g) });
            }
            let total = counter.total();
            // The flags stand outside of the loops, which are so free of branches.
            let operands = out.iter_mut().zip(y).zip(g);
            match (self.logarithm, self.accumulate) {
                (false, false) => operands.for_each(|((out, &y), &g)| *out = y * (g - total)),
                (false, true) => operands.for_each(|((out, &y), &g)| *out = out.plus(y * (g - total))),
                (true, false) => operands.for_each(|((out, &y), &g)| *out = g - y.exp() * total),
                (true, true) => operands.for_each(|((out, &y), &g)| *out = out.plus(g - y.exp() * total)),
            }
        }
    }
}

/// `Σ y·g` over a block.
#[inline(always)]
fn product<T: Element>(y: &[T], g: &[T]) -> T {
    let mut terms = [T::zero(); BLOCK];
    terms.iter_mut().zip(y).zip(g).for_each(|((term, &y), &g)| *term = y * g);
    block(&terms[..y.len()])
}

/// `out = log Σ eˣ` over rows of `n` numbers, a number a row.
pub(super) struct LogSumExp<'a, T> {
    pub(super) x: &'a [T],
    pub(super) n: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Element> Loop<T> for LogSumExp<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let mut terms = [N::zero(); BLOCK];
        for (x, y) in N::numbers(self.x).chunks_exact(self.n).zip(N::numbers_mut(self.out)) {
            *y = share(x, &mut terms).logarithm();
        }
    }
}

/// `x = eˣ`, in place.
pub(crate) struct Exponentials<'a, T>(pub(crate) &'a mut [T]);

impl<T: Element> Loop<T> for Exponentials<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        exponentials(N::numbers_mut(self.0));
    }
}

/// `out = e^(x − shift)`, a shift for each number.
pub(super) struct Differences<'a, T> {
    pub(super) x: &'a [T],
    pub(super) shifts: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Element> Loop<T> for Differences<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let operands = N::numbers(self.x).iter().zip(N::numbers(self.shifts));
        for (out, (&x, &shift)) in N::numbers_mut(self.out).iter_mut().zip(operands) {
            *out = (x - shift).exp();
        }
    }
}

/// The largest or, if `LEAST`, the smallest number: see [`maximum`] and [`minimum`].
pub(crate) struct Extreme<'a, T, const LEAST: bool>(pub(crate) &'a [T]);

impl<T: Element, const LEAST: bool> Loop<T> for Extreme<'_, T, LEAST> {
    type Output = T;

    #[inline(always)]
    fn run<N: Stored<T>>(self) -> T {
        let x = N::numbers(self.0);
        if LEAST { minimum(x) } else { maximum(x) }.stored()
    }
}
