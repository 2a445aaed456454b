//! Random numbers for the cases: the same in every run.

use std::ops::RangeInclusive;

use nn::Generator;

/// A generator with a name of its own, so that a new operation does not move the numbers of the others.
pub(crate) struct Draw(Generator);

impl Draw {
    /// The sequence of a name.
    pub(crate) fn named(name: &str) -> Self {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(Generator::seeded(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash)))
    }

    /// From an interval.
    pub(crate) fn within(&mut self, range: RangeInclusive<f64>) -> f64 {
        range.start() + (range.end() - range.start()) * self.0.uniform()
    }

    /// Of either sign, between ½ and 1½, so that nothing that is multiplied by it disappears. `f32` can hold it too.
    pub(crate) fn weight(&mut self) -> f64 {
        let size = self.within(0.5..=1.5);
        let weight = if self.0.below(2) == 0 { size } else { -size };
        f64::from(weight as f32)
    }

    /// So many [`weight`](Self::weight)s.
    pub(crate) fn weights(&mut self, len: usize) -> Vec<f64> {
        (0..len).map(|_| self.weight()).collect()
    }

    fn shuffle(&mut self, numbers: &mut [f64]) {
        for k in (1..numbers.len()).rev() {
            numbers.swap(k, self.0.below(k + 1));
        }
    }
}

/// So many numbers of an interval in any order, no two closer than a quarter of the interval's part for each. `f32` can
/// hold them too.
pub(crate) fn apart(range: &RangeInclusive<f64>, len: usize, draw: &mut Draw) -> Vec<f64> {
    let part = (range.end() - range.start()) / len as f64;
    let mut number = |k: usize| range.start() + part * (k as f64 + draw.within(0.125..=0.875));
    let mut numbers: Vec<_> = (0..len).map(|k| f64::from(number(k) as f32)).collect();
    draw.shuffle(&mut numbers);
    numbers
}

#[test]
fn drawn_numbers_are_apart_and_differ_by_name() {
    let draw = |name| apart(&(-2.0..=2.0), 40, &mut Draw::named(name));
    let mut numbers = draw("a");
    assert_eq!(numbers, draw("a"));
    assert_ne!(numbers, draw("b"));
    assert!(!numbers.is_sorted());
    numbers.sort_by(f64::total_cmp);
    assert!(numbers.windows(2).all(|pair| pair[1] - pair[0] > 0.0249));
    assert!(-2.0 <= numbers[0] && numbers[39] <= 2.0);
}
