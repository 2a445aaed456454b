//! Groups: layers, insides, repetitions, ranges.

use std::time::Instant;

use draw::{ErrorKind, Graph};
use nn::{Activation, Mlp, Params, Trace};
use tape::{Scalar, Tape};

use super::sound;

/// Names of groups, each under the one it lies in.
fn tree(graph: &Graph) -> Vec<String> {
    let depth = |k: usize| std::iter::successors(graph.groups[k].parent, |&k| graph.groups[k].parent).count();
    let groups = graph.groups.iter().enumerate();
    groups.map(|(k, group)| "  ".repeat(depth(k)) + &group.name).collect()
}

fn network(sizes: &[usize]) -> (Graph, Graph) {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, sizes, Activation::Tanh);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let x = tape.constant(([1, sizes[0]], vec![0.5; sizes[0]])).named("x");
    let grads = net.run(&model, x).sum().backward();
    let build = |opened| {
        Graph::builder(&tape)
            .gradients(&grads)
            .layers(&trace)
            .insides(opened)
            .title("a network")
            .build()
            .unwrap()
    };
    (build(false), build(true))
}

#[test]
fn layers_are_groups_with_their_parameters() {
    let (graph, opened) = network(&[2, 3, 2]);
    sound(&graph);
    sound(&opened);
    assert_eq!(tree(&graph), ["Mlp", "  Linear · layers.0", "  Linear · layers.1"]);
    let parameters: Vec<usize> = graph.groups.iter().map(|group| group.parameters).collect();
    assert_eq!(parameters, [17, 9, 8]);
    let tanh = graph.nodes.iter().find(|node| node.operation == "tanh").unwrap();
    assert_eq!(tanh.group, Some(0), "a single operation without parameters has no frame of its own");
    let home = |name: &str| {
        let node = graph.nodes.iter().find(|node| node.name.as_deref() == Some(name)).unwrap();
        (node.group.map(|group| &graph.groups[group].name[..]), node.parameters)
    };
    assert_eq!(home("layers.0.weight"), (Some("Linear · layers.0"), 6));
    assert_eq!(home("layers.1.bias"), (Some("Linear · layers.1"), 2));
    assert_eq!(home("x"), (None, 0));
    assert_eq!(graph.nodes.last().unwrap().group, None, "the loss is in no layer");
    let (composite, _) = graph.nodes.iter().enumerate().find(|(_, node)| node.operation == "affine").unwrap();
    let (inside, group) =
        opened.groups.iter().enumerate().find(|(_, group)| group.inside == Some(composite)).unwrap();
    let steps: Vec<_> = opened.nodes.iter().filter(|node| node.group == Some(inside)).collect();
    let said: Vec<_> = steps.iter().map(|node| (&node.id[..], &node.operation[..])).collect();
    let id = &graph.nodes[composite].id;
    assert_eq!(said, [(&format!("{id}.1")[..], "matmul"), (&format!("{id}.2")[..], "add")]);
    assert_eq!(opened.nodes[group.output.unwrap()].value, graph.nodes[composite].value);
    assert_eq!(opened.nodes[group.output.unwrap()].gradient, graph.nodes[composite].gradient);
    assert_eq!((steps[0].line, &steps[0].file), (graph.nodes[composite].line, &graph.nodes[composite].file));
}

#[test]
fn a_parameter_of_two_layers_lies_where_both_are() {
    let mut params = Params::<f64>::seeded(1);
    let model = nn::Linear::new(&mut params, 2, 2);
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let x = net.run(&model, tape.constant(([1, 2], vec![0.5, 1.0])));
    let _ = net.run(&model, x);
    let graph = Graph::builder(&tape).layers(&trace).insides(false).build().unwrap();
    sound(&graph);
    assert_eq!(tree(&graph), ["Linear · linear.0", "Linear · linear.0"]);
    assert_eq!(graph.nodes[0].group, None);
    assert_eq!([graph.groups[0].parameters, graph.groups[1].parameters], [6, 6]);
}

#[test]
fn layers_of_another_pass_are_refused() {
    let mut params = Params::<f64>::seeded(1);
    let model = Mlp::new(&mut params, &[2, 2], Activation::Relu);
    let (mut tape, trace) = (Tape::new(), Trace::default());
    for _ in 0..2 {
        tape.reset();
        let _ = params.on(&tape).traced(&trace).run(&model, tape.constant(([1, 2], vec![0.5, 1.0])));
    }
    let error = Graph::builder(&tape).layers(&trace).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setting);
    let wanted = "the layer Mlp is of another pass than what is on the tape: expected a trace of one tape, and a new one \
                  after its reset";
    assert_eq!(error.to_string(), wanted);
}

#[test]
fn what_is_short_stays_as_it_is() {
    let tape = Tape::new();
    let mut x = tape.scalar(0.5);
    for _ in 0..13 {
        x = x.sin() * 2.0 + 1.0;
    }
    let graph = Graph::builder(&tape).build().unwrap();
    assert_eq!((graph.nodes.len(), graph.groups.len()), (40, 0));
}

#[test]
fn a_loop_is_folded_into_its_repetitions() {
    let tape = Tape::new();
    let (w, mut x) = (tape.scalar(0.9).named("w"), tape.scalar(0.5).named("x"));
    for _ in 0..1000 {
        let u = x * w;
        let v = u.tanh();
        x = v + 0.1;
    }
    let graph = Graph::of(&tape, &x.backward()).unwrap();
    sound(&graph);
    let top: Vec<_> = graph.groups.iter().filter(|group| group.parent.is_none()).collect();
    assert_eq!(top.len(), 1);
    assert_eq!((&top[0].name[..], top[0].repeated), ("mul, tanh, add ×1000", 1000));
    assert_eq!(graph.nodes.iter().filter(|node| node.group.is_none()).count(), 2, "w and x stay outside");
    let ranges: Vec<_> =
        graph.groups.iter().filter(|group| group.parent == Some(0)).map(|group| &group.name).collect();
    assert_eq!((ranges.len(), &ranges[0][..]), (32, "1 … 32 of 1000"));
    let each: Vec<_> = graph.groups.iter().filter(|group| group.name == "517 of 1000").collect();
    assert_eq!(each.len(), 1);
    assert!(graph.groups.iter().skip(1).all(|group| group.repeated == 1));
}

#[test]
fn loops_within_loops_fold_from_the_inside() {
    let tape = Tape::new();
    let mut x = tape.scalar(0.5);
    for _ in 0..50 {
        for _ in 0..20 {
            x = x.sin();
            x *= 1.5;
        }
        x = x.exp();
    }
    let graph = Graph::builder(&tape).build().unwrap();
    sound(&graph);
    let names = tree(&graph);
    assert_eq!(names[0], "sin, mul ×20, exp ×50");
    assert_eq!(graph.groups.iter().filter(|group| group.name == "sin, mul ×20").count(), 50);
}

#[test]
fn each_round_may_take_data_of_its_own() {
    let tape = Tape::new();
    let data: Vec<Scalar> = (0..30).map(|k| tape.scalar(f64::from(k))).collect();
    let mut sum = tape.scalar(0.0);
    for x in data {
        sum += x * x;
    }
    let graph = Graph::builder(&tape).build().unwrap();
    sound(&graph);
    assert_eq!(tree(&graph)[..2], ["leaf ×30", "mul, add ×30"]);
}

#[test]
fn what_is_connected_otherwise_is_no_repetition() {
    let tape = Tape::new();
    let mut made: Vec<Scalar> = (0..8).map(|k| tape.scalar(f64::from(k))).collect();
    let mut generator = nn::Generator::seeded(3);
    for _ in 0..64 {
        let mut lately = || made[made.len() - 1 - generator.below(8)];
        let product = lately() * lately();
        made.push(product);
    }
    let graph = Graph::builder(&tape).build().unwrap();
    sound(&graph);
    assert!(graph.groups.iter().all(|group| !group.name.starts_with("mul")), "{:?}", tree(&graph));
}

#[test]
fn equal_layers_fold_too() {
    let (graph, _) = network(&[4; 60]);
    sound(&graph);
    assert_eq!(tree(&graph)[..2], ["Mlp", "  Linear, tanh ×58"]);
    assert_eq!(graph.groups[0].parameters, 59 * 20);
    assert_eq!(graph.groups[1].parameters, 58 * 20);
}

#[test]
fn ten_thousand_nodes_are_few_at_every_level() {
    let tape = Tape::new();
    let mut x = tape.scalar(0.5);
    let mut generator = nn::Generator::seeded(7);
    for _ in 0..9_999 {
        x = match generator.below(4) {
            0 => x.sin(),
            1 => x.cos(),
            2 => x + 1.0,
            _ => x * 0.5,
        };
    }
    let grads = x.backward();
    let began = Instant::now();
    let graph = Graph::of(&tape, &grads).unwrap();
    let elapsed = began.elapsed();
    assert!(elapsed.as_millis() < 800, "{elapsed:?}");
    assert_eq!(graph.nodes.len(), 10_000);
    sound(&graph);
    assert!(
        graph.groups.iter().any(|group| group.name == "%0 … %454"),
        "{:?} {:?}",
        tree(&graph)[..4].to_vec(),
        began
    );
}

#[test]
fn the_same_program_gives_the_same_graph() {
    assert_eq!(network(&[3, 5, 2]), network(&[3, 5, 2]));
}
