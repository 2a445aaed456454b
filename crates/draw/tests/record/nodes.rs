//! Nodes: values, gradients, lines, parts of a tape, and what is refused.

use std::time::Instant;

use draw::{Builder, ErrorKind, Graph, Kind};
use tape::{Dual, Element, Scalar, Tape};

use super::{contributions_add_up, sound};

#[test]
fn everything_is_said_of_a_node() {
    let tape = Tape::new();
    let x = tape.scalar(2.0).named("x");
    let y = (x * 3.0).named("y");
    let line = line!() - 1;
    let graph = Graph::of(&tape, &y.sin().backward()).unwrap();
    let node = &graph.nodes[1];
    assert_eq!((&node.id[..], node.kind, node.name.as_deref()), ("%1", Kind::Operation, Some("y")));
    assert_eq!((&node.operation[..], &node.constants[..]), ("mul", &[(1, 3.0)][..]));
    assert_eq!((&node.file[..], node.line), (file!(), line));
    assert_eq!(node.value.single(), Some(6.0));
    assert_eq!(node.gradient.as_ref().unwrap().single(), Some(6f64.cos()));
    assert_eq!(graph.output, Some(2));
    let without = Graph::builder(&tape).lines(false).build().unwrap();
    assert!(
        without.nodes.iter().all(|node| node.file.is_empty() && node.line == 0 && node.gradient.is_none())
    );
    assert_eq!((without.output, without.title), (None, String::new()));
}

#[test]
fn an_empty_tape_is_an_empty_graph() {
    let graph = Graph::builder(&Tape::<f64>::new()).build().unwrap();
    sound(&graph);
    assert_eq!((graph.nodes.len(), graph.edges.len(), graph.groups.len(), graph.output), (0, 0, 0, None));
}

#[test]
fn nothing_flows_to_data_nor_past_a_stop() {
    let tape = Tape::<f64>::new();
    let w = tape.tensor(([2], vec![1.0, 2.0]));
    let data = tape.constant(([2], vec![3.0, 4.0]));
    let made_of_data = data * 2.0;
    let stopped = w.stop_gradient();
    let idle = tape.scalar(7.0);
    let s = idle.stop_gradient() + 1.0;
    let y = (w * made_of_data * stopped).sum() * s;
    let graph = Graph::of(&tape, &y.backward()).unwrap();
    sound(&graph);
    contributions_add_up(&graph, 0.0);
    let gradient =
        |id: tape::NodeId| graph.nodes[id.index()].gradient.as_ref().map(|found| found.values.clone());
    assert_eq!(gradient(w.node_id()), Some(vec![48.0, 128.0]));
    for silent in [data.node_id(), made_of_data.node_id(), stopped.node_id(), idle.node_id()] {
        assert_eq!(gradient(silent), None, "{silent}");
        assert!(
            graph
                .edges
                .iter()
                .filter(|edge| edge.from == silent.index())
                .all(|edge| edge.downstream.is_none())
        );
    }
    assert_eq!(graph.nodes[data.node_id().index()].kind, Kind::Constant);
    let into_stop = graph.edges.iter().find(|edge| edge.to == stopped.node_id().index()).unwrap();
    assert_eq!((into_stop.from, &into_stop.local), (w.node_id().index(), &draw::Local::Unknown));
}

#[test]
fn what_is_recorded_after_the_output_has_no_gradient() {
    let tape = Tape::new();
    let x = tape.scalar(2.0);
    let y = x * x;
    let later = x.sin() + 1.0;
    let graph = Graph::of(&tape, &y.backward()).unwrap();
    contributions_add_up(&graph, 0.0);
    assert_eq!(graph.output, Some(1));
    assert!(graph.nodes[later.node_id().index()].gradient.is_none());
    assert_eq!(graph.nodes[0].gradient.as_ref().unwrap().single(), Some(4.0));
}

#[test]
fn a_pruned_pass_shows_what_it_kept() {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
    let z = x * y + x;
    let graph = Graph::of(&tape, &z.backward_for([x.node_id(), z.node_id()])).unwrap();
    let known: Vec<bool> = graph.nodes.iter().map(|node| node.gradient.is_some()).collect();
    assert_eq!(known, [true, false, false, true]);
    let ends: Vec<_> =
        graph.edges.iter().map(|edge| (edge.from, edge.to, edge.downstream.is_some())).collect();
    assert_eq!(ends, [(0, 2, false), (1, 2, false), (2, 3, true), (0, 3, true)]);
}

#[test]
fn gradients_of_another_tape_are_refused() {
    let (mut tape, other) = (Tape::new(), Tape::new());
    let (_, foreign) = (tape.scalar(1.0), other.scalar(1.0).exp().backward());
    let error = Graph::of(&tape, &foreign).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongTape);
    let text = "expected gradients of the tape as it is now, found those of another, or from before a reset";
    assert_eq!(error.to_string(), text);
    let stale = tape.scalar(1.0).exp().backward();
    tape.reset();
    tape.scalar(1.0);
    assert_eq!(Graph::of(&tape, &stale).unwrap_err().kind(), ErrorKind::WrongTape);
}

#[test]
fn too_large_a_tape_is_refused_at_once_and_a_part_of_it_is_drawn() {
    let tape = Tape::<f64>::with_capacity(1_000_001);
    let mut x = tape.scalar(0.5);
    for _ in 0..1_000_000 {
        x = x.sin();
    }
    let began = Instant::now();
    let error = Graph::builder(&tape).build().unwrap_err();
    assert!(began.elapsed().as_millis() < 50, "{:?}", began.elapsed());
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let wanted = "there are 1000001 nodes, and a picture is for 20000 at most: take a part of them by \
                  `Builder::nodes(range)`, `Builder::only(node)` or `Builder::before(node, depth)`, or ask for more by \
                  `Builder::limit`";
    assert_eq!(error.to_string(), wanted);
    let error = Graph::builder(&tape).only(x.node_id()).build().unwrap_err().to_string();
    assert!(
        error.starts_with("there are more than 20000 nodes, and a picture is for 20000 at most"),
        "{error}"
    );
    let end = Graph::builder(&tape).before(x.node_id(), 3).build().unwrap();
    let ids: Vec<_> = end.nodes.iter().map(|node| (&node.id[..], node.clipped)).collect();
    assert_eq!(ids, [("%999997", true), ("%999998", false), ("%999999", false), ("%1000000", false)]);
    let beginning = Graph::builder(&tape).nodes(..5).build().unwrap();
    assert_eq!((beginning.nodes.len(), beginning.edges.len()), (5, 4));
    assert!(Graph::builder(&tape).nodes(..20_000).build().is_ok());
}

#[test]
fn a_part_has_the_operands_of_its_nodes_and_no_others() {
    let tape = Tape::new();
    let (a, b, c) = (tape.scalar(1.0), tape.scalar(2.0), tape.scalar(3.0));
    let left = a * b;
    let right = b.exp() * c;
    let both = left + right;
    let ids = |builder: Builder<'_, f64>| {
        let graph = builder.build().unwrap();
        sound(&graph);
        graph.nodes.into_iter().map(|node| node.id + if node.clipped { "…" } else { "" }).collect::<Vec<_>>()
    };
    assert_eq!(ids(Graph::builder(&tape).only(left.node_id())), ["%0", "%1", "%3"]);
    assert_eq!(ids(Graph::builder(&tape).before(both.node_id(), 0)), ["%6…"]);
    assert_eq!(ids(Graph::builder(&tape).before(both.node_id(), 1)), ["%3…", "%5…", "%6"]);
    assert_eq!(
        ids(Graph::builder(&tape).before(both.node_id(), 2)),
        ["%0", "%1", "%2", "%3", "%4…", "%5", "%6"]
    );
    assert_eq!(ids(Graph::builder(&tape).nodes(5..=5)), ["%2", "%4…", "%5"]);
    assert_eq!(ids(Graph::builder(&tape).nodes(4..).only(right.node_id())), ["%1", "%2", "%4", "%5"]);
    let outside = Graph::builder(&tape).nodes(..3).only(both.node_id()).build().unwrap_err();
    assert_eq!(outside.to_string(), "expected a node within 0..3, found %6");
    let beyond = Graph::builder(&tape).nodes(5..9).build().unwrap_err();
    assert_eq!(
        (beyond.kind(), &beyond.to_string()[..]),
        (ErrorKind::Setting, "expected a range within 0..7, found 5..9")
    );
    let small = Graph::builder(&tape).limit(6).build().unwrap_err();
    assert_eq!(small.kind(), ErrorKind::TooLarge);
}

/// Some arithmetic on scalars and tensors.
fn recorded<T: Element>(tape: &Tape<T>) -> Graph {
    let x = tape.scalar(T::of(2.0)).named("x");
    let v = tape.tensor(([2, 2], [1.0, -2.0, 3.0, 0.5].map(T::of).to_vec())).named("v");
    let y = (v * x).tanh().sum() + x.sin();
    Graph::of(tape, &y.backward()).unwrap()
}

#[test]
fn every_element_is_shown_by_its_value() {
    let double = recorded(&Tape::<f64>::new());
    sound(&double);
    contributions_add_up(&double, 1e-15);
    let single = recorded(&Tape::<f32>::new());
    let outer = Tape::<f64>::new();
    let nested = Tape::<Scalar<'_, f64>>::new();
    outer.scalar(1.0);
    let dual = recorded(&Tape::<Dual>::new());
    let values = |graph: &Graph| {
        let both =
            |node: &draw::Node| [node.value.values.clone(), node.gradient.clone().unwrap().values].concat();
        graph.nodes.iter().flat_map(both).collect::<Vec<f64>>()
    };
    for (other, tolerance) in [(single, 1e-6), (dual, 1e-14), (recorded(&nested), 1e-14)] {
        assert_eq!(other.edges.len(), double.edges.len());
        let (found, wanted) = (values(&other), values(&double));
        let near = found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0));
        assert!(near && found.len() == wanted.len(), "{found:?} instead of {wanted:?}");
    }
}

#[test]
fn axes_of_extent_zero_and_numbers_that_are_none() {
    let tape = Tape::<f64>::new();
    let none = tape.tensor(([0, 3], vec![]));
    let odd = tape.tensor(([3], vec![f64::NAN, f64::INFINITY, -1.0]));
    let y = none.sum() + odd.sum();
    let graph = Graph::of(&tape, &y.backward()).unwrap();
    sound(&graph);
    assert_eq!(graph.nodes[0].value.shape, [0, 3]);
    assert_eq!(graph.nodes[1].value.statistics.not_finite, 2);
    assert!(graph.nodes.last().unwrap().value.single().unwrap().is_nan());
}
