//! A graph in DOT, the language of Graphviz.

use std::fmt::Write;

use super::outline::{Outline, Spot, Step};
use super::words::{chain, heading, symbol, visible};
use crate::graph::{Graph, Kind};

/// How many cards are shown before groups stay closed: more of them take `dot` minutes, and nobody can read them.
const ROOM: usize = 400;

impl Graph {
    /// The graph in DOT, for Graphviz and the programs that read its language: cards with value and gradient, operations as
    /// ovals before them, `local × upstream = downstream` on the edges, groups as clusters.
    ///
    /// Composite nodes stay closed. So do groups of a graph with more than some hundred nodes, where there is no room for
    /// what is in them.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let x = tape.scalar(2.0).named("x");
    /// let dot = draw::Graph::of(&tape, &x.sin().backward())?.to_dot();
    /// assert!(dot.starts_with("digraph"));
    /// assert!(dot.contains("n0 -> o1"));
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// Source: the language is described at <https://graphviz.org/doc/info/lang.html>.
    pub fn to_dot(&self) -> String {
        let outline = Outline::of(self, ROOM);
        let mut dot = format!(
            "digraph {} {{\n  rankdir=LR;\n  graph [fontname=\"Helvetica\", label={}, labelloc=t, compound=true];\n  node \
             [fontname=\"Helvetica\", fontsize=11, shape=plain];\n  edge [fontname=\"Helvetica\", fontsize=9];\n",
            quoted(if self.title.is_empty() { "graph" } else { &self.title }),
            quoted(&self.title),
        );
        let mut depth = 1;
        for step in outline.steps() {
            let indent = "  ".repeat(depth - usize::from(step == Step::Close));
            let line = match step {
                Step::Open(group) => {
                    depth += 1;
                    let label = quoted(&self.group_label(group));
                    format!("subgraph cluster_{group} {{ label={label}; style=rounded; color=gray60;")
                }
                Step::Close => {
                    depth -= 1;
                    "}".to_owned()
                }
                Step::Show(Spot::Group(group)) => {
                    let label = quoted(&self.group_label(group));
                    format!("g{group} [shape=box3d, style=filled, fillcolor=gray95, label={label}];")
                }
                Step::Show(Spot::Node(node)) => self.dot_node(node),
            };
            let _ = writeln!(dot, "{indent}{line}");
        }
        for (from, to, edge) in outline.edges(self) {
            let label = edge.and_then(|edge| chain(&self.edges[edge]));
            let label = label.map_or(String::new(), |label| format!(" [label={}]", quoted(&label)));
            let from = match from {
                Spot::Node(node) => format!("n{node}"),
                Spot::Group(group) => format!("g{group}"),
            };
            let to = match to {
                Spot::Node(node) => format!("o{node}"),
                Spot::Group(group) => format!("g{group}"),
            };
            let _ = writeln!(dot, "  {from} -> {to}{label};");
        }
        dot + "}\n"
    }

    /// A card, and the operation before it.
    fn dot_node(&self, at: usize) -> String {
        let node = &self.nodes[at];
        let mut rows = vec![format!("<B>{}</B>", markup(&heading(node)))];
        rows.push(markup(&format!("value {}", node.value)));
        rows.extend(node.gradient.as_ref().map(|gradient| markup(&format!("gradient {gradient}"))));
        let rows = rows.join("</TD></TR><TR><TD>");
        let border = if node.kind == Kind::Constant { "gray60" } else { "black" };
        let place = if node.file.is_empty() { String::new() } else { format!("{}:{}", node.file, node.line) };
        let card = format!(
            "n{at} [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\" \
             COLOR=\"{border}\"><TR><TD>{rows}</TD></TR></TABLE>>, tooltip={}];",
            quoted(&place)
        );
        if node.kind != Kind::Operation {
            return card;
        }
        let operation = quoted(symbol(&node.operation));
        format!("{card} o{at} [shape=ellipse, label={operation}]; o{at} -> n{at};")
    }

    /// The name of a group, with what is learnt in it.
    pub(super) fn group_label(&self, group: usize) -> String {
        let group = &self.groups[group];
        match group.parameters {
            0 => group.name.clone(),
            1 => format!("{}, 1 parameter", group.name),
            parameters => format!("{}, {parameters} parameters", group.name),
        }
    }
}

/// A text within quotes.
fn quoted(text: &str) -> String {
    let text = visible(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

/// A text within a label of Graphviz's markup.
fn markup(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\n', "<BR/>")
}
