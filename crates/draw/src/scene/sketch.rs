//! Which items and wires each plane has, before anything has a place.

use std::collections::HashMap;

use super::{Item, Plane, Room, Scene, Sizes, What, Wire};
use crate::graph::Graph;

/// The inside of which group each composite node stands for.
///
/// A group whose composite node lies elsewhere than the group itself is a group like any other.
pub(crate) fn insides(graph: &Graph) -> Vec<Option<usize>> {
    let mut insides = vec![None; graph.nodes.len()];
    for (g, group) in graph.groups.iter().enumerate() {
        if let Some(node) = group.inside.filter(|&node| graph.nodes[node].group == group.parent) {
            insides[node] = Some(g);
        }
    }
    insides
}

/// All items and all wires, without places.
pub(super) fn sketch(graph: &Graph, sizes: &Sizes) -> Scene {
    let mut sketch = Sketch {
        graph,
        sizes,
        insides: insides(graph),
        planes: (0..=graph.groups.len()).map(|_| Draft::default()).collect(),
    };
    for node in 0..graph.nodes.len() {
        sketch.node(node);
    }
    for edge in 0..graph.edges.len() {
        sketch.edge(edge);
    }
    for node in 0..graph.nodes.len() {
        sketch.result(node);
    }
    Scene { planes: sketch.planes.into_iter().map(|draft| draft.plane).collect() }
}

struct Sketch<'a> {
    graph: &'a Graph,
    sizes: &'a Sizes,
    insides: Vec<Option<usize>>,
    planes: Vec<Draft>,
}

/// A plane that grows.
#[derive(Default)]
struct Draft {
    plane: Plane,
    items: HashMap<What, usize>,
    /// The first wire from an item to an item along which the value of a node runs.
    wires: HashMap<(usize, usize, usize), usize>,
}

impl Sketch<'_> {
    /// The card of a node, the oval before it, and the groups that it lies in.
    fn node(&mut self, node: usize) {
        let group = self.graph.nodes[node].group;
        for &inner in &self.chain(group) {
            self.item(plane_of(self.graph.groups[inner].parent), What::Group(inner));
        }
        let plane = plane_of(group);
        if let Some(before) = self.before(node) {
            self.item(plane, before);
        }
        self.item(plane, What::Node(node));
    }

    /// What stands before the card of a node.
    fn before(&self, node: usize) -> Option<What> {
        let made = !matches!(self.graph.nodes[node].operation.as_str(), "leaf" | "constant");
        self.insides[node].map(What::Group).or(made.then_some(What::Operation(node)))
    }

    /// The way of an edge: out of the groups that only its operand lies in, into those that only its result lies in.
    fn edge(&mut self, edge: usize) {
        let (from, to) = (self.graph.edges[edge].from, self.graph.edges[edge].to);
        let (out, into) = (self.chain(self.graph.nodes[from].group), self.chain(self.graph.nodes[to].group));
        let common = out.iter().zip(&into).take_while(|(a, b)| a == b).count();
        let mut here = self.out(from, &out[common..], Some(edge));
        let mut plane = plane_of(common.checked_sub(1).map(|last| out[last]));
        for &group in &into[common..] {
            self.wire(plane, here, What::Group(group), from, Some(edge));
            here = What::Gate { node: from, enters: true };
            plane = plane_of(Some(group));
        }
        let end = self.before(to).unwrap_or(What::Node(to));
        self.operand(plane, here, end, edge);
    }

    /// The way of a node's value out of groups, the last of them first; and where it comes out.
    fn out(&mut self, node: usize, groups: &[usize], edge: Option<usize>) -> What {
        groups.iter().rev().fold(What::Node(node), |here, &group| {
            self.wire(plane_of(Some(group)), here, What::Gate { node, enters: false }, node, edge);
            What::Group(group)
        })
    }

    /// From the oval to the card; where what is inside a composite node stands for the oval, from its last step.
    fn result(&mut self, node: usize) {
        let Some(before) = self.before(node) else { return };
        let plane = plane_of(self.graph.nodes[node].group);
        let output = self.insides[node].and_then(|inside| Some((inside, self.graph.groups[inside].output?)));
        let value = output.map_or(node, |(inside, output)| {
            let chain = self.chain(self.graph.nodes[output].group);
            if let Some(first) = chain.iter().position(|&group| group == inside) {
                self.out(output, &chain[first..], None);
            }
            output
        });
        self.wire(plane, before, What::Node(node), value, None);
    }

    /// A wire that ends at an operation has all that is written of its edge to itself.
    fn operand(&mut self, plane: usize, from: What, to: What, edge: usize) {
        let (from, to) = (self.item(plane, from), self.item(plane, to));
        let node = self.graph.edges[edge].from;
        let label = self.sizes.labels[edge].map(|(width, height)| Room { x: 0.0, y: 0.0, width, height });
        let draft = &mut self.planes[plane];
        draft.wires.entry((from, to, node)).or_insert(draft.plane.wires.len());
        draft.plane.wires.push(Wire { node, from, to, path: Vec::new(), edges: vec![edge], label });
    }

    /// Any other wire carries the value of a node for all edges that go the same way.
    fn wire(&mut self, plane: usize, from: What, to: What, node: usize, edge: Option<usize>) {
        let (from, to) = (self.item(plane, from), self.item(plane, to));
        let draft = &mut self.planes[plane];
        let wires = &mut draft.plane.wires;
        let at = *draft.wires.entry((from, to, node)).or_insert(wires.len());
        if at == wires.len() {
            wires.push(Wire { node, from, to, path: Vec::new(), edges: Vec::new(), label: None });
        }
        wires[at].edges.extend(edge);
    }

    /// An item of a plane, as an index.
    fn item(&mut self, plane: usize, what: What) -> usize {
        let draft = &mut self.planes[plane];
        let items = &mut draft.plane.items;
        *draft.items.entry(what).or_insert_with(|| {
            let (width, height) = self.sizes.of(what);
            items.push(Item { what, x: 0.0, y: 0.0, width, height });
            items.len() - 1
        })
    }

    /// A group after those that it lies in.
    fn chain(&self, group: Option<usize>) -> Vec<usize> {
        let mut chain: Vec<_> =
            std::iter::successors(group, |&group| self.graph.groups[group].parent).collect();
        chain.reverse();
        chain
    }
}

/// The plane of what lies in a group.
pub(super) fn plane_of(group: Option<usize>) -> usize {
    group.map_or(0, |group| group + 1)
}
