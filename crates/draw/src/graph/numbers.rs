//! Numbers of a tape as a picture shows them, and what can be said of many.

use std::fmt;

use serde::{Serialize, Serializer};
use tape::Element;

use super::{Numbers, Statistics};

impl Numbers {
    /// How many numbers are kept, at most.
    pub const SHOWN: usize = 256;

    /// Numbers in row-major order. Of an element that carries derivatives along, it is the value.
    pub(crate) fn of<T: Element>(shape: &[usize], numbers: &[T]) -> Self {
        let as_f64 = |number: &T| number.to_f64().unwrap_or(f64::NAN);
        let values =
            if numbers.len() <= Self::SHOWN { numbers.iter().map(as_f64).collect() } else { Vec::new() };
        Self { shape: shape.to_vec(), values, statistics: Statistics::of(numbers.iter().map(as_f64)) }
    }

    /// The number itself, where it is a single one.
    pub fn single(&self) -> Option<f64> {
        match self.values[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

impl Statistics {
    /// In one pass: mean and sum of squared deviations by the updates of B. P. Welford, *Note on a method for calculating
    /// corrected sums of squares and products*, Technometrics 4 (1962), in units of a power of two near the largest
    /// number, so that squares neither overflow nor vanish.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut found = Self {
            count: 0,
            not_finite: 0,
            zeros: 0,
            min: f64::NAN,
            max: f64::NAN,
            mean: f64::NAN,
            deviation: f64::NAN,
            norm: 0.0,
        };
        let (mut unit, mut finite) = (f64::MIN_POSITIVE, 0.0);
        let (mut mean, mut deviations, mut squares) = (0.0, 0.0, 0.0);
        for number in numbers {
            found.count += 1;
            if !number.is_finite() {
                found.not_finite += 1;
                continue;
            }
            found.zeros += usize::from(number == 0.0);
            (found.min, found.max) = (found.min.min(number), found.max.max(number));
            if number.abs() >= 2.0 * unit {
                let larger = power_of_two_below(number.abs());
                let ratio = unit / larger;
                mean *= ratio;
                deviations *= ratio * ratio;
                squares *= ratio * ratio;
                unit = larger;
            }
            finite += 1.0;
            let scaled = number / unit;
            let before = scaled - mean;
            mean += before / finite;
            deviations += before * (scaled - mean);
            squares += scaled * scaled;
        }
        if finite > 0.0 {
            found.mean = (mean * unit).clamp(found.min, found.max);
            found.deviation = (deviations / finite).sqrt() * unit;
            found.norm = f64::sqrt(squares) * unit;
        }
        found
    }
}

/// The power of two that is as large as a normal number or just below it.
fn power_of_two_below(number: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    f64::from_bits(number.to_bits() & EXPONENT)
}

/// Rounded to so many significant digits.
pub(crate) fn short(value: f64, digits: usize) -> String {
    full(format!("{value:.*e}", digits - 1).parse().unwrap_or(value))
}

/// The shortest text that reads back as the same number; a power of ten where zeros would make it long.
pub(crate) fn full(value: f64) -> String {
    let value = value + 0.0; // -0 is shown as 0
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-4..1e12).contains(&size) || !size.is_finite() => value.to_string(),
        _ => format!("{value:e}"),
    }
}
