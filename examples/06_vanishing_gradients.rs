//! Why deep networks left the sigmoid: its derivative is at most 1/4, and twelve of them are multiplied.

use chainrule::prelude::*;

/// The norm of the gradient of each layer's weight, first layer first, for one batch of digits.
fn norms(activation: Activation) -> Vec<f32> {
    let widths = [&[64][..], &[32; 11], &[10]].concat();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &widths, activation);
    let digits = Dataset::digits();
    let (x, labels) = digits.batches(256).next().expect("there are digits");

    let tape = Tape::new();
    let net = params.on(&tape);
    let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
    let grads = net.backward(loss);
    grads.norms().filter(|(name, _)| name.ends_with("weight")).map(|(_, norm)| norm).collect()
}

fn main() {
    println!("layer   sigmoid      relu");
    let both = norms(Activation::Sigmoid).into_iter().zip(norms(Activation::Relu));
    for (layer, (sigmoid, relu)) in both.enumerate() {
        println!("{:>5}   {sigmoid:.1e}   {relu:.1e}", layer + 1);
    }
}
