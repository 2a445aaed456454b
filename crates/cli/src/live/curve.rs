//! A curve of any number of points in the memory of some hundred.

/// How many means are kept, at most; when there are as many, neighbours become one.
const MEANS: usize = 512;

/// Numbers that came one after another, as means of as many neighbours as it takes to keep them few.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    /// Where the first number lies, and how far one is from the next.
    first: f64,
    apart: f64,
    /// How many numbers make a mean.
    group: usize,
    /// Sums, each of `group` numbers but for the last one.
    sums: Vec<f64>,
    /// How many numbers are in the last sum.
    last: usize,
}

impl Curve {
    pub(super) fn new(first: f64, apart: f64) -> Self {
        Self { first, apart, group: 1, sums: Vec::new(), last: 0 }
    }

    pub(super) fn push(&mut self, number: f64) {
        if self.sums.is_empty() || self.last == self.group {
            if self.sums.len() == MEANS {
                self.sums = joined(&self.sums, 2);
                self.group *= 2;
            }
            self.sums.push(number);
            self.last = 0;
        } else if let Some(sum) = self.sums.last_mut() {
            *sum += number;
        }
        self.last += 1;
    }

    /// Points to be drawn, about as many as asked for.
    pub(super) fn points(&self, wanted: usize) -> Vec<(f64, f64)> {
        let each = self.sums.len().div_ceil(wanted.max(1)).max(1);
        let group = self.group * each;
        let count = |k: usize| {
            let (begin, end) = (k * each, ((k + 1) * each).min(self.sums.len()));
            let whole = (end - begin) * self.group;
            if end == self.sums.len() { whole - self.group + self.last } else { whole }
        };
        let point = |(k, sum): (usize, f64)| {
            let count = count(k) as f64;
            let middle = (k * group) as f64 + (count - 1.0) / 2.0;
            (self.first + self.apart * middle, sum / count)
        };
        joined(&self.sums, each).into_iter().enumerate().map(point).collect()
    }

    /// The mean of the last numbers, about so many of them.
    pub(super) fn recent(&self, numbers: usize) -> Option<f64> {
        let sums = numbers.div_ceil(self.group).min(self.sums.len());
        let count = (sums * self.group + self.last).checked_sub(self.group).filter(|&count| count > 0)?;
        Some(self.sums[self.sums.len() - sums..].iter().sum::<f64>() / count as f64)
    }
}

fn joined(sums: &[f64], each: usize) -> Vec<f64> {
    sums.chunks(each).map(|sums| sums.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_are_as_they_came() {
        let mut curve = Curve::new(1.0, 0.5);
        assert_eq!((curve.points(10), curve.recent(3)), (vec![], None));
        [4.0, 2.0, 3.0].into_iter().for_each(|number| curve.push(number));
        assert_eq!(curve.points(10), [(1.0, 4.0), (1.5, 2.0), (2.0, 3.0)]);
        assert_eq!(curve.points(2), [(1.25, 3.0), (2.0, 3.0)]);
        assert_eq!((curve.recent(2), curve.recent(100)), (Some(2.5), Some(3.0)));
    }

    #[test]
    fn many_numbers_are_means_in_their_places() {
        let mut curve = Curve::new(0.0, 1.0);
        for k in 0..100_001 {
            curve.push(f64::from(k));
            assert!(curve.sums.len() <= MEANS);
        }
        for wanted in [1, 7, 60, 1000] {
            let points = curve.points(wanted);
            assert!(points.len() <= wanted.min(MEANS), "{wanted}: {}", points.len());
            assert!(points.iter().all(|(place, mean)| (place - mean).abs() < 1e-6), "{wanted}: {points:?}");
        }
        let recent = curve.recent(1000).unwrap();
        assert!((recent - 99_500.0).abs() < 500.0, "{recent}");
    }
}
