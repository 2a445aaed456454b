//! The pictures of the guide, compared with the files that are checked in, or written anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{curves, graphs, pages};

/// A picture and the name of its file.
pub(crate) struct Picture {
    pub(crate) name: &'static str,
    pub(crate) svg: String,
    /// By how much its numbers may differ. A training rounds otherwise on a machine with other instructions.
    pub(crate) tolerance: f64,
}

impl Picture {
    pub(crate) fn exact(name: &'static str, svg: String) -> Self {
        Self { name, svg, tolerance: 0.0 }
    }
}

/// The numbers of a text, and what is left when a mark stands for each.
fn parted(text: &str) -> (Vec<f64>, String) {
    let (mut numbers, mut rest, mut number) = (Vec::new(), String::new(), String::new());
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() || c == '.' && !number.is_empty() {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            numbers.push(number.trim_end_matches('.').parse().expect("digits with one point"));
            number.clear();
            rest.push('#');
        }
        rest.push(c);
    }
    (numbers, rest)
}

fn alike(picture: &Picture, found: &str) -> bool {
    if picture.tolerance == 0.0 {
        return picture.svg == found;
    }
    let ((wanted, text), (numbers, other)) = (parted(&picture.svg), parted(found));
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= picture.tolerance;
    text == other && wanted.len() == numbers.len() && wanted.iter().zip(&numbers).all(close)
}

#[test]
fn pictures_are_what_the_library_draws() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/src/pictures");
    let pictures = graphs::all().into_iter().chain(curves::all()).collect::<Vec<_>>();
    let write = std::env::var_os("GUIDE").is_some_and(|word| word == "write");
    for picture in &pictures {
        let path = folder.join(picture.name);
        if write {
            fs::write(&path, &picture.svg).expect("the folder of the pictures");
        }
        let found = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", picture.name));
        assert!(
            alike(picture, &found),
            "{} is not what is drawn now: GUIDE=write cargo test --test guide",
            picture.name
        );
    }
    let made: BTreeSet<_> = pictures.iter().map(|picture| picture.name.to_owned()).collect();
    assert_eq!(pages::files(&folder, "svg"), made);
}

#[test]
fn a_picture_that_differs_is_noticed() {
    let picture = |svg: &str| Picture { name: "x.svg", svg: svg.into(), tolerance: 1.0 };
    let drawn = picture("<path d=\"M1.5 20\"/>");
    assert!(alike(&drawn, "<path d=\"M1.0 21\"/>"));
    assert!(!alike(&drawn, "<path d=\"M1.5 22\"/>"));
    assert!(!alike(&drawn, "<line d=\"M1.5 20\"/>"));
    assert!(!alike(&drawn, "<path d=\"M1.5 20 3\"/>"));
    assert!(!alike(&Picture { tolerance: 0.0, ..drawn }, "<path d=\"M1.0 20\"/>"));
}
