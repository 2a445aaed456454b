//! Text in a picture: how wide it is, and how it is written in XML.

use std::fmt::{self, Display, Write};

/// A coordinate, to a tenth.
#[derive(Clone, Copy)]
pub(crate) struct At(pub f64);

impl Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round();
        // No minus before a 0.
        let value = if tenths == 0.0 { 0.0 } else { tenths / 10.0 };
        write!(f, "{value}")
    }
}

/// Text as XML has it: markup is escaped, and what XML forbids is replaced.
pub(crate) struct Xml<'a>(pub &'a str);

impl Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\n' | '\t' => f.write_char(letter)?,
                '\u{fffe}' | '\u{ffff}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                _ if letter.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
                _ => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// How wide a text is at most, in a monospaced font of this size.
///
/// The widest fonts of this kind have letters of 0.602 em. What such a font lacks comes from another one, where it may be
/// as wide as it is high, and emoji are wider still.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(letter).sum::<f64>() * size
}

fn letter(letter: char) -> f64 {
    match letter {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        ' '..='~' | '\u{a0}'..='\u{52f}' => 0.602,
        // Signs that monospaced fonts have.
        '−' | '…' | '–' | '—' | '‖' | '∂' | '∞' | '←' | '→' | 'ᵀ' => 0.65,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff00}'..='\u{ff60}' => 1.05,
        '\u{1f000}'..='\u{1faff}' => 1.4,
        _ => 1.0,
    }
}

/// A text of so many letters at most: the middle of a longer one is left out.
pub(crate) fn shorten(text: &str, letters: usize) -> String {
    let count = text.chars().count();
    if count <= letters {
        return text.to_owned();
    }
    let (head, tail) = (letters / 2, letters - letters / 2 - 1);
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

/// Lines of so many letters at most, broken after dots and underscores where that can be; of too many lines the middle
/// is left out.
pub(crate) fn wrap(text: &str, letters: usize, lines: usize) -> Vec<String> {
    let text = shorten(&text.replace(|letter: char| letter.is_control(), " "), letters * lines);
    let mut wrapped = vec![String::new()];
    for part in text.split_inclusive(['.', '_', ' ', '/']) {
        let last = wrapped.len() - 1;
        let (have, more) = (wrapped[last].chars().count(), part.chars().count());
        if have > 0 && have + more > letters {
            wrapped.push(String::new());
        }
        for letter in part.chars() {
            let last = wrapped.len() - 1;
            if wrapped[last].chars().count() == letters {
                wrapped.push(letter.into());
            } else {
                wrapped[last].push(letter);
            }
        }
    }
    if wrapped.len() > lines {
        return vec![shorten(&text, letters)];
    }
    wrapped
}

/// A line of text: `class`, where it is anchored, its baseline.
pub(crate) fn line(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let _ = write!(out, r#"<text class="{class}" x="{}" y="{}">{}</text>"#, At(x), At(y), Xml(text));
}

/// What a pointer that rests there, and a screen reader, are told.
pub(crate) fn title(out: &mut String, text: &str) {
    let _ = write!(out, "<title>{}</title>", Xml(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(Xml("a<b>&\"\u{0}\u{1b}é").to_string(), "a&lt;b&gt;&amp;&quot;\u{fffd}\u{fffd}é");
    }

    #[test]
    fn coordinates_have_a_tenth() {
        assert_eq!([1.0, 1.25, -0.04, 1234.56].map(|x| At(x).to_string()), ["1", "1.3", "0", "1234.6"]);
    }

    #[test]
    fn long_names_are_wrapped_or_shortened() {
        assert_eq!(wrap("layers.0.weight", 10, 2), ["layers.0.", "weight"]);
        assert_eq!(wrap("abcdefghijklmnop", 10, 2), ["abcdefghij", "klmnop"]);
        assert_eq!(wrap("x", 10, 2), ["x"]);
        assert_eq!(shorten("abcdefghij", 5), "ab…ij");
        assert!(wrap("a very_long.name/with many parts", 8, 2).len() <= 2);
    }

    #[test]
    fn wide_letters_count_as_wide() {
        assert!(width("漢字", 10.0) > 1.7 * width("ab", 10.0));
        assert!(width("e\u{301}", 10.0) < width("ee", 10.0));
    }
}
