//! Every operation of both lists: recorded, opened, drawn into every form.

use draw::{Graph, formula};
use tape::listing::{Drawn, Listed, Numbers, Walk};
use tape::{Arity, Rule, Tape, Tensor};

use super::{contributions_add_up, inside, read, sound};

/// An operand on a tape: numbers spread over the interval, or data as it is given.
fn operand<'t>(tape: &'t Tape, drawn: &Drawn) -> Tensor<'t> {
    let count: usize = drawn.shape.iter().product();
    match &drawn.numbers {
        Numbers::Within(range) => {
            // A stride that is prime to most counts puts them out of order.
            let place = |k: usize| (k * 7 % count) as f64 + 0.25 + 0.5 * (k % 3) as f64 / 3.0;
            let number = |k: usize| range.start() + (range.end() - range.start()) * place(k) / count as f64;
            tape.tensor((&drawn.shape, (0..count).map(number).collect::<Vec<_>>()))
        }
        Numbers::Given(numbers) => tape.constant((&drawn.shape, numbers.clone())),
    }
}

/// Whatever must be true of an operation's picture.
fn look(tape: &Tape, output: Tensor<'_>, operation: &str) -> Graph {
    let count = output.shape().iter().product();
    let seed = (0..count).map(|k| 1.0 + 0.25 * (k % 5) as f64).collect::<Vec<_>>();
    let grads = output.try_backward_with((output.shape(), seed)).ok();
    let builder = Graph::builder(tape).title(operation);
    let graph = match &grads {
        Some(grads) => builder.gradients(grads),
        None => builder,
    };
    let graph = graph.build().unwrap_or_else(|error| panic!("{operation}: {error}"));
    sound(&graph);
    contributions_add_up(&graph, 1e-12);
    insides_agree(&graph, operation);
    assert!(graph.formula(output.node_id().index()).is_some(), "{operation} has no formula");
    read::dot(&graph.to_dot());
    read::mermaid(&graph.to_mermaid());
    crate::svg::sound(&graph);
    assert!(graph.to_string().contains(operation));
    let json: serde_json::Value = serde_json::from_str(&graph.to_json()).unwrap();
    assert_eq!(json["nodes"].as_array().unwrap().len(), graph.nodes.len());
    graph
}

/// The steps inside a composite node give its value, and what goes back through them to an operand is what goes back
/// through it.
fn insides_agree(graph: &Graph, operation: &str) {
    for group in &graph.groups {
        let (Some(node), Some(output)) = (group.inside, group.output) else { continue };
        let [value, steps] = [node, output].map(|node| &graph.nodes[node].value);
        assert_eq!(value.shape, steps.shape, "{operation}");
        for (a, b) in value.values.iter().zip(&steps.values) {
            assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{operation}: {a} outside, {b} inside");
        }
        let within = |edge: &&draw::Edge| {
            let mut up =
                std::iter::successors(graph.nodes[edge.to].group, |&group| graph.groups[group].parent);
            // The innermost group that is an inside says whose step the node is.
            up.find_map(|group| graph.groups[group].inside) == Some(node)
        };
        for edge in graph.edges.iter().filter(|edge| edge.to == node) {
            let sum = |edges: &mut dyn Iterator<Item = &draw::Edge>| {
                edges.filter_map(|edge| edge.downstream.as_ref()).fold(
                    Vec::new(),
                    |sum: Vec<f64>, numbers| {
                        let before = sum.into_iter().chain(std::iter::repeat(0.0));
                        numbers.values.iter().zip(before).map(|(number, before)| number + before).collect()
                    },
                )
            };
            let outside =
                sum(&mut graph.edges.iter().filter(|other| (other.from, other.to) == (edge.from, node)));
            let inner = sum(&mut graph.edges.iter().filter(|other| other.from == edge.from && within(other)));
            for (k, a) in outside.iter().enumerate() {
                let b = inner.get(k).copied().unwrap_or(0.0);
                assert!(
                    (a - b).abs() <= 1e-9 * a.abs().max(1.0),
                    "{operation}: {a} back outside, {b} inside"
                );
            }
        }
    }
}

#[derive(Default)]
struct Looks {
    samples: usize,
    opened: usize,
}

impl Walk for Looks {
    fn visit<O: Listed>(&mut self) {
        for sample in O::samples() {
            let tape = Tape::new();
            let operands: Vec<_> = sample.operands.iter().map(|drawn| operand(&tape, drawn)).collect();
            let output = tape.apply(sample.operation.operation(), &operands).unwrap();
            let graph = look(&tape, output, O::DESCRIPTION.name);
            self.samples += 1;
            self.opened += usize::from((0..graph.nodes.len()).any(|node| inside(&graph, node)));
        }
    }
}

#[test]
fn every_structured_operation_is_drawn() {
    let mut looks = Looks::default();
    tape::walk_operations(&mut looks);
    nn::walk_operations(&mut looks);
    assert!(looks.samples > 200 && looks.opened > 20, "{} samples, {} opened", looks.samples, looks.opened);
}

#[test]
fn every_elementwise_operation_is_drawn() {
    for &rule in Rule::ALL {
        let domain = rule.domain();
        for shape in [&[2, 3][..], &[], &[0]] {
            let tape = Tape::new();
            let drawn = |k: usize| Drawn::real(shape).within(domain[k].clone());
            let x = operand(&tape, &drawn(0));
            let operands = match rule.arity() {
                Arity::Unary => vec![x.into()],
                Arity::Parameter => vec![x.into(), (*domain[1].end()).into()],
                Arity::Binary => vec![x.into(), operand(&tape, &drawn(1)).into()],
            };
            let output = Tensor::apply(rule, &operands).unwrap();
            let graph = look(&tape, output, rule.name());
            for edge in 0..graph.edges.len() {
                let said = graph.local_formula(edge);
                assert!(said.is_some_and(|said| said.starts_with("∂y/∂")), "{}: edge {edge}", rule.name());
            }
        }
        assert!(formula(rule.name()).is_some_and(|formula| !formula.derivative.is_empty()));
    }
}
