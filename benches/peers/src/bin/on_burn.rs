//! Serves N1 to N5 on burn, with its backend `flex` and AVX-512.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use chainrule_peers::networks::Network;
use chainrule_peers::networks::by_hand::Hidden;
use chainrule_peers::serve::{serve, threads};
use chainrule_peers::steps::{Steps, networks, offers};

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
}

impl Mlp {
    fn forward(&self, hidden: Hidden, mut x: Tensor<2>) -> Tensor<2> {
        let last = self.layers.len() - 1;
        for (k, layer) in self.layers.iter().enumerate() {
            x = layer.forward(x);
            if k < last {
                x = match hidden {
                    Hidden::Sigmoid => activation::sigmoid(x),
                    Hidden::Relu => activation::relu(x),
                };
            }
        }
        x
    }
}

struct Burn {
    hidden: Hidden,
    rate: f64,
    /// Taken and put back in every step.
    model: Option<Mlp>,
    for_inference: Mlp,
    optimizer: ModuleOptimizer,
    loss: CrossEntropyLoss,
    x: Tensor<2>,
    x_for_inference: Tensor<2>,
    labels: Tensor<1, Int>,
}

impl Steps for Burn {
    fn new(network: &'static Network, rate: f32) -> Self {
        let plain = Device::flex();
        let device = plain.clone().autodiff();
        let layer = |(w, p): (&[usize], &[Vec<f32>])| Linear {
            weight: Param::from_data(TensorData::new(p[0].clone(), [w[0], w[1]]), &device),
            bias: Some(Param::from_data(TensorData::new(p[1].clone(), [w[1]]), &device)),
        };
        let layers = network.widths.windows(2).zip(network.params.chunks(2)).map(layer).collect();
        let model = Mlp { layers };
        let x = || TensorData::new(network.x.clone(), [network.batch, network.widths[0]]);
        let labels: Vec<i64> = network.labels.iter().map(|&l| l as i64).collect();
        Self {
            hidden: network.hidden,
            rate: f64::from(rate),
            for_inference: model.valid(),
            model: Some(model),
            optimizer: SgdConfig::new().init(),
            loss: CrossEntropyLossConfig::new().init(&device),
            x: Tensor::from_data(x(), &device),
            x_for_inference: Tensor::from_data(x(), &plain),
            labels: Tensor::from_data(TensorData::new(labels, [network.batch]), &device),
        }
    }

    fn step(&mut self) -> Option<f32> {
        let model = self.model.take().expect("a step leaves the model");
        let logits = model.forward(self.hidden, self.x.clone());
        let loss = self.loss.forward(logits, self.labels.clone());
        let grads = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(self.rate, model, grads));
        None
    }

    fn infer(&mut self) {
        std::hint::black_box(self.for_inference.forward(self.hidden, self.x_for_inference.clone()));
    }

    fn params(&self) -> Vec<Vec<f32>> {
        let numbers = |data: TensorData| data.try_into_vec().expect("parameters are f32");
        let model = self.model.as_ref().expect("a step leaves the model");
        let layers = model.layers.iter();
        layers
            .flat_map(|l| {
                let bias = l.bias.as_ref().expect("every layer has a bias").val();
                [numbers(l.weight.val().into_data()), numbers(bias.into_data())]
            })
            .collect()
    }
}

fn main() {
    serve(offers::<Burn>("burn", "burn", &networks()), threads());
}
