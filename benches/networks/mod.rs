//! The training steps N1 to N6: networks, their data, and a step of each by hand, on the tape, and as bare products.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "each benchmark uses its part of this module; it has no other users"
)]

pub mod by_hand;
pub mod convolutional;
pub mod floor;
pub mod on_tape;

use by_hand::{ByHand, Hidden};

/// The rate of every timed step.
pub const RATE: f32 = 0.01;

/// A multilayer perceptron, a batch, and the parameters that every tool starts from.
pub struct Network {
    pub name: &'static str,
    pub widths: &'static [usize],
    pub hidden: Hidden,
    pub batch: usize,
    /// Weight `[inputs, outputs]` and bias of each layer, in turn.
    pub params: Vec<Vec<f32>>,
    /// `[batch, widths[0]]`
    pub x: Vec<f32>,
    pub labels: Vec<usize>,
}

struct Lcg(u64);

impl Lcg {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn signed(&mut self, scale: f64) -> f32 {
        (scale * (2.0 * self.uniform() - 1.0)) as f32
    }
}

impl Network {
    pub const NAMES: [&'static str; 5] = ["N1", "N2", "N3", "N4", "N5"];

    /// One of the five.
    ///
    /// # Panics
    /// There is no network of this name.
    pub fn named(name: &str) -> Self {
        match name {
            "N1" => Self::new("N1", &[2, 3, 2, 2], Hidden::Sigmoid, 4, 1),
            "N2" => Self::new("N2", &[64, 64, 32, 10], Hidden::Relu, 32, 2),
            "N3" => Self::new("N3", &[784, 128, 10], Hidden::Relu, 64, 3),
            "N4" => Self::new("N4", &[784, 512, 512, 10], Hidden::Relu, 128, 4),
            "N5" => Self::new("N5", &[1024, 2048, 2048, 1000], Hidden::Relu, 256, 5),
            _ => panic!("no network is called {name}"),
        }
    }

    fn new(name: &'static str, widths: &'static [usize], hidden: Hidden, batch: usize, seed: u64) -> Self {
        let mut lcg = Lcg(seed);
        let mut params = Vec::new();
        for pair in widths.windows(2) {
            let scale = (pair[0] as f64).sqrt().recip();
            params.push((0..pair[0] * pair[1]).map(|_| lcg.signed(scale)).collect());
            params.push((0..pair[1]).map(|_| lcg.signed(scale)).collect());
        }
        let x = (0..batch * widths[0]).map(|_| lcg.signed(1.0)).collect();
        let classes = widths[widths.len() - 1];
        let labels = (0..batch).map(|_| (lcg.uniform() * classes as f64) as usize).collect();
        Self { name, widths, hidden, batch, params, x, labels }
    }

    /// The step by hand, from the start.
    pub fn by_hand(&self) -> ByHand {
        ByHand::new(self.widths, self.hidden, &self.params, &self.x, &self.labels)
    }

    /// The loss, and the parameters after one step at a rate of 1, by hand.
    pub fn reference(&self) -> (f32, Vec<Vec<f32>>) {
        let mut by_hand = self.by_hand();
        (by_hand.step(1.0), by_hand.params())
    }

    /// The loss and the moves of all parameters in one step at a rate of 1, which are the gradient, are those of
    /// [`reference`](Self::reference): to 1e-4 of the greatest in each parameter. `loss` is `None` where a tool does
    /// not say.
    ///
    /// # Panics
    /// They are not; the message names the tool.
    pub fn check(&self, tool: &str, loss: Option<f32>, params: &[Vec<f32>]) {
        let (wanted, after) = self.reference();
        if let Some(loss) = loss {
            self.assert_close(tool, &[loss], &[wanted]);
        }
        assert_eq!(params.len(), after.len(), "{} {tool}: parameters", self.name);
        for ((got, wanted), start) in params.iter().zip(&after).zip(&self.params) {
            let moves = |to: &[f32]| to.iter().zip(start).map(|(t, s)| t - s).collect::<Vec<_>>();
            self.assert_close(tool, &moves(got), &moves(wanted));
        }
    }

    fn assert_close(&self, tool: &str, got: &[f32], wanted: &[f32]) {
        let greatest = wanted.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        assert!(greatest > 0.0 && got.len() == wanted.len(), "{} {tool}: nothing to compare", self.name);
        for (g, w) in got.iter().zip(wanted) {
            assert!((g - w).abs() <= 1e-4 * greatest, "{} {tool}: {g}, by hand {w}", self.name);
        }
    }
}
