//! Code that a document quotes from the library is that code.

use std::fs;
use std::path::Path;

/// The lines without what stands in front of all of them and behind each.
fn trimmed(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn quoted_code_is_in_the_file_it_is_quoted_from() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read =
        |path: &str| fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let document = read("docs/ADDING_AN_OPERATION.md");
    let quotes: Vec<_> = document.split("<!-- from ").skip(1).collect();
    assert!(quotes.len() >= 5, "{} quotations", quotes.len());
    for quote in quotes {
        let (path, rest) = quote.split_once(" -->\n```rust,ignore\n").expect("a path, and a block");
        // The quotation may hold fences of its own, behind the slashes of documentation.
        let (code, _) = rest.split_once("\n```\n").expect("the end of the block");
        let (wanted, source) = (trimmed(code), read(path));
        let found = trimmed(&source).windows(wanted.len()).any(|lines| lines == wanted);
        assert!(found, "{path} does not hold this:\n{code}");
    }
}
