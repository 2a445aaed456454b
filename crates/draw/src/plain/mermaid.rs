//! A graph as a Mermaid flowchart.

use std::fmt::Write;

use super::outline::{Outline, Spot, Step};
use super::words::{chain, heading, symbol, visible};
use crate::graph::{Graph, Kind, Node};

/// How many cards are shown before groups stay closed. Mermaid draws no more than 500 edges unless it is told to.
const ROOM: usize = 160;

impl Graph {
    /// The graph as a Mermaid flowchart, for Markdown: cards with value and gradient, operations as ovals before them,
    /// `local × upstream = downstream` on the edges, groups as subgraphs.
    ///
    /// Composite nodes stay closed. So do groups of a graph with more than some hundred nodes, where there is no room for
    /// what is in them.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let x = tape.scalar(2.0).named("x");
    /// let mermaid = draw::Graph::of(&tape, &(x * x).backward())?.to_mermaid();
    /// assert!(mermaid.contains("n0 -->|\"2 × 1 = 2\"| o1"));
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// Source: the language is described at <https://mermaid.js.org/syntax/flowchart.html>.
    pub fn to_mermaid(&self) -> String {
        let outline = Outline::of(self, ROOM);
        let mut text = String::new();
        if !self.title.is_empty() {
            let title = serde_json::Value::from(visible(&self.title));
            let _ = writeln!(text, "---\ntitle: {title}\n---");
        }
        text.push_str("flowchart LR\n");
        let mut depth = 1;
        for step in outline.steps() {
            let indent = "  ".repeat(depth - usize::from(step == Step::Close));
            let line = match step {
                Step::Open(group) => {
                    depth += 1;
                    format!("subgraph g{group}[{}]", quoted(&self.group_label(group)))
                }
                Step::Close => {
                    depth -= 1;
                    "end".to_owned()
                }
                Step::Show(Spot::Group(group)) => format!("g{group}[[{}]]", quoted(&self.group_label(group))),
                Step::Show(Spot::Node(at)) => {
                    let node = &self.nodes[at];
                    let card = format!("n{at}[{}]", quoted(&card(node)));
                    match node.kind {
                        Kind::Operation => {
                            format!("o{at}([{}]) --> {card}", quoted(symbol(&node.operation)))
                        }
                        Kind::Leaf | Kind::Constant => card,
                    }
                }
            };
            let _ = writeln!(text, "{indent}{line}");
        }
        for (from, to, edge) in outline.edges(self) {
            let label = edge.and_then(|edge| chain(&self.edges[edge]));
            let label = label.map_or(String::new(), |label| format!("|{}|", quoted(&label)));
            let from = match from {
                Spot::Node(node) => format!("n{node}"),
                Spot::Group(group) => format!("g{group}"),
            };
            let to = match to {
                Spot::Node(node) => format!("o{node}"),
                Spot::Group(group) => format!("g{group}"),
            };
            let _ = writeln!(text, "  {from} -->{label} {to}");
        }
        text
    }
}

fn card(node: &Node) -> String {
    let gradient = node.gradient.as_ref().map_or(String::new(), |gradient| format!("\ngradient {gradient}"));
    format!("{}\nvalue {}{gradient}", heading(node), node.value)
}

/// A text within quotes. Whatever means something to Mermaid, to its Markdown or to HTML is written by its number.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in visible(text).chars() {
        match c {
            '\n' => written.push_str("<br/>"),
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '*' | '_' | '~' => {
                let _ = write!(written, "#{};", u32::from(c));
            }
            c => written.push(c),
        }
    }
    written + "\""
}
