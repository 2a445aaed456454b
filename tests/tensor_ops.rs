//! Every operation on tensors that is there, against `PyTorch`'s outputs and gradients.

mod common;

use std::collections::BTreeSet;

use chainrule::prelude::*;
use chainrule::tape::{AttentionOptions, RunningStatistics};
use common::{assert_close, fixture, tensor, whole, wholes};
use serde_json::Value;

/// Operations that the file has cases of and the library does not have yet.
const LATER: &[&str] = &[
    "min",
    "var_unbiased",
    "var_biased",
    "std_unbiased",
    "prod",
    "norm2",
    "cumsum",
    "flip",
    "repeat",
    "stack",
    "index_select",
    "gather",
    "scatter_add",
    "pad",
    "clamp",
    "tril",
    "einsum",
    "conv2d",
    "conv1d",
    "conv_transpose2d",
    "max_pool2d",
    "avg_pool2d",
    "adaptive_avg_pool2d",
    "embedding",
];

/// Cases of an operation that is there, in shapes that it does not take yet.
const LATER_CASES: &[&str] = &[
    "matmul_matvec",
    "matmul_vecmat",
    "matmul_batched_bcast_rhs2d",
    "matmul_batched_bcast_lhs2d",
    "matmul_batched_vec",
    "matmul_vec_batched",
];

fn signed(shape: &[usize]) -> Vec<isize> {
    shape.iter().map(|&n| n.cast_signed()).collect()
}

/// The axes of a reduction: `null` stands for all.
fn axes(params: &Value, rank: usize) -> Vec<isize> {
    if params["axes"].is_null() { (0..rank.cast_signed()).collect() } else { wholes(&params["axes"]) }
}

/// Records the operation of a case; the inputs stand in the order of the file.
fn record<'t>(op: &str, params: &Value, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).expect(name).1;
    let x = inputs[0].1;
    let reduced = || (axes(params, x.shape().len()), params["keepdim"].as_bool().expect("keepdim"));
    match op {
        "matmul" => get("a").matmul(get("b")),
        "matmul_t" => {
            let turned = |name: &str, key: &str| match params[key].as_bool() {
                Some(true) => get(name).t(),
                _ => get(name),
            };
            turned("a", "trans_a").matmul(turned("b", "trans_b"))
        }
        "matmul_self" => x.matmul(x),
        "linear" => get("x").matmul(get("w").t()) + get("b"),
        "outer" => get("a").reshape(&[-1, 1]).matmul(get("b").reshape(&[1, -1])),
        "add" => get("a") + get("b"),
        "sub" => get("a") - get("b"),
        "mul" => get("a") * get("b"),
        "div" => get("a") / get("b"),
        "maximum" => get("a").max(get("b")),
        "square_via_mul" => x * x,
        "sum" => x.sum_axes(&reduced().0, reduced().1),
        "mean" => x.mean_axes(&reduced().0, reduced().1),
        "max" => x.amax_axes(&reduced().0, reduced().1),
        "max_dim_index" => x.max_axes(&reduced().0, reduced().1),
        "logsumexp" => x.logsumexp_axes(&reduced().0, reduced().1),
        "softmax" => x.softmax(whole(&params["axis"])),
        "log_softmax" => x.log_softmax(whole(&params["axis"])),
        "permute" => x.permute(&wholes(&params["dims"])),
        "transpose" => x.transpose(whole(&params["dim0"]), whole(&params["dim1"])),
        "reshape" => x.reshape(&wholes(&params["shape"])),
        "permute_reshape" => x.permute(&wholes(&params["dims"])).reshape(&wholes(&params["shape"])),
        "squeeze" => {
            let mut shape = signed(x.shape());
            assert_eq!(shape.remove(whole(&params["dim"]) as usize), 1);
            x.reshape(&shape)
        }
        "unsqueeze" => {
            let mut shape = signed(x.shape());
            shape.insert(whole(&params["dim"]) as usize, 1);
            x.reshape(&shape)
        }
        "broadcast_to" => {
            let shape: Vec<usize> = wholes(&params["shape"]).into_iter().map(|n| n as usize).collect();
            x.broadcast_to(&shape)
        }
        "slice" => {
            let ranges = params["ranges"].as_array().expect("ranges").iter().map(|range| {
                let [start, stop, step] = wholes(range).try_into().expect("start, stop, step");
                Span::from(start as usize..stop as usize).step(step as usize)
            });
            x.slice(&ranges.collect::<Vec<_>>())
        }
        "select" => {
            let (dim, index) = (whole(&params["dim"]) as usize, whole(&params["index"]) as usize);
            let mut spans = vec![Span::from(..); x.shape().len()];
            spans[dim] = (index..=index).into();
            let mut shape = signed(x.shape());
            shape.remove(dim);
            x.slice(&spans).reshape(&shape)
        }
        "concat" => {
            let parts: Vec<_> = inputs.iter().map(|(_, part)| *part).collect();
            Tensor::concat(&parts, whole(&params["axis"]))
        }
        "concat_self" => Tensor::concat(&[x, x], whole(&params["axis"])),
        "split_weighted" => {
            let axis = whole(&params["axis"]);
            let (mut start, mut parts) = (0, Vec::new());
            for (k, size) in wholes(&params["sizes"]).into_iter().enumerate() {
                let mut spans = vec![Span::from(..); x.shape().len()];
                spans[axis as usize] = (start..start + size as usize).into();
                parts.push(x.slice(&spans) * (k as f64 + 1.0));
                start += size as usize;
            }
            Tensor::concat(&parts, axis)
        }
        "layer_norm" | "rms_norm" | "group_norm" | "batch_norm" => normalised(op, params, inputs),
        "scaled_dot_product_attention" | "lstm_cell" | "gru_cell" => composed(op, params, inputs),
        "where" => Tensor::select(get("cond"), get("a"), get("b")),
        "graph" => {
            assert_eq!(params["expr"], "sum_1(exp(x)*sin(x) + exp(x)/(1+x*x))");
            let e = x.exp();
            (e * x.sin() + e / (1.0 + x * x)).sum_axes(&[1], false)
        }
        other => panic!("the operation {other} is neither here nor in the list of those to come"),
    }
}

/// Records attention or a recurrent cell.
fn composed<'t>(op: &str, params: &Value, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).expect(name).1;
    match op {
        "scaled_dot_product_attention" => {
            let causal = params["causal"].as_bool().expect("causal");
            let options = AttentionOptions { causal, ..AttentionOptions::default() };
            get("q").scaled_dot_product_attention(get("k"), get("v"), options)
        }
        "lstm_cell" => {
            let biases = [Some(get("b_ih")), Some(get("b_hh"))];
            let (w_ih, w_hh) = (get("w_ih"), get("w_hh"));
            let (h, c) = get("x").lstm_cell((get("h"), get("c")), w_ih, w_hh, biases[0], biases[1]);
            Tensor::concat(&[h, c], 1)
        }
        _ => {
            let biases = [Some(get("b_ih")), Some(get("b_hh"))];
            get("x").gru_cell(get("h"), get("w_ih"), get("w_hh"), biases[0], biases[1])
        }
    }
}

/// Records a normalisation.
fn normalised<'t>(op: &str, params: &Value, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).map(|(_, tensor)| *tensor);
    let (x, weight, bias) = (get("x").expect("x"), get("weight"), get("bias"));
    let eps = params["eps"].as_f64().expect("eps");
    match op {
        "layer_norm" => {
            let last: Vec<usize> =
                wholes(&params["normalized_shape"]).into_iter().map(|n| n as usize).collect();
            x.layer_norm(&last, weight, bias, eps)
        }
        "rms_norm" => x.rms_norm(&x.shape()[x.shape().len() - 1..], weight, eps),
        "group_norm" => x.group_norm(whole(&params["groups"]) as usize, weight, bias, eps),
        _ if params["training"] == true => x.batch_norm(None, weight, bias, eps),
        _ => {
            let [mean, variance] = ["running_mean", "running_var"].map(|name| get(name).expect(name));
            x.batch_norm_evaluation(mean, variance, weight, bias, eps)
        }
    }
}

fn cases() -> Vec<Value> {
    fixture("tensor_ops.json")["cases"].as_array().expect("cases").clone()
}

/// Output and every gradient of one case; returns how many gradients it had.
fn check(case: &Value) -> usize {
    let (name, op) = (case["name"].as_str().expect("name"), case["op"].as_str().expect("op"));
    let fixed: Vec<_> =
        case["nondiff"].as_array().expect("nondiff").iter().map(|n| n.as_str().unwrap()).collect();
    let tape = Tape::new();
    let inputs: Vec<(String, Tensor<'_>)> = case["inputs"]
        .as_object()
        .expect("inputs")
        .iter()
        .map(|(key, value)| {
            let leaf = if fixed.contains(&key.as_str()) {
                tape.constant(tensor(value))
            } else {
                tape.tensor(tensor(value))
            };
            (key.clone(), leaf)
        })
        .collect();
    let y = record(op, &case["params"], &inputs);
    let (shape, wanted) = tensor(&case["output"]);
    assert_eq!(y.shape(), shape, "{name}: the shape of the output");
    // The mean is a million standard deviations: as many digits are lost before anything is computed.
    let tolerance = if name == "layer_norm_offset" { 1e-8 } else { 1e-12 };
    assert_close(&format!("{name}: output"), y.value().iter(), &wanted, tolerance, 1e-3);
    let grads = y.backward_with(tensor(&case["upstream"]));
    let wanted = case["grads"].as_object().expect("grads");
    for (key, wanted) in wanted {
        let leaf = inputs.iter().find(|(name, _)| name == key).expect("an input").1;
        let (shape, wanted) = tensor(wanted);
        let got = grads.wrt(leaf);
        assert_eq!(got.shape(), shape, "{name}: the shape of the gradient in {key}");
        assert_close(&format!("{name}: gradient in {key}"), &got, &wanted, tolerance, 1e-3);
    }
    for (key, leaf) in &inputs {
        assert_eq!(
            wanted.contains_key(key),
            grads.get(*leaf).is_some() || leaf.value().is_empty(),
            "{name}: {key}"
        );
    }
    wanted.len()
}

#[test]
fn every_case_of_an_operation_that_is_there() {
    let (mut checked, mut gradients) = (0, 0);
    for case in cases() {
        let (name, op) = (case["name"].as_str().unwrap(), case["op"].as_str().unwrap());
        if !LATER.contains(&op) && !LATER_CASES.contains(&name) {
            gradients += check(&case);
            checked += 1;
        }
    }
    assert!(checked >= 85 && gradients >= checked, "{checked} cases with {gradients} gradients");
}

#[test]
fn the_lists_of_what_is_to_come_are_true() {
    let cases = cases();
    let ops: BTreeSet<&str> = cases.iter().map(|case| case["op"].as_str().unwrap()).collect();
    let names: BTreeSet<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
    for op in LATER {
        assert!(ops.contains(op), "the file has no case of {op}");
    }
    for name in LATER_CASES {
        assert!(names.contains(name), "the file has no case {name}");
    }
}

/// The cases to come are refused with an error, not answered wrongly.
#[test]
fn matrix_products_in_other_ranks_are_refused() {
    for case in cases().iter().filter(|case| LATER_CASES.contains(&case["name"].as_str().unwrap())) {
        let tape = Tape::<f64>::new();
        let [a, b] = ["a", "b"].map(|key| tape.tensor(tensor(&case["inputs"][key])));
        let error = a.try_matmul(b).expect_err("to come").to_string();
        assert!(error.contains("both operands must be matrices"), "{error}");
    }
}

/// Reductions over everything are scalars too, with the same numbers.
#[test]
fn full_reductions_are_scalars() {
    let mut checked = 0;
    for case in cases().iter().filter(|case| case["params"]["axes"].is_null()) {
        let tape = Tape::new();
        let shape = case["inputs"].get("x").map_or((vec![0], vec![]), tensor);
        let x = tape.tensor(shape);
        let y = match case["op"].as_str().unwrap() {
            "sum" => x.sum(),
            "mean" => x.mean(),
            "max" => x.amax_all(),
            "logsumexp" => x.logsumexp(),
            _ => continue,
        };
        let name = case["name"].as_str().unwrap();
        assert_close(name, &[y.value()], &tensor(&case["output"]).1, 1e-12, 1e-3);
        let upstream = tensor(&case["upstream"]).1[0];
        let got = y.backward().wrt(x).mapv(|g| g * upstream);
        assert_close(name, &got, &tensor(&case["grads"]["x"]).1, 1e-12, 1e-3);
        checked += 1;
    }
    assert_eq!(checked, 4);
}

/// What batch normalisation carries from batch to batch.
#[test]
fn running_statistics() {
    let mut checked = 0;
    for case in cases().iter().filter(|case| case["extra"].get("running_mean_after").is_some()) {
        let tape = Tape::new();
        let mut running = RunningStatistics {
            mean: tensor(&case["inputs"]["running_mean"]).1,
            variance: tensor(&case["inputs"]["running_var"]).1,
            momentum: case["params"]["momentum"].as_f64().expect("momentum"),
        };
        let x = tape.constant(tensor(&case["inputs"]["x"]));
        let _ = x.batch_norm(Some(&mut running), None, None, case["params"]["eps"].as_f64().expect("eps"));
        let name = case["name"].as_str().unwrap();
        assert_close(name, &running.mean, &tensor(&case["extra"]["running_mean_after"]).1, 1e-13, 1e-3);
        assert_close(name, &running.variance, &tensor(&case["extra"]["running_var_after"]).1, 1e-13, 1e-3);
        checked += 1;
    }
    assert_eq!(checked, 2);
}
