//! The nodes that led to a number that is none.

use std::fmt;
use std::panic::Location;

use crate::id::NodeId;
use crate::shape::Shape;

/// The nodes between a NaN or an infinity and where it comes from: see [`Error::path`](crate::Error::path).
///
/// Each node is an operand of the one before it. The path of a value begins at the node that made it and ends at a leaf;
/// at each node it takes the operand that explains most: the one that changes the number most when ones stand in its
/// stead, or else the greatest. The path of a gradient begins at the output and ends at the node that was sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    nodes: Vec<NodeId>,
    /// Which of them it was.
    origin: usize,
    steps: Vec<Step>,
}

/// A node of a [`Path`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The node.
    pub node: NodeId,
    /// The name of its operation; `leaf` and `constant` for what the user brought.
    pub operation: String,
    /// Its operands as listings show them: `%3, 2`.
    pub operands: String,
    /// The name that it was given.
    pub name: Option<String>,
    /// Its shape; a scalar has no axes.
    pub shape: Shape,
    /// The line of the user's code that recorded it.
    pub location: &'static Location<'static>,
    /// Its value, or what came back to it: least and greatest number, and the one that matters.
    pub text: String,
}

impl Path {
    /// How many nodes are shown at the beginning, and as many at the end.
    const SHOWN: usize = 6;

    /// A path, of which the nodes at both ends are shown; the node at `origin` is the one that did it.
    pub(crate) fn new(nodes: Vec<NodeId>, origin: usize, step: impl Fn(usize) -> Step) -> Self {
        let (begin, end) = Self::shown(nodes.len());
        let steps = (0..begin).chain(end..nodes.len()).map(step).collect();
        Self { nodes, origin, steps }
    }

    /// Where the beginning ends and the end begins.
    fn shown(len: usize) -> (usize, usize) {
        if len <= 2 * Self::SHOWN { (len, len) } else { (Self::SHOWN, len - Self::SHOWN) }
    }

    /// All nodes of the path.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// The node that made the number, or that sent it back as a gradient.
    pub fn origin(&self) -> NodeId {
        self.nodes[self.origin]
    }

    /// What is to be seen of the nodes: of all of them, or of the first six and the last six.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl fmt::Display for Path {
    /// A line a node, each deeper than the one before; the columns stand below one another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |step: &Step| format!("{}:{}", step.location.file(), step.location.line());
        let row = |(k, step): (usize, &Step)| {
            let head = format!("{}{}{step}", "  ".repeat(k.max(1)), if k > 0 { "└ " } else { "" });
            let shape = if step.shape.is_empty() { String::new() } else { format!("{:?}", step.shape) };
            [head, shape, step.text.clone(), place(step)]
        };
        let rows: Vec<_> = self.steps.iter().enumerate().map(row).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let [a, b, c] = [0, 1, 2].map(width);
        let (begin, end) = Self::shown(self.nodes.len());
        for (k, [head, shape, text, place]) in rows.iter().enumerate() {
            if k == begin {
                writeln!(f, "{}… {} more …", "  ".repeat(k), end - begin)?;
            }
            write!(f, "{head:<a$}  {shape:<b$}  {text:<c$}  {place}")?;
            if k + 1 < rows.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.node, self.operation)?;
        if !self.operands.is_empty() {
            write!(f, " {}", self.operands)?;
        }
        match &self.name {
            Some(name) => write!(f, " \"{name}\""),
            None => Ok(()),
        }
    }
}
