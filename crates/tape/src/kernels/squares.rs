//! Sums of squares over rows, without a place for the squares of them all.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::rows::BLOCK;
use crate::kernels::sums::{Counter, PLACES, block};

/// Writes `Σ (x − centre)²` over rows of `n` numbers, with a centre for each row; without, `Σ x²`.
pub(crate) fn of_rows<T: Element>(x: &[T], n: usize, centres: Option<&[T]>, out: &mut [T]) {
    assert_eq!(x.len(), n * out.len(), "squares of rows of {n}: wrong lengths");
    if n == 0 {
        return out.fill(T::zero());
    }
    T::run(Squares { x, n, centres, out });
}

struct Squares<'a, T> {
    x: &'a [T],
    n: usize,
    centres: Option<&'a [T]>,
    out: &'a mut [T],
}

impl<T: Element> Loop<T> for Squares<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let mut terms = [N::zero(); BLOCK];
        let rows = N::numbers(self.x).chunks_exact(self.n);
        for (k, (row, out)) in rows.zip(N::numbers_mut(self.out)).enumerate() {
            let centre = self.centres.map(|centres| N::numbers(centres)[k]);
            let mut counter = Counter::<N, PLACES>::new();
            for part in row.chunks(BLOCK) {
                let terms = &mut terms[..part.len()];
                match centre {
                    Some(centre) => {
                        terms.iter_mut().zip(part).for_each(|(term, &x)| *term = (x - centre) * (x - centre));
                    }
                    None => terms.iter_mut().zip(part).for_each(|(term, &x)| *term = x * x),
                }
                counter.add(block(terms));
            }
            *out = counter.total();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_length() {
        for (rows, n) in [(1, 1), (3, 7), (2, 511), (2, 1500), (3, 0), (0, 4)] {
            let x: Vec<f64> = (0..rows * n).map(|k| f64::from((k * 7919 % 257) as u32) - 128.0).collect();
            let centres: Vec<f64> = (0..rows).map(|k| k as f64 - 1.0).collect();
            let (mut plain, mut centred) = (vec![f64::NAN; rows], vec![f64::NAN; rows]);
            of_rows(&x, n, None, &mut plain);
            of_rows(&x, n, Some(&centres), &mut centred);
            for row in 0..rows {
                let x = &x[row * n..(row + 1) * n];
                assert_eq!(plain[row], x.iter().map(|x| x * x).sum::<f64>(), "{rows} × {n}");
                let centre = centres[row];
                assert_eq!(centred[row], x.iter().map(|x| (x - centre).powi(2)).sum::<f64>(), "{rows} × {n}");
            }
        }
    }
}
