//! Numbers as a reader sees them: four significant digits.

/// Four significant digits, without zeros at the end: `2.584`, `-0.4161`, `12346`, `1.2e-7`, `NaN`, `inf`.
pub(crate) fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    // The exponent after rounding: 9.9996 has the exponent of 10.
    let scientific = format!("{value:.3e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse() {
        Ok(power @ -3..=4) => {
            without_zeros(&format!("{value:.*}", usize::try_from(3 - power).unwrap_or(0))).into()
        }
        _ => format!("{}e{exponent}", without_zeros(digits)),
    }
}

/// As [`plain`], with the signs of a printed text: `−0.4161`, `1.2e−7`, `∞`.
pub(crate) fn printed(value: f64) -> String {
    plain(value).replace('-', "−").replace("inf", "∞")
}

/// As [`printed`], in parentheses where it is negative: to be added or multiplied.
pub(crate) fn factor(value: f64) -> String {
    let text = printed(value);
    if text.starts_with('−') { format!("({text})") } else { text }
}

/// A count, its digits in threes: `1,234,567`.
pub(crate) fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_and_no_more() {
        let cases = [
            (2.584_123, "2.584"),
            (-0.416_146_8, "-0.4161"),
            (3.0, "3"),
            (-0.0, "0"),
            (100.0, "100"),
            (0.1 + 0.2, "0.3"),
            (9.9996, "10"),
            (0.001_234_56, "0.001235"),
            (0.000_999_96, "0.001"),
            (0.000_123_4, "1.234e-4"),
            (1.2e-7, "1.2e-7"),
            (12_345.6, "12346"),
            (99_999.6, "1e5"),
            (-6.022_14e23, "-6.022e23"),
            (f64::MIN_POSITIVE, "2.225e-308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(plain(value), text);
        }
    }

    #[test]
    fn signs_of_a_printed_text() {
        assert_eq!([-1.2e-7, f64::NEG_INFINITY, 2.0].map(printed), ["−1.2e−7", "−∞", "2"]);
        assert_eq!([-0.5, 0.5].map(factor), ["(−0.5)", "0.5"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }
}
