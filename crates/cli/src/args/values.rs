//! The values of options: from a text to a number, or to what was expected instead.

use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The widths of the hidden layers.
#[derive(Clone, Debug)]
pub(crate) struct Widths(pub(crate) Vec<usize>);

/// How many rows make a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Batch {
    /// All of them.
    Full,
    /// So many.
    Rows(NonZeroUsize),
}

impl Batch {
    /// The rows of a step, of so many there are.
    pub(crate) fn of(self, rows: usize) -> usize {
        match self {
            Self::Full => rows,
            Self::Rows(batch) => batch.get().min(rows),
        }
    }
}

/// How training images are varied.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Augmentation {
    /// By how many pixels an image is moved at most, in each direction.
    pub(crate) shift: usize,
    /// Whether every second image is mirrored.
    pub(crate) flip: bool,
}

/// A finite number that passes a test.
fn number(text: &str, fits: impl Fn(f64) -> bool, wanted: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if f64::is_finite(value) && fits(value) => Ok(value),
        _ => Err(format!("expected {wanted}")),
    }
}

pub(super) fn positive(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0, "a number above 0")
}

pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |value| value >= 0.0, "a number from 0")
}

pub(super) fn below_one(text: &str) -> Result<f64, String> {
    number(text, |value| (0.0..1.0).contains(&value), "a number from 0 and below 1")
}

pub(super) fn part(text: &str) -> Result<f64, String> {
    number(text, |value| 0.0 < value && value < 1.0, "a number above 0 and below 1")
}

pub(super) fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number from 1".to_owned())
}

pub(super) fn threads(text: &str) -> Result<NonZeroUsize, String> {
    /// A machine with more is not for this program.
    const MOST: usize = 1024;
    let number = count(text).ok().filter(|number| number.get() <= MOST);
    number.ok_or_else(|| format!("expected a whole number from 1 to {MOST}"))
}

pub(super) fn folds(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|&folds| folds >= 2);
    number.ok_or_else(|| "expected a whole number from 2".to_owned())
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

pub(super) fn batch(text: &str) -> Result<Batch, String> {
    match (text, count(text)) {
        ("full", _) => Ok(Batch::Full),
        (_, Ok(rows)) => Ok(Batch::Rows(rows)),
        (_, Err(_)) => Err("expected a whole number from 1, or full".to_owned()),
    }
}

pub(super) fn widths(text: &str) -> Result<Widths, String> {
    /// A layer beyond this is a slip of the hand, and would ask for more memory than there is.
    const WIDEST: usize = 16_384;
    if text == "none" {
        return Ok(Widths(Vec::new()));
    }
    let width = |text: &str| text.trim().parse().ok().filter(|width| (1..=WIDEST).contains(width));
    let widths: Option<Vec<usize>> = text.split(',').map(width).collect();
    let wanted = || format!("expected whole numbers from 1 to {WIDEST} with commas between them, or none");
    widths.map(Widths).ok_or_else(wanted)
}

pub(super) fn augmentation(text: &str) -> Result<Augmentation, String> {
    let mut wanted = Augmentation::default();
    for part in text.split(',').map(str::trim) {
        match (part, part.strip_prefix("shift=").map(str::parse)) {
            ("flip", _) => wanted.flip = true,
            (_, Some(Ok(pixels @ 1..))) => wanted.shift = pixels,
            _ => return Err("expected shift=PIXELS, flip, or both with a comma between them".to_owned()),
        }
    }
    Ok(wanted)
}

/// A file whose ending stands for a form of picture.
pub(super) fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let known = |ending: &std::ffi::OsStr| {
        ["svg", "html", "dot", "mmd", "json", "txt"].iter().any(|form| ending == *form)
    };
    match path.extension() {
        Some(ending) if known(ending) => Ok(path),
        _ => Err("a file that ends in .svg, .html, .dot, .mmd, .json or .txt is expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn augmentations_are_read() {
        assert_eq!(augmentation("shift=2,flip"), Ok(Augmentation { shift: 2, flip: true }));
        assert_eq!(augmentation("flip"), Ok(Augmentation { shift: 0, flip: true }));
        for text in ["", "shift", "shift=", "shift=0", "shift=-1", "flip=1", "turn", "shift=2;flip"] {
            assert!(augmentation(text).is_err(), "{text}");
        }
    }
}
