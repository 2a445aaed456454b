//! Readers of DOT and Mermaid, as far as it takes to see that a text is whole.

use std::collections::HashSet;

/// What a text declares.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    pub(crate) nodes: HashSet<String>,
    pub(crate) edges: Vec<(String, String)>,
    pub(crate) frames: usize,
    /// Texts within quotes, and markup, as they are read.
    pub(crate) texts: Vec<String>,
}

impl Read {
    fn check(&self) {
        for (from, to) in &self.edges {
            assert!(self.nodes.contains(from) && self.nodes.contains(to), "{from} -> {to} leads nowhere");
        }
    }
}

/// Reads DOT.
#[track_caller]
pub(crate) fn dot(text: &str) -> Read {
    let mut read = Read::default();
    let mut tokens = dot_tokens(text, &mut read.texts).into_iter().peekable();
    assert_eq!(tokens.next().as_deref(), Some("digraph"));
    assert_eq!(tokens.next().as_deref(), Some("\""));
    assert_eq!(tokens.next().as_deref(), Some("{"));
    let mut depth = 1;
    while let Some(token) = tokens.next() {
        match &token[..] {
            "}" => depth -= 1,
            ";" => {}
            "subgraph" => {
                assert!(tokens.next().is_some_and(|name| name.starts_with("cluster_")));
                assert_eq!(tokens.next().as_deref(), Some("{"));
                (depth, read.frames) = (depth + 1, read.frames + 1);
            }
            name => {
                assert!(depth > 0, "{name} after the end");
                match tokens.peek().map(String::as_str) {
                    Some("=") => {
                        tokens.next();
                        tokens.next();
                        continue;
                    }
                    Some("->") => {
                        tokens.next();
                        read.edges.push((token.clone(), tokens.next().expect("an edge leads somewhere")));
                    }
                    _ if ["graph", "node", "edge"].contains(&name) => {}
                    _ => assert!(read.nodes.insert(token.clone()), "{token} is declared twice"),
                }
                if tokens.peek().map(String::as_str) == Some("[") {
                    assert!(tokens.by_ref().any(|token| token == "]"), "attributes end");
                }
            }
        }
    }
    assert_eq!(depth, 0, "as many braces are closed as opened");
    read.check();
    read
}

/// Identifiers, signs, and a quotation mark for each text and each markup.
fn dot_tokens(text: &str, texts: &mut Vec<String>) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => {
                let (len, content) = quotation(rest);
                texts.push(content);
                tokens.push("\"".to_owned());
                len
            }
            '<' => {
                let len = markup(rest);
                texts.push(rest[1..len - 1].to_owned());
                tokens.push("\"".to_owned());
                len
            }
            '-' if rest.starts_with("->") => {
                tokens.push("->".to_owned());
                2
            }
            c if c.is_whitespace() || c == ',' => c.len_utf8(),
            c if c.is_alphanumeric() || c == '_' => {
                let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                tokens.push(rest[..len].to_owned());
                len
            }
            c if "{}[]=;".contains(c) => {
                tokens.push(c.to_string());
                1
            }
            c => panic!("{c:?} outside of quotes: {rest:.60}"),
        };
        rest = &rest[len..];
    }
    tokens
}

/// The length of a text in quotes, and what it says.
fn quotation(text: &str) -> (usize, String) {
    let mut content = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, c)) = letters.next() {
        match c {
            '"' => return (at + 1, content),
            '\\' => match letters.next().expect("something is escaped").1 {
                'n' => content.push('\n'),
                c => content.push(c),
            },
            c => content.push(c),
        }
    }
    panic!("a quotation does not end: {text:.60}");
}

/// The length of markup between angle brackets, the tags in which must match.
fn markup(text: &str) -> usize {
    let mut open: Vec<&str> = Vec::new();
    let mut at = 1;
    loop {
        let rest = &text[at..];
        let next = rest.find(['<', '>', '&']).expect("markup ends");
        at += next;
        match &text[at..=at] {
            ">" => {
                assert!(open.is_empty(), "{open:?} is not closed");
                return at + 1;
            }
            "&" => {
                let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
                assert!(known.iter().any(|known| text[at..].starts_with(known)), "{:.60}", &text[at..]);
                at += 1;
            }
            _ => {
                let end = at + text[at..].find('>').expect("a tag ends");
                let tag = &text[at + 1..end];
                let name = tag.split(' ').next().unwrap_or_default();
                match name.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name)),
                    None if tag.ends_with('/') => {}
                    None => open.push(name),
                }
                at = end + 1;
            }
        }
    }
}

/// Reads a flowchart of Mermaid, one statement a line.
#[track_caller]
pub(crate) fn mermaid(text: &str) -> Read {
    let mut read = Read::default();
    let mut lines = text.lines().map(str::trim);
    let mut first = lines.next();
    if first == Some("---") {
        let title = lines.next().and_then(|line| line.strip_prefix("title: ")).expect("a title");
        read.texts.push(serde_json::from_str(title).expect("a title in quotes"));
        assert_eq!(lines.next(), Some("---"));
        first = lines.next();
    }
    assert_eq!(first, Some("flowchart LR"));
    let mut depth = 0;
    for line in lines {
        if line == "end" {
            depth -= 1;
        } else if let Some(frame) = line.strip_prefix("subgraph ") {
            depth += 1;
            read.frames += 1;
            card(frame, &mut read);
        } else {
            statement(line, &mut read);
        }
        assert!(depth >= 0, "{line}");
    }
    assert_eq!(depth, 0, "as many frames end as begin");
    read.check();
    read
}

/// A card, or an arrow between two.
fn statement(line: &str, read: &mut Read) {
    let (from, rest) = card(line, read);
    let Some(rest) = rest.trim_start().strip_prefix("-->") else {
        return assert_eq!(rest, "", "{line}");
    };
    let rest = match rest.strip_prefix('|') {
        Some(labelled) => label(labelled, read).strip_prefix('|').expect("a label ends"),
        None => rest,
    };
    let (to, rest) = card(rest.trim_start(), read);
    assert_eq!(rest, "", "{line}");
    read.edges.push((from, to));
}

/// The name of a card, which is declared where it has a text; and what follows.
fn card<'a>(text: &'a str, read: &mut Read) -> (String, &'a str) {
    let len = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    assert!(len > 0, "{text}");
    let (name, mut rest) = text.split_at(len);
    for (open, close) in [("([", "])"), ("[[", "]]"), ("[", "]")] {
        if let Some(labelled) = rest.strip_prefix(open) {
            rest = label(labelled, read).strip_prefix(close).expect("a card ends");
            assert!(read.nodes.insert(name.to_owned()), "{name} is declared twice");
            break;
        }
    }
    (name.to_owned(), rest)
}

/// Reads a text in quotes; what follows is given back.
fn label<'a>(text: &'a str, read: &mut Read) -> &'a str {
    let (content, rest) =
        text.strip_prefix('"').and_then(|text| text.split_once('"')).expect("a text in quotes");
    let mut plain = String::new();
    let mut left = content;
    while let Some(at) = left.find(['#', '<', '>', '&', '`', '\\', '\n']) {
        plain.push_str(&left[..at]);
        let (c, after) = if let Some(code) = left[at..].strip_prefix('#') {
            let (code, after) = code.split_once(';').expect("the number of a letter ends");
            (code.parse().ok().and_then(char::from_u32).expect("the number of a letter"), after)
        } else {
            ('\n', left[at..].strip_prefix("<br/>").unwrap_or_else(|| panic!("not escaped: {content}")))
        };
        plain.push(c);
        left = after;
    }
    read.texts.push(plain + left);
    rest
}
