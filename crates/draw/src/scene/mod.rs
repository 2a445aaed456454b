//! Where everything lies: the layout of a graph, group by group.
//!
//! Every group is laid out by itself, as if it stood alone ([`Plane`]); what is in a closed group is one card. To open a
//! group is to make room where its card stood and to put its plane there ([`compose`]): what stood left stays left, what
//! stood above stays above, and nothing can overlap that did not before.

mod compose;
mod lanes;
mod place;
mod ranks;
mod rows;
mod sketch;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub(crate) use compose::{Drawn, Placed, compose};
pub(crate) use place::TITLE;
pub(crate) use sketch::insides;

use crate::graph::Graph;

/// A graph laid out: the whole, and the inside of every group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Scene {
    /// The whole comes first; the inside of group `g` is `planes[g + 1]`.
    pub planes: Vec<Plane>,
}

/// What lies side by side, in a coordinate system of its own: (0, 0) is its upper left corner.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Plane {
    /// With all margins, and with the title where it is a group's.
    pub width: f64,
    pub height: f64,
    pub items: Vec<Item>,
    pub wires: Vec<Wire>,
}

/// Something with a place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Item {
    pub what: What,
    /// The centre.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Item {
    /// From the middle to the border at a height above or below it: ovals have round ends, all else is a rectangle.
    fn reach(&self, height: f64) -> f64 {
        let half = self.width / 2.0;
        match self.what {
            What::Operation(_) => {
                let radius = half.min(self.height / 2.0);
                half - radius + (radius * radius - height * height).max(0.0).sqrt()
            }
            _ => half,
        }
    }
}

/// What an [`Item`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    /// The card of a node.
    Node(usize),
    /// The oval before an operation's card. The inside of a composite node stands as a [`Group`](Self::Group) there.
    Operation(usize),
    /// A group: closed, a card (or the box of a composite node, before its card); open, the frame around its plane.
    Group(usize),
    /// Where a value crosses the border of a group, seen from inside: at the left border where it comes in, at the
    /// right where it goes out.
    Gate {
        /// The node whose value it is.
        node: usize,
        /// Whether it comes in.
        enters: bool,
    },
}

/// A way from an item to another of the same plane.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Wire {
    /// The node whose value runs along it.
    pub node: usize,
    /// Where it begins, as an index into the items of the plane.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// At least four points. Between two of the same height it is straight, between two of which one is right below the
    /// other it turns back, else it is an S with level ends. The first and the last are on the borders of the two items.
    pub path: Vec<(f64, f64)>,
    /// Which edges of the graph run here; none between an oval and its card.
    pub edges: Vec<usize>,
    /// The room for what is written of its only edge, around a straight stretch.
    pub label: Option<Room>,
}

/// A rectangle to write in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Room {
    /// The centre.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// How wide and how high everything is.
pub(crate) struct Sizes {
    /// The card of each node.
    pub cards: Vec<(f64, f64)>,
    /// The oval before the card of each node that has one.
    pub ovals: Vec<(f64, f64)>,
    /// Each group while it is closed.
    pub groups: Vec<(f64, f64)>,
    /// The title of each group while it is open, across.
    pub titles: Vec<f64>,
    /// The gates of each node's value.
    pub gates: Vec<(f64, f64)>,
    /// What is written of each edge, where something is.
    pub labels: Vec<Option<(f64, f64)>>,
}

impl Sizes {
    fn of(&self, what: What) -> (f64, f64) {
        match what {
            What::Node(node) => self.cards[node],
            What::Operation(node) => self.ovals[node],
            What::Group(group) => self.groups[group],
            What::Gate { node, .. } => self.gates[node],
        }
    }
}

impl Scene {
    /// The layout of a graph, with the inside of every group.
    pub(crate) fn of(graph: &Graph, sizes: &Sizes) -> Self {
        let mut scene = sketch::sketch(graph, sizes);
        let all: Vec<_> = (0..scene.planes.len()).collect();
        scene.place(graph, sizes, &all);
        scene
    }

    /// As [`of`](Self::of), but only what is seen with some groups open, which are chosen by what is in them.
    pub(crate) fn seen(
        graph: &Graph,
        sizes: &Sizes,
        open: impl FnOnce(&Self) -> Vec<bool>,
    ) -> (Self, Vec<bool>) {
        let mut scene = sketch::sketch(graph, sizes);
        let open = open(&scene);
        let visible = compose::visible(&scene, &open);
        scene.place(graph, sizes, &visible);
        (scene, open)
    }

    fn place(&mut self, graph: &Graph, sizes: &Sizes, planes: &[usize]) {
        let insides = insides(graph);
        let oval = |node: usize| insides[node].map_or(What::Operation(node), What::Group);
        let mut seen = lanes::Seen::default();
        for &at in planes {
            let frame = match at.checked_sub(1) {
                Some(group) => {
                    let (width, height) = sizes.groups[group];
                    place::Frame { least: (width.max(sizes.titles[group]), height), titled: true }
                }
                None => place::Frame { least: (0.0, 0.0), titled: false },
            };
            place::place(&mut self.planes[at], &frame, &mut seen, oval);
        }
    }
}
