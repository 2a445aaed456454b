//! Trainings that meet a NaN or an infinity: what is said of it.

use ndarray::Array2;
use nn::data::Classes;
use nn::prelude::*;
use nn::train::{Flow, Observer, StepRecord, TrainError, TrainErrorKind};

use crate::trainer::Steps;

#[test]
fn a_loss_that_is_no_number_names_the_node_that_made_it() {
    let digits = Dataset::digits();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Tanh);
    let mut steps = Steps::default();
    // The logits pass 2 after some steps: the root of a negative number.
    let line = line!() + 2;
    let mut trainer = Trainer::<Classes>::new(&model, Sgd::new(1.0), |logits, labels| {
        logits.softmax_cross_entropy(labels) + (2.0 - logits).sqrt().mean() * 0.0
    });
    trainer = trainer.shards(2).threads(2).observe(&mut steps);
    let error = trainer.fit(&mut params, &digits).unwrap_err();
    drop(trainer);
    assert_eq!(error.kind(), TrainErrorKind::NotFinite);
    let text = error.to_string();
    let batch = steps.0.len() + 1;
    let begin = format!("epoch 1, batch {batch}: the loss is NaN: sqrt of [16, 10] made NaN at index [");
    assert!(text.starts_with(&begin), "{text}");
    let head = text.lines().next().unwrap();
    assert!(
        head.contains(", where the operand is -")
            && head.ends_with(&format!("(at {}:{line}), in the loss", file!())),
        "{text}"
    );
    // From the root back through the network to a parameter or the input, by name.
    let shown = error.fault().and_then(tape::Error::path).unwrap().steps();
    let operations: Vec<_> = shown.iter().map(|step| &*step.operation).collect();
    assert_eq!(operations[..3], ["sqrt", "sub", "affine"], "{text}");
    let end = shown.last().unwrap().name.as_deref().unwrap();
    assert!(["layers.0.weight", "layers.0.bias", "input"].contains(&end), "{text}");
    assert!(text.lines().last().unwrap().contains(&format!("\"{end}\"")), "{text}");

    // The parameters are those before that step.
    let mut again = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut again, &[64, 10], Activation::Tanh);
    let mut stop = StopAt(steps.0.len() as u64);
    let mut trainer = Trainer::classifier(&model, Sgd::new(1.0)).shards(2).observe(&mut stop);
    trainer.fit(&mut again, &digits).unwrap();
    let [a, b] = [&params, &again].map(|params| params.values(params.find("layers.0.weight").unwrap()));
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4));
}

struct StopAt(u64);

impl Observer for StopAt {
    fn name(&self) -> &str {
        "stop"
    }
    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        Ok(if record.step >= self.0 { Flow::Stop("enough".into()) } else { Flow::Continue })
    }
}

#[test]
fn data_parameters_and_gradients_that_are_no_numbers_are_named() {
    let mut features = Array2::<f32>::zeros((6, 2));
    features[[4, 1]] = f32::INFINITY;
    let bad = Dataset::new(features, vec![0, 1, 0, 1, 0, 1], ["a", "b"]).unwrap();
    let good = Dataset::new(Array2::ones((6, 2)), vec![0, 1, 0, 1, 0, 1], ["a", "b"]).unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Linear::new(&mut params, 2, 2);
    let text = |params: &mut Params<f32>, data: &Dataset| {
        let mut trainer = Trainer::classifier(model, Sgd::new(0.1)).batch(6).shuffle(false);
        trainer.fit(params, data).unwrap_err().to_string()
    };
    let found = text(&mut params, &bad);
    assert!(found.contains(": row 4 of the training data holds inf in column 1"), "{found}");

    let mut broken = params.clone();
    broken.values_mut(model.weight)[3] = f32::NAN;
    let found = text(&mut broken, &good);
    let wanted =
        format!("the loss is NaN: the parameter \"{}\" holds NaN at index [1, 1]", params.name(model.weight));
    assert!(found.ends_with(&wanted), "{found}");

    // An infinity, and the NaN that comes of it.
    let line = line!() + 2;
    let mut trainer = Trainer::<Classes>::new(model, Sgd::new(0.1), |y, labels| {
        let large = (y.square() + 1000.0).exp().named("large");
        y.softmax_cross_entropy(labels) + (large - large).sum()
    });
    let found = trainer.fit(&mut params.clone(), &good).unwrap_err().to_string();
    let place = format!(" (at {}:{line}), in the loss\n", file!());
    let wanted = [
        "the loss is NaN: exp \"large\" of [6, 2] made inf at index [0, 0] (12 of 12 numbers are not finite), where the \
         operand is ",
        &place,
        "\nthen sub of [6, 2] and [6, 2] made NaN at index [0, 0] (12 of 12 numbers are not finite), where the operands \
         are inf and inf",
    ];
    assert!(wanted.into_iter().all(|part| found.contains(part)), "{found}\n{wanted:?}");

    // √0 = 0 is finite; its derivative is not.
    let before = params.to_bytes();
    let mut trainer = Trainer::<Classes>::new(model, Sgd::new(0.1), |y, labels| {
        y.softmax_cross_entropy(labels) + (y - y).sqrt().sum()
    });
    let error = trainer.fit(&mut params, &good).unwrap_err();
    let found = error.to_string();
    assert_eq!(error.kind(), TrainErrorKind::NotFinite);
    assert!(
        found.contains("the gradient is") && found.contains(": sqrt of [6, 2] sent back a gradient of"),
        "{found}"
    );
    let path = error.fault().and_then(tape::Error::path).unwrap();
    let operations: Vec<_> = path.steps().iter().map(|step| &*step.operation).collect();
    assert_eq!(operations, ["add", "sum", "sqrt", "sub"], "{found}");
    assert_eq!(path.origin(), path.nodes()[2]);
    assert_eq!(params.to_bytes(), before);
}

/// The layer that makes the first number that is none is named, with its parameters.
#[test]
fn the_layer_of_a_fault_is_named() {
    let data = Dataset::new(Array2::ones((4, 2)), vec![0, 1, 0, 1], ["a", "b"]).unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 3, 2], Activation::Relu);
    let weight = params.find("layers.1.weight").unwrap();
    let bias = params.find("layers.0.bias").unwrap();
    params.values_mut(bias).fill(1e20);
    params.values_mut(weight).fill(1e20);
    let mut trainer = Trainer::classifier(&model, Sgd::new(0.1)).batch(4);
    let error = trainer.fit(&mut params, &data).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(
            "epoch 1, batch 1: the loss is NaN: affine of [4, 3], [3, 2] and [2] made inf at index [0, 0]"
        ),
        "{text}"
    );
    assert!(text.lines().next().unwrap().ends_with(", in Mlp › Linear layers.1"), "{text}");
    assert!(text.contains("└ ") && text.contains("\"layers."), "{text}");
}
