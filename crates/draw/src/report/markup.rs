//! Text in HTML.

use std::borrow::Cow;
use std::fmt::Write;

/// Text with nothing in it that HTML or SVG would take for markup, in an element or between double quotes.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '"', '\'', '>']) && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Neither HTML nor XML has a place for them.
            letter if letter.is_control() && letter != '\n' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

/// A table. Cells are markup: escape what is text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) head: Vec<String>,
    /// The first cell of a row is its name.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { head: head.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// As an element, with what it is about above it.
    pub(crate) fn html(&self, caption: &str) -> String {
        let mut html = String::from("<div class=\"scroll\"><table>");
        if !caption.is_empty() {
            let _ = write!(html, "<caption>{caption}</caption>");
        }
        html.push_str("<thead><tr>");
        for cell in &self.head {
            let _ = write!(html, "<th scope=\"col\">{cell}</th>");
        }
        html.push_str("</tr></thead>\n<tbody>");
        for row in &self.rows {
            html.push_str("<tr>");
            for (k, cell) in row.iter().enumerate() {
                let _ = match k {
                    0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(html, "<td>{cell}</td>"),
                };
            }
            html.push_str("</tr>\n");
        }
        html + "</tbody></table></div>\n"
    }

    /// The same, to be opened below a plot.
    pub(crate) fn folded(&self, summary: &str) -> String {
        format!("<details><summary>{summary}</summary>\n{}</details>\n", self.html(""))
    }
}

/// A number with a comma between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and what is counted: `1 epoch`, `2,000 epochs`.
pub(crate) fn counted(number: usize, of: &str) -> String {
    format!("{} {of}{}", grouped(number as u64), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("<b>\"a\" & 'b'\0</b>"),
            "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}&lt;/b&gt;"
        );
        assert!(matches!(escape("plain"), Cow::Borrowed("plain")));
        assert_eq!((counted(1, "epoch"), counted(12_345, "row")), ("1 epoch".into(), "12,345 rows".into()));
    }
}
