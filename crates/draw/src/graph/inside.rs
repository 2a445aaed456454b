//! What is inside composite nodes: their steps, with values, and gradients that begin with what arrived at the node.

use std::collections::HashMap;

use tape::{Element, NodeId, Operand, Tape};

use super::record::Source;
use super::{Edge, Node};

/// How deep composite nodes within composite nodes are opened.
const DEPTH: usize = 4;

/// A composite node that was opened.
pub(super) struct Inside {
    /// The node.
    pub(super) node: usize,
    /// What was recorded inside, by its place in the graph, without what is inside that.
    pub(super) nodes: Vec<usize>,
    /// Which of them is the node's value.
    pub(super) output: usize,
}

/// The graph under way.
#[derive(Default)]
pub(super) struct Recorded {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// What was opened, each after what it lies in.
    pub(super) insides: Vec<Inside>,
}

impl Recorded {
    /// Opens a node, which is at `at` in the graph, and whatever is composite inside.
    pub(super) fn open<T: Element>(
        &mut self,
        source: &Source<'_, T>,
        node: tape::Node<'_, T>,
        at: usize,
        index: &dyn Fn(NodeId) -> Option<usize>,
        depth: usize,
    ) {
        if depth == DEPTH {
            return;
        }
        let tape = Tape::new();
        let Some(opened) = node.open_on(&tape) else { return };
        // The operands of the node have their places in the graph already; constants of expressions have none.
        let outer = node.operands().into_iter().zip(&opened.inputs);
        let outer = outer.filter_map(|(operand, input)| match operand {
            Operand::Node(id) => Some((input.node_id(), index(id)?)),
            Operand::Constant(_) => None,
        });
        let mut places: HashMap<NodeId, usize> = outer.collect();
        if places.contains_key(&opened.output.node_id()) {
            return;
        }
        let upstream = source.upstream(node.id());
        let gradients = upstream.and_then(|upstream| {
            opened.output.try_backward_with((opened.output.shape(), upstream.to_vec())).ok()
        });
        let inner = Source { tape: &tape, gradients: gradients.as_ref(), lines: false };
        let mut inside = Vec::new();
        for step in tape.nodes() {
            if places.contains_key(&step.id()) {
                continue;
            }
            let place = self.nodes.len();
            inside.push((step, place));
            let parent = &self.nodes[at];
            let id = format!("{}.{}", parent.id, inside.len());
            let (file, line) = (parent.file.clone(), parent.line);
            self.nodes.push(Node { id, file, line, ..inner.node(step) });
            places.insert(step.id(), place);
        }
        let index = |id: NodeId| places.get(&id).copied();
        for &(step, place) in &inside {
            let edges = inner.edges(step, place, &index, &self.nodes);
            self.edges.extend(edges);
        }
        let Some(&output) = places.get(&opened.output.node_id()) else { return };
        let nodes = inside.iter().map(|&(_, place)| place).collect();
        self.insides.push(Inside { node: at, nodes, output });
        for (step, place) in inside {
            self.open(&inner, step, place, &index, depth + 1);
        }
    }
}
