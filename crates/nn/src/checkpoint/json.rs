//! As much of JSON as the header of a safetensors file has: objects, lists, texts and whole numbers.
//!
//! There is no recursion here: whoever reads says what comes next, so that no header nests deeper than the format.

use std::collections::BTreeSet;

use super::error::CheckpointError;

type Result<V> = std::result::Result<V, CheckpointError>;

/// A place in a text.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// `{"key": value, …}`, where no key comes twice. `value` reads what stands after the colon.
    pub(super) fn object(&mut self, mut value: impl FnMut(&mut Self, String) -> Result<()>) -> Result<()> {
        let mut seen = BTreeSet::new();
        self.items(b'{', b'}', |reader| {
            reader.space();
            let at = reader.at;
            let key = reader.string()?;
            if !seen.insert(key.clone()) {
                return Err(CheckpointError::format(format!(
                    "header, byte {at}: the name {key:?} comes twice"
                )));
            }
            reader.token(b':')?;
            value(reader, key)
        })
    }

    /// `[item, …]`
    pub(super) fn list<V>(&mut self, mut item: impl FnMut(&mut Self) -> Result<V>) -> Result<Vec<V>> {
        let mut items = Vec::new();
        self.items(b'[', b']', |reader| {
            items.push(item(reader)?);
            Ok(())
        })?;
        Ok(items)
    }

    /// A whole number from 0.
    pub(super) fn number(&mut self) -> Result<u64> {
        self.space();
        let rest = &self.text[self.at..];
        let digits = &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()];
        let canonical = digits == "0" || !digits.starts_with('0');
        match digits.parse() {
            Ok(number) if canonical => {
                self.at += digits.len();
                Ok(number)
            }
            _ => Err(self.expected("a whole number from 0 to 2^64 - 1")),
        }
    }

    pub(super) fn string(&mut self) -> Result<String> {
        self.token(b'"')?;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match rest.as_bytes().get(plain) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.expected("the end of a text")),
            }
        }
    }

    /// Nothing but spaces is left.
    pub(super) fn end(&mut self) -> Result<()> {
        self.space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.expected("the end")) }
    }

    pub(super) fn expected(&self, what: &str) -> CheckpointError {
        let found = match self.text[self.at..].chars().next() {
            Some(c) => format!("{c:?}"),
            None => "its end".into(),
        };
        CheckpointError::format(format!("header, byte {}: {what} is expected, found {found}", self.at))
    }

    fn items(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.token(open)?;
        if self.next_is(close) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.next_is(close) {
                return Ok(());
            }
            self.token(b',')?;
        }
    }

    fn space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.text.as_bytes().get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn token(&mut self, byte: u8) -> Result<()> {
        if self.next_is(byte) { Ok(()) } else { Err(self.expected(&format!("{:?}", char::from(byte)))) }
    }

    fn escape(&mut self) -> Result<char> {
        let letter = self.text.as_bytes().get(self.at + 1);
        let simple = match letter {
            Some(&c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.expected("an escape such as \\n")),
        };
        self.at += 2;
        Ok(simple)
    }

    /// `\u0041`, or two of them that are a surrogate pair.
    fn unicode(&mut self) -> Result<char> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
        };
        let first = unit(self.at);
        let pair = first.into_iter().chain(unit(self.at + 6));
        match char::decode_utf16(pair).next() {
            Some(Ok(c)) => {
                self.at += 6 * c.len_utf16();
                Ok(c)
            }
            _ => Err(self.expected("an escape such as \\u00e9")),
        }
    }
}

/// Adds a text in quotes.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => out.extend(["\\u00", &format!("{:02x}", u32::from(c))]),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Texts as a list in JSON.
pub(super) fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut json = String::from("[");
    for (k, text) in texts.enumerate() {
        json.push_str(if k == 0 { "" } else { "," });
        quote(&mut json, text);
    }
    json + "]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Result<String> {
        let mut reader = Reader::new(json);
        let text = reader.string()?;
        reader.end().map(|()| text)
    }

    #[test]
    fn texts_go_both_ways() {
        let odd: String = (0..0x3000).chain(0x1_f600..0x1_f610).filter_map(char::from_u32).collect();
        let mut quoted = String::new();
        quote(&mut quoted, &odd);
        assert_eq!(text(&quoted).unwrap(), odd);
        assert_eq!(text(r#" "\u00e9\uD83D\uDE00\/\"" "#).unwrap(), "é😀/\"");
        for broken in [
            r#""\ud83d""#,
            r#""\ude00""#,
            r#""\u00g0""#,
            r#""\u+123""#,
            r#""\x""#,
            "\"\n\"",
            "\"",
            r#""\"#,
            "",
        ] {
            assert!(text(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn whole_numbers_only() {
        assert_eq!(Reader::new(" 18446744073709551615").number().unwrap(), u64::MAX);
        assert_eq!(Reader::new("0").number().unwrap(), 0);
        for broken in ["18446744073709551616", "-1", "01", "", "x", "٣"] {
            assert!(Reader::new(broken).number().is_err(), "{broken:?}");
        }
        let error = Reader::new("-1").number().unwrap_err().to_string();
        assert_eq!(error, "header, byte 0: a whole number from 0 to 2^64 - 1 is expected, found '-'");
    }

    #[test]
    fn lists_and_objects() {
        let list = |json: &str| Reader::new(json).list(Reader::number);
        assert_eq!(list(" [ 1 , 2 ]").unwrap(), [1, 2]);
        assert!(list("[]").unwrap().is_empty());
        assert!(list("[1,]").is_err() && list("[1 2]").is_err() && list("[").is_err());
        let object = |json: &str| {
            let mut found = Vec::new();
            Reader::new(json).object(|reader, key| {
                found.push((key, reader.number()?));
                Ok(())
            })?;
            Ok::<_, CheckpointError>(found)
        };
        assert_eq!(object(r#"{"a":1,"b":2}"#).unwrap(), [("a".into(), 1), ("b".into(), 2)]);
        let twice = object(r#"{"a":1, "a":1}"#).unwrap_err();
        assert_eq!(twice.to_string(), "header, byte 8: the name \"a\" comes twice");
    }
}
