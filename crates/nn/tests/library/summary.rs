//! Summaries against networks whose sizes are known.

use nn::prelude::*;
use nn::{Summary, summary};
use tape::{Element, Tensor};

/// Kind, output, parameters and multiply-adds of each row.
fn rows(summary: &Summary) -> Vec<(&str, &[usize], usize, u64)> {
    summary
        .rows
        .iter()
        .map(|row| (&row.kind[..], &row.output[..], row.parameters, row.multiply_adds))
        .collect()
}

/// LeNet-5 with the numbers of parameters that Keras prints for it, and the multiply-adds of its kernels: outputs times
/// places of a kernel.
#[test]
fn lenet_5() {
    let text = "cnn 1x32x32: conv 6x5 valid tanh, avgpool 2, conv 16x5 valid tanh, avgpool 2, \
                linear 120 tanh, linear 84 tanh, linear 10";
    let mut params = Params::<f32>::seeded(42);
    let model = Architecture::parse(text).unwrap().build(&mut params).unwrap();
    let summary = summary(&params, &model, &[1, 32, 32]);
    assert_eq!(
        rows(&summary),
        [
            ("Network", &[1, 10][..], 0, 0),
            ("Conv2d", &[1, 6, 28, 28], 156, 6 * 28 * 28 * 25),
            ("tanh", &[1, 6, 28, 28], 0, 0),
            ("AvgPool2d", &[1, 6, 14, 14], 0, 0),
            ("Conv2d", &[1, 16, 10, 10], 2416, 16 * 100 * 6 * 25),
            ("tanh", &[1, 16, 10, 10], 0, 0),
            ("AvgPool2d", &[1, 16, 5, 5], 0, 0),
            ("Flatten", &[1, 400], 0, 0),
            ("Linear", &[1, 120], 48_120, 48_000),
            ("tanh", &[1, 120], 0, 0),
            ("Linear", &[1, 84], 10_164, 10_080),
            ("tanh", &[1, 84], 0, 0),
            ("Linear", &[1, 10], 850, 840),
        ]
    );
    assert_eq!((summary.learnt, summary.frozen, summary.buffers), (61_706, 0, 0));
    assert_eq!(summary.multiply_adds, 416_520);
    assert_eq!(summary.learnt, params.count());
    assert!(summary.to_string().ends_with("61,706 parameters are learnt; they take 241.0 KiB"), "{summary}");
    assert_eq!(summary.rows[8].name, "layers.7");
}

#[test]
fn a_residual_network() {
    let mut params = Params::<f32>::seeded(42);
    let model = Cnn::new([3, 8, 8], 10).conv(16, 3).residual(32, 2).global_pool().build(&mut params);
    let summary = summary(&params, &model, &[3 * 64]);
    assert_eq!(
        summary.to_string(),
        "\
layer                parameters of          output shape   parameters  multiply-adds
Network                                     [N, 10]
  Conv2d             layers.0               [N, 16, 8, 8]         432         27,648
  BatchNorm          layers.1               [N, 16, 8, 8]          32              0
  relu                                      [N, 16, 8, 8]           0              0
  Sequential                                [N, 32, 4, 4]
    Residual                                [N, 32, 4, 4]
      Sequential                            [N, 32, 4, 4]
        Conv2d       layers.3.conv1         [N, 32, 4, 4]       4,608         73,728
        BatchNorm    layers.3.bn1           [N, 32, 4, 4]          64              0
        relu                                [N, 32, 4, 4]           0              0
        Conv2d       layers.3.conv2         [N, 32, 4, 4]       9,216        147,456
        BatchNorm    layers.3.bn2           [N, 32, 4, 4]          64              0
      Sequential                            [N, 32, 4, 4]
        Conv2d       layers.3.downsample.0  [N, 32, 4, 4]         512          8,192
        BatchNorm    layers.3.downsample.1  [N, 32, 4, 4]          64              0
    relu                                    [N, 32, 4, 4]           0              0
  AdaptiveAvgPool2d                         [N, 32, 1, 1]           0              0
  Flatten                                   [N, 32]                 0              0
  Linear             layers.6               [N, 10]               330            320
total                                                          15,322        257,344
15,322 parameters are learnt, 224 numbers are kept beside them; they take 60.7 KiB"
    );
}

/// A layer of one's own that is made of others, and uses a parameter itself.
#[derive(Clone, Debug)]
struct Gate(Linear, ParamId);

impl<T: Element> Layer<T> for Gate {
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        net.run(&self.0, x).sigmoid() * x * net.param(self.1)
    }
}

#[test]
fn layers_of_ones_own_shared_and_frozen_parameters() {
    let mut params = Params::<f64>::seeded(42);
    let scale = params.insert("gate.scale", ([3], vec![1.0; 3]));
    let gate = Gate(Linear::new(&mut params, 3, 3), scale);
    params.freeze(scale);
    let model = Sequential::new().named("first", gate.clone()).then(gate);
    let summary = summary(&params, &model, &[3]);
    let shared: Vec<_> = summary.rows.iter().map(|row| (row.depth, row.parameters, row.shared)).collect();
    assert_eq!(shared, [(0, 0, false), (1, 3, false), (2, 12, false), (1, 3, true), (2, 12, true)]);
    assert_eq!((summary.learnt, summary.frozen, summary.parameters()), (12, 3, 15));
    assert_eq!((summary.multiply_adds, summary.rows[1].name.as_str()), (18, "gate"));
    let text = summary.to_string();
    assert!(text.contains("first: Gate") && text.contains("12 shared"), "{text}");
    assert!(text.ends_with("12 parameters are learnt, 3 are frozen; they take 120 bytes"), "{text}");
}

#[test]
fn sequences_put_together_with_samples() {
    let mut params = Params::<f32>::seeded(42);
    let model = Sequential::new()
        .then(Lstm::new(&mut params, 2, 4))
        .then(Lambda::new("steps", |x| x.reshape(&[-1, 4])))
        .then(Linear::new(&mut params, 4, 3));
    let summary = summary(&params, &model, &[5, 2]);
    assert_eq!(summary.rows[1].output[..], [1, 5, 4]);
    // As Keras counts but for the second bias: 4 · (4 · (2 + 4) + 2 · 4); and for each step 4 · 4 · (2 + 4).
    assert_eq!((summary.rows[1].parameters, summary.rows[1].multiply_adds), (128, 5 * 96));
    assert!(summary.to_string().contains("[5·N, 3]"), "{summary}");
}

#[test]
fn a_model_of_one_layer_and_one_of_none() {
    let mut params = Params::<f32>::seeded(42);
    let model = Linear::new(&mut params, 1200, 1000);
    let text = summary(&params, &model, &[1200]).to_string();
    assert!(text.contains("1,201,000") && text.ends_with("they take 4.6 MiB"), "{text}");
    let nothing = summary(&params, &Sequential::new(), &[2]);
    assert_eq!((nothing.rows.len(), nothing.learnt, nothing.multiply_adds), (1, 0, 0));
}
