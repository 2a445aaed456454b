//! Softmax, its logarithm, and the logarithm of its denominator, over the middle one of the axes `(outer, n, inner)`.
//!
//! The maximum is subtracted first, so that finite inputs of any size give finite results. An input of −∞ is a masked
//! entry: its softmax, and what reaches it through softmax, is exactly 0. Where all are masked, softmax
//! is 0 throughout, `log_softmax` is −∞. An input of +∞ makes softmax NaN. Sums are blocked: see
//! [`sums`](super::sums).
//!
//! Where the axis is the last, the rows have loops of their own: see [`rows`](super::rows). Else a few columns are
//! worked on at a time.

use crate::element::Element;
use crate::kernels::columns::{Extents, tiles};
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::rows;
use crate::kernels::sums::WIDTH;

/// Writes `softmax(x) = e^(x − max) / Σ e^(x − max)` to `out`.
pub(crate) fn softmax<T: Element>(x: &[T], extents: Extents, out: &mut [T]) {
    if is_rows(extents, [x.len(), out.len()]) {
        return T::run(rows::Softmax { x, n: extents.1, out, logarithm: false });
    }
    for tile in tiles(extents) {
        let shifts = tile.shifts(x);
        let mut totals = tile.sums(|run, terms| {
            exponentials(&x[run.clone()], &shifts, terms);
            out[run].copy_from_slice(terms);
        });
        // All masked: 0 / 1 instead of 0 / 0.
        totals.iter_mut().filter(|total| total.is_zero()).for_each(|total| *total = T::one());
        for run in tile.runs() {
            out[run].iter_mut().zip(&totals).for_each(|(y, &total)| *y = *y / total);
        }
    }
}

/// Writes (or adds) `y · (g − Σ g·y)` to `out`, where `y` is the softmax and `g` the upstream.
pub(crate) fn softmax_vjp<T: Element>(y: &[T], g: &[T], extents: Extents, out: &mut [T], accumulate: bool) {
    if is_rows(extents, [y.len(), out.len()]) {
        return T::run(rows::SoftmaxVjp { y, g, n: extents.1, out, accumulate, logarithm: false });
    }
    for tile in tiles(extents) {
        let totals = tile.sums(|run, terms| {
            terms.iter_mut().zip(&y[run.clone()]).zip(&g[run]).for_each(|((term, &y), &g)| *term = g * y);
        });
        tile.write(out, accumulate, |run, terms| {
            let operands = y[run.clone()].iter().zip(&g[run]).zip(&totals);
            terms.iter_mut().zip(operands).for_each(|(term, ((&y, &g), &total))| *term = y * (g - total));
        });
    }
}

/// Writes `log_softmax(x) = x − max − log Σ e^(x − max)` to `out`.
pub(crate) fn log_softmax<T: Element>(x: &[T], extents: Extents, out: &mut [T]) {
    if is_rows(extents, [x.len(), out.len()]) {
        return T::run(rows::Softmax { x, n: extents.1, out, logarithm: true });
    }
    for tile in tiles(extents) {
        let shifts = tile.shifts(x);
        let logs = tile.sums(|run, terms| exponentials(&x[run], &shifts, terms)).map(|total: T| {
            // All masked: −∞ − 0 instead of −∞ − log 0.
            if total.is_zero() { T::zero() } else { total.ln() }
        });
        for run in tile.runs() {
            let operands = x[run.clone()].iter().zip(&shifts).zip(&logs);
            out[run].iter_mut().zip(operands).for_each(|(y, ((&x, &shift), &log))| *y = x - shift - log);
        }
    }
}

/// Writes (or adds) `g − e^y · Σ g` to `out`, where `y` is the logarithm of softmax and `g` the upstream.
pub(crate) fn log_softmax_vjp<T: Element>(
    y: &[T],
    g: &[T],
    extents: Extents,
    out: &mut [T],
    accumulate: bool,
) {
    if is_rows(extents, [y.len(), out.len()]) {
        return T::run(rows::SoftmaxVjp { y, g, n: extents.1, out, accumulate, logarithm: true });
    }
    for tile in tiles(extents) {
        let totals = tile.sums(|run, terms| terms.copy_from_slice(&g[run]));
        tile.write(out, accumulate, |run, terms| {
            exponentials(&y[run.clone()], &[T::zero(); WIDTH], terms);
            let operands = g[run].iter().zip(&totals);
            terms.iter_mut().zip(operands).for_each(|(term, (&g, &total))| *term = g - *term * total);
        });
    }
}

/// Writes `log Σ eˣ = max + log Σ e^(x − max)` to `out`, a number for each row or column.
pub(crate) fn logsumexp<T: Element>(x: &[T], extents: Extents, out: &mut [T]) {
    let (outer, n, inner) = extents;
    assert_eq!(out.len(), outer * inner, "logsumexp over {outer} × {n} × {inner}: wrong length");
    if is_rows(extents, [x.len(); 2]) {
        return T::run(rows::LogSumExp { x, n, out });
    }
    let mut position = 0;
    for tile in tiles(extents) {
        let shifts = tile.shifts(x);
        let totals = tile.sums(|run, terms| exponentials(&x[run], &shifts, terms));
        let out = &mut out[position..position + tile.width()];
        for (out, (&shift, total)) in out.iter_mut().zip(shifts.iter().zip(totals)) {
            *out = shift + total.ln();
        }
        position += tile.width();
    }
}

/// Writes (or adds) `e^(x − y) · g` to `out`, where `y` and `g` are the logarithm of the sum and the upstream, spread to
/// the shape of `x`.
pub(crate) fn logsumexp_vjp<T: Element>(x: &[T], y: &[T], g: &[T], out: &mut [T], accumulate: bool) {
    T::run(Shares { x, y, g, out, accumulate });
}

/// The loop of [`logsumexp_vjp`].
struct Shares<'a, T> {
    x: &'a [T],
    y: &'a [T],
    g: &'a [T],
    out: &'a mut [T],
    accumulate: bool,
}

impl<T: Element> Loop<T> for Shares<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let operands = N::numbers(self.x).iter().zip(N::numbers(self.y)).zip(N::numbers(self.g));
        for (out, ((&x, &y), &g)) in N::numbers_mut(self.out).iter_mut().zip(operands) {
            let share = (x - y).exp();
            // Of a row of −∞ no element has a share: the sum stays at −∞ whichever moves.
            let share = N::chain((y != N::neg_infinity()).then_some(share), g);
            *out = if self.accumulate { out.plus(share) } else { share };
        }
    }
}

/// Whether the axis is the last one, of rows that hold something.
fn is_rows((outer, n, inner): Extents, lengths: [usize; 2]) -> bool {
    assert_eq!(lengths, [outer * n * inner; 2], "softmax over {outer} × {n} × {inner}: wrong lengths");
    inner == 1 && n != 0
}

/// `terms = e^(x − shift)`, a shift for each number.
fn exponentials<T: Element>(x: &[T], shifts: &[T; WIDTH], terms: &mut [T]) {
    T::run(rows::Differences { x, shifts: &shifts[..x.len()], out: terms });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The reference cases: `(name, operation, parameters, case)`.
    fn fixtures() -> Vec<Value> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/tensor_ops.json");
        let text = std::fs::read_to_string(path).expect("the fixtures are part of the repository");
        let all: Value = serde_json::from_str(&text).expect("the fixtures are JSON");
        all["cases"].as_array().expect("a list of cases").clone()
    }

    fn data(tensor: &Value) -> Vec<f64> {
        let number = |x: &Value| x.as_f64().unwrap_or_else(|| x.as_str().unwrap().parse().unwrap());
        tensor["data"].as_array().unwrap().iter().map(number).collect()
    }

    fn close(got: &[f64], want: &[f64], name: &str) {
        assert_eq!(got.len(), want.len(), "{name}");
        for (got, want) in got.iter().zip(want) {
            assert!(
                got == want || (got - want).abs() <= 1e-15 * (1.0 + want.abs()) * 4.0,
                "{name}: {got}, {want}"
            );
        }
    }

    /// Runs the vjp in both modes.
    fn gradient(n: usize, vjp: impl Fn(&mut [f64], bool)) -> Vec<f64> {
        let (mut out, mut twice) = (vec![f64::NAN; n], vec![1.0; n]);
        vjp(&mut out, false);
        vjp(&mut twice, true);
        assert!(out.iter().zip(&twice).all(|(once, twice)| *twice == 1.0 + once));
        out
    }

    #[test]
    fn the_reference_cases() {
        let mut seen = 0;
        for case in fixtures() {
            let (name, op) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap());
            let axes = match op {
                "softmax" | "log_softmax" => vec![case["params"]["axis"].as_i64().unwrap()],
                _ => continue,
            };
            let shape: Vec<usize> = case["inputs"]["x"]["shape"]
                .as_array()
                .unwrap()
                .iter()
                .map(|n| n.as_u64().unwrap() as usize)
                .collect();
            let axes: Vec<usize> =
                axes.iter().map(|&axis| crate::shape::axis(axis as isize, shape.len()).unwrap()).collect();
            // Adjacent axes are one to these kernels.
            let (first, last) = match axes[..] {
                [] => (0, shape.len()),
                [axis] => (axis, axis + 1),
                [a, b] if b == a + 1 => (a, b + 1),
                _ => continue,
            };
            let product = |part: &[usize]| part.iter().product::<usize>();
            let extents = (product(&shape[..first]), product(&shape[first..last]), product(&shape[last..]));
            let (x, g) = (data(&case["inputs"]["x"]), data(&case["upstream"]));
            let mut y = vec![f64::NAN; g.len()];
            let dx = if op == "softmax" {
                softmax(&x, extents, &mut y);
                gradient(x.len(), |out, add| softmax_vjp(&y, &g, extents, out, add))
            } else {
                log_softmax(&x, extents, &mut y);
                gradient(x.len(), |out, add| log_softmax_vjp(&y, &g, extents, out, add))
            };
            close(&y, &data(&case["output"]), name);
            close(&dx, &data(&case["grads"]["x"]), name);
            seen += 1;
        }
        assert!(seen >= 8, "only {seen} cases");
    }

    #[test]
    fn rows_and_columns_agree() {
        for (n, inner) in [(3, 2), (70, 65), (1, 130), (1000, 3)] {
            let x: Vec<f64> = (0..n * inner).map(|k| ((k * 37) % 101) as f64 / 10.0).collect();
            let mut columns = vec![f64::NAN; n * inner];
            softmax(&x, (1, n, inner), &mut columns);
            for column in 0..inner {
                let row: Vec<f64> = (0..n).map(|r| x[r * inner + column]).collect();
                let mut y = vec![f64::NAN; n];
                softmax(&row, (1, n, 1), &mut y);
                let got: Vec<f64> = (0..n).map(|r| columns[r * inner + column]).collect();
                close(&got, &y, "softmax by columns and by rows");
                assert!((y.iter().sum::<f64>() - 1.0).abs() < 1e-14);
            }
        }
    }

    /// Rows of several blocks, whose maximum lies in the first, in the last, and in a block after one that is masked.
    #[test]
    fn long_rows_whose_maximum_moves() {
        let n = 3000;
        let rising = |k: usize| k as f64 - 1500.0;
        let rows: [&dyn Fn(usize) -> f64; 4] = [
            &rising,
            &|k| -rising(k),
            &|k| if k < 1100 { f64::NEG_INFINITY } else { -900.0 - rising(k) / 10.0 },
            &|k| (k % 7) as f64 / 3.0,
        ];
        for row in rows {
            let x: Vec<f64> = (0..n).map(row).collect();
            let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = x.iter().map(|x| (x - max).exp()).sum();
            let want: Vec<f64> = x.iter().map(|x| (x - max).exp() / total).collect();
            let (mut y, mut logs, mut sum) = (vec![f64::NAN; n], vec![f64::NAN; n], [f64::NAN]);
            softmax(&x, (1, n, 1), &mut y);
            close(&y, &want, "softmax of a long row");
            log_softmax(&x, (1, n, 1), &mut logs);
            logsumexp(&x, (1, n, 1), &mut sum);
            close(&sum, &[max + total.ln()], "logsumexp of a long row");
            let want: Vec<f64> = x.iter().map(|x| x - max - total.ln()).collect();
            close(&logs, &want, "log_softmax of a long row");
        }
    }

    #[test]
    fn rows_and_columns_have_the_same_logarithm_of_a_sum() {
        let (n, inner) = (70, 65);
        let x: Vec<f64> = (0..2 * n * inner).map(|k| ((k * 37) % 101) as f64 / 10.0).collect();
        let mut columns = vec![f64::NAN; 2 * inner];
        logsumexp(&x, (2, n, inner), &mut columns);
        for (k, &column) in columns.iter().enumerate() {
            let (o, i) = (k / inner, k % inner);
            let row: Vec<f64> = (0..n).map(|r| x[(o * n + r) * inner + i]).collect();
            let mut sum = [f64::NAN];
            logsumexp(&row, (1, n, 1), &mut sum);
            close(&[column], &sum, "logsumexp by columns and by rows");
        }
    }

    #[test]
    fn all_masked_and_enormous() {
        let inf = f64::INFINITY;
        for (outer, inner) in [(2, 1), (1, 2)] {
            let extents = (outer, 3, inner);
            let x = [-inf; 6];
            let mut y = [f64::NAN; 6];
            softmax(&x, extents, &mut y);
            assert_eq!(y, [0.0; 6]);
            assert_eq!(gradient(6, |out, add| softmax_vjp(&y, &[1.0; 6], extents, out, add)), [0.0; 6]);
            log_softmax(&x, extents, &mut y);
            assert_eq!(y, [-inf; 6]);
        }
        let mut y = [f64::NAN; 3];
        softmax(&[1e4, -1e4, 1e4], (1, 3, 1), &mut y);
        assert_eq!(y, [0.5, 0.0, 0.5]);
        softmax(&[1.0, f64::NAN, 2.0], (1, 3, 1), &mut y);
        assert!(y.iter().all(|y| y.is_nan()));
    }
}
