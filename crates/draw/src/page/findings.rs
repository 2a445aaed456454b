//! What in a graph deserves a look: where numbers stop being numbers, and where the gradient dies.

use serde::Serialize;

use super::data::label;
use crate::digits::{count, printed};
use crate::graph::{Graph, Kind, Node, Numbers};
use crate::svg::{Known, Mark};

/// Something about a node that a reader looks for.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    pub(super) node: usize,
    pub(super) text: String,
}

/// What there is to be found, causes before what follows from them.
pub(super) fn findings(known: &Known) -> Vec<Finding> {
    let graph = known.graph;
    let mut found = broken_values(graph);
    if known.gradients {
        found.extend(broken_gradients(graph));
        found.extend(ends(graph));
        found.extend(leaves(known));
    }
    found
}

fn broken(numbers: &Numbers) -> bool {
    numbers.statistics.not_finite > 0
}

fn vanished(numbers: &Numbers) -> bool {
    numbers.statistics.count > 0 && numbers.statistics.zeros == numbers.statistics.count
}

/// What the numbers that are not finite are, and how many of how many.
fn broken_text(numbers: &Numbers) -> String {
    let of = numbers.statistics;
    match numbers.values.iter().find(|value| !value.is_finite()) {
        Some(&value) if of.count == 1 => printed(value),
        Some(&value) => format!("{} ({} of {})", printed(value), count(of.not_finite), count(of.count)),
        None => format!("NaN or ∞ ({} of {})", count(of.not_finite), count(of.count)),
    }
}

fn called(node: &Node) -> String {
    match node.kind {
        Kind::Operation => format!("{} ({})", label(node), node.operation),
        Kind::Leaf | Kind::Constant => label(node).to_owned(),
    }
}

fn broken_values(graph: &Graph) -> Vec<Finding> {
    let mut inherited = vec![false; graph.nodes.len()];
    for edge in &graph.edges {
        inherited[edge.to] |= broken(&graph.nodes[edge.from].value);
    }
    let nodes = graph.nodes.iter().enumerate().filter(|(_, node)| broken(&node.value));
    let (first, later): (Vec<_>, Vec<_>) = nodes.partition(|(index, _)| !inherited[*index]);
    let mut found: Vec<Finding> = first
        .into_iter()
        .map(|(index, node)| {
            let what = broken_text(&node.value);
            let text = match node.kind {
                Kind::Operation => {
                    format!("{what} begins at {}: what it is made of is finite", called(node))
                }
                Kind::Leaf | Kind::Constant => format!("{what} was given in {}", called(node)),
            };
            Finding { node: index, text }
        })
        .collect();
    found.extend(later.into_iter().map(|(index, node)| Finding {
        node: index,
        text: format!("{} goes on in {}", broken_text(&node.value), called(node)),
    }));
    found
}

fn broken_gradients(graph: &Graph) -> Vec<Finding> {
    let is_broken = |node: &Node| node.gradient.as_ref().is_some_and(broken);
    let mut inherited = vec![false; graph.nodes.len()];
    for edge in &graph.edges {
        inherited[edge.from] |= is_broken(&graph.nodes[edge.to]);
    }
    // In the order of the backward pass, so that the first is where it began.
    let nodes = graph.nodes.iter().enumerate().rev();
    let mut found: Vec<(bool, Finding)> = nodes
        .filter_map(|(index, node)| {
            let gradient = node.gradient.as_ref().filter(|gradient| broken(gradient))?;
            let (what, name) = (broken_text(gradient), called(node));
            let text = if inherited[index] {
                format!("{what} goes on in the gradient of {name}")
            } else {
                format!("{what} begins in the gradient of {name}: what came from above is finite")
            };
            Some((inherited[index], Finding { node: index, text }))
        })
        .collect();
    found.sort_by_key(|(inherited, _)| *inherited);
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// Operations at which a gradient arrives and from which nothing goes on.
fn ends(graph: &Graph) -> Vec<Finding> {
    let mut sent = vec![(false, false); graph.nodes.len()];
    for edge in &graph.edges {
        if let Some(downstream) = &edge.downstream {
            let (any, alive) = &mut sent[edge.to];
            *any = true;
            *alive |= !vanished(downstream);
        }
    }
    let nodes = graph.nodes.iter().enumerate().rev();
    let found = nodes.filter_map(|(index, node)| {
        let gradient = node.gradient.as_ref().filter(|gradient| !vanished(gradient) && !broken(gradient))?;
        (sent[index] == (true, false)).then(|| Finding {
            node: index,
            text: format!(
                "The gradient ends at {}: {} arrives, 0 goes on",
                called(node),
                match gradient.values[..] {
                    [value] if gradient.shape.is_empty() => printed(value),
                    _ => format!("a gradient of norm {}", printed(gradient.statistics.norm)),
                }
            ),
        })
    });
    found.collect()
}

/// Variables that learn nothing.
fn leaves(known: &Known) -> Vec<Finding> {
    let nodes = known.graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Leaf);
    let found = nodes.filter_map(|(index, node)| {
        let name = called(node);
        let text = match &node.gradient {
            None => format!("No gradient came to {name}"),
            Some(gradient) if broken(gradient) => return None,
            Some(gradient) if vanished(gradient) => format!("The gradient of {name} is 0"),
            Some(gradient) if Mark::of_gradient(gradient, known.scale).is_some() => {
                format!("The gradient of {name} nearly vanishes: {}", printed(gradient.statistics.norm))
            }
            Some(_) => return None,
        };
        Some(Finding { node: index, text })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tape::{Scalar, Tape};

    fn found<'t>(tape: &'t Tape<f64>, output: Scalar<'t, f64>) -> Vec<String> {
        let graph = Graph::of(tape, &output.backward()).unwrap();
        findings(&Known::of(&graph)).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn a_healthy_graph_has_none() {
        let tape = Tape::new();
        let x = tape.scalar(2.0).named("x");
        assert!(found(&tape, x.sin() * x).is_empty());
    }

    #[test]
    fn a_nan_is_told_where_it_begins() {
        let tape = Tape::new();
        let x = tape.scalar(-1.0).named("x");
        let found = found(&tape, (x.ln().named("log") * 2.0).named("y"));
        assert_eq!(
            found[..2],
            ["NaN begins at log (ln): what it is made of is finite", "NaN goes on in y (mul)"]
        );
    }

    #[test]
    fn numbers_that_were_given_are_told_too() {
        let tape = Tape::new();
        let x = tape.scalar(f64::INFINITY).named("x");
        assert_eq!(found(&tape, x * 1.0)[0], "∞ was given in x");
    }

    #[test]
    fn an_infinite_gradient_is_told_where_it_begins() {
        let tape = Tape::new();
        let x = tape.scalar(0.0).named("x");
        let found = found(&tape, x.square().named("u").sqrt().named("y"));
        assert!(
            found[0].starts_with("∞ begins in the gradient of u (square): what came from above is finite"),
            "{found:?}"
        );
    }

    #[test]
    fn a_gradient_that_ends_or_never_comes() {
        let tape = Tape::new();
        let (dead, idle) = (tape.scalar(-3.0).named("dead"), tape.scalar(1.0).named("idle"));
        let tiny = tape.scalar(1.0).named("tiny");
        let output = dead.relu().named("relu") + tiny * 1e-9;
        let _ = idle.sin();
        assert_eq!(
            found(&tape, output),
            [
                "The gradient ends at relu (relu): 1 arrives, 0 goes on",
                "The gradient of dead is 0",
                "No gradient came to idle",
                "The gradient of tiny nearly vanishes: 1e−9",
            ]
        );
    }
}
