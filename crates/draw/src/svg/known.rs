//! What every part of a picture needs to know of a graph.

use crate::graph::Graph;
use crate::scene::insides;

use super::marks::{Mark, scale};

/// A graph, and what follows from it.
pub(crate) struct Known<'a> {
    pub graph: &'a Graph,
    /// Whether gradients are known at all.
    pub gradients: bool,
    /// The greatest gradient at the output.
    pub scale: f64,
    /// The edges whose downstream gradients add up to the gradient of each node.
    pub contributions: Vec<Vec<usize>>,
    /// The edges that lead to each node from its operands.
    pub operands: Vec<Vec<usize>>,
    /// The group inside each composite node.
    pub insides: Vec<Option<usize>>,
    /// What is in each group.
    pub within: Vec<Within>,
}

/// How many nodes are in a group, and in those inside it; and how many of them are marked.
#[derive(Clone, Copy, Default)]
pub(crate) struct Within {
    pub nodes: usize,
    pub vanished: usize,
    pub broken: usize,
}

impl<'a> Known<'a> {
    pub(crate) fn of(graph: &'a Graph) -> Self {
        let insides = insides(graph);
        let count = graph.nodes.len();
        let (mut contributions, mut operands) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (at, edge) in graph.edges.iter().enumerate() {
            // What goes into a composite node and what goes on inside it is the same gradient, seen twice.
            let composite = outermost_inside(graph, edge.from, edge.to);
            if composite.is_none() && edge.downstream.is_some() {
                contributions[edge.from].push(at);
            }
            if insides[edge.to].is_none_or(|inside| !lies_in(graph, edge.from, inside)) {
                operands[edge.to].push(at);
            }
        }
        let scale = scale(graph);
        let mut within = vec![Within::default(); graph.groups.len()];
        for node in &graph.nodes {
            let value = Mark::of_value(&node.value);
            let mark =
                value.or(node.gradient.as_ref().and_then(|gradient| Mark::of_gradient(gradient, scale)));
            for group in around(graph, node.group) {
                within[group].nodes += 1;
                within[group].vanished += usize::from(mark == Some(Mark::Vanished));
                within[group].broken += usize::from(mark == Some(Mark::NotFinite));
            }
        }
        let gradients = graph.nodes.iter().any(|node| node.gradient.is_some());
        Self { graph, gradients, scale, contributions, operands, insides, within }
    }

    /// The name of a node; its id where it has none, or one that cannot be seen.
    pub(crate) fn called(&self, node: usize) -> &'a str {
        let of = &self.graph.nodes[node];
        of.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&of.id)
    }

    /// An operation with its operands: `mul(x, %1)`.
    pub(crate) fn call(&self, node: usize) -> String {
        let of = &self.graph.nodes[node];
        let mut operands: Vec<(usize, String)> =
            of.constants.iter().map(|&(position, value)| (position, crate::digits::printed(value))).collect();
        operands.extend(self.operands[node].iter().map(|&edge| {
            let edge = &self.graph.edges[edge];
            (edge.position, self.called(edge.from).to_owned())
        }));
        operands.sort_by_key(|operand| operand.0);
        let operands: Vec<_> = operands.into_iter().map(|operand| operand.1).collect();
        format!("{}({})", of.operation, operands.join(", "))
    }
}

/// A group, and those that it lies in.
fn around(graph: &Graph, group: Option<usize>) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(group, |&group| graph.groups[group].parent)
}

fn lies_in(graph: &Graph, node: usize, group: usize) -> bool {
    around(graph, graph.nodes[node].group).any(|other| other == group)
}

/// The inside of a composite node in which `to` lies but not `from`.
fn outermost_inside(graph: &Graph, from: usize, to: usize) -> Option<usize> {
    around(graph, graph.nodes[to].group)
        .find(|&group| graph.groups[group].inside.is_some() && !lies_in(graph, from, group))
}
