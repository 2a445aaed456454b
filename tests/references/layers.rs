//! The layers against modules of `PyTorch` with the same weights: outputs, gradients, running statistics.

use crate::common::{assert_close, fixture, tensor};
use chainrule::nn;
use chainrule::prelude::*;
use nn::layers::{Block, MultiHeadAttention, Recurrent};
use serde_json::Value;
use tape::{AttentionMask, Pool};

type Model = Box<dyn Layer<f64>>;

/// Attention to keys and values from elsewhere.
#[derive(Debug)]
struct ToOthers(MultiHeadAttention, (Vec<usize>, Vec<f64>));

impl Layer<f64> for ToOthers {
    fn forward<'t>(&self, net: &Net<'_, 't, f64>, x: Tensor<'t, f64>) -> Tensor<'t, f64> {
        let keys = net.tape().constant(self.1.clone());
        self.0.attend(net, x, keys, keys, None)
    }
}

/// The layer of a case. Where the state of the module has no path of its own, parameters are named `m.…`.
fn model(params: &mut Params<f64>, case: &Value) -> Model {
    let init = Init::Zeros;
    let conv1d = |params: &mut Params<f64>, sides| Conv1d::named(params, "m", sides, 3, 1, init).unwrap();
    match case["name"].as_str().unwrap() {
        "linear" => Box::new(Linear::named(params, "m", 3, 2, init).unwrap()),
        "conv1d" => Box::new(conv1d(params, [2, 3]).stride(2).padding(2).dilation(2)),
        "conv1d same" => Box::new(Conv1d::named(params, "m", [2, 2], 4, 1, init).unwrap().same()),
        "conv2d" => {
            let layer = Conv2d::named(params, "m", [2, 3], [3, 2], 1, init).unwrap();
            Box::new(layer.stride([2, 1]).padding([1, 0]))
        }
        "conv2d grouped" => {
            Box::new(Conv2d::named(params, "m", [4, 2], 2, 2, init).unwrap().without_bias(params))
        }
        "conv2d same" => {
            let layer = Conv2d::named(params, "m", [1, 2], [2, 3], 1, init).unwrap();
            Box::new(layer.same().dilation([1, 2]))
        }
        "conv_transpose2d" => {
            let layer = ConvTranspose2d::named(params, "m", [2, 3], 3, 1, init).unwrap();
            Box::new(layer.stride(2).padding(1).output_padding(1))
        }
        "max_pool2d" => Box::new(MaxPool2d::with(Pool::new(3).stride(2).padding(1))),
        "avg_pool2d" => Box::new(AvgPool2d::new(2)),
        "adaptive_avg_pool2d" => Box::new(AdaptiveAvgPool2d::new([2, 3])),
        "batch_norm of rows" => Box::new(BatchNorm::named(params, "m", 3).unwrap()),
        "batch_norm" => Box::new(BatchNorm::named(params, "m", 2).unwrap().eps(1e-3).momentum(0.3)),
        "batch_norm in evaluation" => Box::new(BatchNorm::named(params, "m", 2).unwrap()),
        "batch_norm without affine" => {
            Box::new(BatchNorm::named(params, "m", 2).unwrap().without_affine(params))
        }
        "layer_norm" => Box::new(LayerNorm::named(params, "m", &[2, 3]).unwrap()),
        "group_norm" => Box::new(GroupNorm::named(params, "m", 2, 4).unwrap()),
        "rms_norm" => Box::new(RmsNorm::named(params, "m", &[3]).unwrap()),
        "embedding" => Box::new(Embedding::named(params, "m", 5, 2, init).unwrap()),
        "embedding with padding" => {
            Box::new(Embedding::named(params, "m", 4, 2, init).unwrap().padding(params, 1))
        }
        "prelu" => Box::new(Prelu::named(params, "m", 1).unwrap()),
        "prelu of channels" => Box::new(Prelu::named(params, "m", 2).unwrap()),
        "lstm" => Box::new(Lstm::named(params, "m", [2, 3], 1, false).unwrap()),
        "lstm in layers both ways" => Box::new(Lstm::named(params, "m", [2, 2], 2, true).unwrap()),
        "gru" => {
            let layer: Gru = Recurrent::named(params, "m", [2, 3], 1, false).unwrap();
            Box::new(layer.without_bias(params))
        }
        "gru in layers both ways" => Box::new(Gru::named(params, "m", [2, 2], 2, true).unwrap()),
        "attention" => Box::new(MultiHeadAttention::named(params, "m", 4, 2).unwrap()),
        "attention, causal" => Box::new(MultiHeadAttention::named(params, "m", 4, 2).unwrap().causal()),
        "attention to others" => {
            Box::new(ToOthers(MultiHeadAttention::named(params, "m", 4, 2).unwrap(), tensor(&case["keys"])))
        }
        "residual" => {
            let block = Block::Residual { channels: 3, kernel: 3, stride: 2 };
            Box::new(Architecture::new(&[2, 4, 4]).then(block).build_named(params, "m").unwrap())
        }
        "network" => {
            let text = "cnn 1x4x4: conv 2x3 bn relu, pool 2, linear 3 tanh, linear 2";
            Box::new(Architecture::parse(text).unwrap().build_named(params, "m").unwrap())
        }
        other => panic!("{other} is not tested"),
    }
}

/// The name that `PyTorch` has for a parameter of ours.
fn theirs<'n>(name: &'n str, case: &Value) -> &'n str {
    let name = name.strip_prefix("m.").expect("it was named so");
    if case["name"] == "residual" { name.strip_prefix("0.").unwrap() } else { name }
}

/// Numbers of theirs as ours, and back again.
fn laid_out(name: &str, case: &Value, (shape, numbers): (Vec<usize>, Vec<f64>)) -> (Vec<usize>, Vec<f64>) {
    let attention = case["name"].as_str().unwrap().starts_with("attention");
    let linear = case["name"] == "linear" || case["name"] == "network" && shape.len() == 2;
    let &[rows, columns] = &shape[..] else { return (shape, numbers) };
    if !(name.ends_with("weight") && (attention || linear)) {
        return (shape, numbers);
    }
    let across = (0..columns).flat_map(|j| (0..rows).map(move |i| (i, j)));
    (vec![columns, rows], across.map(|(i, j)| numbers[i * columns + j]).collect())
}

#[test]
fn modules_of_pytorch() {
    let file = fixture("layers.json");
    for case in file["cases"].as_array().unwrap() {
        let what = case["name"].as_str().unwrap();
        let mut params = Params::seeded(42);
        let model = model(&mut params, case);
        let state = case["state"].as_object().unwrap();
        assert_eq!(params.len(), state.len(), "{what}: as many parameters");
        for id in params.ids().collect::<Vec<_>>() {
            let name = theirs(params.name(id), case).to_owned();
            let numbers = state.get(&name).unwrap_or_else(|| panic!("{what}: there is no {name}"));
            params.set(id, laid_out(&name, case, tensor(numbers)));
        }

        let (tape, training) = (Tape::new(), Training::seeded(42));
        let net = params.on(&tape);
        let net = if case["training"] == true { net.training(&training) } else { net.evaluation() };
        let of_x = !case["dx"].is_null();
        let x = if of_x { tape.tensor(tensor(&case["x"])) } else { tape.constant(tensor(&case["x"])) };
        let y = model.forward(&net, x);
        let (shape, wanted) = tensor(&case["y"]);
        assert_eq!(y.shape(), shape, "{what}");
        assert_close(what, y.value(), &wanted, 1e-12, 1.0);
        let loss = (y * tape.constant(tensor(&case["upstream"]))).sum();
        if of_x {
            let grads = loss.backward();
            assert_close(&format!("{what}: x"), grads.wrt(x), &tensor(&case["dx"]).1, 1e-11, 1.0);
        }
        let gradients = case["grads"].as_object().unwrap();
        if !gradients.is_empty() {
            let grads = net.backward(loss);
            for id in params.ids().filter(|&id| params.role(id) == nn::Role::Learnt) {
                let name = theirs(params.name(id), case);
                let (shape, wanted) = laid_out(name, case, tensor(&gradients[name]));
                assert_eq!(grads.wrt(id).shape(), shape, "{what}: {name}");
                assert_close(&format!("{what}: {name}"), grads.wrt(id), &wanted, 1e-11, 1.0);
            }
            grads.settle(&mut params);
            for (name, wanted) in case["buffers"].as_object().unwrap() {
                let id = params.ids().find(|&id| theirs(params.name(id), case) == name).unwrap();
                assert_close(&format!("{what}: {name}"), params.get(id), &tensor(wanted).1, 1e-13, 1.0);
            }
        }
    }
}

/// A mask that lets every key through is none, and one for some keys is a mask that adds −∞ elsewhere.
#[test]
fn masks_of_attention() {
    let mut params = Params::<f64>::seeded(42);
    let layer = MultiHeadAttention::new(&mut params, 4, 2);
    let tape = Tape::new();
    let net = params.on(&tape);
    let x = tape.tensor(([1, 3, 4], (0..12).map(|k| f64::from(k).sin()).collect::<Vec<_>>()));
    let attend = |mask| layer.attend(&net, x, x, x, mask);
    let rows = |numbers: [f64; 9]| tape.constant(([3, 3], numbers.to_vec()));
    let all = attend(Some(AttentionMask::Allowed(rows([1.0; 9]))));
    assert_close("all keys", all.value(), layer.forward(&net, x).value().as_slice().unwrap(), 1e-14, 1.0);
    let causal = attend(Some(AttentionMask::Allowed(rows([1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]))));
    let wanted = layer.causal().forward(&net, x);
    assert_close("causal", causal.value(), wanted.value().as_slice().unwrap(), 1e-14, 1.0);
    let least = f64::NEG_INFINITY;
    let added = rows([0.0, least, least, 0.0, 0.0, least, 0.0, 0.0, 0.0]);
    let added = attend(Some(AttentionMask::Added(added)));
    assert_close("added", added.value(), wanted.value().as_slice().unwrap(), 1e-14, 1.0);
}
