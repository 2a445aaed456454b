//! The pictures of graphs.

use chainrule::draw::Graph;
use chainrule::nn::Trace;
use chainrule::prelude::*;
use ndarray::array;

use super::pictures::Picture;

/// The graph of a scalar, with gradients.
fn graph(tape: &Tape<f64>, output: Scalar<'_, f64>) -> Graph {
    Graph::builder(tape).gradients(&output.backward()).lines(false).build().expect("a small graph")
}

fn plain(tape: &Tape<f64>, output: Scalar<'_, f64>) -> String {
    graph(tape, output).svg().legend(false).to_string()
}

fn product() -> String {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    plain(&tape, (x * y).named("z"))
}

fn expression() -> String {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    plain(&tape, (x * y + x.sin()).named("f"))
}

fn twice() -> String {
    let tape = Tape::new();
    let (a, b) = (tape.scalar(2.0).named("a"), tape.scalar(1.0).named("b"));
    let s = (a + b).named("s");
    plain(&tape, (s * s).named("z"))
}

fn affine() -> String {
    let tape = Tape::new();
    let x = tape.constant(array![[1.0, 0.5], [2.0, -1.0]]).named("X");
    let w = tape.tensor(array![[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]).named("W");
    let b = tape.tensor(array![0.1, 0.2, 0.3]).named("b");
    let y = (x.matmul(w).named("XW") + b).named("Y");
    let grads = y.backward_with(array![[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]);
    let graph = Graph::builder(&tape).gradients(&grads).lines(false).build().expect("a small graph");
    graph.svg().legend(false).to_string()
}

fn softmax() -> String {
    let tape = Tape::new();
    let x = tape.tensor(array![0.3, 2.9, 4.0]).named("x");
    let m = x.max_all().named("m");
    let e = (x - m).named("x − m").exp().named("e");
    plain(&tape, (e / e.sum().named("Σ e")).named("y").get([2]).named("y₂"))
}

fn cross_entropy() -> String {
    let tape = Tape::new();
    let logits = tape.tensor(array![[0.3, 2.9, 4.0]]).named("logits");
    plain(&tape, logits.softmax_cross_entropy(&[2]).named("loss"))
}

/// The network of chapter 5.
fn network() -> String {
    let mut params = Params::<f64>::seeded(0);
    let model = Mlp::new(&mut params, &[2, 3, 2, 2], Activation::Sigmoid);
    let weights = [
        array![[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]],
        array![[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]],
        array![[0.1, 0.3], [0.2, 0.4]],
    ];
    let biases = [array![0.1, 0.2, 0.3], array![0.1, 0.2], array![0.1, 0.2]];
    for (layer, (weight, bias)) in model.layers().iter().zip(weights.into_iter().zip(biases)) {
        params.set(layer.weight, weight);
        params.set(layer.bias.expect("a layer with a bias"), bias);
    }
    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace);
    let x = tape.constant(array![[1.0, 0.5]]).named("x");
    let loss = net.run(&model, x).softmax_cross_entropy(&[1]).named("loss");
    let grads = loss.backward();
    let builder = Graph::builder(&tape).gradients(&grads).layers(&trace).lines(false);
    builder.title("(2, 3, 2, 2)").build().expect("a small graph").to_svg()
}

/// The network of chapter 8, with every layer closed.
fn cnn() -> String {
    let mut params = Params::<f32>::seeded(42);
    let model = Cnn::new([1, 8, 8], 10).conv(8, 3).pool(2).conv(16, 3).pool(2).linear(32).build(&mut params);
    let digits = Dataset::digits().select(&[0, 1, 2, 3]).with_sample_shape([1, 8, 8]).expect("64 pixels");
    let (tape, trace) = (Tape::new(), Trace::default());
    let training = Training::seeded(42);
    let net = params.on(&tape).training(&training).traced(&trace);
    let x = tape.constant(digits.inputs()).named("images");
    let loss = net.run(&model, x).softmax_cross_entropy(digits.labels()).named("loss");
    let grads = loss.backward();
    let builder = Graph::builder(&tape).gradients(&grads).layers(&trace).lines(false);
    // Running statistics have no part in a pass of training.
    let graph = builder.only(loss.node_id()).build().expect("a small graph");
    // The network itself is open, and its layers are not.
    let network = graph.groups.iter().position(|group| group.parent.is_none() && group.inside.is_none());
    graph.svg().legend(false).open(network).to_string()
}

pub(crate) fn all() -> Vec<Picture> {
    vec![
        Picture::exact("product.svg", product()),
        Picture::exact("expression.svg", expression()),
        Picture::exact("twice.svg", twice()),
        Picture::exact("affine.svg", affine()),
        Picture::exact("softmax-graph.svg", softmax()),
        Picture::exact("cross-entropy-graph.svg", cross_entropy()),
        Picture::exact("network.svg", network()),
        Picture { name: "cnn.svg", svg: cnn(), tolerance: 0.01 },
    ]
}
