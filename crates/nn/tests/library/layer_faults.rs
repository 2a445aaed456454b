//! What layers say of shapes, numbers and names that cannot be, and that nothing is left behind then.

use std::panic::{AssertUnwindSafe, catch_unwind};

use nn::prelude::*;
use tape::{Error, Tape};

/// The text of the panic of `work`.
fn panic_of(work: impl FnOnce()) -> String {
    let fault = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic is expected");
    fault
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| fault.downcast_ref::<&str>().map(|&text| text.into()))
        .unwrap()
}

/// The text of the panic of a layer on an input of this shape.
fn of_input<L: Layer<f64>>(shape: &[usize], build: impl FnOnce(&mut Params<f64>) -> L) -> String {
    let mut params = Params::seeded(42);
    let layer = build(&mut params);
    panic_of(|| {
        let tape = Tape::new();
        let x = tape.constant((shape, vec![0.5; shape.iter().product()]));
        let _ = layer.forward(&params.on(&tape).evaluation(), x);
    })
}

#[test]
fn inputs_that_do_not_fit_are_named_with_their_shapes() {
    let starts = |text: String, wanted: &str| assert!(text.starts_with(wanted), "{text}");
    starts(
        of_input(&[2, 5], |p| Linear::new(p, 4, 3)),
        "affine: [2, 5] × [4, 3] × [3]: rows of 5, and a weight for 4 inputs (at ",
    );
    starts(
        of_input(&[1, 3, 8, 8], |p| Conv2d::new(p, 1, 4, 3)),
        "conv2d: [1, 3, 8, 8] × [4, 1, 3, 3] × [4]: ",
    );
    starts(
        of_input(&[3, 8, 8], |p| Conv2d::new(p, 3, 4, 2).same()),
        "conv2d: [3, 8, 8] × [4, 3, 2, 2] × [4]: ",
    );
    starts(of_input(&[1, 3, 8], |p| Conv1d::new(p, 2, 4, 3)), "conv1d: [1, 3, 8] × [4, 2, 3] × [4]: ");
    starts(
        of_input(&[1, 3, 8, 8], |p| ConvTranspose2d::new(p, 2, 4, 3)),
        "conv_transpose2d: [1, 3, 8, 8] × [2, 4, 3, 3] × [4]: a weight for 2 channels, and an input of 3 (at ",
    );
    starts(of_input(&[1, 3, 2, 2], |_| MaxPool2d::new(3)), "max_pool2d: [1, 3, 2, 2]: ");
    starts(
        of_input(&[2, 3], |_| GlobalAvgPool),
        "global_avg_pool: [2, 3]: channels and their places are wanted, [N, C, …]",
    );
    starts(of_input(&[], |_| Flatten), "flatten: []: samples along the first axis are wanted");
    starts(of_input(&[], |_| Reshape::new(&[2])), "reshape: []: samples along the first axis are wanted");
    starts(
        of_input(&[5, 783], |_| Reshape::new(&[1, 28, 28])),
        "reshape: [5, 783]: samples of 783 numbers do not fit into [1, 28, 28], which has 784",
    );
    starts(
        of_input(&[2, 4], |p| BatchNorm::new(p, 3)),
        "batch_norm_evaluation: [2, 4] × [3] × [3] × [3] × [3]: ",
    );
    starts(of_input(&[2, 4], |p| LayerNorm::new(p, &[3])), "layer_norm: [2, 4] × [3] × [3]: ");
    starts(of_input(&[2, 4], |p| RmsNorm::new(p, &[3])), "rms_norm: [2, 4] × [3]: ");
    starts(of_input(&[2, 6], |p| GroupNorm::new(p, 2, 4)), "group_norm: [2, 6] × [4] × [4]: ");
    starts(of_input(&[2], |p| Embedding::new(p, 3, 2)), "embedding: [3, 2] × [2]: ");
    starts(
        of_input(&[2, 3], |p| Prelu::new(p, 2)),
        "prelu: [2, 3]: 2 weights, and not as many channels along axis 1",
    );
    starts(
        of_input(&[2, 3], |p| Lstm::new(p, 3, 2)),
        "lstm: [2, 3]: sequences [N, steps, in] of at least one step are wanted",
    );
    starts(
        of_input(&[2, 0, 3], |p| Gru::new(p, 3, 2)),
        "gru: [2, 0, 3]: sequences [N, steps, in] of at least one step are wanted",
    );
    starts(of_input(&[2, 4, 5], |p| Lstm::new(p, 3, 2)), "lstm_cell: [2, 5] × ");
    starts(
        of_input(&[2, 4, 5], |p| MultiHeadAttention::new(p, 4, 2)),
        "multi_head_attention: [2, 4, 5]: sequences [N, steps, 4] are wanted",
    );
    starts(
        of_input(&[2, 3], |p| Residual::new(Linear::new(p, 3, 4))),
        "residual: [2, 4] and, on the way around, [2, 3]: a projection has to make them alike",
    );
    starts(
        of_input(&[2, 63], |p| Cnn::new([1, 8, 8], 10).conv(4, 3).build(p)),
        "reshape: [2, 63]: samples of 63 numbers do not fit into [1, 8, 8], which has 64",
    );
}

#[test]
fn a_layer_that_cannot_be_leaves_no_parameter_behind() {
    let fails = |wanted: &str, build: &dyn Fn(&mut Params<f32>) -> Result<(), Error>| {
        let mut params = Params::seeded(42);
        let text = build(&mut params).expect_err("it cannot be").to_string();
        assert!(text.starts_with(wanted), "{text}");
        assert!(text.contains("layer_faults.rs:"), "{text}");
        assert!(params.is_empty(), "{params}");
    };
    let init = Init::Zeros;
    fails("conv2d: \"c\": channels and a kernel are wanted, found 0 → 3 channels and [3, 3]", &|p| {
        Conv2d::named(p, "c", [0, 3], 3, 1, init).map(drop)
    });
    fails("conv1d: \"c\": 3 input and 4 output channels cannot be shared evenly by 2 groups", &|p| {
        Conv1d::named(p, "c", [3, 4], 3, 2, init).map(drop)
    });
    fails(
        "conv_transpose2d: \"c\": channels and a kernel are wanted, found 1 → 3 channels and [3, 0]",
        &|p| ConvTranspose2d::named(p, "c", [1, 3], [3, 0], 1, init).map(drop),
    );
    fails("group_norm: \"n\": 5 channels cannot be shared evenly by 2 groups", &|p| {
        GroupNorm::named(p, "n", 2, 5).map(drop)
    });
    fails("lstm: \"r\": inputs, a state and layers are wanted, found 3 → 0 in 1 layers", &|p| {
        Lstm::named(p, "r", [3, 0], 1, false).map(drop)
    });
    fails("multi_head_attention: \"a\": 6 features cannot be shared evenly by 4 heads", &|p| {
        MultiHeadAttention::named(p, "a", 6, 4).map(drop)
    });
}

#[test]
fn a_name_that_is_taken_leaves_no_parameter_behind() {
    let fails = |taken: &str, build: &dyn Fn(&mut Params<f32>) -> Result<(), Error>| {
        let mut params = Params::seeded(42);
        params.add(taken, &[1], Init::Zeros);
        let text = build(&mut params).expect_err("the name is taken").to_string();
        assert!(
            text.starts_with(&format!("params: a parameter named \"{taken}\" is there already")),
            "{text}"
        );
        assert_eq!(params.len(), 1, "{params}");
    };
    let init = Init::HeUniform;
    fails("m.bias", &|p| Linear::named(p, "m", 2, 3, init).map(drop));
    fails("m.bias", &|p| Conv2d::named(p, "m", [2, 3], 3, 1, init).map(drop));
    fails("m.bias", &|p| ConvTranspose2d::named(p, "m", [2, 3], 3, 1, init).map(drop));
    fails("m.running_var", &|p| BatchNorm::named(p, "m", 3).map(drop));
    fails("m.bias", &|p| LayerNorm::named(p, "m", &[3]).map(drop));
    fails("m.bias", &|p| GroupNorm::named(p, "m", 1, 3).map(drop));
    fails("m.weight", &|p| RmsNorm::named(p, "m", &[3]).map(drop));
    fails("m.weight", &|p| Embedding::named(p, "m", 3, 2, init).map(drop));
    fails("m.weight", &|p| Prelu::named(p, "m", 2).map(drop));
    fails("m.bias_hh_l1_reverse", &|p| Lstm::named(p, "m", [2, 3], 2, true).map(drop));
    fails("m.out_proj.bias", &|p| MultiHeadAttention::named(p, "m", 4, 2).map(drop));
    fails("layers.4.bias", &|p| {
        Architecture::parse("cnn 1x4x4: conv 2x3 bn relu, linear 3")?.build(p).map(drop)
    });
}

#[test]
fn numbers_that_cannot_be() {
    let wanted = "dropout: a probability in [0, 1) is wanted, found 1";
    assert_eq!(panic_of(|| _ = Dropout::new(1.0)), wanted);
    let mut params = Params::<f32>::seeded(42);
    assert_eq!(panic_of(|| _ = Dropout::of_channels(1.0)), wanted);
    assert_eq!(panic_of(|| _ = Lstm::new(&mut params, 1, 1).dropout(1.0)), wanted);
    assert!(panic_of(|| _ = Dropout::new(f64::NAN)).ends_with("found NaN"));
    let table = Embedding::new(&mut params, 3, 2);
    let text = panic_of(|| _ = table.padding(&mut params, 3));
    assert_eq!(text, "embedding: the padding 3 is none of the 3 rows");
}

#[test]
fn a_layer_that_wants_to_know_says_what_to_do() {
    let mut params = Params::<f32>::seeded(42);
    let layers: [Box<dyn Layer<f32>>; 2] =
        [Box::new(Dropout::new(0.0)), Box::new(BatchNorm::new(&mut params, 2))];
    for (layer, name) in layers.iter().zip(["dropout", "batch_norm"]) {
        let text = panic_of(|| {
            let tape = Tape::new();
            let _ = layer.forward(&params.on(&tape), tape.constant(([2, 2], vec![1.0; 4])));
        });
        assert!(
            text.starts_with(&format!("{name}: it acts otherwise in training than in evaluation")),
            "{text}"
        );
        assert!(text.contains("params.on(&tape).evaluation()"), "{text}");
    }
}

#[test]
fn a_state_of_another_shape() {
    let mut params = Params::<f32>::seeded(42);
    let layer = Gru::new(&mut params, 1, 2);
    let text = panic_of(|| {
        let tape = Tape::new();
        let net = params.on(&tape);
        let h = tape.constant(([1, 3, 2], vec![0.0; 6]));
        let x = tape.constant(([2, 1, 1], vec![0.0; 2]));
        let _ = layer.forward_with(&net, x, Some(nn::layers::State { h, c: None }));
    });
    assert_eq!(text, "gru: [1, 3, 2]: a state of the shape [1, 2, 2] is wanted");
}
