//! What the script of the page is told: the record of the graph with all its numbers as text, so that the script shows
//! numbers and computes none.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use super::findings::Finding;
use crate::digits::{factor, printed};
use crate::formula::Formula;
use crate::graph::{Edge, Graph, Group, Kind, Local, Node, Numbers};
use crate::scene::{Plane, Scene};
use crate::svg::{Known, sign};

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
    scene: SceneData,
    /// The parts of each plane, as SVG.
    parts: &'a [String],
}

/// A scene with places to a hundredth.
#[derive(Serialize)]
struct SceneData {
    planes: Vec<Plane>,
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
        known: &Known<'a>,
        scene: &Scene,
        open: &'a [bool],
        findings: &'a [Finding],
        parts: &'a [String],
    ) -> Self {
        let graph = known.graph;
        let (mut formulas, mut local_formulas) = (Once::default(), Once::default());
        let nodes = graph.nodes.iter().enumerate().map(|(index, node)| {
            let key = (&node.operation, operand_count(known, index));
            let rule = formulas.index(key, || graph.formula(index));
            node_data(known, index, rule)
        });
        let nodes = nodes.collect();
        let edges = graph.edges.iter().zip(sums(known)).enumerate().map(|(index, (edge, sum))| {
            let key = (&graph.nodes[edge.to].operation, operand_count(known, edge.to), edge.position);
            let rule = local_formulas.index(key, || graph.local_formula(index));
            edge_data(graph, edge, rule, sum.as_ref())
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
            scene: SceneData { planes: scene.planes.iter().map(rounded).collect() },
            parts,
        }
    }
}

fn rounded(plane: &Plane) -> Plane {
    let to = |x: f64| (x * 100.0).round() / 100.0;
    let mut plane = plane.clone();
    (plane.width, plane.height) = (to(plane.width), to(plane.height));
    for item in &mut plane.items {
        (item.x, item.y, item.width, item.height) = (to(item.x), to(item.y), to(item.width), to(item.height));
    }
    for wire in &mut plane.wires {
        wire.path.iter_mut().for_each(|point| *point = (to(point.0), to(point.1)));
        if let Some(room) = &mut wire.label {
            (room.x, room.y, room.width, room.height) =
                (to(room.x), to(room.y), to(room.width), to(room.height));
        }
    }
    plane
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

fn node_data<'a>(known: &Known<'a>, index: usize, rule: Option<usize>) -> NodeData<'a> {
    let node = &known.graph.nodes[index];
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
        formula: formula(known, index, |operand| Some(label(operand).to_owned())).unwrap_or_default(),
        filled: formula(known, index, |operand| {
            let scalar = node.value.shape.is_empty() && operand.value.shape.is_empty();
            operand.value.values.first().filter(|_| scalar).map(|&value| factor(value))
        }),
    }
}

fn edge_data<'a>(
    graph: &'a Graph,
    edge: &'a Edge,
    rule: Option<usize>,
    sum: Option<&Numbers>,
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
        sum: sum.map(Text::new),
    }
}

/// What a node is called.
pub(super) fn label(node: &Node) -> &str {
    node.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&node.id)
}

/// The operation of a node, with its operands in the words of `say`; none if one of them has none.
fn formula(known: &Known, node: usize, say: impl Fn(&Node) -> Option<String>) -> Option<String> {
    let of = &known.graph.nodes[node];
    if of.kind != Kind::Operation {
        return None;
    }
    let constants = of.constants.iter().map(|&(position, value)| Some((position, factor(value))));
    let edges = known.operands[node].iter().map(|&edge| {
        let edge = &known.graph.edges[edge];
        Some((edge.position, say(&known.graph.nodes[edge.from])?))
    });
    let mut operands: Vec<_> = constants.chain(edges).collect::<Option<_>>()?;
    operands.sort_by_key(|operand| operand.0);
    let operands: Vec<_> = operands.into_iter().map(|operand| operand.1).collect();
    Some(match (sign(&of.operation), &operands[..]) {
        (Some(sign), [x]) => format!("{sign}{x}"),
        (Some(sign), [a, b]) => format!("{a} {sign} {b}"),
        _ => format!("{}({})", of.operation, operands.join(", ")),
    })
}

fn operand_count(known: &Known, node: usize) -> usize {
    known.operands[node].len() + known.graph.nodes[node].constants.len()
}

/// The sums of contributions on the way: for each edge whose operand has had some and is to have more.
fn sums(known: &Known) -> Vec<Option<Numbers>> {
    let graph = known.graph;
    let mut sums = vec![None; graph.edges.len()];
    for contributions in known.contributions.iter().filter(|parts| parts.len() > 2) {
        // The backward pass goes from the last node to the first, and within a node from the first operand to the last.
        let mut order = contributions.clone();
        order.sort_by_key(|&edge| (Reverse(graph.edges[edge].to), edge));
        let mut sum: Vec<f64> = Vec::new();
        for (at, &edge) in order.iter().enumerate().take(order.len() - 1) {
            let Some(part) = &graph.edges[edge].downstream else { continue };
            sum.resize(part.values.len(), 0.0);
            sum.iter_mut().zip(&part.values).for_each(|(sum, value)| *sum += value);
            if at > 0 && sum.len() == part.statistics.count {
                sums[edge] = Some(Numbers::of(&part.shape, &sum));
            }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tape::Tape;

    use super::*;

    fn data(graph: &Graph) -> Value {
        let known = Known::of(graph);
        let scene = Scene { planes: Vec::new() };
        serde_json::to_value(Data::new(&known, &scene, &[], &[], &[])).unwrap()
    }

    #[test]
    fn formulas_have_names_and_numbers() {
        let tape = Tape::new();
        let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(-3.0).named("y"));
        let z = (x * y).powi(2) / 7.0 - y;
        let data = data(&Graph::of(&tape, &(-z).backward()).unwrap());
        let said: Vec<_> = data["nodes"].as_array().unwrap().iter().map(|node| &node["formula"]).collect();
        assert_eq!(said, ["", "", "x × y", "powi(%2, 2)", "%3 ÷ 7", "%4 − y", "−%5"]);
        let filled: Vec<_> = data["nodes"].as_array().unwrap().iter().map(|node| &node["filled"]).collect();
        assert_eq!(filled[2..], ["2 × (−3)", "powi((−6), 2)", "36 ÷ 7", "5.143 − (−3)", "−8.143"]);
    }

    #[test]
    fn numbers_are_short_and_in_full() {
        let tape = Tape::new();
        let x = tape.scalar(2.0);
        let data = data(&Graph::of(&tape, &(x.ln() * 3.0).backward()).unwrap());
        let value = |node: usize| &data["nodes"][node]["value"];
        assert_eq!((value(0), value(1)), (&json!("2"), &json!(["0.6931", "0.6931471805599453"])));
        assert_eq!(data["edges"][0]["local"]["numbers"], "0.5");
    }

    #[test]
    fn arrays_have_their_numbers_or_what_can_be_said_of_them() {
        let tape = Tape::new();
        let few = tape.tensor(([2, 2], vec![0.0, -1.5, f64::NAN, 4.0]));
        let many = tape.tensor(([30, 30], vec![0.25; 900]));
        let data = data(&Graph::of(&tape, &(few.sum() + many.sum()).backward()).unwrap());
        let few = &data["nodes"][0]["value"];
        assert_eq!(few["values"], json!(["0", "−1.5", "NaN", "4"]));
        assert_eq!((&few["shape"], &few["broken"], &few["zeros"]), (&json!([2, 2]), &json!(1), &json!(1)));
        let many = &data["nodes"][1]["value"];
        assert!(many.get("values").is_none());
        assert_eq!(
            (&many["count"], &many["norm"], &many["mean"]),
            (&json!(900), &json!("7.5"), &json!("0.25"))
        );
    }

    #[test]
    fn sums_stand_at_the_contributions_between_the_first_and_the_last() {
        let tape = Tape::new();
        let x = tape.scalar(0.5).named("x");
        let z = x * 2.0 + x * 3.0 + x * 4.0 + x * 5.0;
        let data = data(&Graph::of(&tape, &z.backward()).unwrap());
        let sums: Vec<_> = data["edges"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|edge| edge["from"] == 0)
            .map(|edge| edge.get("sum").cloned())
            .collect();
        // The backward pass comes to the last factor first: 5, 5 + 4, 5 + 4 + 3, and then all of it.
        assert_eq!(sums, [None, Some(json!("12")), Some(json!("9")), None]);
    }
}
