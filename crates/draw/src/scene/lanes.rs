//! Heights, by the method of Sugiyama as the crate `dagre` has it: in every column an order with few crossings, and
//! heights that make long ways straight.

use std::collections::HashMap;
use std::rc::Rc;

use dagre::graph::{Edge, Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

/// The least distance between two things, one above the other.
const APART: f64 = 26.0;
/// The least distance between two ways.
const WAYS_APART: f64 = 16.0;
/// Widths are dealt with elsewhere; but a width of 0 would stand for no label.
const WIDTH: f64 = 1.0;

/// A way from one thing to another.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub from: usize,
    pub to: usize,
    /// The height of what is written along it, right before its end.
    pub label: Option<f64>,
}

/// At which height each thing and each way lies. There is a track for each column, and between two of them one for what
/// is written along ways: the track of column `c` is `2 * c`.
pub(super) struct Lanes {
    pub tracks: Vec<usize>,
    pub heights: Vec<f64>,
    /// The heights of a way in the tracks between its ends, from left to right.
    pub ways: Vec<Vec<f64>>,
}

/// What was laid out before: many groups look alike, as the rounds of a loop do.
#[derive(Default)]
pub(super) struct Seen {
    lanes: HashMap<Vec<u64>, Rc<Lanes>>,
}

impl Seen {
    /// [`lanes`], once for all that look alike.
    pub(super) fn lanes(&mut self, columns: &[usize], extents: &[f64], ways: &[Way]) -> Rc<Lanes> {
        let things =
            columns.iter().zip(extents).flat_map(|(&column, height)| [column as u64, height.to_bits()]);
        let mut key = vec![columns.len() as u64];
        key.extend(things);
        for way in ways {
            let label = way.label.map_or(u64::MAX, f64::to_bits);
            key.extend([way.from as u64, way.to as u64, label]);
        }
        Rc::clone(self.lanes.entry(key).or_insert_with(|| Rc::new(lanes(columns, extents, ways))))
    }
}

/// Things in their columns, with their heights, and the ways between them.
///
/// A way must lead from one column to another, in whichever direction.
fn lanes(columns: &[usize], extents: &[f64], ways: &[Way]) -> Lanes {
    let mut graph = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
    for (thing, &height) in extents.iter().enumerate() {
        graph.set_node(thing.to_string(), Some(NodeLabel { width: WIDTH, height, ..NodeLabel::default() }));
    }
    let mut parts = Vec::with_capacity(ways.len());
    for (at, way) in ways.iter().enumerate() {
        // From left to right, whichever way it leads.
        let mut ends = [way.from, way.to];
        ends.sort_by_key(|&end| columns[end]);
        let [left, right] = ends;
        let length = columns[right] - columns[left];
        let joint = format!("{at} joint");
        let (far, near) = (left.to_string(), right.to_string());
        parts.push(match way.label {
            // What is written would stand in the middle of a long way; it is read at the end.
            Some(_) if length > 1 => {
                graph.set_node(joint.clone(), Some(NodeLabel::default()));
                let first = connect(&mut graph, &far, &joint, at, length - 1, None);
                vec![first, connect(&mut graph, &joint, &near, at, 1, way.label)]
            }
            _ => vec![connect(&mut graph, &far, &near, at, length, way.label)],
        });
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: APART,
        edgesep: WAYS_APART,
        // The first of several orders with as many crossings: the one that is nearest to the order of operands.
        tie_keep_first: true,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    let node = |name: &str| graph.node(name).expect("a thing that was put in");
    let place = |thing: usize| node(&thing.to_string());
    let heights = (0..extents.len()).map(|thing| place(thing).y.unwrap_or(0.0)).collect();
    let tracks = (0..extents.len()).map(|thing| usize::try_from(place(thing).rank.unwrap_or(0)).unwrap_or(0));
    let ways = parts.iter().map(|parts| {
        let mut way = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                way.push(node(&part.v).y.unwrap_or(0.0));
            }
            // The first and the last point are on the borders.
            let points = graph.edge_by_obj(part).map_or(&[][..], |label| &label.points);
            way.extend(points.iter().take(points.len().saturating_sub(1)).skip(1).map(|point| point.y));
        }
        way
    });
    Lanes { tracks: tracks.collect(), heights, ways: ways.collect() }
}

fn connect(
    graph: &mut Graph<NodeLabel, EdgeLabel>,
    from: &str,
    to: &str,
    name: usize,
    length: usize,
    label: Option<f64>,
) -> Edge {
    let edge = Edge::with_name(from, to, name.to_string());
    let size = label.map_or((0.0, 0.0), |height| (WIDTH, height));
    let label = EdgeLabel {
        minlen: i32::try_from(length).unwrap_or(i32::MAX / 4),
        width: size.0,
        height: size.1,
        labelpos: LabelPos::Center,
        ..EdgeLabel::default()
    };
    graph.set_edge(from, to, Some(label), edge.name.as_deref());
    edge
}
