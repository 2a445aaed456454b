//! What stands below a picture: what its colours and signs mean, of those that are in it.

use std::fmt::Write;

use super::card::role;
use super::marks::Mark;
use super::text::{At, line, width};
use super::{Figure, Known};

const TINY: f64 = 10.0;

/// A line of explanations, with its upper left corner at (0, 0).
pub(crate) fn legend(known: &Known) -> Figure {
    let (mut out, mut x) = (String::from(r#"<g class="legend">"#), 0.0);
    let roles = [
        ("leaf", "variable"),
        ("parameter", "parameter"),
        ("constant", "constant"),
        ("operation", "result"),
        ("output", "output"),
    ];
    let present: Vec<_> = (0..known.graph.nodes.len()).map(|node| role(known, node).0).collect();
    for (class, word) in roles.into_iter().filter(|role| present.contains(&role.0)) {
        let radius = if matches!(class, "operation") { 2 } else { 6 };
        let _ = write!(
            out,
            r#"<g class="{class}"><rect class="tint" x="{0}" y="4" width="18" height="12" rx="{radius}"/><rect class="edge" x="{0}" y="4" width="18" height="12" rx="{radius}"/></g>"#,
            At(x)
        );
        x = word_after(&mut out, x + 24.0, word);
    }
    let mut words = Vec::new();
    if known.gradients {
        words.push("along a wire: above, the local derivative; below, ← upstream × local = downstream");
    }
    for text in words {
        x = word_after(&mut out, x, text);
    }
    for (mark, text) in [(Mark::Vanished, "the gradient vanishes"), (Mark::NotFinite, "NaN or infinite")] {
        let marked = known.graph.nodes.iter().any(|node| {
            let gradient =
                node.gradient.as_ref().and_then(|gradient| Mark::of_gradient(gradient, known.scale));
            Mark::of_value(&node.value).max(gradient) == Some(mark)
        });
        if marked {
            mark.sign(&mut out, x + 6.0, 10.0);
            x = word_after(&mut out, x + 16.0, text);
        }
    }
    out.push_str("</g>");
    Figure { width: x, height: 20.0, svg: out }
}

fn word_after(out: &mut String, x: f64, text: &str) -> f64 {
    line(out, "tiny", x, 13.5, text);
    x + width(text, TINY) + 18.0
}
