//! Sums whose error grows with the logarithm of the number of terms.

use tape::Element;

/// Pairwise summation of terms that come one after another: level `k` holds the sum of 2ᵏ of them.
pub(crate) struct Cascade<T> {
    levels: [T; 64],
    count: u64,
}

impl<T: Element> Cascade<T> {
    pub(crate) fn new() -> Self {
        Self { levels: [T::zero(); 64], count: 0 }
    }

    pub(crate) fn add(&mut self, term: T) {
        let full = self.count.trailing_ones() as usize;
        let sum = self.levels[..full].iter().fold(term, |sum, &level| level + sum);
        self.levels[full] = sum;
        self.count += 1;
    }

    pub(crate) fn total(&self) -> T {
        let levels = (0..).zip(&self.levels).take_while(|(k, _)| self.count >> k > 0);
        levels.filter(|(k, _)| self.count >> k & 1 == 1).fold(T::zero(), |sum, (_, &level)| sum + level)
    }
}

/// `Σ f(k)` for `k < len`: short runs in eight lanes, and pairwise beyond.
pub(crate) fn sum<T: Element>(len: usize, f: impl Fn(usize) -> T) -> T {
    const RUN: usize = 128;
    let run = |start: usize, end: usize| {
        let mut lanes = [T::zero(); 8];
        for k in start..end {
            lanes[k % 8] = lanes[k % 8] + f(k);
        }
        let [a, b, c, d, e, f, g, h] = lanes;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    };
    if len <= RUN {
        return run(0, len);
    }
    let mut cascade = Cascade::new();
    (0..len).step_by(RUN).for_each(|start| cascade.add(run(start, len.min(start + RUN))));
    cascade.total()
}

/// Adds the sum of each column to `out`, or writes it there. Rows are added in blocks of √rows, the blocks to one
/// another.
///
/// `scratch` has the length of `out`.
pub(crate) fn columns<T: Element>(rows: &[T], out: &mut [T], scratch: &mut [T], accumulate: bool) {
    let width = out.len();
    if !accumulate {
        out.fill(T::zero());
    }
    if width == 0 {
        return;
    }
    let block = 32.max((rows.len() / width).isqrt()) * width;
    for block in rows.chunks(block) {
        let (first, rest) = block.split_at(width);
        scratch.copy_from_slice(first);
        rest.chunks_exact(width).for_each(|row| add(scratch, row));
        add(out, scratch);
    }
}

fn add<T: Element>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = *to + from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_tenths() {
        let n = 1_000_003;
        let exact = f64::from(0.1f32) * n as f64;
        let error = |sum: f32| (f64::from(sum) / exact - 1.0).abs();
        assert!(error(sum(n, |_| 0.1f32)) < 2e-7);
        let mut cascade = Cascade::new();
        (0..n).for_each(|_| cascade.add(0.1f32));
        assert!(error(cascade.total()) < 2e-7);
        let (mut out, mut scratch) = ([0f32; 2], [0f32; 2]);
        columns(&vec![0.1f32; 2 * n], &mut out, &mut scratch, false);
        assert!(error(out[0]) < 5e-5 && out[0] == out[1]);
    }

    #[test]
    fn columns_add_to_what_is_there() {
        let mut out = [10.0, 20.0];
        columns(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut out, &mut [f64::NAN; 2], true);
        assert_eq!(out, [19.0, 32.0]);
        columns(&[], &mut out, &mut [f64::NAN; 2], false);
        assert_eq!(out, [0.0, 0.0]);
        columns::<f64>(&[], &mut [], &mut [], false);
        assert_eq!(sum(0, |_| 1.0f64), 0.0);
    }
}
