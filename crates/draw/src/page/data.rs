//! What the script of the page is told: the record of the graph with all its numbers as text, so that the script shows
//! numbers and computes none.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use super::findings::Finding;
use crate::digits::{factor, printed};
use crate::formula::Formula;
use crate::graph::{Edge, Graph, Group, Kind, Local, Node, Numbers};
use crate::scene::Scene;

/// Everything that the script knows.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    output: Option<usize>,
    nodes: Vec<NodeData<'a>>,
    edges: Vec<EdgeData<'a>>,
    groups: &'a [Group],
    /// Which groups are open at first.
    open: &'a [bool],
    /// What operations compute: `NodeData::rule` is an index here.
    formulas: Vec<Formula>,
    /// Local derivatives: `EdgeData::rule` is an index here.
    #[serde(rename = "localFormulas")]
    local_formulas: Vec<String>,
    findings: &'a [Finding],
    scene: &'a Scene,
}

#[derive(Serialize)]
struct NodeData<'a> {
    /// The name, or the id where there is none.
    label: &'a str,
    id: &'a str,
    kind: Kind,
    op: &'a str,
    group: Option<usize>,
    value: Text,
    gradient: Option<Text>,
    file: &'a str,
    line: u32,
    parameters: usize,
    rule: Option<usize>,
    /// The operation with its operands: `x × y`.
    formula: String,
    /// The operation with its numbers, where they are scalars: `2 × 3`.
    filled: Option<String>,
}

#[derive(Serialize)]
struct EdgeData<'a> {
    from: usize,
    to: usize,
    rule: Option<usize>,
    local: Option<LocalData<'a>>,
    /// Where it is not the gradient of the node that the edge leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    up: Option<Text>,
    down: Option<Text>,
    /// What has come to the operand so far, this edge included, in the order of the backward pass; where more is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LocalData<'a> {
    Numbers(Text),
    Product(&'a str),
}

/// Numbers as text.
#[derive(Serialize)]
#[serde(untagged)]
enum Text {
    /// A scalar of which the text is all.
    Scalar(String),
    /// A scalar in four digits and in all.
    Rounded([String; 2]),
    /// An array.
    Array(Box<Array>),
}

#[derive(Serialize)]
struct Array {
    shape: Vec<usize>,
    /// In row-major order, where the record has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    count: usize,
    /// How many are NaN or infinite.
    broken: usize,
    zeros: usize,
    min: String,
    max: String,
    mean: String,
    deviation: String,
    norm: String,
}

impl<'a> Data<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        scene: &'a Scene,
        open: &'a [bool],
        findings: &'a [Finding],
    ) -> Self {
        let operands = Operands::new(graph);
        let (mut formulas, mut local_formulas) = (Once::default(), Once::default());
        let nodes = graph.nodes.iter().enumerate().map(|(index, node)| {
            let key = (&node.operation, operands.count(index));
            let rule = formulas.index(key, || graph.formula(index));
            node_data(node, &operands, index, rule)
        });
        let nodes = nodes.collect();
        let edges = graph.edges.iter().zip(sums(graph)).enumerate().map(|(index, (edge, sum))| {
            let key = (&graph.nodes[edge.to].operation, operands.count(edge.to), edge.position);
            let rule = local_formulas.index(key, || graph.local_formula(index));
            edge_data(graph, edge, rule, sum)
        });
        let edges = edges.collect();
        Self {
            output: graph.output,
            nodes,
            edges,
            groups: &graph.groups,
            open,
            formulas: formulas.found,
            local_formulas: local_formulas.found,
            findings,
            scene,
        }
    }
}

/// Things that are made once for each key.
struct Once<K, V> {
    indices: HashMap<K, Option<usize>>,
    found: Vec<V>,
}

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self { indices: HashMap::new(), found: Vec::new() }
    }
}

impl<K: Eq + Hash, V> Once<K, V> {
    fn index(&mut self, key: K, make: impl FnOnce() -> Option<V>) -> Option<usize> {
        *self.indices.entry(key).or_insert_with(|| {
            self.found.push(make()?);
            Some(self.found.len() - 1)
        })
    }
}

fn node_data<'a>(
    node: &'a Node,
    operands: &Operands<'_>,
    index: usize,
    rule: Option<usize>,
) -> NodeData<'a> {
    NodeData {
        label: label(node),
        id: &node.id,
        kind: node.kind,
        op: &node.operation,
        group: node.group,
        value: Text::new(&node.value),
        gradient: node.gradient.as_ref().map(Text::new),
        file: &node.file,
        line: node.line,
        parameters: node.parameters,
        rule,
        formula: operands.formula(index, |operand| Some(label(operand).to_owned())).unwrap_or_default(),
        filled: operands.formula(index, |operand| {
            let scalar = node.value.shape.is_empty() && operand.value.shape.is_empty();
            operand.value.values.first().filter(|_| scalar).map(|&value| factor(value))
        }),
    }
}

fn edge_data<'a>(
    graph: &'a Graph,
    edge: &'a Edge,
    rule: Option<usize>,
    sum: Option<Numbers>,
) -> EdgeData<'a> {
    let usual = edge.upstream == graph.nodes[edge.to].gradient;
    EdgeData {
        from: edge.from,
        to: edge.to,
        rule,
        local: match &edge.local {
            Local::Numbers(numbers) => Some(LocalData::Numbers(Text::new(numbers))),
            Local::Product(text) => Some(LocalData::Product(text)),
            Local::Unknown => None,
        },
        up: edge.upstream.as_ref().filter(|_| !usual).map(Text::new),
        down: edge.downstream.as_ref().map(Text::new),
        sum: sum.as_ref().map(Text::new),
    }
}

/// What a node is called.
pub(super) fn label(node: &Node) -> &str {
    node.name.as_deref().unwrap_or(&node.id)
}

/// The operands of every node, constants among them, in their order.
struct Operands<'a> {
    graph: &'a Graph,
    edges: Vec<Vec<usize>>,
}

impl<'a> Operands<'a> {
    fn new(graph: &'a Graph) -> Self {
        let mut edges = vec![Vec::new(); graph.nodes.len()];
        for (index, edge) in graph.edges.iter().enumerate() {
            edges[edge.to].push(index);
        }
        Self { graph, edges }
    }

    fn count(&self, node: usize) -> usize {
        self.edges[node].len() + self.graph.nodes[node].constants.len()
    }

    /// The operation of a node, its operands in the words of `say`; none if one of them has none.
    fn formula(&self, node: usize, say: impl Fn(&Node) -> Option<String>) -> Option<String> {
        let Node { operation, constants, kind, .. } = &self.graph.nodes[node];
        if *kind != Kind::Operation {
            return None;
        }
        let mut operands = Vec::new();
        for &(position, value) in constants {
            operands.push((position, factor(value)));
        }
        for &edge in &self.edges[node] {
            let edge = &self.graph.edges[edge];
            operands.push((edge.position, say(&self.graph.nodes[edge.from])?));
        }
        operands.sort_by_key(|operand| operand.0);
        let operands: Vec<String> = operands.into_iter().map(|operand| operand.1).collect();
        Some(super::expression(operation, &operands))
    }
}

/// The sums of contributions on the way: for each edge whose operand has had some and is to have more.
fn sums(graph: &Graph) -> Vec<Option<Numbers>> {
    let mut left = vec![0_usize; graph.nodes.len()];
    for edge in graph.edges.iter().filter(|edge| edge.downstream.is_some()) {
        left[edge.from] += 1;
    }
    let total = left.clone();
    let mut so_far: Vec<Option<Vec<f64>>> = vec![None; graph.nodes.len()];
    let mut sums = vec![None; graph.edges.len()];
    // The backward pass goes from the last node to the first, and within a node from the first operand to the last.
    let mut order: Vec<usize> = (0..graph.edges.len()).collect();
    order.sort_by_key(|&edge| (std::cmp::Reverse(graph.edges[edge].to), edge));
    for index in order {
        let edge = &graph.edges[index];
        let Some(downstream) = &edge.downstream else { continue };
        left[edge.from] -= 1;
        if total[edge.from] < 3 {
            continue;
        }
        let sum = so_far[edge.from].get_or_insert_with(|| vec![0.0; downstream.values.len()]);
        sum.iter_mut().zip(&downstream.values).for_each(|(sum, value)| *sum += value);
        if left[edge.from] > 0 && left[edge.from] + 1 < total[edge.from] && !sum.is_empty() {
            sums[index] = Some(Numbers::of(&downstream.shape, sum));
        }
    }
    sums
}

impl Text {
    fn new(numbers: &Numbers) -> Self {
        let of = numbers.statistics;
        if let ([], &[value]) = (&numbers.shape[..], &numbers.values[..]) {
            let exact = format!("{value:?}").replace('-', "−").replace("inf", "∞");
            let short = printed(value);
            let all = short == exact || format!("{short}.0") == exact;
            return if all { Self::Scalar(short) } else { Self::Rounded([short, exact]) };
        }
        let complete = numbers.values.len() == of.count;
        Self::Array(Box::new(Array {
            shape: numbers.shape.clone(),
            values: complete.then(|| numbers.values.iter().copied().map(printed).collect()),
            count: of.count,
            broken: of.not_finite,
            zeros: of.zeros,
            min: printed(of.min),
            max: printed(of.max),
            mean: printed(of.mean),
            deviation: printed(of.deviation),
            norm: printed(of.norm),
        }))
    }
}
