//! The losses against reference values.
#![allow(missing_docs)]

mod common;

use chainrule::prelude::*;
use common::{assert_close, fixture, number, numbers, tensor};
use serde_json::Value;

/// Losses of the fixture that are still to come. Every other one must be tested.
const TO_COME: [&str; 7] = ["bce", "l1", "huber", "smooth_l1", "nll", "kl_div", "hinge"];

fn leaf<'t>(tape: &'t Tape<f64>, value: &Value) -> Tensor<'t, f64> {
    tape.tensor(tensor(value))
}

fn reduction(params: &Value) -> Reduction {
    match params["reduction"].as_str().unwrap() {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        other => panic!("the reduction {other} is not tested"),
    }
}

/// All settings of a case must be known.
fn known(params: &Value, names: &[&str]) {
    for key in params.as_object().unwrap().keys() {
        assert!(names.contains(&key.as_str()), "the setting {key} is not tested");
    }
}

type Operands<'t> = Vec<(&'static str, Tensor<'t, f64>)>;

/// The loss of a case, and the operands by name.
fn loss<'t>(tape: &'t Tape<f64>, case: &Value) -> Option<(Tensor<'t, f64>, Operands<'t>)> {
    let (params, inputs) = (&case["params"], &case["inputs"]);
    let reduction = reduction(params);
    Some(match case["op"].as_str().unwrap() {
        "cross_entropy" => {
            known(params, &["reduction", "target_kind", "label_smoothing", "ignore_index", "weight"]);
            let mut loss = SoftmaxCrossEntropy::new()
                .reduction(reduction)
                .label_smoothing(number(&params["label_smoothing"]));
            if !params["weight"].is_null() {
                loss = loss.weights(numbers(&params["weight"]));
            }
            // A negative label stands for none of the classes: here that is the greatest usize.
            let label = |label: f64| if label < 0.0 { usize::MAX } else { label as usize };
            if !params["ignore_index"].is_null() {
                loss = loss.ignore(label(number(&params["ignore_index"])));
            }
            let logits = leaf(tape, &inputs["logits"]);
            if params["target_kind"] == "index" {
                let labels: Vec<usize> = tensor(&inputs["target"]).1.into_iter().map(label).collect();
                (loss.of(logits, &labels), vec![("logits", logits)])
            } else {
                let target = leaf(tape, &inputs["target"]);
                (loss.of_probs(logits, target), vec![("logits", logits), ("target", target)])
            }
        }
        "bce_with_logits" => {
            known(params, &["reduction", "pos_weight"]);
            let mut loss = SigmoidCrossEntropy::new().reduction(reduction);
            if !params["pos_weight"].is_null() {
                loss = loss.positive_weight(number(&params["pos_weight"]));
            }
            let (logits, target) = (leaf(tape, &inputs["logits"]), leaf(tape, &inputs["target"]));
            (loss.of(logits, target), vec![("logits", logits), ("target", target)])
        }
        "mse" => {
            known(params, &["reduction"]);
            let (pred, target) = (leaf(tape, &inputs["pred"]), leaf(tape, &inputs["target"]));
            (
                SquaredError::new().reduction(reduction).of(pred, target),
                vec![("pred", pred), ("target", target)],
            )
        }
        _ => return None,
    })
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
    let mut tested = 0;
    for case in losses["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        if TO_COME.contains(&case["op"].as_str().unwrap()) {
            continue;
        }
        let tape = Tape::new();
        let (loss, operands) = loss(&tape, case).unwrap_or_else(|| panic!("{name} is not tested"));
        let (shape, output) = tensor(&case["output"]);
        assert_eq!(loss.shape(), shape, "{name}");
        assert_near(name, loss.value().iter(), &output, &numbers(&case["exact_output"]));
        let grads = loss.backward_with(tensor(&case["upstream"]));
        for wanted in case["grads"].as_object().unwrap().keys() {
            let (_, operand) = operands.iter().find(|(name, _)| name == wanted).unwrap();
            let (torch, exact) = (&case["grads"][wanted]["data"], &case["exact_grads"][wanted]);
            let what = format!("{name}: d {wanted}");
            assert_near(&what, grads.wrt(*operand).iter(), &numbers(torch), &numbers(exact));
        }
        tested += 1;
    }
    assert_eq!(tested, 23);
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
