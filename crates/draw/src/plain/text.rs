//! A graph as text: a table of nodes, and one of edges.

use std::fmt;

use super::table::Side::{Left, Right};
use super::table::Table;
use super::words::{made, visible};
use crate::graph::{Graph, GroupKind, Local, Numbers, short};

impl fmt::Display for Graph {
    /// The nodes in the order in which they ran, what is inside a composite node below it; then, where gradients are known,
    /// the edges in the order in which the backward pass walks them.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    /// let grads = (x * y).sin().backward();
    /// let graph = draw::Graph::builder(&tape).gradients(&grads).lines(false).title("f = sin(x*y)").build()?;
    /// assert_eq!(
    ///     graph.to_string(),
    ///     "\
    /// f = sin(x*y)
    ///
    /// node  operation       value    gradient
    /// %0    x                   2   2.8805109
    /// %1    y                   3   1.9203406
    /// %2    %0 * %1             6  0.96017029
    /// %3    sin(%2)    -0.2794155           1
    ///
    /// edge          local  ×    upstream  =  downstream
    /// %3 ← %2  0.96017029  ×           1  =  0.96017029
    /// %2 ← %0           3  ×  0.96017029  =   2.8805109
    /// %2 ← %1           2  ×  0.96017029  =   1.9203406
    ///
    /// "
    /// );
    /// # Ok::<(), draw::Error>(())
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.title.is_empty() {
            writeln!(f, "{}\n", one_line(&self.title))?;
        }
        let order = self.reading_order();
        write!(f, "{}{}", self.node_table(&order), self.edge_table(&order))
    }
}

impl Graph {
    /// The nodes, those inside a composite node after it.
    fn reading_order(&self) -> Vec<usize> {
        let composites = self.composites();
        let mut inside = vec![Vec::new(); self.nodes.len()];
        let mut open = Vec::new();
        for (node, composite) in composites.iter().enumerate().rev() {
            composite.map_or(&mut open, |composite| &mut inside[composite]).push(node);
        }
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(node) = open.pop() {
            order.push(node);
            open.append(&mut inside[node]);
        }
        order
    }

    fn node_table(&self, order: &[usize]) -> Table {
        let gradients = self.nodes.iter().any(|node| node.gradient.is_some());
        let layers = self.groups.iter().any(|group| group.kind == GroupKind::Layer);
        let lines = self.nodes.iter().any(|node| !node.file.is_empty());
        let mut columns = vec![("node", Left), ("operation", Left), ("value", Right)];
        columns.extend(gradients.then_some(("gradient", Right)));
        columns.extend(layers.then_some(("layer", Left)));
        columns.extend(lines.then_some(("line", Left)));
        let mut table = Table::new(&columns);
        for &at in order {
            let node = &self.nodes[at];
            let mut row = vec![node.id.clone(), one_line(&made(self, at)), shown(&node.value)];
            if gradients {
                row.push(node.gradient.as_ref().map_or_else(|| "-".to_owned(), shown));
            }
            if layers {
                let mut up = std::iter::successors(node.group, |&group| self.groups[group].parent);
                let layer = up.find(|&group| self.groups[group].kind == GroupKind::Layer);
                row.push(layer.map_or_else(String::new, |layer| one_line(&self.groups[layer].name)));
            }
            if lines {
                row.push(format!("{}:{}", node.file, node.line));
            }
            table.row(row);
        }
        table
    }

    fn edge_table(&self, order: &[usize]) -> Table {
        let columns = [
            ("edge", Left),
            ("local", Right),
            ("×", Left),
            ("upstream", Right),
            ("=", Left),
            ("downstream", Right),
        ];
        let mut table = Table::new(&columns);
        for edge in order.iter().rev().flat_map(|&node| self.edges_to(node)) {
            let (Some(upstream), Some(downstream)) = (&edge.upstream, &edge.downstream) else { continue };
            let local = match &edge.local {
                Local::Numbers(local) => shown(local),
                Local::Product(_) | Local::Unknown => "Jacobian".to_owned(),
            };
            let [to, from] = [edge.to, edge.from].map(|node| &self.nodes[node].id);
            let signs = ["×", "="].map(str::to_owned);
            let [times, equals] = signs;
            table.row(vec![
                format!("{to} ← {from}"),
                local,
                times,
                shown(upstream),
                equals,
                shown(downstream),
            ]);
        }
        table
    }
}

/// A single number with more digits than many of them.
fn shown(numbers: &Numbers) -> String {
    match numbers.single() {
        Some(value) if numbers.shape.is_empty() => short(value, 8),
        _ => numbers.to_string(),
    }
}

fn one_line(text: &str) -> String {
    visible(text).replace('\n', " ")
}
