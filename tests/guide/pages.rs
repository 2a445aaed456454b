//! Every page is in the table of contents and among those whose code is run; every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files with this ending, by their path from the folder.
pub(crate) fn files(folder: &Path, ending: &str) -> BTreeSet<String> {
    let (mut folders, mut found) = (vec![folder.to_owned()], BTreeSet::new());
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of the guide") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let path = path.strip_prefix(folder).expect("it lies in the folder");
                found.insert(path.to_str().expect("a plain name").to_owned());
            }
        }
    }
    found
}

/// What stands in `](…)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut code = false;
    let prose = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        code ^= fence;
        !code && !fence
    });
    let found = prose.flat_map(|line| line.split("](").skip(1));
    found.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()).collect()
}

/// A path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leaves the guide", path.display()),
            part => plain.push(part),
        }
    }
    plain
}

/// A heading as the address of its place on the page.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().chars();
    let kept = letters.filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn pages_are_in_the_contents_and_their_code_is_run() {
    let pages: BTreeSet<_> = files(&source(), "md").into_iter().filter(|page| page != "SUMMARY.md").collect();
    let listed: BTreeSet<_> = links(&read(&source().join("SUMMARY.md"))).into_iter().collect();
    assert_eq!(pages, listed);
    let run = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide.rs"));
    let run: BTreeSet<_> = run
        .split('"')
        .filter(|part| Path::new(part).extension().is_some_and(|ending| ending == "md"))
        .map(str::to_owned)
        .collect();
    assert_eq!(pages, run);
}

#[test]
fn links_and_pictures_lead_somewhere() {
    let mut seen = 0;
    for page in files(&source(), "md") {
        for link in links(&read(&source().join(&page))) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, place) = link.split_once('#').unwrap_or((&link, ""));
            let folder = Path::new(&page).parent().expect("a page lies in a folder");
            let target = if path.is_empty() { PathBuf::from(&page) } else { plain(&folder.join(path)) };
            let target = source().join(target);
            assert!(target.is_file(), "{page}: {link}");
            let has = |text: &str| text.lines().any(|line| line.starts_with('#') && anchor(line) == place);
            assert!(place.is_empty() || has(&read(&target)), "{page}: {link}: no such heading");
            seen += 1;
        }
    }
    assert!(seen >= 60, "{seen} links");
}

#[test]
fn every_picture_is_on_a_page() {
    let pages = files(&source(), "md").into_iter().map(|page| read(&source().join(page)));
    let shown: BTreeSet<_> = pages.flat_map(|text| links(&text)).collect();
    let shown = |name: &str| shown.iter().any(|link| link.ends_with(&format!("pictures/{name}")));
    for name in files(&source().join("pictures"), "svg") {
        assert!(shown(&name), "{name} is on no page");
    }
}

/// What chapters have in common.
#[test]
fn chapters_have_a_goal_questions_and_sources() {
    let chapters = files(&source().join("chapters"), "md");
    assert_eq!(chapters.len(), 8);
    for chapter in chapters {
        let text = read(&source().join("chapters").join(&chapter));
        assert!(text.contains("\n**Goal:** "), "{chapter}");
        let questions = text.matches("<details><summary>Answer</summary>").count();
        assert!((2..=3).contains(&questions), "{chapter}: {questions} questions");
        assert_eq!(text.matches("</details>").count(), questions, "{chapter}");
        assert!(text.contains("\n```rust\n") && text.contains("](../pictures/"), "{chapter}");
        assert!(text.contains("\n## Sources\n"), "{chapter}");
    }
}
