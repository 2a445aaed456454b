//! Serves N1 to N6 on burn, with its backend `flex` and AVX-512.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::{Linear, PaddingConfig2d};
use burn::optim::{GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use chainrule_peers::networks::Network;
use chainrule_peers::networks::by_hand::Hidden;
use chainrule_peers::networks::convolutional::{BATCH, N6, SIDE};
use chainrule_peers::serve::{serve, threads};
use chainrule_peers::steps::{ConvolutionalSteps, Steps, convolutional, networks, offers};

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

fn numbers(data: TensorData) -> Vec<f32> {
    data.try_into_vec().expect("parameters are f32")
}

#[derive(Module, Debug)]
struct Convolutional {
    convolutions: Vec<Conv2d>,
    linear: Linear,
}

impl Convolutional {
    fn forward(&self, mut x: Tensor<4>) -> Tensor<2> {
        let maxima = MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init();
        for convolution in &self.convolutions {
            x = maxima.forward(activation::relu(convolution.forward(x)));
        }
        self.linear.forward(x.flatten(1, 3))
    }
}

struct Images {
    rate: f64,
    /// Taken and put back in every step.
    model: Option<Convolutional>,
    optimizer: ModuleOptimizer,
    loss: CrossEntropyLoss,
    x: Tensor<4>,
    labels: Tensor<1, Int>,
}

impl ConvolutionalSteps for Images {
    fn new(network: &'static N6, rate: f32) -> Self {
        let device = Device::flex().autodiff();
        let data = |k: usize, shape: &[usize]| TensorData::new(network.params[k].clone(), shape);
        let convolution = |k: usize, [inputs, outputs]: [usize; 2]| {
            let config = Conv2dConfig::new([inputs, outputs], [3, 3]);
            let mut layer = config.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(&device);
            layer.weight = Param::from_data(data(k, &[outputs, inputs, 3, 3]), &device);
            layer.bias = Some(Param::from_data(data(k + 1, &[outputs]), &device));
            layer
        };
        let linear = Linear {
            weight: Param::from_data(data(4, &[784, 10]), &device),
            bias: Some(Param::from_data(data(5, &[10]), &device)),
        };
        let labels: Vec<i64> = network.labels.iter().map(|&l| l as i64).collect();
        Self {
            rate: f64::from(rate),
            model: Some(Convolutional {
                convolutions: vec![convolution(0, [1, 8]), convolution(2, [8, 16])],
                linear,
            }),
            optimizer: SgdConfig::new().init(),
            loss: CrossEntropyLossConfig::new().init(&device),
            x: Tensor::from_data(TensorData::new(network.x.clone(), [BATCH, 1, SIDE, SIDE]), &device),
            labels: Tensor::from_data(TensorData::new(labels, [BATCH]), &device),
        }
    }

    fn step(&mut self) -> Option<f32> {
        let model = self.model.take().expect("a step leaves the model");
        let loss = self.loss.forward(model.forward(self.x.clone()), self.labels.clone());
        let grads = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(self.rate, model, grads));
        None
    }

    fn params(&self) -> Vec<Vec<f32>> {
        let model = self.model.as_ref().expect("a step leaves the model");
        let of_convolutions = model.convolutions.iter().flat_map(|layer| {
            let bias = layer.bias.as_ref().expect("every layer has a bias").val();
            [numbers(layer.weight.val().into_data()), numbers(bias.into_data())]
        });
        let bias = model.linear.bias.as_ref().expect("every layer has a bias").val();
        let of_linear = [numbers(model.linear.weight.val().into_data()), numbers(bias.into_data())];
        of_convolutions.chain(of_linear).collect()
    }
}

fn main() {
    let mut all = offers::<Burn>("burn", "burn", &networks());
    all.push(convolutional::<Images>("burn", "burn"));
    serve(all, threads());
}
