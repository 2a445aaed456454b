//! The graph of a network with the numbers of both passes, as a picture and as a page to step through.

use chainrule::draw::Graph;
use chainrule::nn::Trace;
use chainrule::prelude::*;
use ndarray::array;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, Into::into);

    // The network of the fifth chapter of the guide, where the same numbers are found with pencil and paper.
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2, 2], Activation::Sigmoid);
    let weights = [
        array![[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]],
        array![[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]],
        array![[0.1, 0.3], [0.2, 0.4]],
    ];
    let biases = [array![0.1, 0.2, 0.3], array![0.1, 0.2], array![0.1, 0.2]];
    for (layer, (weight, bias)) in model.layers().iter().zip(weights.into_iter().zip(biases)) {
        params.set(layer.weight, weight);
        params.set(layer.bias.expect("layers of an Mlp have one"), bias);
    }

    let (tape, trace) = (Tape::new(), Trace::default());
    let net = params.on(&tape).traced(&trace); // layers become groups, parameters get names
    let logits = net.run(&model, tape.constant(array![[1.0, 0.5]]).named("x"));
    let loss = logits.softmax_cross_entropy(&[1]).named("loss");
    let grads = loss.backward(); // of every node: a picture shows all of them

    let graph = Graph::builder(&tape).gradients(&grads).layers(&trace).title("(2, 3, 2, 2)").build()?;
    for name in ["graph.svg", "graph.html"] {
        let path = folder.join(name);
        graph.save(&path)?;
        println!("{}", path.display());
    }
    Ok(())
}
