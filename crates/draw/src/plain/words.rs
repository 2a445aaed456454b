//! How a node is told in words.

use crate::graph::{Edge, Graph, Kind, Node, Numbers, short};

/// What is written with a symbol is shown with it.
const SYMBOLS: [(&str, &str); 6] =
    [("neg", "-"), ("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/"), ("pow", "^")];

/// The symbol of an operation, or its name.
pub(super) fn symbol(operation: &str) -> &str {
    let found = SYMBOLS.iter().find(|(name, _)| *name == operation);
    found.map_or(operation, |(_, symbol)| symbol)
}

/// How a node was made: the name of a leaf, or the operation with its operands, `%0 * %1` or `sin(%0)`.
pub(super) fn made(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    if node.kind != Kind::Operation {
        return node.name.clone().unwrap_or_else(|| node.operation.clone());
    }
    let shown = |value: f64| short(value, 8);
    let constants = node.constants.iter().map(|&(position, value)| (position, shown(value)));
    let operands = graph.edges_to(at).iter().map(|edge| (edge.position, graph.nodes[edge.from].id.clone()));
    let mut operands: Vec<(usize, String)> = operands.chain(constants).collect();
    operands.sort_by_key(|&(position, _)| position);
    let symbol = symbol(&node.operation);
    let expression = match &operands[..] {
        _ if node.clipped => format!("{}(…)", node.operation),
        [(_, x)] if symbol != node.operation => format!("{symbol}{x}"),
        [(_, a), (_, b)] if symbol != node.operation => format!("{a} {symbol} {b}"),
        _ => {
            let operands: Vec<String> = operands.into_iter().map(|(_, operand)| operand).collect();
            format!("{}({})", node.operation, operands.join(", "))
        }
    };
    node.name.as_ref().map_or(expression.clone(), |name| format!("{name} = {expression}"))
}

/// What stands in the first line of a card: the name, or what it is. Results that the user gave no name need none: their
/// operation stands beside them.
pub(super) fn heading(node: &Node) -> String {
    match (&node.name, node.kind) {
        (Some(name), _) => format!("{name} {}", node.id),
        (None, Kind::Operation) => node.id.clone(),
        (None, _) => format!("{} {}", node.operation, node.id),
    }
}

/// `3 × 12 = 36`, between single numbers; of others only what went on.
pub(super) fn chain(edge: &Edge) -> Option<String> {
    let downstream = edge.downstream.as_ref()?;
    let single = |numbers: &Numbers| numbers.shape.is_empty().then(|| numbers.single()).flatten();
    let local = match &edge.local {
        crate::Local::Numbers(local) => single(local),
        _ => None,
    };
    match (local, edge.upstream.as_ref().and_then(single), single(downstream)) {
        (Some(local), Some(upstream), Some(downstream)) => {
            let [local, upstream, downstream] = [local, upstream, downstream].map(|value| short(value, 4));
            Some(format!("{local} × {upstream} = {downstream}"))
        }
        _ => Some(downstream.to_string()),
    }
}

/// Without what no picture can show: other control characters than the end of a line.
pub(super) fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c })
        .collect()
}

impl Graph {
    /// The edges that lead to a node, in the order of its operands.
    pub(crate) fn edges_to(&self, node: usize) -> &[Edge] {
        let first = self.edges.partition_point(|edge| edge.to < node);
        let past = self.edges.partition_point(|edge| edge.to <= node);
        &self.edges[first..past]
    }

    /// By node, the composite node that it is inside of.
    pub(crate) fn composites(&self) -> Vec<Option<usize>> {
        let mut of_group: Vec<Option<usize>> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            of_group.push(group.inside.or_else(|| of_group[group.parent?]));
        }
        self.nodes.iter().map(|node| of_group[node.group?]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_read_as_they_are_written() {
        let tape = tape::Tape::new();
        let x = tape.scalar(2.0).named("x");
        let left = -x.powf(2.0) / (1.0 - x);
        let _ = (left + (x.elu(0.5) * x.sin()).named("u")).max(0.0);
        let graph = Graph::builder(&tape).build().unwrap();
        let shown: Vec<String> = (0..graph.nodes.len()).map(|node| made(&graph, node)).collect();
        let wanted = [
            "x",
            "%0 ^ 2",
            "-%1",
            "1 - %0",
            "%2 / %3",
            "elu(%0, 0.5)",
            "sin(%0)",
            "u = %5 * %6",
            "%4 + %7",
            "max(%8, 0)",
        ];
        assert_eq!(shown, wanted);
        let part = Graph::builder(&tape).nodes(8..).build().unwrap();
        assert_eq!(made(&part, 1), "u = mul(…)");
    }
}
