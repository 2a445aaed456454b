//! A report, read.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A page and the numbers in it.
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) data: Value,
}

/// A file of its own for each test.
pub(crate) fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("report-{name}-{}.html", std::process::id()))
}

impl Page {
    /// Reads the page, looks whether it is well-formed, and removes it.
    pub(crate) fn read(path: &Path) -> Self {
        let html = fs::read_to_string(path).unwrap();
        fs::remove_file(path).unwrap();
        well_formed(&html);
        let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").expect("numbers");
        let (data, _) = rest.split_once("</script>").unwrap();
        let data = serde_json::from_str(data).unwrap();
        Self { html, data }
    }

    /// The texts of what was found, each after how bad it is: `warning: …`.
    pub(crate) fn findings(&self) -> Vec<String> {
        let findings = self.data["findings"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        findings
            .iter()
            .map(|finding| format!("{}: {}", text(&finding["level"]), text(&finding["text"])))
            .collect()
    }

    /// A number of an epoch, counted from 0.
    pub(crate) fn value(&self, epoch: usize, name: &str) -> f64 {
        let values = self.data["epochs"][epoch]["values"].as_array().unwrap();
        let found = values.iter().find(|pair| pair[0] == name).unwrap_or_else(|| panic!("no {name}"));
        found[1].as_f64().unwrap_or(f64::NAN)
    }

    /// The cells of the rows of the table that follows this text, as text.
    pub(crate) fn table(&self, after: &str) -> Vec<Vec<String>> {
        let (_, rest) = self.html.split_once(after).unwrap_or_else(|| panic!("no {after:?}"));
        let (_, rest) = rest.split_once("<tbody>").unwrap();
        let (body, _) = rest.split_once("</tbody>").unwrap();
        let cells = |row: &str| {
            let cells = row.split("</t").filter(|cell| cell.contains("<td") || cell.contains("<th"));
            cells.map(|cell| text(&cell[cell.find("<t").unwrap()..])).collect()
        };
        body.split("</tr>").filter(|row| row.contains("<td")).map(cells).collect()
    }

    /// The page without what differs from run to run: how long it took.
    pub(crate) fn timeless(&self) -> String {
        let places = ["<span class=\"seconds\">", "\"seconds\":"];
        places.into_iter().fold(self.html.clone(), |html, begin| {
            let mut parts = html.split(begin);
            let first = parts.next().unwrap_or_default().to_owned();
            let time = |c: char| c.is_alphanumeric() || matches!(c, '.' | ' ' | '-');
            parts.fold(first, |kept, part| kept + part.trim_start_matches(time))
        })
    }
}

/// Markup without its tags.
fn text(markup: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in markup.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text.trim().to_owned()
}

/// Every tag that is opened is closed, in its order; attributes are in quotes; ids are there once, and links lead to
/// one; nothing is loaded from elsewhere and nothing runs.
pub(crate) fn well_formed(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut links) = (Vec::new(), Vec::new());
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a document type");
    while let Some((before, after)) = rest.split_once('<') {
        let raw = matches!(open.last(), Some(&"style" | &"script"));
        assert!(raw || !before.contains('>'), "a > in the text {before:?}");
        for entity in before.split('&').skip(1).filter(|_| !raw) {
            assert!(entity.split_once(';').is_some_and(|(name, _)| name.len() < 8), "a bare & in {before:?}");
        }
        if let Some(name) = after.strip_prefix('/') {
            let (name, after) = name.split_once('>').expect("an end of the tag");
            assert_eq!(open.pop(), Some(name), "in {:?}", &after[..after.len().min(80)]);
            rest = after;
            continue;
        }
        assert!(!raw, "a tag within {:?}", open.last());
        let name_ends = after.find(|c: char| c.is_whitespace() || c == '>' || c == '/').expect("a name");
        let name = &after[..name_ends];
        let mut tag = &after[name_ends..];
        loop {
            tag = tag.trim_start();
            if let Some(after) = tag.strip_prefix("/>") {
                rest = after;
                break;
            }
            if let Some(after) = tag.strip_prefix('>') {
                open.push(name);
                rest = after;
                break;
            }
            let Some((attribute, after)) = tag.split_once("=\"") else {
                // The one attribute without a value.
                tag = tag
                    .strip_prefix("open")
                    .unwrap_or_else(|| panic!("no attribute: {}", &tag[..tag.len().min(60)]));
                continue;
            };
            let (value, after) = after.split_once('"').expect("an end of the value");
            assert!(
                attribute.chars().all(|c| c.is_alphanumeric() || "-:".contains(c)),
                "{attribute:?} of {name}"
            );
            match attribute {
                "id" => ids.push(value),
                "href" if name == "a" => links.push(value.strip_prefix('#').expect("a link within the page")),
                "href" | "src" => assert!(value.starts_with("data:"), "{value:?} is loaded"),
                _ => assert!(!attribute.starts_with("on"), "{attribute} runs"),
            }
            tag = after;
        }
        assert!(name != "script" || rest.starts_with('{'), "a script");
    }
    assert!(open.is_empty(), "open: {open:?}");
    for (k, id) in ids.iter().enumerate() {
        assert!(!ids[..k].contains(id), "the id {id} twice");
    }
    links.iter().for_each(|link| assert!(ids.contains(link), "a link to {link:?}, of {ids:?}"));
}
