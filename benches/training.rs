//! N1 to N3: a whole training step on the tape, next to the same step by hand, in one run.
#![allow(missing_docs, reason = "a benchmark")]

mod by_hand;

use std::hint::black_box;

use by_hand::{ByHand, Hidden};
use chainrule::prelude::*;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;

const RATE: f32 = 0.01;

struct Lcg(u64);

impl Lcg {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A network, its batch, and the parameters that every run starts from.
struct Network {
    name: &'static str,
    widths: &'static [usize],
    hidden: Hidden,
    x: Array2<f32>,
    labels: Vec<usize>,
    params: Params<f32>,
    model: Mlp,
}

impl Network {
    fn new(name: &'static str, widths: &'static [usize], hidden: Hidden, batch: usize, seed: u64) -> Self {
        let mut lcg = Lcg(seed);
        let mut params = Params::seeded(0);
        let activation = match hidden {
            Hidden::Sigmoid => Activation::Sigmoid,
            Hidden::Relu => Activation::Relu,
        };
        let model = Mlp::new(&mut params, widths, activation);
        for layer in model.layers() {
            let scale = (params.shape(layer.weight)[0] as f64).sqrt().recip();
            for id in [layer.weight, layer.bias.unwrap()] {
                params.values_mut(id).fill_with(|| (scale * (2.0 * lcg.uniform() - 1.0)) as f32);
            }
        }
        let x = Array2::from_shape_simple_fn((batch, widths[0]), || (2.0 * lcg.uniform() - 1.0) as f32);
        let classes = widths[widths.len() - 1];
        let labels = (0..batch).map(|_| (lcg.uniform() * classes as f64) as usize).collect();
        Self { name, widths, hidden, x, labels, params, model }
    }

    fn by_hand(&self) -> ByHand {
        let x = self.x.as_slice().unwrap();
        ByHand::new(self.widths, self.hidden, &values(&self.params), x, &self.labels)
    }

    fn step(&self, tape: &mut Tape<f32>, params: &mut Params<f32>, sgd: &mut Sgd<f32>) -> f32 {
        let net = params.on(tape);
        let loss = self.model.forward(&net, tape.constant(&self.x)).softmax_cross_entropy(&self.labels);
        let (value, grads) = (loss.value(), net.backward(loss));
        tape.reset();
        sgd.step(params, &grads);
        value
    }

    /// One step by hand and one on the tape, at a rate of 1 so that the gradient weighs: the same loss, parameters
    /// and moves.
    fn verify(&self) {
        let mut by_hand = self.by_hand();
        let mut params = self.params.clone();
        let wanted = by_hand.step(1.0);
        let loss = self.step(&mut Tape::new(), &mut params, &mut Sgd::new(1.0));
        assert_close(self.name, &[loss], &[wanted]);
        let starts = values(&self.params);
        for ((got, wanted), start) in values(&params).iter().zip(&by_hand.params()).zip(&starts) {
            assert_close(self.name, got, wanted);
            let moves = |to: &[f32]| to.iter().zip(start).map(|(t, s)| t - s).collect::<Vec<_>>();
            assert_close(self.name, &moves(got), &moves(wanted));
        }
    }
}

fn values(params: &Params<f32>) -> Vec<Vec<f32>> {
    params.ids().map(|id| params.values(id).to_vec()).collect()
}

/// To 1e-4 of the greatest of `wanted`.
fn assert_close(name: &str, got: &[f32], wanted: &[f32]) {
    let greatest = wanted.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    assert!(greatest > 0.0 && got.len() == wanted.len(), "{name}: nothing to compare");
    for (g, w) in got.iter().zip(wanted) {
        assert!((g - w).abs() <= 1e-4 * greatest, "{name}: {g} on the tape, {w} by hand");
    }
}

fn training(c: &mut Criterion) {
    let networks = [
        Network::new("N1", &[2, 3, 2, 2], Hidden::Sigmoid, 4, 1),
        Network::new("N2", &[64, 64, 32, 10], Hidden::Relu, 32, 2),
        Network::new("N3", &[784, 128, 10], Hidden::Relu, 64, 3),
    ];
    for network in networks {
        network.verify();
        let mut group = c.benchmark_group(network.name);
        group.sample_size(20).nresamples(10_000);
        let mut by_hand = network.by_hand();
        group.bench_function("by hand", |b| b.iter(|| by_hand.step(black_box(RATE))));
        let (mut tape, mut params) = (Tape::new(), network.params.clone());
        let mut sgd = Sgd::new(f64::from(RATE));
        group.bench_function("tape", |b| b.iter(|| network.step(&mut tape, &mut params, &mut sgd)));
        group.finish();
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
