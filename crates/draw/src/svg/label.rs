//! What is written along an edge: above the wire the local derivative, below it what comes back,
//! `upstream × local = downstream`.

use std::fmt::Write;

use super::marks::Mark;
use super::text::{At, line, shorten, width};
use super::{Figure, Known};
use crate::digits::{factor, printed};
use crate::graph::{Local, Numbers};

/// The size of its letters, in units of the picture: see the style sheet.
const LETTERS: f64 = 11.0;
/// From the wire to the edge of the label.
const HALF: f64 = 18.0;
/// Around the text, sideways.
const PAD: f64 = 6.0;
/// So many numbers are written out.
const FEW: usize = 3;
/// So many letters of a name, and of a formula.
const NAME: usize = 8;
const FORMULA: usize = 26;

/// The label of an edge, with the wire at height 0; none where nothing is known.
pub(crate) fn label(known: &Known, edge: usize) -> Option<Figure> {
    let of = &known.graph.edges[edge];
    let (above, below) = (above(known, edge)?, below(known, edge));
    let mark = of.downstream.as_ref().and_then(|downstream| Mark::of_gradient(downstream, known.scale));
    let room = if mark.is_some() { 16.0 } else { 0.0 };
    let text = width(&below, LETTERS) + room;
    let across = width(&above, LETTERS).max(text) + 2.0 * PAD;
    let class = mark.map_or(String::new(), |mark| format!(" {}", mark.class()));
    let mut out = String::new();
    let _ = write!(out, r#"<g class="label{class}" id="label-{edge}" data-edge="{edge}">"#);
    super::text::title(&mut out, &said(known, edge, &above, &below, mark));
    let _ = write!(
        out,
        r#"<rect class="room" x="{}" y="{}" width="{}" height="{}"/>"#,
        At(-across / 2.0),
        At(-HALF),
        At(across),
        At(2.0 * HALF)
    );
    line(&mut out, "local", 0.0, -5.5, &above);
    line(&mut out, "back", room / 2.0, 13.0, &below);
    if let Some(mark) = mark {
        mark.sign(&mut out, -text / 2.0 + 7.0, 9.5);
    }
    out.push_str("</g>");
    Some(Figure { width: across, height: 2.0 * HALF, svg: out })
}

/// The local derivative: `∂z/∂x = 3`, or what the operation does with an upstream gradient.
fn above(known: &Known, edge: usize) -> Option<String> {
    let of = &known.graph.edges[edge];
    let name = |node: usize| shorten(known.called(node), NAME);
    Some(match &of.local {
        Local::Numbers(numbers) => {
            let what = format!("∂{}/∂{}", name(of.to), name(of.from));
            match few(numbers) {
                Some(text) => format!("{what} = {text}"),
                None => format!("{what}: norm {}", printed(numbers.statistics.norm)),
            }
        }
        Local::Product(formula) => product(known, edge, formula),
        Local::Unknown => return of.downstream.is_some().then(String::new),
    })
}

/// What a whole operation does with an upstream gradient, for this operand alone where it is said of each in turn: `Xᵀ·G` of
/// `G·Wᵀ in X, Xᵀ·G in W`, and `Σ g` of `w: g·x; b: Σ g`.
fn product(known: &Known, edge: usize, formula: &str) -> String {
    let of = &known.graph.edges[edge];
    let operands = known.operands[of.to].len() + known.graph.nodes[of.to].constants.len();
    let behind = formula.split(", ").filter_map(|part| Some(part.split_once(" in ")?.0));
    let before = formula.split("; ").filter_map(|part| Some(part.split_once(": ")?.1));
    let each = [behind.collect::<Vec<_>>(), before.collect()].into_iter().find(|each| each.len() == operands);
    let text = each.and_then(|each| each.get(of.position).copied()).unwrap_or(formula);
    let mut short: String = text.chars().take(FORMULA).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// What comes back.
fn below(known: &Known, edge: usize) -> String {
    let of = &known.graph.edges[edge];
    let Some(downstream) = &of.downstream else { return "← nothing".into() };
    let one = |numbers: &Numbers| numbers.shape.is_empty().then(|| numbers.values.first().copied()).flatten();
    if let (Some(upstream), Local::Numbers(local)) = (&of.upstream, &of.local)
        && let (Some(upstream), Some(local), Some(downstream)) = (one(upstream), one(local), one(downstream))
    {
        return format!("← {} × {} = {}", factor(upstream), factor(local), printed(downstream));
    }
    match few(downstream) {
        Some(text) => format!("← {text}"),
        None => format!("← norm {}", printed(downstream.statistics.norm)),
    }
}

/// Numbers that are few enough to be written in a line.
fn few(numbers: &Numbers) -> Option<String> {
    if numbers.values.len() != numbers.statistics.count || !(1..=FEW).contains(&numbers.values.len()) {
        return None;
    }
    let values: Vec<_> = numbers.values.iter().map(|&value| printed(value)).collect();
    Some(if numbers.shape.is_empty() { values.concat() } else { format!("[{}]", values.join(" ")) })
}

fn said(known: &Known, edge: usize, above: &str, below: &str, mark: Option<Mark>) -> String {
    let of = &known.graph.edges[edge];
    let [from, to] = [of.from, of.to].map(|node| known.called(node));
    let local = match &of.local {
        Local::Product(formula) => formula,
        _ => above,
    };
    let mut said = format!("{from} → {to}\nlocal derivative {local}\nupstream × local = downstream: {below}");
    if let Some(mark) = mark {
        let _ = write!(
            said,
            "\nthe gradient {}",
            if mark == Mark::Vanished { "vanishes here" } else { "is not finite here" }
        );
    }
    said
}
