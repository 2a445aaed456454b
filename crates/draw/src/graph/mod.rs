//! The record of a graph: plain data, from which every form of picture is made.

mod build;
mod fold;
mod groups;
mod inside;
mod layers;
mod numbers;
mod record;
mod repeats;
mod select;

use serde::Serialize;

use crate::formula::{Formula, formula_of, local_formula};

pub use build::Builder;
pub(crate) use numbers::short;
use numbers::{write_constants, write_number, write_numbers};

/// A computational graph as plain data: what every form of picture is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Graph {
    /// What stands above the picture.
    pub title: String,
    /// Nodes, each after those it was made of. What is inside composite nodes stands behind all others.
    pub nodes: Vec<Node>,
    /// Edges, in the order of the nodes they lead to, and of that node's operands.
    pub edges: Vec<Edge>,
    /// What can be opened and closed, each after the group it lies in.
    pub groups: Vec<Group>,
    /// The node that was differentiated, where gradients are known.
    pub output: Option<usize>,
}

/// A node of a [`Graph`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Node {
    /// What it is called: `%3`, and `%3.1` within a composite node.
    pub id: String,
    /// What sort of node it is.
    pub kind: Kind,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The operation; `leaf`, `constant`.
    pub operation: String,
    /// Operands that are numbers and have no node, by their position: the 2 of `x * 2.0`.
    #[serde(serialize_with = "write_constants")]
    pub constants: Vec<(usize, f64)>,
    /// The value.
    pub value: Numbers,
    /// The gradient of the output with respect to this node, where it is known.
    pub gradient: Option<Numbers>,
    /// The file that recorded it.
    pub file: String,
    /// The line in it.
    pub line: u32,
    /// The innermost group that it lies in.
    pub group: Option<usize>,
    /// How many numbers are learnt in it, if it is a parameter.
    pub parameters: usize,
    /// What it was made of is on the tape, but not in this graph, which is of a part of the tape only.
    pub clipped: bool,
}

/// What sort of node it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A variable: a leaf of the graph.
    Leaf,
    /// Data: no gradient is computed for it.
    Constant,
    /// The result of an operation.
    Operation,
}

/// The numbers of a node, or of a gradient.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Numbers {
    /// The extents; a scalar has none.
    pub shape: Vec<usize>,
    /// All of them in row-major order, where they are few enough to be read ([`Numbers::SHOWN`]); else none.
    #[serde(serialize_with = "write_numbers")]
    pub values: Vec<f64>,
    /// What can be said of all of them.
    pub statistics: Statistics,
}

/// What can be said of many numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Statistics {
    /// How many there are.
    pub count: usize,
    /// How many of them are NaN or infinite; all that follows is of the others.
    pub not_finite: usize,
    /// How many are 0.
    pub zeros: usize,
    /// The least.
    #[serde(serialize_with = "write_number")]
    pub min: f64,
    /// The greatest.
    #[serde(serialize_with = "write_number")]
    pub max: f64,
    /// The mean.
    #[serde(serialize_with = "write_number")]
    pub mean: f64,
    /// The standard deviation (of the population).
    #[serde(serialize_with = "write_number")]
    pub deviation: f64,
    /// The Euclidean norm.
    #[serde(serialize_with = "write_number")]
    pub norm: f64,
}

/// An edge of a [`Graph`], from an operand to the node that was made of it. Values go along it; gradients come back:
/// `downstream = local × upstream`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// The operand, as an index into [`Graph::nodes`].
    pub from: usize,
    /// The node that was made of it.
    pub to: usize,
    /// Which operand it is.
    pub position: usize,
    /// The derivative of the node with respect to the operand.
    pub local: Local,
    /// The gradient that arrived at the node; `None` where no gradients are known or none came.
    pub upstream: Option<Numbers>,
    /// The gradient that went on to the operand.
    pub downstream: Option<Numbers>,
}

/// A local derivative.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Local {
    /// Number by number: of scalars and elementwise operations.
    Numbers(Numbers),
    /// A whole Jacobian, which is never formed: what the operation does with an upstream gradient instead.
    Product(String),
    /// No gradients are known, or nothing flows back here.
    Unknown,
}

/// Nodes that are shown as one until they are opened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// What it is called: the kind of a layer with the name of its parameters, an operation, a range of nodes.
    pub name: String,
    /// What sort of group it is.
    pub kind: GroupKind,
    /// The group that it lies in.
    pub parent: Option<usize>,
    /// The composite node that it is the inside of.
    pub inside: Option<usize>,
    /// The node in it that has the value of that composite node.
    pub output: Option<usize>,
    /// How many numbers are learnt in it.
    pub parameters: usize,
    /// How many repetitions of the same it holds, as a loop makes them; its name says so too. 1 where it holds none.
    pub repeated: usize,
}

/// What sort of group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum GroupKind {
    /// A layer of a model.
    Layer,
    /// The inside of a composite node.
    Inside,
    /// Repetitions of the same.
    Repeats,
    /// One of them.
    Repetition,
    /// Some of what would be too much side by side.
    Range,
}

impl Graph {
    /// What a node computes and what goes back through it; `None` of leaves, and of operations that are not this library's.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let _ = tape.tensor(([2], vec![1.0, 2.0])).softmax(0);
    /// let graph = draw::Graph::builder(&tape).build()?;
    /// assert_eq!(graph.formula(0), None);
    /// assert_eq!(graph.formula(1).unwrap().value, "yᵢ = e^xᵢ / Σⱼ e^xⱼ along an axis");
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// # Panics
    /// There is no such node.
    pub fn formula(&self, node: usize) -> Option<Formula> {
        formula_of(&self.nodes[node].operation, self.operands(node))
    }

    /// The local derivative along an edge, of the value `y` of an elementwise operation in one of its operands.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let _ = tape.scalar(2.0) * tape.scalar(3.0);
    /// let graph = draw::Graph::builder(&tape).build()?;
    /// assert_eq!(graph.local_formula(0).unwrap(), "∂y/∂a = b");
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// # Panics
    /// There is no such edge.
    pub fn local_formula(&self, edge: usize) -> Option<String> {
        let edge = &self.edges[edge];
        local_formula(&self.nodes[edge.to].operation, self.operands(edge.to), edge.position)
    }

    /// How many operands a node has, constants counted. Edges stand in the order of the nodes they lead to.
    fn operands(&self, node: usize) -> usize {
        let first = self.edges.partition_point(|edge| edge.to < node);
        let past = self.edges.partition_point(|edge| edge.to <= node);
        past - first + self.nodes[node].constants.len()
    }
}
