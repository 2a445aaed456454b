//! Small texts of the view: times, bars, what fits into a line.

use std::time::Duration;

/// `0:07`, `12:07`, `1:02:07`.
pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// Three digits, and a letter for thousands: `7.25`, `284`, `28.4k`.
pub(super) fn many(number: f64) -> String {
    let (number, unit) = match number {
        ..1e3 => (number, ""),
        ..1e6 => (number / 1e3, "k"),
        _ => (number / 1e6, "M"),
    };
    let decimals = match number {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$}{unit}")
}

/// The texts that fit into a line, from the first on.
pub(super) fn fitting(texts: &[String], width: usize) -> String {
    const GAP: &str = "   ";
    let mut line = String::new();
    for text in texts {
        let gap = if line.is_empty() { "" } else { GAP };
        if line.chars().count() + gap.len() + text.chars().count() > width {
            break;
        }
        line.extend([gap, text]);
    }
    line
}

/// The beginning of a text that is too long.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain((width > 0).then_some('…')).collect()
}

/// A bar of this part of the width, to an eighth of a cell.
pub(super) fn bar(part: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (part.clamp(0.0, 1.0) * width as f64 * 8.0).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// A column for each part, a space where it is no number.
pub(super) fn columns(parts: impl IntoIterator<Item = f64>) -> String {
    const COLUMNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let column = |part: f64| match part {
        part if part.is_nan() => ' ',
        part => COLUMNS[((part.clamp(0.0, 1.0) * 8.0) as usize).min(7)],
    };
    parts.into_iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_are_short() {
        let shown = [7, 727, 3727, 360_000].map(|seconds| time(Duration::from_secs(seconds)));
        assert_eq!(shown, ["0:07", "12:07", "1:02:07", "100:00:00"]);
        let shown = [0.0, 7.25, 72.5, 725.0, 28_412.0, 7.25e8].map(many);
        assert_eq!(shown, ["0.00", "7.25", "72.5", "725", "28.4k", "725M"]);
    }

    #[test]
    fn lines_have_what_fits() {
        let texts = ["loss 0.1", "rate 0.005", "3 s"].map(str::to_owned);
        assert_eq!(fitting(&texts, 21), "loss 0.1   rate 0.005");
        assert_eq!(fitting(&texts, 20), "loss 0.1");
        assert_eq!(fitting(&texts, 5), "");
        assert_eq!([0, 1, 4, 5].map(|width| cut("∇ abc", width)), ["", "…", "∇ a…", "∇ abc"]);
    }

    #[test]
    fn bars_are_exact_to_an_eighth() {
        assert_eq!(
            [0.0, 0.0625, 0.5, 0.53, 1.0, 7.0].map(|part| bar(part, 4)),
            ["", "▎", "██", "██▏", "████", "████"]
        );
        assert_eq!(columns([0.0, 0.49, 1.0, f64::NAN, -1.0, f64::INFINITY]), "▁▄█ ▁█");
    }
}
