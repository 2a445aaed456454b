//! The operation before the card of its result.

use std::fmt::Write;

use super::text::{At, line, shorten, title, width};
use super::{Figure, Known};
use crate::digits::{factor, printed};

/// The size of its letters, in units of the picture: see the style sheet.
const LETTERS: f64 = 14.0;
/// How high it is: more where many ways arrive.
const HEIGHT: f64 = 34.0;
const FOR_EACH: f64 = 10.0;
const HIGHEST: f64 = 120.0;

/// The sign that is written between operands, or before one; none for an operation that is written by its name.
pub(crate) fn sign(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "add" => "+",
        "sub" | "neg" => "−",
        "mul" => "×",
        "div" => "÷",
        "matmul" => "·",
        _ => return None,
    })
}

/// What is written in the oval: `×`, `tanh`, `x + 2` with a constant as `+ 2`.
fn words(known: &Known, node: usize) -> String {
    let of = &known.graph.nodes[node];
    let operation = shorten(&of.operation, 22);
    match (sign(&of.operation), of.constants.as_slice()) {
        (Some(sign), []) => sign.into(),
        (Some(sign), &[(0, value)]) if of.operation != "neg" => format!("{} {sign}", printed(value)),
        (Some(sign), &[(_, value)]) => format!("{sign} {}", factor(value)),
        (None, []) => operation,
        (_, constants) => {
            let values: Vec<_> = constants.iter().take(3).map(|&(_, value)| printed(value)).collect();
            format!("{operation} {}", values.join(", "))
        }
    }
}

/// How high what stands before a card is, where so many ways arrive.
fn height(known: &Known, node: usize) -> f64 {
    let ways = known.operands[node].len() as f64;
    (HEIGHT + FOR_EACH * (ways - 2.0).max(0.0)).min(HIGHEST)
}

/// The oval of an operation, around (0, 0).
pub(crate) fn oval(known: &Known, node: usize) -> Figure {
    let words = words(known, node);
    let height = height(known, node);
    let across = (width(&words, LETTERS) + 24.0).max(HEIGHT + 6.0);
    let mut out = String::new();
    let _ = write!(out, r#"<g class="oval" id="operation-{node}" data-operation="{node}">"#);
    title(&mut out, &known.call(node));
    let _ = write!(
        out,
        r#"<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>"#,
        At(-across / 2.0),
        At(-height / 2.0),
        At(across),
        At(height),
        At(height.min(across) / 2.0)
    );
    line(&mut out, "symbol", 0.0, 5.0, &words);
    out.push_str("</g>");
    Figure { width: across, height, svg: out }
}

/// The box of a composite operation while it is closed, around (0, 0).
pub(crate) fn composite(known: &Known, group: usize, node: usize) -> Figure {
    let words = words(known, node);
    let height = height(known, node) + 4.0;
    let across = width(&words, LETTERS) + 50.0;
    let mut out = String::new();
    let _ = write!(out, r#"<g class="box" id="group-{group}" data-group="{group}" data-operation="{node}">"#);
    title(&mut out, &format!("{}\nmade of several steps", known.call(node)));
    for (class, inset) in [("body", 0.0), ("inner", 3.0)] {
        let _ = write!(
            out,
            r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>"#,
            At(inset - across / 2.0),
            At(inset - height / 2.0),
            At(across - 2.0 * inset),
            At(height - 2.0 * inset),
            At(9.0 - inset)
        );
    }
    line(&mut out, "symbol", -11.0, 5.0, &words);
    plus(&mut out, across / 2.0 - 19.0, 0.0);
    out.push_str("</g>");
    Figure { width: across, height, svg: out }
}

/// The sign of what can be opened.
pub(crate) fn plus(out: &mut String, x: f64, y: f64) {
    let _ = write!(
        out,
        r#"<path class="handle" transform="translate({} {})" d="M-6 -6H6V6H-6ZM-3 0H3M0 -3V3"/>"#,
        At(x),
        At(y)
    );
}
