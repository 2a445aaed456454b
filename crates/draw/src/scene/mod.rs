//! Where everything lies: the layout of a graph, group by group.
//!
//! Every group is laid out by itself, as if it stood alone ([`Plane`]); what is in a closed group is one card. To open a
//! group is to make room where its card stood and to put its plane there ([`compose`]): what stood left stays left, what
//! stood above stays above, and nothing can overlap that did not before.

use serde::Serialize;

/// A graph laid out: the whole, and the inside of every group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Scene {
    /// The whole comes first; the inside of group `g` is `planes[g + 1]`.
    pub planes: Vec<Plane>,
}

/// What lies side by side, in a coordinate system of its own: (0, 0) is its upper left corner.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// What an [`Item`] shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    /// The card of a node.
    Node(usize),
    /// The oval before an operation's card. The inside of a composite node stands as a [`Group`](Self::Group) there.
    Operation(usize),
    /// A group: closed, a card (or the oval of a composite node); open, the frame around its plane.
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
    /// At least four points. Between two of the same height it is straight, else an S with level ends. The first and the
    /// last are on the borders of the two items.
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
