//! A layer of one's own: a product of features beside their sum, which learns what one affine layer cannot.

use chainrule::nn::summary;
use chainrule::prelude::*;
use chainrule::tape::Element;
use ndarray::array;

/// `(x·U) ⊙ (x·V) + x·W + b`: the sum of an affine layer, and the product of two others, number by number.
#[derive(Clone, Copy, Debug)]
struct Bilinear {
    left: ParamId,
    right: ParamId,
    affine: Linear,
}

impl Bilinear {
    fn new<T: Element>(params: &mut Params<T>, inputs: usize, outputs: usize) -> Self {
        Self {
            left: params.add("bilinear.left", &[inputs, outputs], Init::GlorotUniform),
            right: params.add("bilinear.right", &[inputs, outputs], Init::GlorotUniform),
            affine: Linear::new(params, inputs, outputs),
        }
    }
}

impl<T: Element> Layer<T> for Bilinear {
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        // Layers within a layer go through `run`, so that summaries and pictures show them.
        x.linear(net.param(self.left)) * x.linear(net.param(self.right)) + net.run(&self.affine, x)
    }
}

fn main() {
    let mut params = Params::<f64>::seeded(42);
    let model = Bilinear::new(&mut params, 2, 1);
    println!("{}\n", summary(&params, &model, &[2]));

    // Exclusive or, as in 04_xor.rs, without a hidden layer.
    let inputs = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let targets = array![[0.0], [1.0], [1.0], [0.0]];
    let mut optim = Adam::new(0.05);
    let mut tape = Tape::new();
    for _ in 0..500 {
        let net = params.on(&tape);
        let loss = model.forward(&net, tape.constant(&inputs)).sigmoid_cross_entropy(&targets);
        let grads = net.backward(loss);
        tape.reset();
        optim.step(&mut params, &grads);
    }
    let net = params.on(&tape);
    let probabilities = model.forward(&net, tape.constant(&inputs)).sigmoid();
    for (x, p) in inputs.rows().into_iter().zip(probabilities.value()) {
        println!("{} xor {} = {p:.3}", x[0], x[1]);
        assert_eq!(x[0] != x[1], *p > 0.5);
    }
}
