//! A training step and an inference with the layers of chainrule.

use chainrule::prelude::*;

use super::by_hand::Hidden;
use super::{Network, RATE};

/// How many threads the engine may use for its matrix products: set once, before anything is timed.
pub fn set_threads(threads: usize) {
    chainrule::set_threads(threads);
}

/// Parameters, model, optimiser and a tape that is kept.
pub struct OnTape<'n> {
    network: &'n Network,
    params: Params<f32>,
    model: Mlp,
    sgd: Sgd<f32>,
    tape: Tape<f32>,
}

impl<'n> OnTape<'n> {
    pub fn new(network: &'n Network, rate: f32) -> Self {
        let activation = match network.hidden {
            Hidden::Sigmoid => Activation::Sigmoid,
            Hidden::Relu => Activation::Relu,
        };
        let mut params = Params::seeded(0);
        let model = Mlp::new(&mut params, network.widths, activation);
        for (layer, start) in model.layers().iter().zip(network.params.chunks(2)) {
            params.values_mut(layer.weight).copy_from_slice(&start[0]);
            params.values_mut(layer.bias.expect("every layer has a bias")).copy_from_slice(&start[1]);
        }
        Self { network, params, model, sgd: Sgd::new(f64::from(rate)), tape: Tape::new() }
    }

    /// The batch goes on the tape; forward, softmax cross-entropy, backward, update. Returns the loss before it.
    pub fn step(&mut self) -> f32 {
        let net = self.params.on(&self.tape);
        let x = self.tape.constant(self.batch());
        let loss = self.model.forward(&net, x).softmax_cross_entropy(&self.network.labels);
        let (value, grads) = (loss.value(), net.backward(loss));
        self.tape.reset();
        self.sgd.step(&mut self.params, &grads);
        value
    }

    /// The logits; returns one of them.
    pub fn infer(&mut self) -> f32 {
        let net = self.params.on(&self.tape);
        let logits = self.model.forward(&net, self.tape.constant(self.batch()));
        let first = logits.value().iter().next().copied().unwrap_or_default();
        self.tape.reset();
        first
    }

    /// As [`Network::params`].
    pub fn params(&self) -> Vec<Vec<f32>> {
        self.params.ids().map(|id| self.params.values(id).to_vec()).collect()
    }

    fn batch(&self) -> ([usize; 2], &'n [f32]) {
        ([self.network.batch, self.network.widths[0]], &self.network.x)
    }
}

impl Network {
    /// A step on the tape is the step by hand: before anything is timed.
    pub fn verify(&self) {
        let mut on_tape = OnTape::new(self, 1.0);
        let loss = on_tape.step();
        self.check("tape", Some(loss), &on_tape.params());
    }

    /// What is timed.
    pub fn on_tape(&self) -> OnTape<'_> {
        OnTape::new(self, RATE)
    }
}
