//! Groups: the card of a closed one, the frame of an open one, and the gates in its borders.

use std::fmt::Write;

use super::marks::Mark;
use super::oval::plus;
use super::text::{At, Xml, line, shorten, title, width};
use super::{Figure, Known};
use crate::digits::count;
use crate::scene::TITLE;

/// The sizes of letters, in units of the picture: see the style sheet.
const NAME: f64 = 13.0;
const TINY: f64 = 10.0;
const PAD: f64 = 14.0;
/// So many letters of a name.
const LETTERS: usize = 40;
/// By how much each of the sheets behind a closed group looks out.
const SHEET: f64 = 4.0;

fn name(known: &Known, group: usize) -> String {
    shorten(&known.graph.groups[group].name, LETTERS)
}

/// How many numbers are learnt in it.
fn learnt(known: &Known, group: usize) -> String {
    match known.graph.groups[group].parameters {
        0 => String::new(),
        1 => "1 parameter".into(),
        more => format!("{} parameters", count(more)),
    }
}

/// The card of a closed group, around (0, 0): one sheet upon others.
pub(crate) fn closed(known: &Known, group: usize) -> Figure {
    let (name, learnt) = (name(known, group), learnt(known, group));
    let within = &known.within[group];
    let mut small = match within.nodes {
        1 => "1 node".into(),
        more => format!("{} nodes", count(more)),
    };
    if !learnt.is_empty() {
        let _ = write!(small, " · {learnt}");
    }
    let marks = [(Mark::NotFinite, within.broken), (Mark::Vanished, within.vanished)];
    let marks: Vec<_> = marks.into_iter().filter(|&(_, nodes)| nodes > 0).collect();
    let words = |&(mark, nodes): &(Mark, usize)| format!("{} in {}", mark.words(), count(nodes));
    let mut widths = vec![width(&name, NAME) + 26.0, width(&small, TINY)];
    widths.extend(marks.iter().map(|mark| width(&words(mark), TINY) + 18.0));
    let across = widths.into_iter().fold(90.0, f64::max) + 2.0 * PAD;
    let down = 50.0 + 15.0 * marks.len() as f64;
    // The sheets behind look out to the right and below.
    let behind = 2.0 * SHEET;
    let (left, top) = (-(across + behind) / 2.0, -(down + behind) / 2.0);

    let mut out = String::new();
    let _ = write!(out, r#"<g class="group" id="group-{group}" data-group="{group}">"#);
    title(&mut out, &format!("{}\n{small}", known.graph.groups[group].name));
    for sheet in [2.0, 1.0, 0.0] {
        let _ = write!(
            out,
            r#"<rect class="body" x="{}" y="{}" width="{}" height="{}" rx="8"/>"#,
            At(left + sheet * SHEET),
            At(top + sheet * SHEET),
            At(across),
            At(down)
        );
    }
    line(&mut out, "name start", left + PAD, top + 22.0, &name);
    line(&mut out, "tiny foot", left + PAD, top + 39.0, &small);
    for (at, mark) in marks.iter().enumerate() {
        let y = top + 54.0 + 15.0 * at as f64;
        let _ = write!(out, r#"<g class="{}">"#, mark.0.class());
        mark.0.sign(&mut out, left + PAD + 6.0, y - 3.5);
        line(&mut out, "tiny", left + PAD + 16.0, y, &words(mark));
        out.push_str("</g>");
    }
    plus(&mut out, left + across - PAD - 4.0, top + 17.5);
    out.push_str("</g>");
    Figure { width: across + behind, height: down + behind, svg: out }
}

/// How wide the title of an open group is.
pub(crate) fn title_width(known: &Known, group: usize) -> f64 {
    width(&name(known, group), NAME) + width(&learnt(known, group), TINY) + 90.0
}

/// The frame of an open group, around (0, 0).
pub(crate) fn frame(known: &Known, group: usize, across: f64, down: f64) -> String {
    let (left, top) = (-across / 2.0, -down / 2.0);
    let mut out = String::new();
    let inside = if known.graph.groups[group].inside.is_some() { " inside" } else { "" };
    let _ = write!(out, r#"<g class="frame{inside}" id="group-{group}" data-group="{group}">"#);
    title(&mut out, &known.graph.groups[group].name);
    let _ = write!(
        out,
        r#"<rect x="{}" y="{}" width="{}" height="{}" rx="12"/>"#,
        At(left),
        At(top),
        At(across),
        At(down)
    );
    let base = top + TITLE - 10.0;
    let _ = write!(
        out,
        r#"<path class="handle" transform="translate({} {})" d="M-6 -6H6V6H-6ZM-3 0H3"/>"#,
        At(left + 20.0),
        At(base - 4.5)
    );
    line(&mut out, "name start", left + 33.0, base, &name(known, group));
    line(&mut out, "tiny foot end", -left - 16.0, base, &learnt(known, group));
    out.push_str("</g>");
    out
}

/// Where the value of a node crosses the border of a group, around (0, 0).
pub(crate) fn gate(known: &Known, node: usize) -> Figure {
    let text = gate_name(known, node);
    let (across, down) = (width(&text, TINY) + 14.0, 18.0);
    Figure { width: across, height: down, svg: String::new() }
}

/// The gate in the left border, or in the right one.
pub(crate) fn gate_at(known: &Known, group: usize, node: usize, enters: bool) -> String {
    let Figure { width: across, height: down, .. } = gate(known, node);
    let side = if enters { "enters" } else { "leaves" };
    // Flat at the border, round towards the inside.
    let (border, inward) = if enters { (-across / 2.0, 1) } else { (across / 2.0, -1) };
    let round = across - down / 2.0;
    let (run, back) = (f64::from(inward) * round, -f64::from(inward) * round);
    let sweep = i32::from(enters);
    format!(
        r#"<g class="gate" data-node="{node}" data-gate="{side}" data-group="{group}"><path d="M{} {}h{}a9 9 0 0 {sweep} 0 18h{}Z"/><text class="tiny middle" x="0" y="3.5">{}</text></g>"#,
        At(border),
        At(-down / 2.0),
        At(run),
        At(back),
        Xml(&gate_name(known, node)),
    )
}

fn gate_name(known: &Known, node: usize) -> String {
    shorten(known.called(node), 12)
}
