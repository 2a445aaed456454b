//! The card of a node: name, value and gradient side by side, and below what else is known of it.

use std::fmt::Write;

use super::block::Block;
use super::marks::Mark;
use super::text::{At, line, title, width, wrap};
use super::{Figure, Known};
use crate::digits::{count, factor};
use crate::graph::{Kind, Node, Numbers};

/// Around what is written in a cell.
const PAD: f64 = 10.0;
/// The height of a caption, of a small line, and of the foot.
const CAPTION: f64 = 18.0;
const SMALL: f64 = 14.0;
const FOOT: f64 = 19.0;
/// The sizes of letters, in units of the picture: see the style sheet.
const NAME: f64 = 13.0;
const TINY: f64 = 10.0;
/// How many letters of a name a line has, and how many lines.
const LETTERS: usize = 14;
const LINES: usize = 3;
/// How many contributions to a gradient are written out.
const TERMS: usize = 3;

/// What sort of card it is: the class that colours it, and the word for it.
pub(crate) fn role(known: &Known, node: usize) -> (&'static str, &'static str) {
    let of = &known.graph.nodes[node];
    match of.kind {
        _ if known.graph.output == Some(node) => ("output", "output"),
        Kind::Operation => ("operation", "result"),
        Kind::Constant => ("constant", "constant"),
        Kind::Leaf if of.parameters > 0 => ("parameter", "parameter"),
        Kind::Leaf => ("leaf", "variable"),
    }
}

/// A column of a card: what stands above, the numbers, what stands below them.
struct Cell {
    class: &'static str,
    caption: &'static str,
    mark: Option<Mark>,
    block: Block,
    below: Option<String>,
}

impl Cell {
    fn width(&self) -> f64 {
        let words = self.mark.map_or(0.0, |mark| 24.0 + width(mark.words(), TINY));
        let caption = width(self.caption, TINY) + words;
        let below = self.below.as_ref().map_or(0.0, |below| width(below, TINY));
        self.block.size().0.max(caption).max(below).max(44.0) + 2.0 * PAD
    }

    fn height(&self) -> f64 {
        CAPTION + self.block.size().1 + if self.below.is_some() { SMALL } else { 0.0 } + 5.0
    }

    fn write(&self, out: &mut String, left: f64, top: f64) {
        let class = self.mark.map_or(String::new(), |mark| format!(" {}", mark.class()));
        let _ = write!(out, r#"<g class="{}{class}">"#, self.class);
        line(out, "tiny", left + PAD, top + 13.0, self.caption);
        if let Some(mark) = self.mark {
            let after = left + PAD + width(self.caption, TINY) + 12.0;
            mark.sign(out, after, top + 9.5);
            line(out, "tiny", after + 10.0, top + 13.0, mark.words());
        }
        self.block.write(out, "number", left + PAD, top + CAPTION);
        if let Some(below) = &self.below {
            line(out, "tiny sum", left + PAD, top + CAPTION + self.block.size().1 + 10.0, below);
        }
        out.push_str("</g>");
    }
}

/// The card of a node, around (0, 0).
pub(crate) fn card(known: &Known, node: usize) -> Figure {
    let of = &known.graph.nodes[node];
    let name = wrap(known.called(node), LETTERS, LINES);
    let name_width = name.iter().map(|line| width(line, NAME)).fold(24.0, f64::max) + 2.0 * PAD;
    let cells: Vec<_> = [Some(value(of)), gradient(known, node)].into_iter().flatten().collect();
    let foot = foot(known, node);
    let (class, word) = role(known, node);
    // Numbers of a tensor stand one below the other: pictures are wide, not high.
    let stacked = cells.len() > 1 && cells.iter().any(|cell| !matches!(cell.block, Block::One(_)));
    let widths = cells.iter().map(Cell::width);
    let numbers = if stacked { widths.fold(0.0, f64::max) } else { widths.sum() };
    let spare = (width(&foot, TINY) + 2.0 * PAD - name_width - numbers).max(0.0);
    let across = name_width + numbers + spare;
    let share = spare / if stacked { 2.0 } else { (cells.len() + 1) as f64 };
    let heights = cells.iter().map(Cell::height);
    let highest = if stacked { heights.sum() } else { heights.fold(0.0, f64::max) };
    let body = highest.max(15.0 * name.len() as f64 + 12.0);
    let down = body + FOOT;
    let (left, top) = (-across / 2.0, -down / 2.0);

    let mut out = String::new();
    let _ = write!(out, r#"<g class="card {class}" id="node-{node}" data-node="{node}">"#);
    title(&mut out, &said(known, node, word));
    let radius = if of.kind == Kind::Operation { 4 } else { 12 };
    let (x, y, width, height) = (At(left), At(top), At(across), At(down));
    let _ = write!(
        out,
        r#"<rect class="body" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>"#
    );
    // The name stands on the colour of the card, which follows its round corners.
    let (r, right, low) = (f64::from(radius), left + name_width + share, top + body);
    let _ = write!(
        out,
        r#"<path class="tint" d="M{0} {1}H{2}V{3}H{4}V{5}A{r} {r} 0 0 1 {0} {1}Z"/>"#,
        At(left + r),
        At(top),
        At(right),
        At(low),
        At(left),
        At(top + r)
    );
    let _ = write!(out, r#"<path class="rule" d="M{x} {}h{width}M{} {y}v{}"#, At(low), At(right), At(body));
    // Where each cell begins.
    let mut corners = Vec::with_capacity(cells.len());
    let (mut next_x, mut next_y) = (right, top);
    for cell in &cells {
        corners.push((next_x, next_y));
        if stacked {
            next_y += cell.height();
        } else {
            next_x += cell.width() + share;
        }
    }
    for &(x, y) in &corners[1..] {
        let _ = if stacked {
            write!(out, "M{} {}H{}", At(x), At(y), At(left + across))
        } else {
            write!(out, "M{} {}v{}", At(x), At(y), At(body))
        };
    }
    out.push_str(r#""/>"#);
    let _ = write!(
        out,
        r#"<rect class="edge" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>"#
    );
    let middle = f64::midpoint(left, right);
    let first = top + body / 2.0 - 15.0 * name.len() as f64 / 2.0 + 12.0;
    for (at, text) in name.iter().enumerate() {
        line(&mut out, "name", middle, first + 15.0 * at as f64, text);
    }
    for (cell, &(x, y)) in cells.iter().zip(&corners) {
        cell.write(&mut out, x, y);
    }
    line(&mut out, "tiny foot", left + PAD, low + 13.0, &foot);
    out.push_str("</g>");
    Figure { width: across, height: down, svg: out }
}

fn value(of: &Node) -> Cell {
    let mark = Mark::of_value(&of.value);
    Cell { class: "value", caption: "value", mark, block: Block::of(&of.value), below: None }
}

/// The gradient, and what it is the sum of.
fn gradient(known: &Known, node: usize) -> Option<Cell> {
    let gradient = known.graph.nodes[node].gradient.as_ref()?;
    let parts = &known.contributions[node];
    let below = (parts.len() > 1).then(|| {
        let numbers: Vec<_> =
            parts.iter().filter_map(|&edge| known.graph.edges[edge].downstream.as_ref()).collect();
        sum(&numbers)
    });
    let mark = Mark::of_gradient(gradient, known.scale);
    Some(Cell { class: "gradient", caption: "gradient", mark, block: Block::of(gradient), below })
}

/// Contributions, added up.
fn sum(parts: &[&Numbers]) -> String {
    if parts.iter().any(|part| !part.shape.is_empty() || part.values.is_empty()) {
        return format!("sum of {} contributions", count(parts.len()));
    }
    let mut terms: Vec<_> = parts.iter().take(TERMS).map(|part| factor(part.values[0])).collect();
    if parts.len() > TERMS {
        terms.push(format!("… ({} terms)", count(parts.len())));
    }
    format!("= {}", terms.join(" + "))
}

/// Its shape, how much is learnt in it, and the line that recorded it; the id where that is not its name.
fn foot(known: &Known, node: usize) -> String {
    let of = &known.graph.nodes[node];
    let mut parts = Vec::new();
    if known.called(node) != of.id {
        parts.push(of.id.clone());
    }
    if !of.value.shape.is_empty() {
        parts.push(format!("{:?}", of.value.shape));
    }
    match of.parameters {
        0 => {}
        1 => parts.push("1 parameter".into()),
        more => parts.push(format!("{} parameters", count(more))),
    }
    if !of.file.is_empty() {
        let file = of.file.rsplit(['/', '\\']).next().unwrap_or(&of.file);
        parts.push(format!("{}:{}", super::text::shorten(file, 24), of.line));
    }
    parts.join(" · ")
}

/// All of it in words.
fn said(known: &Known, node: usize, word: &str) -> String {
    let of = &known.graph.nodes[node];
    let mut said = format!("{} {word}", of.id);
    if let Some(name) = &of.name {
        let _ = write!(said, " “{name}”");
    }
    if of.kind == Kind::Operation {
        let _ = write!(said, " of {}", known.call(node));
    }
    if let Some(formula) = known.graph.formula(node) {
        let _ = write!(said, "\n{}\nbackward: {}", formula.value, formula.derivative);
    }
    for (what, numbers) in [("value", Some(&of.value)), ("gradient", of.gradient.as_ref())] {
        let Some(numbers) = numbers else { continue };
        let text = match Block::of(numbers) {
            Block::One(text) => text,
            Block::Matrix(rows) => {
                let rows: Vec<_> = rows.iter().map(|row| row.join(", ")).collect();
                format!("[{}]", rows.join("; "))
            }
            Block::Lines(lines) => lines.join(", "),
        };
        let _ = write!(said, "\n{what} {text}");
    }
    let _ = write!(said, "\n{}:{}", of.file, of.line);
    said
}
