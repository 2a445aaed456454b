//! Every layer: forwards and back, in training and in evaluation, against difference quotients, and from a clone. A
//! layer that is not listed here fails the last test.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use nn::prelude::*;
use nn::{Generator, Role};
use tape::{Element, Pool, Tape, Tensor};

/// A loss in which every number of an output has a weight of its own.
fn loss<T: Element>(y: Tensor<'_, T>) -> tape::Scalar<'_, T> {
    let weights = (0..y.value().len()).map(|k| T::of(0.3 + (1.7 * k as f64).sin())).collect::<Vec<_>>();
    (y * y.tape().constant((y.shape(), weights))).sum()
}

/// No two alike, none near 0.
fn sample(shape: &[usize], phase: f64) -> Vec<f64> {
    let n: usize = shape.iter().product();
    let number = |k: usize| 2.0 * (phase + 1.3 * k as f64).sin() + 0.01;
    (0..n).map(number).collect()
}

struct Case<L> {
    layer: L,
    params: Params<f64>,
    shape: Vec<usize>,
    /// Whole numbers below this one, which nothing is derived in.
    indices: Option<usize>,
}

impl<L: Layer<f64>> Case<L> {
    fn input(&self) -> Vec<f64> {
        match self.indices {
            Some(bound) => (0..self.shape.iter().product()).map(|k: usize| (7 * k % bound) as f64).collect(),
            None => sample(&self.shape, 0.4),
        }
    }

    /// The value of the loss, and its gradients in the input and in each parameter that is learnt; random numbers are the
    /// same each time.
    fn run(
        &self,
        params: &Params<f64>,
        x: Vec<f64>,
        training: bool,
    ) -> (f64, Vec<f64>, Vec<Option<Vec<f64>>>) {
        let (tape, state) = (Tape::new(), Training::seeded(7));
        let net = params.on(&tape);
        let net = if training { net.training(&state) } else { net.evaluation() };
        let leaf = tape.tensor((&self.shape[..], x));
        let x = if self.indices.is_some() { leaf.stop_gradient() } else { leaf };
        let loss = loss(self.layer.forward(&net, x));
        let of_input = loss.backward().wrt(leaf).iter().copied().collect();
        let grads = net.backward(loss);
        let learnt = params.ids().filter(|&id| params.role(id) == Role::Learnt);
        let of_params = learnt.map(|id| grads.get(id).map(|g| g.iter().copied().collect())).collect();
        (loss.value(), of_input, of_params)
    }

    fn check(&self, what: &str) {
        let x = self.input();
        for training in [false, true] {
            let what = format!("{what}, {}", if training { "training" } else { "evaluation" });
            let (value, of_input, of_params) = self.run(&self.params, x.clone(), training);
            assert_eq!(
                self.run(&self.params, x.clone(), training),
                (value, of_input.clone(), of_params.clone())
            );
            assert!(value.is_finite() && value != 0.0, "{what}: {value}");
            if self.indices.is_none() {
                assert!(of_input.iter().any(|&g| g != 0.0), "{what}: nothing reaches the input");
            }
            let ids: Vec<ParamId> =
                self.params.ids().filter(|&id| self.params.role(id) == Role::Learnt).collect();
            // All numbers move at once, each at a pace of its own.
            let pace = |k: usize, i: usize| ((3 * k + i) as f64 + 0.5).cos();
            let mut slope = of_input.iter().enumerate().map(|(i, g)| g * pace(0, i)).sum::<f64>();
            for (k, (gradient, &id)) in of_params.iter().zip(&ids).enumerate() {
                let name = self.params.name(id);
                let gradient = gradient.as_ref().unwrap_or_else(|| panic!("{what}: no gradient of {name}"));
                assert!(gradient.iter().any(|&g| g != 0.0), "{what}: nothing reaches {name}");
                slope += gradient.iter().enumerate().map(|(i, g)| g * pace(k + 1, i)).sum::<f64>();
            }
            let moved = |by: f64| {
                let mut params = self.params.clone();
                for (k, &id) in ids.iter().enumerate() {
                    let numbers = params.values_mut(id).iter_mut().enumerate();
                    numbers.for_each(|(i, number)| *number += by * pace(k + 1, i));
                }
                let still = self.indices.is_some();
                let x = x.iter().enumerate().map(|(i, x)| if still { *x } else { x + by * pace(0, i) });
                self.run(&params, x.collect(), training).0
            };
            let step = 1e-6;
            let quotient = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (slope - quotient).abs() < 1e-6 * quotient.abs().max(1.0),
                "{what}: {slope}, not {quotient}"
            );
        }
    }
}

/// Names of layers that were looked at.
#[derive(Default)]
struct Walk(BTreeSet<String>);

impl Walk {
    fn layer<L: Layer<f64> + Clone>(&mut self, shape: &[usize], build: impl Fn(&mut Params<f64>) -> L) {
        self.see(shape, None, build);
    }

    fn see<L: Layer<f64> + Clone + Debug>(
        &mut self,
        shape: &[usize],
        indices: Option<usize>,
        build: impl Fn(&mut Params<f64>) -> L,
    ) {
        let mut params = Params::seeded(42);
        let layer = build(&mut params);
        // What begins with zeros or ones hides mistakes.
        for (k, id) in params.ids().collect::<Vec<_>>().into_iter().enumerate() {
            let least = if params.role(id) == Role::Buffer { 0.5 } else { -1.0 };
            let numbers = params.values_mut(id).iter_mut().enumerate();
            numbers.for_each(|(i, number)| *number += 0.2 * (2.1 * i as f64 + k as f64).sin().max(least));
        }
        let what = format!("{layer:?}").chars().take(60).collect::<String>();
        let twin = Case { layer: layer.clone(), params: params.clone(), shape: shape.to_vec(), indices };
        let case = Case { layer, params, shape: shape.to_vec(), indices };
        case.check(&what);
        assert_eq!(twin.run(&twin.params, case.input(), true), case.run(&case.params, case.input(), true));
        let whole = std::any::type_name::<L>();
        let (path, number) = whole.split_once('<').unwrap_or((whole, ""));
        let name = path.rsplit_once("::").map_or(path, |(_, name)| name);
        self.0.insert(name.to_owned());
        if let Some(axes) = number.strip_suffix('>').filter(|axes| axes.len() == 1) {
            self.0.insert(format!("{name}<{axes}>"));
        }
    }
}

fn walk() -> BTreeSet<String> {
    let mut walk = Walk::default();
    walk.layer(&[4, 3], |params| Linear::new(params, 3, 2));
    walk.layer(&[2, 3, 3], |params| Linear::without_bias(params, 3, 2, Init::HeNormal));
    walk.layer(&[2, 2, 7], |params| Conv1d::new(params, 2, 3, 3).stride(2).padding(1));
    walk.layer(&[2, 2, 6, 5], |params| Conv2d::new(params, 2, 3, [3, 2]).same());
    walk.layer(&[1, 4, 5, 5], |params| Conv2d::grouped(params, 4, 4, 3, 4).dilation(2).without_bias(params));
    walk.layer(&[1, 2, 3, 2], |params| ConvTranspose2d::new(params, 2, 3, 3).stride(2).dilation(2));
    walk.layer(&[1, 2, 3, 2], |params| ConvTranspose2d::new(params, 2, 1, 2).without_bias(params));
    walk.layer(&[2, 2, 7], |_| MaxPool1d::new(2));
    walk.layer(&[2, 2, 5, 6], |_| MaxPool2d::with(Pool::new(3).stride(2).padding(1)));
    walk.layer(&[2, 2, 7], |_| AvgPool1d::new(3));
    walk.layer(&[2, 2, 5, 6], |_| AvgPool2d::new([2, 3]));
    walk.layer(&[2, 2, 5, 6], |_| AdaptiveAvgPool2d::new([3, 2]));
    walk.layer(&[2, 2, 3, 2], |_| GlobalAvgPool);
    walk.layer(&[2, 2, 3, 2], |_| Flatten);
    walk.layer(&[2, 12], |_| Reshape::new(&[3, 2, 2]));
    walk.layer(&[5, 4], |_| Dropout::new(0.4));
    walk.layer(&[3, 4, 2], |_| Dropout::of_channels(0.4));
    walk.layer(&[5, 3], |params| BatchNorm::new(params, 3));
    walk.layer(&[3, 2, 2, 2], |params| BatchNorm::new(params, 2).without_affine(params));
    walk.layer(&[3, 2, 4], |params| LayerNorm::new(params, &[2, 4]));
    walk.layer(&[3, 4], |params| LayerNorm::new(params, &[4]).without_bias(params));
    walk.layer(&[3, 4, 2], |params| GroupNorm::new(params, 2, 4));
    walk.layer(&[3, 4], |params| RmsNorm::new(params, &[4]));
    walk.see(&[3, 4], Some(5), |params| Embedding::new(params, 5, 2));
    // The row of the padding is read and gets no gradient: difference quotients have to pass it by.
    walk.see(&[7], Some(3), |params| Embedding::new(params, 4, 2).padding(params, 3));
    walk.layer(&[2, 4, 3], |params| Lstm::new(params, 3, 2));
    walk.layer(&[2, 3, 2], |params| Lstm::stacked(params, 2, 2, 2, true).dropout(0.3));
    walk.layer(&[2, 4, 3], |params| Gru::new(params, 3, 2).without_bias(params));
    walk.layer(&[2, 3, 2], |params| Gru::stacked(params, 2, 2, 2, true).last());
    walk.layer(&[2, 3, 4], |params| MultiHeadAttention::new(params, 4, 2));
    walk.layer(&[2, 3, 4], |params| MultiHeadAttention::new(params, 4, 2).causal().dropout(0.3));
    walk.layer(&[3, 2], |params| Prelu::new(params, 1));
    walk.layer(&[3, 2, 4], |params| Prelu::new(params, 2));
    walk.layer(&[3, 2], |_| Lambda::new("half a square", |x| x.square() * 0.5));
    walk.layer(&[2, 2, 4, 4], |params| {
        let inner = Sequential::new()
            .then(Conv2d::new(params, 2, 3, 3).padding(1).stride(2))
            .then(Activation::Tanh)
            .named("last", Conv2d::new(params, 3, 3, 1));
        Residual::new(inner).project(Conv2d::new(params, 2, 3, 1).stride(2))
    });
    walk.layer(&[2, 3], |params| Residual::new(Linear::new(params, 3, 3)));
    walk.layer(&[5, 3], |params| {
        Sequential::new()
            .then(Linear::new(params, 3, 4))
            .then(Activation::Silu)
            .then(Linear::new(params, 4, 2))
    });
    walk.layer(&[5, 3], |params| {
        Mlp::new(params, &[3, 4, 4, 2], Activation::Tanh).with_output(Activation::Sigmoid)
    });
    walk.layer(&[5, 3], |params| {
        Mlp::new(params, &[3, 4, 4, 2], Activation::Gelu).with_batch_norm(params).with_dropout(0.3)
    });
    walk.layer(&[5, 3], |params| Mlp::new(params, &[3, 4, 2], Activation::Elu(1.0)).with_layer_norm(params));
    walk.layer(&[3, 32], |params| {
        Cnn::new([2, 4, 4], 3)
            .conv(4, 3)
            .residual(4, 1)
            .pool(2)
            .global_pool()
            .linear(5)
            .dropout(0.2)
            .build(params)
    });
    for activation in Activation::ALL.into_iter().filter(|&activation| activation != Activation::Step) {
        walk.layer(&[3, 4], |_| activation);
    }
    walk.0
}

/// What follows `Layer<T> for` in the sources.
fn implementations(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            implementations(&path, found);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let Some((_, name)) = line.split_once("Layer<T> for ") else { continue };
            found.insert(name.split(['<', ' ']).next().unwrap().to_owned());
        }
    }
}

#[test]
fn every_layer() {
    let walked = walk();
    let mut there = BTreeSet::new();
    implementations(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut there);
    // Those that a macro writes or an alias names, by the types that they are.
    assert!(there.remove("$Pool") && there.remove("Conv1d") && there.remove("Conv2d"));
    let named = ["Conv<1>", "Conv<2>", "MaxPool<1>", "MaxPool<2>", "AvgPool<1>", "AvgPool<2>"];
    there.extend(named.map(str::to_owned));
    there.remove("&L");
    assert!(there.len() >= 27, "{there:?}");
    let missed: Vec<_> = there.difference(&walked).collect();
    assert!(missed.is_empty(), "not looked at: {missed:?}");
}

/// What dropout gives of ones, and where the random numbers are then.
fn dropped(layer: Dropout, training: &Training<f64>, shape: &[usize]) -> (Vec<f64>, u128) {
    let (params, tape) = (Params::seeded(0), Tape::new());
    let x = tape.tensor((shape, vec![1.0; shape.iter().product()]));
    let y = layer.forward(&params.on(&tape).training(training), x);
    let grads = y.sum().backward();
    assert_eq!(grads.wrt(x), y.value(), "the derivative is the mask");
    (y.value().iter().copied().collect(), training.generator().position())
}

#[test]
fn dropout_goes_on_in_its_sequence_and_can_be_taken_up_again() {
    let training = Training::seeded(42);
    let layer = Dropout::new(0.5);
    let (first, after_first) = dropped(layer, &training, &[3, 5]);
    let (second, after_second) = dropped(layer, &training, &[3, 5]);
    // 32 bits for each number, drawn two at a time.
    assert_eq!((after_first, after_second), (16, 32));
    assert_ne!(first, second);
    let seeded = Generator::with_stream(42, 2);
    let resumed = Training::with_generator(seeded.at(after_first));
    assert_eq!(dropped(layer, &resumed, &[3, 5]), (second, after_second));
    assert_eq!(dropped(layer, &Training::seeded(42), &[15]).0, first);
    assert_ne!(dropped(layer, &Training::seeded(43), &[15]).0, first);
}

#[test]
fn dropout_keeps_its_share_and_the_mean() {
    for p in [0.1, 0.5, 0.9] {
        let n = 40_000;
        let (y, _) = dropped(Dropout::new(p), &Training::seeded(1), &[n]);
        let kept = 1.0 / (1.0 - p);
        assert!(y.iter().all(|&y| y == 0.0 || (y - kept).abs() < 1e-15));
        let share = y.iter().filter(|&&y| y == 0.0).count() as f64 / n as f64;
        // Four standard deviations.
        assert!((share - p).abs() < 4.0 * (p * (1.0 - p) / n as f64).sqrt(), "{share}, not {p}");
    }
    let (planes, position) = dropped(Dropout::of_channels(0.5), &Training::seeded(1), &[4, 5, 3, 3]);
    assert_eq!(position, 20);
    assert!(planes.chunks(9).all(|plane| plane == [0.0; 9] || plane == [2.0; 9]));
    let whole = planes.chunks(9).filter(|plane| plane[0] == 0.0).count();
    assert!((3..=17).contains(&whole), "{whole} of 20");
}

#[test]
fn dropout_records_nothing_where_it_does_nothing() {
    let (params, tape) = (Params::<f32>::seeded(0), Tape::new());
    let x = tape.tensor(([2], vec![1.0, 2.0]));
    let training = Training::seeded(42);
    let net = params.on(&tape);
    assert_eq!(Dropout::new(0.5).forward(&net.evaluation(), x).node_id(), x.node_id());
    assert_eq!(Dropout::new(0.0).forward(&net.training(&training), x).node_id(), x.node_id());
    assert_eq!((tape.len(), training.generator().position()), (1, 0));
    let none = tape.tensor(([0, 3], vec![]));
    assert_eq!(Dropout::new(0.5).forward(&net.training(&training), none).shape(), [0, 3]);
}

/// Two passes before one step, as gradients are gathered: both batches count, one after the other.
#[test]
fn running_statistics_see_every_pass() {
    let mut params = Params::<f64>::seeded(42);
    let layer = BatchNorm::new(&mut params, 1).momentum(0.5);
    let training = Training::seeded(42);
    let pass = |params: &Params<f64>, numbers: [f64; 2]| {
        let tape = Tape::new();
        let net = params.on(&tape).training(&training);
        net.backward(layer.forward(&net, tape.constant(([2, 1], numbers.to_vec()))).sum())
    };
    let mut grads = pass(&params, [1.0, 3.0]);
    grads.add(pass(&params, [9.0, 11.0]));
    assert_eq!(params.values(layer.running_mean), [0.0], "nothing moves before a step");
    Sgd::new(0.0).step(&mut params, &grads);
    assert_eq!(params.values(layer.running_mean), [0.5 * (0.5 * 2.0) + 0.5 * 10.0]);
    assert_eq!(params.values(layer.running_var), [0.5 * (0.5 + 0.5 * 2.0) + 0.5 * 2.0]);
}

#[test]
fn recurrent_layers_begin_with_an_open_gate_and_orthogonal_weights() {
    let mut params = Params::<f64>::seeded(42);
    let layer = Lstm::new(&mut params, 3, 4);
    let weights = layer.layers[0][0];
    let [bias_ih, bias_hh] = weights.biases.unwrap();
    assert_eq!(params.values(bias_ih), [vec![0.0; 4], vec![1.0; 4], vec![0.0; 8]].concat());
    assert_eq!(params.values(bias_hh), [0.0; 16]);
    let w = params.get(weights.weight_hh).to_owned().into_dimensionality::<ndarray::Ix2>().unwrap();
    let product = w.t().dot(&w);
    assert!((product - ndarray::Array2::<f64>::eye(4)).iter().all(|x| x.abs() < 1e-14));
    let bound = (6.0f64 / (3.0 + 16.0)).sqrt();
    assert!(params.values(weights.weight_ih).iter().all(|x| x.abs() <= bound));
}

#[test]
fn convolutions_begin_with_the_fans_of_their_kernels() {
    let mut params = Params::<f64>::seeded(42);
    let layer = Conv2d::grouped(&mut params, 8, 16, 3, 2);
    let greatest = params.values(layer.weight).iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let bound = (6.0f64 / (4.0 * 9.0)).sqrt();
    assert!(greatest <= bound && greatest > 0.98 * bound, "{greatest}, not {bound}");
    assert!(params.values(layer.bias.unwrap()).iter().all(|&b| b == 0.0));
}
