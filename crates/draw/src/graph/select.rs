//! Which part of a tape a graph is of.

use std::collections::BTreeSet;
use std::ops::Range;

use tape::{Element, NodeId, Tape};

use crate::error::{Error, ErrorKind};

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Only nodes from these positions.
    pub(super) range: Option<Range<usize>>,
    /// Only this node and what leads to it, within so many edges.
    pub(super) behind: Option<(NodeId, usize)>,
}

/// The nodes of a part, by their positions on the tape.
pub(super) struct Part {
    /// In ascending order.
    positions: Vec<usize>,
    /// The positions of those that are there as operands of others only.
    edge: BTreeSet<usize>,
}

impl Part {
    /// The part, if it has no more than `limit` nodes.
    pub(super) fn of<T: Element>(tape: &Tape<T>, wanted: &Wanted, limit: usize) -> Result<Self, Error> {
        let range = wanted.range.clone().unwrap_or(0..tape.len());
        if range.end > tape.len() || range.start > range.end {
            let text = format!("expected a range within 0..{}, found {range:?}", tape.len());
            return Err(Error::new(ErrorKind::Setting, text));
        }
        let mut edge = BTreeSet::new();
        let inner = match wanted.behind {
            Some((node, depth)) => behind(tape, node, depth, &range, limit)?,
            None if range.len() > limit => return Err(too_large(&range.len().to_string(), limit)),
            None => range.collect(),
        };
        if let Some((node, 0)) = wanted.behind {
            edge.insert(node.index());
        }
        for &position in &inner {
            let operands = operands(tape, position).filter(|operand| inner.binary_search(operand).is_err());
            edge.extend(operands);
        }
        let mut positions = inner;
        positions.extend(&edge);
        positions.sort_unstable();
        if positions.len() > limit {
            return Err(too_large(&positions.len().to_string(), limit));
        }
        Ok(Self { positions, edge })
    }

    /// The nodes, and whether each is there with its operands.
    pub(super) fn nodes<'t, T: Element>(
        &self,
        tape: &'t Tape<T>,
    ) -> impl Iterator<Item = (tape::Node<'t, T>, bool)> {
        let whole = |position: usize| !self.edge.contains(&position);
        self.positions.iter().filter_map(move |&position| Some((node_at(tape, position)?, whole(position))))
    }

    /// Where a node is in the graph.
    pub(super) fn index(&self, position: usize) -> Option<usize> {
        self.positions.binary_search(&position).ok()
    }
}

/// A node and what leads to it over fewer edges than `depth`, in ascending order.
fn behind<T: Element>(
    tape: &Tape<T>,
    node: NodeId,
    depth: usize,
    range: &Range<usize>,
    limit: usize,
) -> Result<Vec<usize>, Error> {
    if !range.contains(&node.index()) {
        let text = format!("expected a node within {range:?}, found {node}");
        return Err(Error::new(ErrorKind::Setting, text));
    }
    if depth == 0 {
        return Ok(Vec::new());
    }
    let mut found = BTreeSet::from([node.index()]);
    let mut last = vec![node.index()];
    for _ in 1..depth {
        let next = last.iter().flat_map(|&position| operands(tape, position));
        let next: Vec<usize> =
            next.filter(|operand| range.contains(operand) && found.insert(*operand)).collect();
        if found.len() > limit {
            return Err(too_large(&format!("more than {limit}"), limit));
        }
        if next.is_empty() {
            break;
        }
        last = next;
    }
    Ok(found.into_iter().collect())
}

fn operands<T: Element>(tape: &Tape<T>, position: usize) -> impl Iterator<Item = usize> {
    let inputs = node_at(tape, position).map(tape::Node::inputs).unwrap_or_default();
    inputs.into_iter().map(NodeId::index)
}

fn node_at<T: Element>(tape: &Tape<T>, position: usize) -> Option<tape::Node<'_, T>> {
    let first = tape.nodes().next()?.id();
    tape.node(first.offset(position))
}

fn too_large(nodes: &str, limit: usize) -> Error {
    let text = format!(
        "there are {nodes} nodes, and a picture is for {limit} at most: take a part of them by `Builder::nodes(range)`, \
         `Builder::only(node)` or `Builder::before(node, depth)`, or ask for more by `Builder::limit`"
    );
    Error::new(ErrorKind::TooLarge, text)
}
