//! Handwritten digits: the loop that the program `chainrule train` runs, written out.

use chainrule::nn::{Generator, metrics};
use chainrule::prelude::*;

fn main() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let mut optim = Adam::new(5e-3);

    let (mut train, test) = Dataset::digits().split(0.8, 42);
    let mut shuffles = Generator::with_stream(42, 1);
    let mut tape = Tape::new();
    for epoch in 1..=10 {
        train.shuffle(&mut shuffles);
        let mut total = 0.0;
        for (x, labels) in train.batches(32) {
            let net = params.on(&tape); // parameters become leaves, without a copy
            let logits = model.forward(&net, tape.constant(x));
            let loss = logits.softmax_cross_entropy(labels); // one node
            total += loss.value() * labels.len() as f32;
            let grads = net.backward(loss); // parameter gradients only; the rest is recycled
            tape.reset();
            optim.step(&mut params, &grads);
        }
        println!("epoch {epoch:>2}: loss {:.4}", total / train.len() as f32);
    }

    let net = params.on(&tape);
    let logits = model.forward(&net, tape.constant(test.features()));
    println!("test accuracy: {:.4}", metrics::accuracy(logits.value(), test.labels()));
}
