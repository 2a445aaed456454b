//! Code that a document quotes from the library is that code, and what the design says of the sources is so.

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

/// `Tape::apply` takes any operation, since users have their own. Those of the library go through what takes none but
/// those of the list.
#[test]
fn the_operations_of_the_library_are_recorded_as_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/tape/src/ops");
    let (mut folders, mut seen) = (vec![folder], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).expect("a source");
            let code = source.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
            let open = code.filter(|line| !line.starts_with("//")).find(|line| line.contains(".apply("));
            assert!(open.is_none(), "{}: {open:?} may record what is not on the list", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 40, "{seen} sources");
}
