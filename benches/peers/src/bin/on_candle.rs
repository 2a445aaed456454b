//! Serves N1 to N6 on candle.

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{Optimizer, SGD};
use chainrule_peers::networks::Network;
use chainrule_peers::networks::by_hand::Hidden;
use chainrule_peers::networks::convolutional::{BATCH, N6, SHAPES, SIDE};
use chainrule_peers::serve::{serve, threads};
use chainrule_peers::steps::{ConvolutionalSteps, Steps, convolutional, networks, offers};

struct Candle {
    hidden: Hidden,
    params: Vec<Var>,
    sgd: SGD,
    x: Tensor,
    labels: Tensor,
}

impl Candle {
    fn build(network: &Network, rate: f32) -> Result<Self> {
        let device = &Device::Cpu;
        let mut params = Vec::new();
        for (w, p) in network.widths.windows(2).zip(network.params.chunks(2)) {
            params.push(Var::from_slice(&p[0], (w[0], w[1]), device)?);
            params.push(Var::from_slice(&p[1], w[1], device)?);
        }
        let labels: Vec<u32> = network.labels.iter().map(|&l| l as u32).collect();
        Ok(Self {
            hidden: network.hidden,
            sgd: SGD::new(params.clone(), f64::from(rate))?,
            params,
            x: Tensor::from_slice(&network.x, (network.batch, network.widths[0]), device)?,
            labels: Tensor::new(labels, device)?,
        })
    }

    fn forward(&self, detached: bool) -> Result<Tensor> {
        let mut x = self.x.clone();
        let layers = self.params.chunks(2);
        let last = layers.len() - 1;
        for (k, layer) in layers.enumerate() {
            let operand = |v: &Var| if detached { v.as_detached_tensor() } else { v.as_tensor().clone() };
            x = x.matmul(&operand(&layer[0]))?.broadcast_add(&operand(&layer[1]))?;
            if k < last {
                x = match self.hidden {
                    Hidden::Sigmoid => candle_nn::ops::sigmoid(&x)?,
                    Hidden::Relu => x.relu()?,
                };
            }
        }
        Ok(x)
    }

    fn train(&mut self) -> Result<()> {
        let loss = candle_nn::loss::cross_entropy(&self.forward(false)?, &self.labels)?;
        self.sgd.backward_step(&loss)
    }
}

impl Steps for Candle {
    fn new(network: &'static Network, rate: f32) -> Self {
        Self::build(network, rate).expect("the network can be built")
    }

    fn step(&mut self) -> Option<f32> {
        self.train().expect("a step succeeds");
        None
    }

    fn infer(&mut self) {
        std::hint::black_box(self.forward(true).expect("inference succeeds"));
    }

    fn params(&self) -> Vec<Vec<f32>> {
        numbers(&self.params)
    }
}

struct Images {
    params: Vec<Var>,
    sgd: SGD,
    x: Tensor,
    labels: Tensor,
}

impl Images {
    fn build(network: &N6, rate: f32) -> Result<Self> {
        let device = &Device::Cpu;
        let params = network.params.iter().zip(SHAPES);
        let params: Result<Vec<_>> = params.map(|(p, shape)| Var::from_slice(p, shape, device)).collect();
        let params = params?;
        let labels: Vec<u32> = network.labels.iter().map(|&l| l as u32).collect();
        Ok(Self {
            sgd: SGD::new(params.clone(), f64::from(rate))?,
            params,
            x: Tensor::from_slice(&network.x, (BATCH, 1, SIDE, SIDE), device)?,
            labels: Tensor::new(labels, device)?,
        })
    }

    fn train(&mut self) -> Result<()> {
        let mut x = self.x.clone();
        for layer in self.params[..4].chunks(2) {
            let bias = layer[1].reshape((1, (), 1, 1))?;
            x = x.conv2d(&layer[0], 1, 1, 1, 1)?.broadcast_add(&bias)?.relu()?.max_pool2d(2)?;
        }
        let logits = x.flatten_from(1)?.matmul(&self.params[4])?.broadcast_add(&self.params[5])?;
        let loss = candle_nn::loss::cross_entropy(&logits, &self.labels)?;
        self.sgd.backward_step(&loss)
    }
}

impl ConvolutionalSteps for Images {
    fn new(network: &'static N6, rate: f32) -> Self {
        Self::build(network, rate).expect("the network can be built")
    }

    fn step(&mut self) -> Option<f32> {
        self.train().expect("a step succeeds");
        None
    }

    fn params(&self) -> Vec<Vec<f32>> {
        numbers(&self.params)
    }
}

fn numbers(params: &[Var]) -> Vec<Vec<f32>> {
    let numbers = |v: &Var| v.as_tensor().flatten_all().and_then(|t| t.to_vec1());
    params.iter().map(|v| numbers(v).expect("parameters are f32")).collect()
}

fn main() {
    let mut all = offers::<Candle>("candle", "candle-core", &networks());
    all.push(convolutional::<Images>("candle", "candle-core"));
    serve(all, threads());
}
