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
    /// In one pass: the mean from a sum that keeps what it rounds away (A. Neumaier, *Rundungsfehleranalyse einiger Verfahren
    /// zur Summation endlicher Summen*, ZAMM 54, 1974), deviations by the updates of B. P. Welford (*Note on a method for
    /// calculating corrected sums of squares and products*, Technometrics 4, 1962), in units of a power of two near the
    /// largest number, so that squares neither overflow nor vanish.
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
        let (mut sum, mut lost) = (0.0_f64, 0.0);
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
                for first in [&mut sum, &mut lost, &mut mean] {
                    *first *= ratio;
                }
                for second in [&mut deviations, &mut squares] {
                    *second *= ratio * ratio;
                }
                unit = larger;
            }
            finite += 1.0;
            let scaled: f64 = number / unit;
            let (larger, smaller) = if sum.abs() < scaled.abs() { (scaled, sum) } else { (sum, scaled) };
            sum = larger + smaller;
            lost += larger - sum + smaller;
            let before = scaled - mean;
            mean += before / finite;
            deviations += before * (scaled - mean);
            squares += scaled * scaled;
        }
        if finite > 0.0 {
            found.mean = ((sum + lost) / finite * unit).clamp(found.min, found.max);
            found.deviation = (deviations / finite).sqrt() * unit;
            found.norm = f64::sqrt(squares) * unit;
        }
        found
    }
}

impl fmt::Display for Numbers {
    /// A single number, or few of them in brackets; of many the shape with the least and the greatest. With four significant
    /// digits, or as many as the precision says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FEW: usize = 6;
        let digits = f.precision().unwrap_or(4).max(1);
        let Self { shape, values, statistics } = self;
        if statistics.count == 0 || values.len() > FEW || values.is_empty() {
            write!(f, "{shape:?}")?;
            if statistics.count > statistics.not_finite {
                let [min, max] = [statistics.min, statistics.max].map(|value| short(value, digits));
                write!(f, " {min} … {max}")?;
            }
            return match statistics.not_finite {
                0 => Ok(()),
                count => write!(f, " {count} not finite"),
            };
        }
        // A bracket wherever a row of some axis begins or ends.
        let rows = |k: usize| {
            let lens = shape.iter().rev().scan(1, |len, extent| {
                *len *= extent;
                Some(*len)
            });
            lens.filter(|&len| k.is_multiple_of(len)).count()
        };
        for (k, &value) in values.iter().enumerate() {
            let comma = if k > 0 { ", " } else { "" };
            write!(f, "{comma}{}{}{}", "[".repeat(rows(k)), short(value, digits), "]".repeat(rows(k + 1)))?;
        }
        Ok(())
    }
}

/// JSON has no infinities and no NaN: they are the strings `"inf"`, `"-inf"` and `"nan"`.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn write_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match *number {
        number if number.is_nan() => serializer.serialize_str("nan"),
        f64::INFINITY => serializer.serialize_str("inf"),
        f64::NEG_INFINITY => serializer.serialize_str("-inf"),
        number => serializer.serialize_f64(number),
    }
}

struct Written(f64);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_number(&self.0, serializer)
    }
}

pub(super) fn write_numbers<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(numbers.iter().map(|&number| Written(number)))
}

pub(super) fn write_constants<S: Serializer>(
    constants: &[(usize, f64)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(constants.iter().map(|&(position, number)| (position, Written(number))))
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
fn full(value: f64) -> String {
    let value = value + 0.0; // -0 is shown as 0
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-4..1e12).contains(&size) || !size.is_finite() => value.to_string(),
        _ => format!("{value:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Statistics {
        Statistics::of(numbers.iter().copied())
    }

    #[test]
    fn statistics_are_of_what_is_finite() {
        let found = of(&[1.0, f64::NAN, -2.0, 0.0, f64::INFINITY, 5.0]);
        assert_eq!((found.count, found.not_finite, found.zeros), (6, 2, 1));
        assert_eq!((found.min, found.max, found.mean), (-2.0, 5.0, 1.0));
        assert_eq!(found.norm, 30.0_f64.sqrt());
        assert!((found.deviation - 6.5_f64.sqrt()).abs() < 1e-15, "{found:?}");
    }

    #[test]
    fn nothing_has_no_mean() {
        for found in [of(&[]), of(&[f64::NAN])] {
            assert!([found.min, found.max, found.mean, found.deviation].iter().all(|number| number.is_nan()));
            assert_eq!(found.norm, 0.0);
        }
    }

    #[test]
    fn neither_size_nor_a_large_mean_takes_the_digits_away() {
        for unit in [1e300, 1.0, 1e-300, 5e-324] {
            let found = of(&[3.0 * unit, 4.0 * unit]);
            assert!((found.norm / unit - 5.0).abs() < 1e-14, "{unit:e}: {found:?}");
            if unit > 1e-320 {
                assert!((found.deviation / unit - 0.5).abs() < 1e-15, "{unit:e}: {found:?}");
            }
        }
        let found = of(&[f64::MAX, f64::MAX, -f64::MAX, -f64::MAX]);
        assert!(found.mean == 0.0 && (found.deviation / f64::MAX - 1.0).abs() < 1e-15, "{found:?}");
        let far = of(&[1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0]);
        assert!((far.deviation - (2.0_f64 / 3.0).sqrt()).abs() < 1e-9, "{far:?}");
        assert_eq!(of(&[0.1; 1000]).mean, 0.1);
        assert_eq!(of(&[0.1; 1000]).deviation, 0.0);
    }

    #[test]
    fn numbers_are_shown_as_one_would_write_them() {
        for (value, wanted) in [
            (0.0, "0"),
            (-0.0, "0"),
            (2.0, "2"),
            (-0.1, "-0.1"),
            (1.0 / 3.0, "0.33333333"),
            (1e-5, "1e-5"),
            (123_456_789.0, "123456790"),
            (-2.5e300, "-2.5e300"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(value, 8), wanted);
        }
        assert_eq!(full(1.0 / 3.0), "0.3333333333333333");
    }

    #[test]
    fn few_numbers_are_shown_and_many_described() {
        let show = |shape: &[usize], numbers: &[f64]| Numbers::of(shape, numbers).to_string();
        assert_eq!(show(&[], &[0.123_456]), "0.1235");
        assert_eq!(show(&[1], &[2.0]), "[2]");
        assert_eq!(show(&[2, 1, 2], &[1.0, 2.0, f64::NAN, 4.0]), "[[[1, 2]], [[NaN, 4]]]");
        assert_eq!(show(&[0, 3], &[]), "[0, 3]");
        assert_eq!(show(&[7], &[1.0, 2.0, 3.0, 4.0, 5.0, f64::INFINITY, -7.5]), "[7] -7.5 … 5 1 not finite");
        assert_eq!(show(&[7], &[f64::NAN; 7]), "[7] 7 not finite");
        assert_eq!(show(&[300], &[1.0; 300]), "[300] 1 … 1");
        assert_eq!(format!("{:.2}", Numbers::of(&[2], &[0.123, 456.0])), "[0.12, 460]");
    }
}
