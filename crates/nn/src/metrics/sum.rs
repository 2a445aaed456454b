//! A sum whose error does not grow with the number of terms.

/// What has been added, and what rounding has dropped of it.
///
/// Source: Neumaier, *Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen* (1974).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    sum: f64,
    dropped: f64,
}

impl Sum {
    pub(super) fn add(&mut self, x: f64) {
        let sum = self.sum + x;
        let (large, small) = if self.sum.abs() >= x.abs() { (self.sum, x) } else { (x, self.sum) };
        self.dropped += (large - sum) + small;
        self.sum = sum;
    }

    pub(super) fn value(self) -> f64 {
        // Of an infinite sum, what was dropped is NaN.
        if self.sum.is_finite() { self.sum + self.dropped } else { self.sum }
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        terms.into_iter().for_each(|x| sum.add(x));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn nothing_is_dropped() {
        let of = |terms: &[f64]| terms.iter().copied().collect::<Sum>().value();
        assert_eq!(of(&[1.0, 1e100, 1.0, -1e100]), 2.0);
        assert_eq!(of(&[0.1; 10]), 1.0);
        assert_eq!(of(&[]), 0.0);
        assert_eq!(of(&[1.0, f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(of(&[1.0, f64::NAN, 1.0]).is_nan());
        assert!(of(&[f64::NEG_INFINITY, f64::INFINITY]).is_nan());
    }

    #[test]
    fn ten_million_tenths() {
        let sum: Sum = std::iter::repeat_n(0.1, 10_000_000).collect();
        assert_eq!(sum.value(), 1e6);
    }
}
