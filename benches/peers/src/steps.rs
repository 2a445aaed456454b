//! Training steps and inference as offers: a tool says how it steps, the check and the timing are the same for all.

use crate::networks::convolutional::N6;
use crate::networks::{Network, RATE};
use crate::serve::{Offer, Work, work};

/// A network in a tool's own types.
pub trait Steps: 'static {
    /// The network at its start, to be trained at this rate.
    fn new(network: &'static Network, rate: f32) -> Self;

    /// Forward, softmax cross-entropy, backward, update, all done when it returns. The loss before it, where the tool
    /// says it without extra work.
    fn step(&mut self) -> Option<f32>;

    /// Forward only.
    fn infer(&mut self);

    /// Weight `[inputs, outputs]` and bias of each layer, in turn.
    fn params(&self) -> Vec<Vec<f32>>;
}

/// The networks, for as long as the process.
pub fn networks() -> [&'static Network; 5] {
    Network::NAMES.map(|name| &*Box::leak(Box::new(Network::named(name))))
}

/// The steps N1 to N5, and the inference of N3, by one tool.
pub fn offers<S: Steps>(tool: &'static str, package: &str, networks: &[&'static Network]) -> Vec<Offer> {
    let mut offers = Vec::new();
    for &network in networks {
        offers.push(Offer::new(tool, package, network.name, move || step::<S>(tool, network)));
        if network.name == "N3" {
            offers.push(Offer::new(tool, package, "N3 inference", move || {
                let mut steps = S::new(network, RATE);
                Box::new(move || steps.infer())
            }));
        }
    }
    offers
}

fn step<S: Steps>(tool: &str, network: &'static Network) -> Work {
    let mut checked = S::new(network, 1.0);
    let loss = checked.step();
    network.check(tool, loss, &checked.params());
    drop(checked);
    let mut steps = S::new(network, RATE);
    work(move || steps.step())
}

/// N6 in a tool's own types.
pub trait ConvolutionalSteps: 'static {
    /// The network at its start, to be trained at this rate.
    fn new(network: &'static N6, rate: f32) -> Self;

    /// As [`Steps::step`].
    fn step(&mut self) -> Option<f32>;

    /// As [`N6::params`].
    fn params(&self) -> Vec<Vec<f32>>;
}

/// The step N6 by one tool.
pub fn convolutional<S: ConvolutionalSteps>(tool: &'static str, package: &str) -> Offer {
    Offer::new(tool, package, "N6", move || {
        let network: &N6 = Box::leak(Box::default());
        let mut checked = S::new(network, 1.0);
        let loss = checked.step();
        network.check(tool, loss, &checked.params());
        let mut steps = S::new(network, RATE);
        work(move || steps.step())
    })
}
