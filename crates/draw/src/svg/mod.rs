//! A graph as a picture: SVG that stands alone, without a script and without a font.
//!
//! The page of a graph is made of the same parts, each drawn around (0, 0) and moved to its place, and relies on this:
//!
//! | part | element | carries |
//! |---|---|---|
//! | card of a node | `g.card` with `leaf`, `parameter`, `constant`, `operation` or `output` | `data-node`, the id `node-N`; within it `g.value`, `g.gradient` |
//! | operation | `g.oval` | `data-operation` (the node it makes), the id `operation-N` |
//! | composite operation | `g.box` | `data-group`, `data-operation`, the id `group-N` |
//! | closed group | `g.group` | `data-group`, the id `group-N` |
//! | open group | `g.frame`, and `inside` for that of a composite node | `data-group`, the id `group-N` |
//! | gate | `g.gate` | `data-node`, `data-group`, `data-gate`: `enters` or `leaves` |
//! | wire | `g.wire`, and `quiet` where no gradient comes back | `data-from` (a node), `data-edges`: indices with blanks between; `path.line`, `path.head` |
//! | what is written along an edge | `g.label` | `data-edge`, the id `label-N`; within it `.local` above, `.back` below |
//!
//! What is marked has the class `vanished` or `broken` (not finite) besides a sign. Colours are the variables of
//! [`style`].

mod block;
mod card;
mod group;
mod known;
mod label;
mod legend;
mod marks;
mod oval;
pub(crate) mod style;
pub(crate) mod text;
mod wire;

use std::fmt::{self, Write};

pub(crate) use group::frame;
pub(crate) use known::Known;
pub(crate) use marks::Mark;
pub(crate) use oval::sign;

use crate::graph::Graph;
use crate::scene::{Drawn, Item, Placed, Scene, Sizes, What, compose};
use text::{At, Xml};

/// So many items are shown at once, unless more are asked for.
const READABLE: usize = 60;
/// Around the picture, and the height of its title.
const MARGIN: f64 = 12.0;
const TITLE: f64 = 30.0;

/// A part of a picture, drawn around (0, 0).
#[derive(Clone, Debug, Default)]
pub(crate) struct Figure {
    pub width: f64,
    pub height: f64,
    pub svg: String,
}

/// All parts of a picture.
pub(crate) struct Figures {
    pub cards: Vec<Figure>,
    pub ovals: Vec<Figure>,
    pub groups: Vec<Figure>,
    pub labels: Vec<Option<Figure>>,
}

/// A picture of a graph: see [`Graph::svg`].
#[derive(Clone, Debug)]
pub struct Svg<'a> {
    graph: &'a Graph,
    open: Open,
    legend: bool,
}

/// Which groups are open.
#[derive(Clone, Debug)]
enum Open {
    Readable,
    All,
    These(Vec<usize>),
}

impl Graph {
    /// The graph as a picture, to be set up: which groups are open, whether there is a legend.
    ///
    /// ```
    /// use draw::Graph;
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.tensor(([2], vec![1.0, 2.0])).named("x");
    /// let graph = Graph::of(&tape, &x.softmax(0).sum().backward())?;
    /// let (closed, open) = (graph.to_svg(), graph.svg().open_all().to_string());
    /// assert!(closed.contains("softmax") && !closed.contains(">exp<"));
    /// assert!(open.contains(">exp<"));
    /// # Ok::<(), draw::Error>(())
    /// ```
    pub fn svg(&self) -> Svg<'_> {
        Svg { graph: self, open: Open::Readable, legend: true }
    }

    /// The graph as a picture: SVG that stands alone, light or dark as the reader's system is.
    ///
    /// From left to right: the card of a node has its name, its value and its gradient; before it stands the operation that
    /// made it. Above a wire is the local derivative, below it what goes back: `upstream × local = downstream`.
    ///
    /// Layers are open where all can still be read at once, what is inside composite operations is closed:
    /// [`svg`](Self::svg) opens more.
    ///
    /// ```
    /// use draw::Graph;
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    /// let svg = Graph::of(&tape, &(x * y + x.sin()).backward())?.to_svg();
    /// assert!(svg.contains("← 1 × 3 = 3"), "upstream × local = downstream, at the wire from x to the product");
    /// assert!(svg.contains("= 3 + (−0.4161)"), "and what adds up at x");
    /// # Ok::<(), draw::Error>(())
    /// ```
    pub fn to_svg(&self) -> String {
        self.svg().to_string()
    }
}

impl Svg<'_> {
    /// With every group open, and with what is inside composite operations.
    #[must_use]
    pub fn open_all(self) -> Self {
        Self { open: Open::All, ..self }
    }

    /// With these groups open, and no other: indices into [`Graph::groups`]. A group within a closed one is not seen.
    #[must_use]
    pub fn open(self, groups: impl IntoIterator<Item = usize>) -> Self {
        Self { open: Open::These(groups.into_iter().collect()), ..self }
    }

    /// Without the line that explains colours and signs, or with it.
    #[must_use]
    pub fn legend(self, legend: bool) -> Self {
        Self { legend, ..self }
    }

    /// Which groups are open.
    fn opened(&self, scene: &Scene) -> Vec<bool> {
        match &self.open {
            Open::Readable => readable(self.graph, scene),
            Open::All => vec![true; self.graph.groups.len()],
            Open::These(groups) => {
                (0..self.graph.groups.len()).map(|group| groups.contains(&group)).collect()
            }
        }
    }
}

impl fmt::Display for Svg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Known::of(self.graph);
        let figures = Figures::of(&known);
        let (scene, open) = Scene::seen(self.graph, &figures.sizes(&known), |scene| self.opened(scene));
        let placed = compose(&scene, &open);
        let legend = if self.legend { legend::legend(&known) } else { Figure::default() };
        let title = if self.graph.title.is_empty() { 0.0 } else { TITLE };
        let title_width = text::width(&self.graph.title, 17.0) + 2.0 * MARGIN;
        let width = placed.width.max(legend.width).max(title_width) + 2.0 * MARGIN;
        let height = title + placed.height + legend.height + 2.0 * MARGIN;
        let name = if self.graph.title.is_empty() { "Computational graph" } else { &self.graph.title };
        write!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-labelledby="graph-title graph-desc" width="{0}" height="{1}" viewBox="0 0 {0} {1}"><title id="graph-title">{2}</title><desc id="graph-desc">{3}</desc><style>{4}</style><rect class="paper" width="100%" height="100%" rx="8"/>"#,
            At(width),
            At(height),
            Xml(name),
            Xml(&described(&known)),
            style::sheet(),
        )?;
        if title > 0.0 {
            write!(f, r#"<text class="title" x="{}" y="32">{}</text>"#, At(MARGIN + 20.0), Xml(name))?;
        }
        let left = f64::midpoint(width, -placed.width);
        write!(f, r#"<g transform="translate({} {})">"#, At(left), At(MARGIN + title))?;
        f.write_str(&figures.draw(&known, &scene, &placed))?;
        f.write_str("</g>")?;
        let low = height - MARGIN - legend.height;
        write!(f, r#"<g transform="translate({} {})">{}</g></svg>"#, At(MARGIN + 20.0), At(low), legend.svg)
    }
}

impl Figures {
    pub(crate) fn of(known: &Known) -> Self {
        let graph = known.graph;
        let nodes = 0..graph.nodes.len();
        let group = |group: usize| match graph.groups[group].inside {
            Some(node) if known.insides[node] == Some(group) => oval::composite(known, group, node),
            _ => group::closed(known, group),
        };
        Self {
            cards: nodes.clone().map(|node| card::card(known, node)).collect(),
            ovals: nodes.map(|node| oval::oval(known, node)).collect(),
            groups: (0..graph.groups.len()).map(group).collect(),
            labels: (0..graph.edges.len()).map(|edge| label::label(known, edge)).collect(),
        }
    }

    /// How wide and how high they are.
    pub(crate) fn sizes(&self, known: &Known) -> Sizes {
        let size = |figure: &Figure| (figure.width, figure.height);
        let graph = known.graph;
        Sizes {
            cards: self.cards.iter().map(size).collect(),
            ovals: self.ovals.iter().map(size).collect(),
            groups: self.groups.iter().map(size).collect(),
            titles: (0..graph.groups.len()).map(|group| group::title_width(known, group)).collect(),
            gates: (0..graph.nodes.len()).map(|node| size(&group::gate(known, node))).collect(),
            labels: self.labels.iter().map(|label| label.as_ref().map(size)).collect(),
        }
    }

    /// Everything in its place: frames, wires, what is written along them, and cards.
    fn draw(&self, known: &Known, scene: &Scene, placed: &Placed) -> String {
        let mut out = String::new();
        for frame in &placed.frames {
            let What::Group(group) = frame.what else { continue };
            moved(&mut out, frame.x, frame.y, &group::frame(known, group, frame.width, frame.height));
        }
        for drawn in &placed.wires {
            out.push_str(&wire(known, scene, drawn));
        }
        for Drawn { plane, wire, label, .. } in &placed.wires {
            let wire = &scene.planes[*plane].wires[*wire];
            let figure = wire.edges.first().and_then(|&edge| self.labels[edge].as_ref());
            if let (Some(room), Some(figure)) = (label, figure) {
                moved(&mut out, room.x, room.y, &figure.svg);
            }
        }
        for (plane, item) in &placed.items {
            moved(&mut out, item.x, item.y, &self.item(known, *plane, item));
        }
        out
    }

    /// An item that is not an open group, around (0, 0).
    pub(crate) fn item(&self, known: &Known, plane: usize, item: &Item) -> String {
        match item.what {
            What::Node(node) => self.cards[node].svg.clone(),
            What::Operation(node) => self.ovals[node].svg.clone(),
            What::Group(group) => self.groups[group].svg.clone(),
            What::Gate { node, enters } => group::gate_at(known, plane.saturating_sub(1), node, enters),
        }
    }
}

/// A wire, in the coordinates of its path.
fn wire(known: &Known, scene: &Scene, drawn: &Drawn) -> String {
    let plane = &scene.planes[drawn.plane];
    let wire = &plane.wires[drawn.wire];
    let into_gate = matches!(plane.items[wire.to].what, What::Gate { .. });
    wire::wire(known, wire.node, &wire.edges, &drawn.path, into_gate)
}

/// A part in its place.
fn moved(out: &mut String, x: f64, y: f64, svg: &str) {
    let _ = write!(out, r#"<g transform="translate({} {})">{svg}</g>"#, At(x), At(y));
}

/// Opens the groups of one plane after another, the outer ones first and all side by side at once, as long as everything
/// can be read; but no composite operation, and nothing that repeats itself.
pub(crate) fn readable(graph: &Graph, scene: &Scene) -> Vec<bool> {
    let mut open = vec![false; graph.groups.len()];
    let items = |plane: usize| {
        let items = scene.planes[plane].items.iter();
        items.filter(|item| !matches!(item.what, What::Gate { .. })).count()
    };
    let (mut shown, mut planes, mut at) = (items(0), vec![0], 0);
    while let Some(&plane) = planes.get(at) {
        let groups = scene.planes[plane].items.iter().filter_map(|item| match item.what {
            What::Group(group) => Some(group),
            _ => None,
        });
        let layers =
            |&group: &usize| graph.groups[group].inside.is_none() && graph.groups[group].repeated <= 1;
        let layers: Vec<_> = groups.filter(layers).collect();
        let after = shown + layers.iter().map(|&group| items(group + 1)).sum::<usize>() - layers.len();
        if after <= READABLE {
            shown = after;
            for group in layers {
                open[group] = true;
                planes.push(group + 1);
            }
        }
        at += 1;
    }
    open
}

/// The picture in a sentence or two, for those who do not see it.
fn described(known: &Known) -> String {
    let graph = known.graph;
    let mut text = format!(
        "A graph of {} nodes and {} edges, from left to right.",
        graph.nodes.len(),
        graph.edges.len()
    );
    if let Some(output) = graph.output {
        let _ = write!(text, " The output {} is {}.", known.called(output), known.call(output));
    }
    text
}
