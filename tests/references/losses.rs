//! The losses against reference values.

use crate::common::{Settings, assert_close, fixture, number, numbers, tensor};
use chainrule::prelude::*;
use serde_json::Value;

fn leaf<'t>(tape: &'t Tape<f64>, value: &Value) -> Tensor<'t, f64> {
    tape.tensor(tensor(value))
}

fn reduction(params: &Settings<'_>) -> Reduction {
    match params["reduction"].as_str().unwrap() {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        "batchmean" => Reduction::BatchMean,
        other => panic!("the reduction {other} is not tested"),
    }
}

type Operands<'t> = Vec<(&'static str, Tensor<'t, f64>)>;

/// A negative label stands for none of the classes: here that is the greatest usize.
fn label(label: f64) -> usize {
    if label < 0.0 { usize::MAX } else { label as usize }
}

fn labels(value: &Value) -> Vec<usize> {
    tensor(value).1.into_iter().map(label).collect()
}

/// The loss of a case, and the operands by name.
fn loss<'t>(tape: &'t Tape<f64>, case: &Value, params: &Settings<'_>) -> (Tensor<'t, f64>, Operands<'t>) {
    let inputs = &case["inputs"];
    let reduction = reduction(params);
    let operands = |names: [&'static str; 2]| names.map(|name| (name, leaf(tape, &inputs[name])));
    match case["op"].as_str().unwrap() {
        "cross_entropy" => {
            let mut loss = SoftmaxCrossEntropy::new()
                .reduction(reduction)
                .label_smoothing(number(&params["label_smoothing"]));
            if !params["weight"].is_null() {
                loss = loss.weights(numbers(&params["weight"]));
            }
            if !params["ignore_index"].is_null() {
                loss = loss.ignore(label(number(&params["ignore_index"])));
            }
            let logits = leaf(tape, &inputs["logits"]);
            if params["target_kind"] == "index" {
                (loss.of(logits, &labels(&inputs["target"])), vec![("logits", logits)])
            } else {
                let target = leaf(tape, &inputs["target"]);
                (loss.of_probs(logits, target), vec![("logits", logits), ("target", target)])
            }
        }
        "bce_with_logits" => {
            let mut loss = SigmoidCrossEntropy::new().reduction(reduction);
            if !params["pos_weight"].is_null() {
                loss = loss.positive_weight(number(&params["pos_weight"]));
            }
            let [x, t] = operands(["logits", "target"]);
            (loss.of(x.1, t.1), vec![x, t])
        }
        "mse" => {
            let [x, t] = operands(["pred", "target"]);
            (SquaredError::new().reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "l1" => {
            let [x, t] = operands(["pred", "target"]);
            (AbsoluteError::new().reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "huber" => {
            let [x, t] = operands(["pred", "target"]);
            let loss = HuberLoss::new(number(&params["delta"]));
            (loss.reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "smooth_l1" => {
            let [x, t] = operands(["pred", "target"]);
            let loss = SmoothL1Loss::new(number(&params["beta"]));
            (loss.reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "bce" => {
            let [x, t] = operands(["p", "target"]);
            (BinaryCrossEntropy::new().reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "kl_div" => {
            let [x, t] = operands(["log_q", "target"]);
            let logarithms = params["log_target"].as_bool().unwrap();
            let loss = if logarithms { KlDivergence::of_logarithms() } else { KlDivergence::new() };
            (loss.reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "hinge" => {
            let [x, t] = operands(["pred", "target"]);
            (HingeLoss::new().reduction(reduction).of(x.1, t.1), vec![x, t])
        }
        "nll" => {
            let mut loss = NegativeLogLikelihood::new().reduction(reduction);
            if !params["weight"].is_null() {
                loss = loss.weights(numbers(&params["weight"]));
            }
            if !params["ignore_index"].is_null() {
                loss = loss.ignore(label(number(&params["ignore_index"])));
            }
            let x = leaf(tape, &inputs["log_probs"]);
            (loss.of(x, &labels(&inputs["target"])), vec![("log_probs", x)])
        }
        other => panic!("the loss {other} is not tested"),
    }
}

/// Within `1e-13` of the reference, or of the value in 60 digits.
fn assert_near<'a>(what: &str, got: impl IntoIterator<Item = &'a f64>, torch: &[f64], exact: &[f64]) {
    let got: Vec<f64> = got.into_iter().copied().collect();
    assert!(got.len() == torch.len() && got.len() == exact.len(), "{what}: as many numbers");
    for k in 0..got.len() {
        let near =
            |wanted: f64| (got[k] - wanted).abs() <= 1e-13 * wanted.abs().max(1e-3) || got[k] == wanted;
        assert!(
            near(torch[k]) || near(exact[k]),
            "{what}[{k}]: {:e}, not {:e} or {:e}",
            got[k],
            torch[k],
            exact[k]
        );
    }
}

#[test]
fn reference_values_and_gradients() {
    let losses = fixture("losses.json");
    for case in losses["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let tape = Tape::new();
        let params = Settings::of(&case["params"]);
        let (loss, operands) = loss(&tape, case, &params);
        params.finish(name);
        let (shape, output) = tensor(&case["output"]);
        assert_eq!(loss.shape(), shape, "{name}");
        // At kinks the reference is what was agreed, and there is no value in 60 digits.
        let exact = |digits: Option<&Value>, torch: &[f64]| digits.map_or_else(|| torch.to_vec(), numbers);
        assert_near(name, loss.value().iter(), &output, &exact(case.get("exact_output"), &output));
        let grads = loss.backward_with(tensor(&case["upstream"]));
        for wanted in case["grads"].as_object().unwrap().keys() {
            let (_, operand) = operands.iter().find(|(name, _)| name == wanted).unwrap();
            let torch = numbers(&case["grads"][wanted]["data"]);
            let exact = exact(case.get("exact_grads").map(|grads| &grads[wanted]), &torch);
            assert_near(&format!("{name}: d {wanted}"), grads.wrt(*operand).iter(), &torch, &exact);
        }
    }
    assert_eq!(losses["cases"].as_array().unwrap().len(), 44);
}

#[test]
fn one_row_without_a_batch() {
    let tape = Tape::<f64>::new();
    let logits = tape.tensor(([3], vec![0.5, -1.0, 2.0]));
    let loss = logits.softmax_cross_entropy(&[2]);
    let batch = tape.tensor(([1, 3], vec![0.5, -1.0, 2.0])).softmax_cross_entropy(&[2]);
    assert_eq!(loss.value(), batch.value());
    let grads = loss.backward();
    let powers = [0.5f64, -1.0, 2.0].map(f64::exp);
    let total: f64 = powers.iter().sum();
    let wanted = [powers[0] / total, powers[1] / total, powers[2] / total - 1.0];
    assert_close("gradient", grads.wrt(logits).iter(), &wanted, 1e-15, 1.0);
}
