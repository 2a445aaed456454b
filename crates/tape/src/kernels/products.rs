//! Products of all numbers of a row, and of all others.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};

/// Partial products of a row: the multiplications of one do not wait for those of another.
const LANES: usize = 16;

/// Writes the product of each row of `n` numbers; 1 of none.
pub(crate) fn of_rows<T: Element>(x: &[T], n: usize, out: &mut [T]) {
    assert_eq!(x.len(), n * out.len(), "products of rows of {n}: wrong lengths");
    if n == 0 {
        return out.fill(T::one());
    }
    T::run(Products { x, n, out });
}

struct Products<'a, T> {
    x: &'a [T],
    n: usize,
    out: &'a mut [T],
}

impl<T: Element> Loop<T> for Products<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        for (row, out) in N::numbers(self.x).chunks_exact(self.n).zip(N::numbers_mut(self.out)) {
            let (whole, rest) = row.as_chunks::<LANES>();
            let Some((first, more)) = whole.split_first() else {
                *out = few(rest);
                continue;
            };
            let mut lanes = *first;
            for chunk in more {
                for (lane, &x) in lanes.iter_mut().zip(chunk) {
                    *lane = *lane * x;
                }
            }
            let four: [N; 4] =
                std::array::from_fn(|k| (lanes[k] * lanes[k + 8]) * (lanes[k + 4] * lanes[k + 12]));
            let product = (four[0] * four[2]) * (four[1] * four[3]);
            *out = if rest.is_empty() { product } else { product * few(rest) };
        }
    }
}

/// The product of fewer than [`LANES`] numbers.
#[inline(always)]
fn few<T: Element>(x: &[T]) -> T {
    x.iter().copied().reduce(|product, x| product * x).unwrap_or_else(T::one)
}

/// Tells of each number of a row `g` times the product of the others: of those before it, which are multiplied first, and of
/// those behind it. Nothing is divided, so that zeros are numbers like others. `before` has room for the row.
pub(crate) fn others<T: Element>(row: &[T], g: T, before: &mut [T], mut tell: impl FnMut(usize, T)) {
    let mut product = T::one();
    for (before, &x) in before.iter_mut().zip(row) {
        *before = product;
        product = product * x;
    }
    let mut behind = T::one();
    for (k, &x) in row.iter().enumerate().rev() {
        tell(k, T::chain(Some(before[k] * behind), g));
        behind = behind * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_length() {
        for n in (0..40).chain([100, 1000]) {
            // Powers of two, whose products are exact.
            let x: Vec<f64> = (0..3 * n).map(|k| [2.0, -0.5, 1.0, 0.25, -4.0][k % 5]).collect();
            let mut out = [f64::NAN; 3];
            of_rows(&x, n, &mut out);
            for (row, product) in out.iter().enumerate() {
                assert_eq!(*product, x[row * n..(row + 1) * n].iter().product::<f64>(), "{n}");
            }
        }
    }

    #[test]
    fn the_others_of_zeros() {
        let shares = |row: &[f64]| {
            let mut shares = vec![f64::NAN; row.len()];
            others(row, 10.0, &mut vec![f64::NAN; row.len()], |k, share| shares[k] = share);
            shares
        };
        assert_eq!(shares(&[2.0, 3.0, 5.0]), [150.0, 100.0, 60.0]);
        assert_eq!(shares(&[2.0, 0.0, 5.0]), [0.0, 100.0, 0.0]);
        assert_eq!(shares(&[0.0, 3.0, 0.0]), [0.0, 0.0, 0.0]);
        assert_eq!(shares(&[7.0]), [10.0]);
    }
}
