//! Numbers in a message: one, many, and what is known of many.

use crate::element::Element;
use crate::operation::View;
use crate::shape;

/// A number with four digits.
pub(super) fn number(x: impl Element) -> String {
    let x = x.to_f64().unwrap_or(f64::NAN);
    let size = x.abs();
    if !x.is_finite() || x == 0.0 {
        return x.to_string();
    }
    if !(1e-4..1e6).contains(&size) {
        let text = format!("{x:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let before = size.log10().floor() as i32 + 1;
    trimmed(&format!("{x:.*}", (4 - before).max(0) as usize)).to_owned()
}

/// Without the zeros at the end of a fraction.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// The least and the greatest of some numbers, and how many are none: `-inf … 2, 1 of 6 not finite`.
pub(super) fn range(data: &[impl Element]) -> String {
    let numbers = data.iter().filter(|x| !x.is_nan());
    let low = numbers.clone().copied().reduce(|a, b| if b < a { b } else { a });
    let high = numbers.copied().reduce(|a, b| if b > a { b } else { a });
    let extremes = match low.zip(high) {
        None if data.is_empty() => return "empty".to_owned(),
        None => "all NaN".to_owned(),
        Some((low, high)) if low == high && data.len() == 1 => number(low),
        Some((low, high)) if low == high => format!("all {}", number(low)),
        Some((low, high)) => format!("{} … {}", number(low), number(high)),
    };
    match data.iter().filter(|x| !x.is_finite()).count() {
        0 => extremes,
        none if none == data.len() => extremes,
        none => format!("{extremes}, {none} of {} not finite", data.len()),
    }
}

/// The same, and the number at a position.
pub(super) fn range_at<T: Element>(view: View<'_, T>, at: usize) -> String {
    match view.data {
        [one] => number(*one),
        data => format!("{} ({} at {:?})", range(data), number(data[at]), shape::unravel(at, view.shape)),
    }
}

/// Where a number stands, and how many others are none: ` at index [0, 2] (1 of 6 numbers is not finite)`.
pub(super) fn place<T: Element>(view: View<'_, T>, at: usize) -> String {
    if view.shape.is_empty() {
        return String::new();
    }
    let index = shape::unravel(at, view.shape);
    let none = view.data.iter().filter(|x| !x.is_finite()).count();
    let are = if none == 1 { "is" } else { "are" };
    format!(" at index {index:?} ({none} of {} numbers {are} not finite)", view.data.len())
}

/// `a`, `a and b`, `a, b and c`; of many, the first.
pub(super) fn list(items: impl ExactSizeIterator<Item = String>) -> String {
    let mut shown = first(items);
    let last = shown.pop().unwrap_or_default();
    if shown.is_empty() { last } else { format!("{} and {last}", shown.join(", ")) }
}

/// The first of many, and how many more there are.
pub(super) fn first(items: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    const SHOWN: usize = 8;
    let more = items.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("{more} more"));
    items.take(SHOWN).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        let cases = [
            (0.1, "0.1"),
            (1.0, "1"),
            (-0.034_567_8, "-0.03457"),
            (1234.567, "1235"),
            (123_456.0, "123456"),
            (1e6, "1e6"),
            (-2.5e30, "-2.5e30"),
            (1.2344e-7, "1.234e-7"),
            (f64::NEG_INFINITY, "-inf"),
            (-0.0, "-0"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
        assert_eq!(number(0.1f32), "0.1");
    }

    #[test]
    fn ranges_leave_out_what_has_no_order() {
        assert_eq!(range(&[1.0, f64::NAN, -2.0]), "-2 … 1, 1 of 3 not finite");
        assert_eq!(range(&[f64::NAN; 2]), "all NaN");
        assert_eq!(range(&[f64::INFINITY, 0.5]), "0.5 … inf, 1 of 2 not finite");
        assert_eq!((range(&[3.0; 4]), range(&[3.0])), ("all 3".to_owned(), "3".to_owned()));
        assert_eq!(range(&[0.0; 0]), "empty");
    }

    #[test]
    fn lists_are_sentences() {
        let items = |n: usize| list((0..n).map(|k| k.to_string()));
        assert_eq!([items(1), items(2), items(3)], ["0", "0 and 1", "0, 1 and 2"]);
        assert_eq!(items(10), "0, 1, 2, 3, 4, 5, 6, 7 and 2 more");
    }
}
