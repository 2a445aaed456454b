//! XOR: what no single layer can do, two layers learn.

use chainrule::prelude::*;
use ndarray::array;

fn main() {
    let inputs = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let targets = array![[0.0], [1.0], [1.0], [0.0]];

    let mut params = Params::<f64>::seeded(1);
    let model = Mlp::new(&mut params, &[2, 4, 1], Activation::Tanh);
    let mut optim = Adam::new(0.05);
    let mut tape = Tape::new();

    for step in 0..=500 {
        let net = params.on(&tape);
        let logits = model.forward(&net, tape.constant(&inputs));
        let loss = logits.sigmoid_cross_entropy(&targets);
        let grads = net.backward(loss);
        if step % 100 == 0 {
            println!("step {step:>3}: loss {:.6}", loss.value());
        }
        tape.reset(); // keeps its memory
        optim.step(&mut params, &grads);
    }

    let net = params.on(&tape);
    let probabilities = model.forward(&net, tape.constant(&inputs)).sigmoid();
    for (x, p) in inputs.rows().into_iter().zip(probabilities.value()) {
        println!("{} xor {} = {p:.3}", x[0], x[1]);
    }
}
