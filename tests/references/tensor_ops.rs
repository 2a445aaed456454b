//! Every operation on tensors that is there, against `PyTorch`'s outputs and gradients.

use crate::common::{Settings, assert_close, fixture, number, tensor, whole, wholes};
use chainrule::prelude::*;
use serde_json::Value;

fn counts(value: &Value) -> Vec<usize> {
    wholes(value).into_iter().map(isize::cast_unsigned).collect()
}

/// The axes of a reduction: `null` stands for all.
fn axes(params: &Settings<'_>, rank: usize) -> Vec<isize> {
    if params["axes"].is_null() { (0..rank.cast_signed()).collect() } else { wholes(&params["axes"]) }
}

/// A number for each of two axes.
fn pair(value: &Value) -> [usize; 2] {
    wholes(value).iter().map(|&n| n as usize).collect::<Vec<_>>().try_into().expect("two axes")
}

fn windows(params: &Settings<'_>) -> Convolution<2> {
    Convolution::new()
        .stride(pair(&params["stride"]))
        .padding(pair(&params["padding"]))
        .dilation(pair(&params["dilation"]))
        .groups(whole(&params["groups"]) as usize)
}

fn pool(params: &Settings<'_>) -> Pool<2> {
    Pool::new(pair(&params["kernel"]))
        .stride(pair(&params["stride"]))
        .padding(pair(&params["padding"]))
        .ceil_mode(params["ceil_mode"].as_bool().expect("ceil_mode"))
}

fn bias<'t>(inputs: &[(String, Tensor<'t>)]) -> Option<Tensor<'t>> {
    inputs.iter().find(|(key, _)| key == "b").map(|(_, bias)| *bias)
}

/// Records the operation of a case; the inputs stand in the order of the file.
fn record<'t>(op: &str, params: &Settings<'_>, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).expect(name).1;
    let x = inputs[0].1;
    let reduced = || (axes(params, x.shape().len()), params["keepdim"].as_bool().expect("keepdim"));
    match op {
        "matmul" => get("a").matmul(get("b")),
        "matmul_t" => {
            let turned = |key: &str| params[key].as_bool().expect("a flag");
            let (a, b) = (get("a"), get("b"));
            match (turned("trans_a"), turned("trans_b")) {
                (true, true) => a.matmul_tt(b),
                (true, false) => a.matmul_tn(b),
                (false, true) => a.matmul_nt(b),
                (false, false) => a.matmul(b),
            }
        }
        "matmul_self" => x.matmul(x),
        "linear" => get("x").matmul_nt(get("w")) + get("b"),
        "outer" => get("a").outer(get("b")),
        "einsum" => {
            let operands: Vec<_> = inputs.iter().map(|(_, operand)| *operand).collect();
            Tensor::einsum(params["equation"].as_str().expect("equation"), &operands)
        }
        "add" => get("a") + get("b"),
        "sub" => get("a") - get("b"),
        "mul" => get("a") * get("b"),
        "div" => get("a") / get("b"),
        "maximum" => get("a").max(get("b")),
        "square_via_mul" => x * x,
        "sum" => x.sum_axes(&reduced().0, reduced().1),
        "mean" => x.mean_axes(&reduced().0, reduced().1),
        "max" => x.amax_axes(&reduced().0, reduced().1),
        "min" => x.amin_axes(&reduced().0, reduced().1),
        "max_dim_index" => x.max_axes(&reduced().0, reduced().1),
        "logsumexp" => x.logsumexp_axes(&reduced().0, reduced().1),
        "var_biased" => x.var_axes(&reduced().0, 0, reduced().1),
        "var_unbiased" => x.var_axes(&reduced().0, 1, reduced().1),
        "std_unbiased" => x.std_axes(&reduced().0, 1, reduced().1),
        "prod" => x.prod_axes(&reduced().0, reduced().1),
        "norm2" => x.norm_axes(&reduced().0, reduced().1),
        "cumsum" => x.cumsum(whole(&params["axis"])),
        "softmax" => x.softmax(whole(&params["axis"])),
        "log_softmax" => x.log_softmax(whole(&params["axis"])),
        "where" => Tensor::select(get("cond"), get("a"), get("b")),
        "graph" => {
            assert_eq!(params["expr"], "sum_1(exp(x)*sin(x) + exp(x)/(1+x*x))");
            let e = x.exp();
            (e * x.sin() + e / (1.0 + x * x)).sum_axes(&[1], false)
        }
        _ => rearranged(op, params, inputs),
    }
}

/// Records an operation that puts numbers elsewhere.
fn rearranged<'t>(op: &str, params: &Settings<'_>, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).expect(name).1;
    let x = inputs[0].1;
    let all = || inputs.iter().map(|(_, part)| *part).collect::<Vec<_>>();
    match op {
        "permute" => x.permute(&wholes(&params["dims"])),
        "transpose" => x.transpose(whole(&params["dim0"]), whole(&params["dim1"])),
        "reshape" => x.reshape(&wholes(&params["shape"])),
        "permute_reshape" => x.permute(&wholes(&params["dims"])).reshape(&wholes(&params["shape"])),
        "squeeze" => x.squeeze(whole(&params["dim"])),
        "unsqueeze" => x.unsqueeze(whole(&params["dim"])),
        "flip" => x.flip(&wholes(&params["dims"])),
        "repeat" => x.repeat(&counts(&params["reps"])),
        "broadcast_to" => x.broadcast_to(&counts(&params["shape"])),
        "slice" => {
            let ranges = params["ranges"].as_array().expect("ranges").iter().map(|range| {
                let [start, stop, step] = wholes(range).try_into().expect("start, stop, step");
                Span::from(start as usize..stop as usize).step(step)
            });
            x.slice(&ranges.collect::<Vec<_>>())
        }
        "select" => x.index_axis(whole(&params["dim"]), whole(&params["index"])),
        "concat" => Tensor::concat(&all(), whole(&params["axis"])),
        "stack" => Tensor::stack_along(&all(), whole(&params["axis"])),
        "concat_self" => Tensor::concat(&[x, x], whole(&params["axis"])),
        "split_weighted" => {
            let axis = whole(&params["axis"]);
            let parts = x.split(axis, &counts(&params["sizes"])).into_iter().zip(1..);
            let weighted: Vec<_> = parts.map(|(part, weight)| part * f64::from(weight)).collect();
            Tensor::concat(&weighted, axis)
        }
        "index_select" => {
            let indices: Vec<usize> = get("index").value().iter().map(|&index| index as usize).collect();
            get("x").index_select(whole(&params["axis"]), &indices)
        }
        "gather" => get("x").gather(whole(&params["axis"]), get("index")),
        "scatter_add" => get("x").scatter_add(whole(&params["axis"]), get("index"), get("src")),
        "embedding" => match params["padding_idx"].as_u64() {
            Some(padding) => get("weight").embedding_with_padding(get("index"), padding as usize),
            None => get("weight").embedding(get("index")),
        },
        "pad" => {
            let margins = params["pads"].as_array().expect("pads").iter().map(|pair| {
                let [before, after] = counts(pair).try_into().expect("before and after");
                (before, after)
            });
            assert_eq!(params["mode"], "constant");
            x.pad(&margins.collect::<Vec<_>>(), params["value"].as_f64().expect("value"))
        }
        "tril" => x.tril(whole(&params["k"])),
        "clamp" => match (params["min"].as_f64(), params["max"].as_f64()) {
            (Some(min), Some(max)) => x.clamp(min, max),
            (Some(min), None) => x.clamp_min(min),
            (None, max) => x.clamp_max(max.expect("a bound")),
        },
        _ => layer(op, params, inputs),
    }
}

/// Records an operation that layers of networks are made of.
fn layer<'t>(op: &str, params: &Settings<'_>, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
    let get = |name: &str| inputs.iter().find(|(key, _)| key == name).expect(name).1;
    let x = inputs[0].1;
    match op {
        "layer_norm" | "rms_norm" | "group_norm" | "batch_norm" => normalised(op, params, inputs),
        "scaled_dot_product_attention" => {
            assert_eq!(params["scale"], "1/sqrt(d)");
            let causal = params["causal"].as_bool().expect("causal");
            let options = AttentionOptions { causal, ..AttentionOptions::default() };
            get("q").scaled_dot_product_attention(get("k"), get("v"), options)
        }
        "lstm_cell" => {
            let [w_ih, w_hh, b_ih, b_hh] = ["w_ih", "w_hh", "b_ih", "b_hh"].map(get);
            let (h, c) = get("x").lstm_cell((get("h"), get("c")), w_ih, w_hh, Some(b_ih), Some(b_hh));
            Tensor::concat(&[h, c], 1)
        }
        "gru_cell" => {
            let [w_ih, w_hh, b_ih, b_hh] = ["w_ih", "w_hh", "b_ih", "b_hh"].map(get);
            get("x").gru_cell(get("h"), w_ih, w_hh, Some(b_ih), Some(b_hh))
        }
        "conv2d" => get("x").conv2d(get("w"), bias(inputs), windows(params)),
        "conv1d" => {
            let options = Convolution::new()
                .stride(whole(&params["stride"]) as usize)
                .padding(whole(&params["padding"]) as usize)
                .dilation(whole(&params["dilation"]) as usize)
                .groups(whole(&params["groups"]) as usize);
            get("x").conv1d(get("w"), bias(inputs), options)
        }
        "conv_transpose2d" => {
            let more = pair(&params["output_padding"]);
            get("x").conv_transpose2d(get("w"), bias(inputs), windows(params), more)
        }
        "max_pool2d" => x.max_pool2d(pool(params).dilation(pair(&params["dilation"]))),
        "avg_pool2d" => {
            let counts = params["count_include_pad"].as_bool().expect("count_include_pad");
            x.avg_pool2d(pool(params).count_include_pad(counts))
        }
        "adaptive_avg_pool2d" => x.adaptive_avg_pool2d(pair(&params["out"])),
        other => panic!("the operation {other} of the file is not tested"),
    }
}

/// Records a normalisation.
fn normalised<'t>(op: &str, params: &Settings<'_>, inputs: &[(String, Tensor<'t>)]) -> Tensor<'t> {
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

/// What a case says besides of output and gradients.
fn check_extra(case: &Value, params: &Settings<'_>, extra: &Settings<'_>, x: Tensor<'_>, y: Tensor<'_>) {
    if case["op"] == "max_dim_index" {
        // The index of each maximum is where its gradient goes.
        let grads = y.backward_with((y.shape(), vec![1.0; y.value().len()]));
        let rows = grads.wrt(x);
        let places =
            rows.rows().into_iter().map(|row| row.iter().position(|&g| g == 1.0).expect("one place"));
        let wanted = tensor(&extra["index"]).1;
        assert_eq!(places.map(|place| place as f64).collect::<Vec<_>>(), wanted, "the places of the maxima");
    }
    if case["op"] == "batch_norm" {
        let momentum = number(&params["momentum"]);
        if params["training"] != true {
            return;
        }
        // What is carried from batch to batch.
        let mut running = RunningStatistics {
            mean: tensor(&case["inputs"]["running_mean"]).1,
            variance: tensor(&case["inputs"]["running_var"]).1,
            momentum,
        };
        let _ = x.batch_norm(Some(&mut running), None, None, number(&params["eps"]));
        let (mean, variance) = (&extra["running_mean_after"], &extra["running_var_after"]);
        assert_close("running mean", &running.mean, &tensor(mean).1, 1e-13, 1e-3);
        assert_close("running variance", &running.variance, &tensor(variance).1, 1e-13, 1e-3);
    }
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
    let params = Settings::of(&case["params"]);
    let y = record(op, &params, &inputs);
    let extra = Settings::of(&case["extra"]);
    let x = inputs.iter().find(|(key, _)| key == "x").map(|(_, x)| *x);
    check_extra(case, &params, &extra, x.unwrap_or(y), y);
    params.finish(name);
    extra.finish(name);
    // The file allows 1e-6 where the mean is a million standard deviations away.
    let tolerance = if name == "layer_norm_offset" { 1e-8 } else { 1e-12 };
    let (shape, wanted) = tensor(&case["output"]);
    assert_eq!(y.shape(), shape, "{name}: the shape of the output");
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
fn every_case_of_the_file() {
    let cases = cases();
    let gradients: usize = cases.iter().map(check).sum();
    assert!(
        cases.len() == 180 && gradients > cases.len(),
        "{} cases with {gradients} gradients",
        cases.len()
    );
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
            "min" => x.amin_all(),
            "logsumexp" => x.logsumexp(),
            "var_biased" => x.var(0),
            "var_unbiased" => x.var(1),
            "std_unbiased" => x.std(1),
            "prod" => x.prod(),
            "norm2" => x.norm(),
            _ => continue,
        };
        let name = case["name"].as_str().unwrap();
        assert_close(name, &[y.value()], &tensor(&case["output"]).1, 1e-12, 1e-3);
        let upstream = tensor(&case["upstream"]).1[0];
        let got = y.backward().wrt(x).mapv(|g| g * upstream);
        assert_close(name, &got, &tensor(&case["grads"]["x"]).1, 1e-12, 1e-3);
        checked += 1;
    }
    assert_eq!(checked, 8);
}
