//! The number of threads is a matter of speed alone.

use chainrule::prelude::*;
use ndarray::Array2;

/// The bits of all parameters after some steps.
fn trained(threads: usize) -> Vec<u32> {
    chainrule::set_threads(threads);
    assert_eq!(chainrule::threads(), threads);
    let mut params = Params::<f32>::seeded(7);
    let model = Mlp::new(&mut params, &[301, 260, 250, 10], Activation::Tanh);
    let x = Array2::from_shape_fn((133, 301), |(i, j)| ((i * 7 + j * 13) % 101) as f32 / 50.0 - 1.0);
    let labels: Vec<usize> = (0..133).map(|i| i % 10).collect();
    let (mut tape, mut optim) = (Tape::new(), Sgd::new(0.1));
    for _ in 0..5 {
        let net = params.on(&tape);
        let grads = net.backward(model.forward(&net, tape.constant(&x)).softmax_cross_entropy(&labels));
        tape.reset();
        optim.step(&mut params, &grads);
    }
    params.ids().flat_map(|id| params.values(id).iter().map(|w| w.to_bits()).collect::<Vec<_>>()).collect()
}

#[test]
fn training_gives_the_same_bits_on_any_number_of_threads() {
    let one = trained(1);
    for threads in [2, 3, 4] {
        assert!(trained(threads) == one, "{threads} threads");
    }
}
