//! Nodes and edges as they stand on a tape.

use tape::{Element, Gradients, NodeId, Operand, Tape};

use super::{Edge, Kind, Local, Node, Numbers};
use crate::formula::product;

/// A tape, and the gradients of one of its nodes.
pub(super) struct Source<'a, T: Element> {
    pub(super) tape: &'a Tape<T>,
    pub(super) gradients: Option<&'a Gradients<T>>,
    /// Whether file and line are noted.
    pub(super) lines: bool,
}

impl<'a, T: Element> Source<'a, T> {
    /// The node, without a group.
    pub(super) fn node(&self, node: tape::Node<'a, T>) -> Node {
        let kind = match node.op() {
            "leaf" => Kind::Leaf,
            "constant" => Kind::Constant,
            _ => Kind::Operation,
        };
        let constants = node.operands().into_iter().enumerate();
        let constants = constants.filter_map(|(position, operand)| match operand {
            Operand::Constant(value) => Some((position, value.to_f64().unwrap_or(f64::NAN))),
            Operand::Node(_) => None,
        });
        let at = node.location();
        Node {
            id: node.id().to_string(),
            kind,
            name: node.name().map(str::to_owned),
            operation: node.op().to_owned(),
            constants: constants.collect(),
            value: self.value(node.id()),
            gradient: self.gradient(node.id()),
            file: if self.lines { at.file().to_owned() } else { String::new() },
            line: if self.lines { at.line() } else { 0 },
            group: None,
            parameters: 0,
            clipped: false,
        }
    }

    fn value(&self, id: NodeId) -> Numbers {
        if let Some(scalar) = self.tape.scalar_by_id(id) {
            return Numbers::of(&[], &[scalar.value()]);
        }
        let value = self.tape.tensor_by_id(id).map(|tensor| (tensor.shape(), tensor.value()));
        let numbers = value.as_ref().and_then(|(shape, value)| Some((*shape, value.as_slice()?)));
        numbers.map_or_else(|| Numbers::of::<T>(&[0], &[]), |(shape, numbers)| Numbers::of(shape, numbers))
    }

    /// The gradient, where it was asked for and the output depends on the node.
    pub(super) fn gradient(&self, id: NodeId) -> Option<Numbers> {
        let gradients = self.gradients.filter(|gradients| gradients.keeps(id))?;
        if let Some(scalar) = self.tape.scalar_by_id(id) {
            return Some(Numbers::of(&[], &[gradients.get(scalar)?]));
        }
        let tensor = self.tape.tensor_by_id(id)?;
        let gradient = gradients.get(tensor)?;
        let numbers = gradient.iter().copied().collect::<Vec<T>>();
        Some(Numbers::of(tensor.shape(), &numbers))
    }

    /// The edges to a node: `index` says where its operands are in the graph, `to` where it is itself.
    pub(super) fn edges(
        &self,
        node: tape::Node<'a, T>,
        to: usize,
        index: &dyn Fn(NodeId) -> Option<usize>,
        nodes: &[Node],
    ) -> Vec<Edge> {
        let operands = node.operands().into_iter().enumerate();
        let operands = operands.filter_map(|(position, operand)| match operand {
            Operand::Node(id) => Some((position, id, index(id)?)),
            Operand::Constant(_) => None,
        });
        let upstream = &nodes[to].gradient;
        let mut sent = if upstream.is_some() { self.sent(node) } else { Vec::new() };
        let edge = |(position, id, from): (usize, NodeId, usize)| {
            let found = sent.iter().position(|sent| sent.0 == position);
            let found = found.filter(|_| self.flows(id)).map(|k| sent.swap_remove(k));
            let (local, downstream) =
                found.map_or((Local::Unknown, None), |(_, local, downstream)| (local, Some(downstream)));
            Edge { from, to, position, local, upstream: upstream.clone(), downstream }
        };
        operands.map(edge).collect()
    }

    /// The numbers of the gradient that arrived at a node, in row-major order.
    pub(super) fn upstream(&self, id: NodeId) -> Option<&'a [T]> {
        let gradients = self.gradients.filter(|gradients| gradients.keeps(id))?;
        gradients.slice_by_id(id)
    }

    /// Whether gradients flow to a node: not to data, nor to what is made of nothing else. A pruned backward pass has not
    /// kept what there is to know of most nodes; of them it is said of data only.
    fn flows(&self, id: NodeId) -> bool {
        match self.gradients {
            Some(gradients) if gradients.keeps(id) => {
                let scalar = self.tape.scalar_by_id(id).map(|scalar| gradients.get(scalar).is_some());
                let tensor =
                    || self.tape.tensor_by_id(id).is_some_and(|tensor| gradients.get(tensor).is_some());
                scalar.unwrap_or_else(tensor)
            }
            _ => self.tape.node(id).is_some_and(|node| node.op() != "constant"),
        }
    }

    /// What a node sends to each of its operands, with the local derivative.
    fn sent(&self, node: tape::Node<'a, T>) -> Vec<(usize, Local, Numbers)> {
        let Some(gradients) = self.gradients else { return Vec::new() };
        if let Some(scalar) = self.tape.scalar_by_id(node.id()) {
            let edges = gradients.edges(scalar).into_iter();
            let one = |number: T| Numbers::of(&[], &[number]);
            return edges
                .map(|edge| (edge.position, Local::Numbers(one(edge.local)), one(edge.downstream)))
                .collect();
        }
        let Some(tensor) = self.tape.tensor_by_id(node.id()) else { return Vec::new() };
        let numbers = |array: &ndarray::ArrayD<T>| {
            Numbers::of(array.shape(), array.as_slice().expect("arrays of edges are in row-major order"))
        };
        let edges = gradients.edges(tensor).into_iter();
        edges
            .map(|edge| {
                let local = edge.local.as_ref().map(numbers).map(Local::Numbers);
                let local =
                    local.unwrap_or_else(|| Local::Product(product(node.op(), node.operands().len())));
                (edge.position, local, numbers(&edge.downstream))
            })
            .collect()
    }
}
