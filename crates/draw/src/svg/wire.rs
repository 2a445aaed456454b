//! The way of a value: a line with level ends and an arrowhead.

use std::fmt::Write;

use super::Known;
use super::text::At;

/// How far a turn goes beyond its ends.
const TURN: f64 = 20.0;

/// The path of a wire: straight between points of the same height, a turn from a point to one right below it, an S between
/// others.
pub(crate) fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    let Some(&(x, y)) = points.first() else { return path };
    let _ = write!(path, "M{} {}", At(x), At(y));
    let mut before = (x, y);
    for (at, &point) in points.iter().enumerate().skip(1) {
        let (x, y) = point;
        if At(y).0.to_bits() == At(before.1).0.to_bits() {
            // Of several pieces in a row only the end counts.
            let next = points.get(at + 1);
            if next.is_none_or(|next| next.1.to_bits() != y.to_bits()) {
                let _ = write!(path, "H{}", At(x));
            }
        } else {
            let onwards = at.checked_sub(2).map_or(0.0, |earlier| before.0 - points[earlier].0);
            let turn =
                if At(x).0.to_bits() == At(before.0).0.to_bits() { TURN.copysign(onwards) } else { 0.0 };
            let middle = At(f64::midpoint(before.0, x) + turn);
            let _ = write!(path, "C{middle} {} {middle} {} {} {}", At(before.1), At(y), At(x), At(y));
        }
        before = point;
    }
    path
}

/// A wire in the coordinates of its points.
pub(crate) fn wire(
    known: &Known,
    node: usize,
    edges: &[usize],
    points: &[(f64, f64)],
    into_gate: bool,
) -> String {
    let graph = known.graph;
    let flows = edges.iter().any(|&edge| graph.edges[edge].downstream.is_some());
    let quiet = known.gradients && !flows && !edges.is_empty();
    let class = if quiet { "wire quiet" } else { "wire" };
    let list: Vec<_> = edges.iter().map(ToString::to_string).collect();
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<g class="{class}" data-from="{node}" data-edges="{}"><path class="line" d="{}"/>"#,
        list.join(" "),
        path(points)
    );
    if let (Some(&(x, y)), false) = (points.last(), into_gate) {
        let back = points.len() > 1 && points[points.len() - 2].0 > x;
        let tail = if back { 8 } else { -8 };
        let _ = write!(out, r#"<path class="head" d="M{} {}l{tail} -4v8Z"/>"#, At(x), At(y));
    }
    out.push_str("</g>");
    out
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn level_pieces_are_straight_turns_are_round_and_others_bend_with_level_ends() {
        assert_eq!(
            path(&[(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (20.0, 8.0), (30.0, 8.0)]),
            "M0 0H10C15 0 15 8 20 8H30"
        );
        assert_eq!(
            path(&[(0.0, 0.0), (10.0, 0.0), (10.0, 40.0), (-10.0, 40.0), (-10.0, 80.0), (0.0, 80.0)]),
            "M0 0H10C30 0 30 40 10 40H-10C-30 40 -30 80 -10 80H0"
        );
    }
}
