//! Trainings that go wrong in a known way are said to.

use draw::Report;
use nn::prelude::*;

use super::page::{Page, file};

/// Trains on some of the digits and reads the report, whatever became of it.
fn page(
    name: &str,
    model: &Mlp,
    params: &mut Params<f32>,
    optim: impl Optimizer<f32>,
    epochs: usize,
) -> Page {
    let path = file(name);
    let (train, test) = Dataset::digits().split(0.25, 42);
    let (test, _) = test.split(0.2, 1);
    let report = Report::new(&path).model(model).data(&test);
    let mut trainer = Trainer::classifier(model, optim).epochs(epochs).validate(&test).observe(report);
    let result = trainer.fit(params, &train);
    drop(trainer);
    let page = Page::read(&path);
    match result {
        Ok(_) => assert_ne!(page.data["outcome"]["state"], "failed"),
        Err(error) => assert_eq!(page.data["outcome"]["why"], error.to_string()),
    }
    page
}

fn assert_found(page: &Page, wanted: &str) {
    let findings = page.findings();
    assert!(findings.iter().any(|finding| finding.contains(wanted)), "{wanted:?} is not in {findings:#?}");
}

fn assert_not_found(page: &Page, unwanted: &str) {
    let findings = page.findings();
    assert!(!findings.iter().any(|finding| finding.contains(unwanted)), "{unwanted:?} is in {findings:#?}");
}

#[test]
fn gradients_vanish_in_ten_layers_of_sigmoids() {
    let mut params = Params::<f32>::seeded(42);
    let widths = [64, 16, 16, 16, 16, 16, 16, 16, 16, 16, 10];
    let model = Mlp::new(&mut params, &widths, Activation::Sigmoid);
    let page = page("vanishing", &model, &mut params, Sgd::new(0.1), 3);
    let norms: Vec<f64> = page.data["epochs"][2]["gradient_norms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|norm| norm.as_f64().unwrap())
        .collect();
    let ratio = norms[0] / norms[9];
    assert!(ratio < 1e-3, "{ratio}");
    let findings = page.findings();
    let first = findings.iter().find(|finding| finding.contains("layers.0: its gradient is")).unwrap();
    assert!(first.starts_with("warning: ") && first.ends_with("of the last layer's: vanishing"), "{first}");
    let shown: f64 = first.split_whitespace().nth(5).unwrap().parse().unwrap();
    assert!((shown - ratio).abs() < 1e-3 * ratio, "{first} {ratio}");
    assert_not_found(&page, "layers.8: its gradient");
    assert_found(&page, "nothing was learnt");

    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &widths[..3], Activation::Relu);
    assert_not_found(&super::faults::page("healthy", &model, &mut params, Sgd::new(0.1), 3), "vanishing");
}

#[test]
fn a_rate_that_is_too_high_is_said_to_be() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let page = page("rate", &model, &mut params, Sgd::new(1e10), 5);
    assert_eq!(page.data["outcome"]["state"], "failed");
    assert_found(&page, "fault: the training failed: epoch 1, batch");
    // The steps until then are there, though no epoch has ended.
    assert!(page.data["epochs"].as_array().unwrap().is_empty());
    assert!(!page.data["steps"].as_array().unwrap().is_empty());
    assert!(page.html.contains("verdict bad\">Failed after 0 epochs of 5"));
}

#[test]
fn updates_that_are_too_large_or_too_small_are_named() {
    let build = || {
        let mut params = Params::<f32>::seeded(42);
        let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
        (params, model)
    };
    let (mut params, model) = build();
    let high = page("too-high", &model, &mut params, Lion::new(0.5), 1);
    let (mut params, model) = build();
    let low = page("too-low", &model, &mut params, Adam::new(1e-7), 3);
    for (page, text) in [(high, "may be too high"), (low, "may be too low")] {
        assert_found(&page, text);
        assert_found(&page, "layers.0: a step changes its weights by");
    }
}

#[test]
fn a_dead_layer_is_named() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 16, 12, 10], Activation::Relu);
    let bias = params.find("layers.0.bias").unwrap();
    params.values_mut(bias).fill(-100.0);
    let page = page("dead", &model, &mut params, Sgd::new(0.01), 3);
    assert_found(&page, "fault: layers.0: its gradient is 0: it learns nothing");
    assert_found(&page, "fault: relu after layers.0: all 16 units give 0 for every row: dead");
    assert_not_found(&page, "layers.2: its gradient is 0");
}

#[test]
fn numbers_that_are_none_are_named() {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 16, 10], Activation::Relu);
    let weight = params.find("layers.1.weight").unwrap();
    params.values_mut(weight)[5] = f32::NAN;
    let page = page("nan", &model, &mut params, Sgd::new(0.01), 3);
    assert_found(&page, "the parameter \"layers.1.weight\" holds NaN at index [0, 5]");
    assert_found(&page, "fault: layers.1: 1 of its weights are NaN or infinite");
    assert_found(&page, "rows the model gives NaN or infinity");
}

#[test]
fn a_network_that_learns_by_heart_overfits() {
    let path = file("overfit");
    let (few, test) = Dataset::digits().split(0.03, 42);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 64, 10], Activation::Relu);
    // Labels that mean nothing can only be learnt by heart.
    let labels = test.labels().iter().map(|label| (label * 7 + 3) % 10).collect();
    let wrong = Dataset::new(test.features().to_owned(), labels, (0..10).map(|k| k.to_string())).unwrap();
    let report = Report::new(&path).model(&model).data(&wrong);
    let mut trainer =
        Trainer::classifier(&model, Adam::new(5e-3)).epochs(12).validate(&wrong).observe(report);
    trainer.fit(&mut params, &few).unwrap();
    drop(trainer);
    assert_found(&Page::read(&path), "while the training loss fell: overfitting");
}
