//! Edges: local, upstream and downstream, in whatever program.

use draw::{Graph, Local};
use nn::Generator;
use tape::{Scalar, Tape, Tensor};

use super::{contributions_add_up, sound};

#[test]
fn each_edge_carries_its_product() {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
    let u = x * y;
    let graph = Graph::of(&tape, &(u * u).backward()).unwrap();
    contributions_add_up(&graph, 0.0);
    let edge = |k: usize| {
        let edge = &graph.edges[k];
        let Local::Numbers(local) = &edge.local else { panic!("{edge:?}") };
        let numbers = [Some(local), edge.upstream.as_ref(), edge.downstream.as_ref()];
        ((edge.from, edge.to, edge.position), numbers.map(|numbers| numbers.unwrap().single().unwrap()))
    };
    assert_eq!(edge(0), ((0, 2, 0), [3.0, 12.0, 36.0]));
    assert_eq!(edge(1), ((1, 2, 1), [2.0, 12.0, 24.0]));
    assert_eq!(edge(2), ((2, 3, 0), [6.0, 1.0, 6.0]));
    assert_eq!(edge(3), ((2, 3, 1), [6.0, 1.0, 6.0]));
}

#[test]
fn a_whole_jacobian_is_told_in_words() {
    let tape = Tape::<f64>::new();
    let a = tape.tensor(([2, 2], vec![1.0, 2.0, 3.0, 4.0]));
    let product = a.matmul(a);
    let y = product.tanh().sum();
    let graph = Graph::of(&tape, &y.backward()).unwrap();
    sound(&graph);
    contributions_add_up(&graph, 1e-15);
    let words = "G · Bᵀ in A, Aᵀ · G in B, summed over the axes along which the operand was spread";
    assert_eq!(graph.edges[0].local, Local::Product(words.into()));
    let Local::Numbers(slopes) = &graph.edges[2].local else { panic!("tanh works number by number") };
    assert_eq!(slopes.shape, [2, 2]);
    let Local::Numbers(ones) = &graph.edges[3].local else { panic!("a sum is a single number") };
    assert_eq!((&ones.shape[..], &ones.values[..]), (&[2, 2][..], &[1.0; 4][..]));
}

/// A node of either sort.
#[derive(Clone, Copy)]
enum Any<'t> {
    Scalar(Scalar<'t>),
    Tensor(Tensor<'t>),
}

/// So many random steps over a few leaves, and the sum of the last ones.
fn program<'t>(tape: &'t Tape, steps: usize, draw: &mut Generator) -> Scalar<'t> {
    let mut nodes: Vec<Any> = (0..3).map(|_| Any::Scalar(tape.scalar(draw.uniform() - 0.5))).collect();
    for shape in [[2, 3], [1, 3], [2, 1_usize]] {
        let numbers: Vec<f64> = (0..shape[0] * shape[1]).map(|_| draw.uniform() - 0.5).collect();
        nodes.push(Any::Tensor(tape.tensor((shape, numbers))));
    }
    nodes.push(Any::Tensor(tape.constant(([2, 3], vec![0.5; 6]))));
    for _ in 0..steps {
        let (a, b) = (nodes[draw.below(nodes.len())], nodes[draw.below(nodes.len())]);
        let new = match (a, b, draw.below(6)) {
            (Any::Scalar(a), _, 0) => Any::Scalar(a.tanh()),
            (Any::Scalar(a), _, 1) => Any::Scalar((a * 0.5).relu()),
            (Any::Scalar(a), _, 2) => Any::Scalar(a.stop_gradient()),
            (Any::Scalar(a), Any::Scalar(b), 3) => Any::Scalar(a * b),
            (Any::Scalar(a), Any::Scalar(b), _) => Any::Scalar(a.max(b) - a),
            (Any::Scalar(a), Any::Tensor(b), _) => Any::Tensor((b * a).sin()),
            (Any::Tensor(a), _, 0) => Any::Tensor(a.softmax(1)),
            (Any::Tensor(a), _, 1) => Any::Tensor(a.sigmoid()),
            (Any::Tensor(a), _, 2) => Any::Scalar(a.mean()),
            (Any::Tensor(a), Any::Tensor(b), 3) => Any::Tensor(a * b - a),
            (Any::Tensor(a), Any::Tensor(b), _) => Any::Tensor(a + b * 0.5),
            (Any::Tensor(a), Any::Scalar(b), _) => Any::Tensor(a * b),
        };
        nodes.push(new);
    }
    let number = |node: &Any<'t>| match *node {
        Any::Scalar(scalar) => scalar,
        Any::Tensor(tensor) => tensor.sum(),
    };
    nodes.iter().rev().take(8).map(number).fold(tape.scalar(0.0), |sum, number| sum + number)
}

#[test]
fn contributions_add_up_to_the_gradient_in_random_programs() {
    for seed in 0..60 {
        let mut draw = Generator::seeded(seed);
        let tape = Tape::new();
        let y = program(&tape, 5 + seed as usize, &mut draw);
        let graph = Graph::of(&tape, &y.backward()).unwrap();
        sound(&graph);
        contributions_add_up(&graph, 1e-12);
    }
}
