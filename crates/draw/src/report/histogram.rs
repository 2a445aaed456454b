//! How numbers are spread.

use serde::Serialize;

/// How many numbers lie in each of some equal ranges, and what can be said of all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Histogram {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) counts: Vec<u64>,
    /// Numbers that are NaN or infinite; all else is of the others.
    pub(super) not_finite: u64,
    pub(super) zeros: u64,
    pub(super) mean: f64,
    /// The standard deviation (of the population).
    pub(super) deviation: f64,
}

impl Histogram {
    /// Into how many ranges numbers are sorted.
    pub(super) const BINS: usize = 40;

    pub(super) fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let (mut all, mut count, mut sum, mut zeros) = (0, 0, 0.0, 0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers.clone() {
            all += 1;
            if number.is_finite() {
                (low, high) = (low.min(number), high.max(number));
                (count, sum, zeros) = (count + 1, sum + number, zeros + u64::from(number == 0.0));
            }
        }
        let not_finite = all - count;
        if count == 0 {
            return Self { counts: vec![0; Self::BINS], not_finite, high: 1.0, ..Self::default() };
        }
        let mean = sum / count as f64;
        let finite = |number: &f64| number.is_finite();
        let squares: f64 = numbers.clone().filter(finite).map(|number| (number - mean).powi(2)).sum();
        if low == high {
            let room = 0.5 * low.abs().max(1e-3);
            (low, high) = (low - room, high + room);
        }
        let mut counts = vec![0; Self::BINS];
        for number in numbers.filter(finite) {
            let bin = (number - low) / (high - low) * Self::BINS as f64;
            counts[(bin as usize).min(Self::BINS - 1)] += 1;
        }
        Self { low, high, counts, not_finite, zeros, mean, deviation: (squares / count as f64).sqrt() }
    }

    /// How many numbers were finite.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Each range with the numbers in it: left, right, count. Where there are few numbers, ranges are put together.
    pub(super) fn bars(&self) -> Vec<(f64, f64, f64)> {
        let together = match self.count() {
            400.. => 1,
            100.. => 2,
            30.. => 4,
            _ => 5,
        };
        let width = (self.high - self.low) / self.counts.len() as f64;
        let edge = |k: usize| self.low + (k * together) as f64 * width;
        let counts = self.counts.chunks(together).map(|counts| counts.iter().sum::<u64>() as f64);
        counts.enumerate().map(|(k, count)| (edge(k), edge(k + 1), count)).collect()
    }

    /// The same with shares in the stead of counts, divided by the width, so that the whole area is 1.
    pub(super) fn densities(&self) -> Vec<(f64, f64, f64)> {
        let whole = self.count().max(1) as f64;
        let bars = self.bars().into_iter();
        bars.map(|(left, right, count)| (left, right, count / whole / (right - left))).collect()
    }

    /// As numbers, for a checkpoint.
    pub(super) fn numbers(&self) -> Vec<f64> {
        let first =
            [self.low, self.high, self.not_finite as f64, self.zeros as f64, self.mean, self.deviation];
        first.into_iter().chain(self.counts.iter().map(|&count| count as f64)).collect()
    }

    /// From these numbers.
    pub(super) fn from_numbers(numbers: &[f64]) -> Option<Self> {
        let &[low, high, not_finite, zeros, mean, deviation, ref counts @ ..] = numbers else { return None };
        let counts: Vec<u64> = counts.iter().map(|&count| count as u64).collect();
        let (not_finite, zeros) = (not_finite as u64, zeros as u64);
        (counts.len() == Self::BINS).then_some(Self { low, high, counts, not_finite, zeros, mean, deviation })
    }
}

/// Some of the numbers, evenly spaced, where there are more than `most`.
pub(super) fn thinned(numbers: &[f32], most: usize) -> impl Iterator<Item = f64> + Clone {
    numbers.iter().step_by(numbers.len().div_ceil(most).max(1)).copied().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_where_they_lie() {
        let numbers = [0.0, 1.0, 2.0, 4.0, f64::NAN, f64::INFINITY];
        let histogram = Histogram::of(numbers.iter().copied());
        assert_eq!((histogram.low, histogram.high, histogram.count()), (0.0, 4.0, 4));
        assert_eq!((histogram.not_finite, histogram.zeros, histogram.mean), (2, 1, 1.75));
        assert_eq!([0, 10, 20, 39].map(|bin| histogram.counts[bin]), [1; 4]);
        assert!((histogram.deviation - 2.1875f64.sqrt()).abs() < 1e-15);
        let whole: f64 = histogram.densities().iter().map(|(left, right, high)| (right - left) * high).sum();
        assert!((whole - 1.0).abs() < 1e-12);
        assert_eq!(histogram.bars().len(), 8);
        assert_eq!(Histogram::from_numbers(&histogram.numbers()), Some(histogram));
    }

    #[test]
    fn numbers_that_are_alike_or_none_have_a_range() {
        for numbers in [vec![], vec![f64::NAN], vec![0.0], vec![-3.0; 7], vec![-1e308, 1e308]] {
            let histogram = Histogram::of(numbers.iter().copied());
            assert!(histogram.low < histogram.high, "{histogram:?}");
            assert_eq!(histogram.count() + histogram.not_finite, numbers.len() as u64);
        }
        assert_eq!(thinned(&[0.0, 1.0, 2.0, 3.0, 4.0], 3).collect::<Vec<_>>(), [0.0, 2.0, 4.0]);
    }
}
