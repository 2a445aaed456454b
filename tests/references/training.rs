//! Training: networks that learn, whatever the batch, and what a step sees and changes.

use crate::common::assert_close;
use chainrule::prelude::*;
use ndarray::{Array2, Axis, array};
use nn::Generator;

fn step(
    tape: &mut Tape<f64>,
    params: &mut Params<f64>,
    model: &dyn Layer<f64>,
    optim: &mut dyn Optimizer<f64>,
    x: &Array2<f64>,
    labels: &[usize],
) -> f64 {
    let net = params.on(tape);
    let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
    let (value, grads) = (loss.value(), net.backward(loss));
    tape.reset();
    optim.step(params, &grads);
    value
}

#[test]
fn xor_is_learnt() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let labels = [0, 1, 1, 0];
    let optimizers: [(&str, Box<dyn Optimizer<f64>>); 2] =
        [("adam", Box::new(Adam::new(0.05))), ("sgd", Box::new(Sgd::new(0.3).momentum(0.9)))];
    for (name, mut optim) in optimizers {
        let mut params = Params::<f64>::seeded(42);
        let model = Mlp::new(&mut params, &[2, 8, 2], Activation::Tanh);
        let mut tape = Tape::new();
        let mut loss = f64::NAN;
        for _ in 0..500 {
            loss = step(&mut tape, &mut params, &model, &mut *optim, &x, &labels);
        }
        assert!(loss < 0.01, "{name}: {loss}");
        let net = params.on(&tape);
        let logits = model.forward(&net, tape.constant(&x));
        assert_eq!(nn::metrics::argmax(logits.value()), labels);
    }
}

/// Two classes as one logit: the sigmoid's loss learns XOR too.
#[test]
fn xor_is_learnt_with_one_logit() {
    let x = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let labels = [0usize, 1, 1, 0];
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 8, 1], Activation::Tanh);
    let mut optim = Adam::new(0.05);
    let mut tape = Tape::new();
    for _ in 0..500 {
        let net = params.on(&tape);
        let loss = model.forward(&net, tape.constant(&x)).sigmoid_cross_entropy(&labels);
        let grads = net.backward(loss);
        tape.reset();
        optim.step(&mut params, &grads);
    }
    let net = params.on(&tape);
    let logits = model.forward(&net, tape.constant(&x)).value();
    assert!(logits.iter().zip(labels).all(|(&logit, label)| (logit > 0.0) == (label == 1)), "{logits}");
}

/// A line is found whether all rows, a few, or one at a time are looked at.
#[test]
fn full_batch_mini_batch_and_single_samples() {
    let mut generator = Generator::seeded(1);
    let x = Array2::from_shape_fn((64, 2), |_| generator.uniform() * 2.0 - 1.0);
    let y = x.map_axis(Axis(1), |row| 3.0 * row[0] - 2.0 * row[1] + 0.5).insert_axis(Axis(1));
    for size in [64, 7, 1] {
        let mut params = Params::<f64>::seeded(42);
        let layer = Linear::new(&mut params, 2, 1);
        let mut optim = Sgd::new(0.1);
        let mut tape = Tape::new();
        for _ in 0..300 {
            for (x, y) in x.axis_chunks_iter(Axis(0), size).zip(y.axis_chunks_iter(Axis(0), size)) {
                let net = params.on(&tape);
                let loss = layer.forward(&net, tape.constant(x)).mse(y);
                let grads = net.backward(loss);
                tape.reset();
                optim.step(&mut params, &grads);
            }
        }
        assert_close("weight", params.values(layer.weight), &[3.0, -2.0], 1e-6, 1.0);
        assert_close("bias", params.values(layer.bias.unwrap()), &[0.5], 1e-6, 1.0);
    }
}

/// Without an activation between them, layers are no more than one: Y = X·(W₁·W₂) + (b₁·W₂ + b₂).
#[test]
fn linear_layers_in_a_row_are_one() {
    let mut params = Params::<f64>::seeded(7);
    let stack = Mlp::new(&mut params, &[3, 5, 4, 2], Activation::Identity);
    for layer in stack.layers() {
        params.values_mut(layer.bias.unwrap()).iter_mut().zip(1..).for_each(|(b, k)| *b = 0.1 * f64::from(k));
    }
    let matrix = |id| params.get(id).into_dimensionality::<ndarray::Ix2>().unwrap().to_owned();
    let (mut weight, mut bias) = (Array2::eye(3), Array2::zeros((1, 3)));
    for layer in stack.layers() {
        let w = matrix(layer.weight);
        bias = bias.dot(&w) + params.get(layer.bias.unwrap()).into_dimensionality::<ndarray::Ix1>().unwrap();
        weight = weight.dot(&w);
    }
    let one = Linear::new(&mut params, 3, 2);
    params.set(one.weight, &weight);
    params.set(one.bias.unwrap(), bias.row(0));
    let tape = Tape::new();
    let net = params.on(&tape);
    let x = tape.constant(Array2::from_shape_fn((6, 3), |(i, j)| (i as f64 - 2.0) * 0.7 + j as f64));
    let (of_stack, of_one) = (stack.forward(&net, x).value(), one.forward(&net, x).value());
    let wanted: Vec<f64> = of_one.iter().copied().collect();
    assert_close("stack", of_stack.iter(), &wanted, 1e-13, 1.0);
}

#[test]
fn a_tape_keeps_the_numbers_that_it_recorded() {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2], Activation::Tanh);
    let id = model.layers()[0].weight;
    let before = params.get(id).to_owned();
    let mut tape = Tape::new();
    let net = params.on(&tape);
    let (leaf, params_then) = (net.param(id), params.clone());
    let logits = model.forward(&net, tape.constant(array![[1.0, -1.0]]));
    let loss = logits.softmax_cross_entropy(&[1]);
    let (first, numbers) = (net.backward(loss), leaf.value().as_ptr());
    assert_eq!(numbers, params.values(id).as_ptr(), "recording copies nothing");

    Sgd::new(0.5).step(&mut params, &first);
    assert_ne!(params.get(id), before);
    assert_eq!(leaf.value(), before, "the tape still sees the old numbers");
    let again = loss.backward();
    assert_eq!(again.wrt(leaf), first.wrt(id), "and goes back through them");
    assert_eq!(params_then.get(id), before, "as does a clone");

    tape.reset();
    drop(params_then);
    let at = params.values(id).as_ptr();
    Sgd::new(0.5).step(&mut params, &first);
    assert_eq!(params.values(id).as_ptr(), at, "nobody looks: changed in place");
}

#[test]
fn shared_weights_get_both_contributions() {
    let mut params = Params::<f64>::seeded(42);
    let first = Linear::new(&mut params, 2, 2);
    let second = Linear { weight: first.weight, ..Linear::new(&mut params, 2, 2) };
    let tape = Tape::new();
    let net = params.on(&tape);
    let x = tape.constant(array![[1.0, 2.0], [-0.5, 0.25]]);
    let y = second.forward(&net, first.forward(&net, x).tanh()).square().sum();
    let got = net.backward(y).wrt(first.weight).to_owned();

    // The same numbers as two leaves: each gets its own part.
    let (u, v) = (tape.tensor(params.get(first.weight)), tape.tensor(params.get(first.weight)));
    let (b, c) = (net.param(first.bias.unwrap()), net.param(second.bias.unwrap()));
    let grads = x.affine(u, b).tanh().affine(v, c).square().sum().backward();
    let wanted: Vec<f64> = (&grads.wrt(u) + &grads.wrt(v)).iter().copied().collect();
    assert_close("shared", got.iter(), &wanted, 1e-15, 1.0);
}

/// The example that users meet first, as it stands there: alignment included.
#[test]
#[allow(clippy::needless_borrow, reason = "verbatim")]
#[rustfmt::skip]
fn the_example_of_the_documentation() {
    let mut params = Params::<f32>::seeded(42);                     // SlotMap of named parameters
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let mut optim = Adam::new(1e-3);

    let (train, test) = Dataset::digits().split(0.8, 42);           // 1,797 real handwritten digits, embedded
    let mut tape = Tape::new();
    for (x, labels) in train.batches(32) {
        let net = params.on(&tape);                                 // parameters become leaves, without a copy
        let logits = model.forward(&net, tape.constant(x));
        let loss = logits.softmax_cross_entropy(&labels);           // one node; gradient (p - t)/N
        let grads = net.backward(loss);                             // parameter gradients only; the rest is recycled
        tape.reset();                                               // keeps its memory
        optim.step(&mut params, &grads);
    }
    let accuracy = |params: &Params<f32>, tape: &Tape<f32>| {
        let logits = model.forward(&params.on(tape), tape.constant(test.features()));
        nn::metrics::accuracy(logits.value(), test.labels())
    };
    let once = accuracy(&params, &tape);
    assert!(once > 0.3, "{once}: better than the 0.1 of chance, after 45 steps");
    for epoch in 0..30 {
        for (x, labels) in train.shuffled(epoch).batches(32) {
            let net = params.on(&tape);
            let grads = net.backward(model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
            tape.reset();
            optim.step(&mut params, &grads);
        }
    }
    let trained = accuracy(&params, &tape);
    assert!(trained > 0.95, "{trained} after 31 times over the data; {once} after one");
}
