//! Regressors.

use draw::Report;
use ndarray::{Array1, Array2};
use nn::data::Values;
use nn::metrics::Residuals;
use nn::prelude::*;

use super::page::{Page, file};

/// Rows of so many numbers, and what is to be predicted: a sum of waves.
fn waves(width: usize, outputs: usize) -> Dataset<Values> {
    let mut generator = nn::Generator::seeded(3);
    let x = Array2::from_shape_fn((200, width), |_| generator.uniform() as f32);
    let wave = |row: usize, k: usize| -> f32 { x.row(row).iter().map(|x| (3.0 * x + k as f32).sin()).sum() };
    let y = Array2::from_shape_fn((200, outputs), |(row, k)| wave(row, k));
    let names = (0..outputs).map(|k| format!("wave <{k}>"));
    Dataset::with_targets(x, Values::new(y).unwrap().with_names(names).unwrap()).unwrap()
}

fn trained(name: &str, data: &Dataset<Values>) -> (Page, Vec<nn::metrics::RegressionScores>) {
    let path = file(name);
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[data.width(), 16, data.outputs()], Activation::Tanh);
    let report = Report::new(&path).model(&model).data(data);
    let mut trainer = Trainer::regressor(&model, Adam::new(0.02)).epochs(25).validate(data).observe(report);
    trainer.fit(&mut params, data).unwrap();
    drop(trainer);
    let tape = tape::Tape::new();
    let net = params.on(&tape).evaluation();
    let y = model.forward(&net, tape.constant(data.features()));
    let mut residuals = Residuals::new();
    residuals.add(y.value().view(), data.targets().into_dyn());
    (Page::read(&path), residuals.output_scores())
}

#[test]
fn numbers_are_those_of_the_metrics() {
    let data = waves(5, 2);
    let (page, scores) = trained("numbers", &data);
    for (k, scores) in scores.iter().enumerate() {
        let shown = &page.data["predictions"]["values"][k];
        assert_eq!(shown["name"], format!("wave <{k}>"));
        assert_eq!(shown["rmse"], scores.rmse);
        assert_eq!(shown["mae"], scores.mae);
        assert_eq!(shown["r2"], scores.r2);
        assert!(page.html.contains(&format!("wave &lt;{k}&gt;: predicted against true")));
    }
    let largest = page.table("The largest residuals");
    assert_eq!(largest.len(), 12);
    let sizes: Vec<f64> = largest.iter().map(|row| row[4].parse::<f64>().unwrap().abs()).collect();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]), "{sizes:?}");
    assert!(!page.html.contains("confusion matrix") && !page.html.contains("Over the inputs"));
}

#[test]
fn one_number_has_a_curve_and_two_have_a_plane() {
    let (page, _) = trained("curve", &waves(1, 1));
    let (_, surface) = page.html.split_once("Over the inputs</h2>").unwrap();
    let (curve, _) = surface.split_once("</svg>").unwrap();
    assert_eq!(curve.matches("<circle").count(), 200);
    let (page, _) = trained("surface", &waves(2, 1));
    let (_, surface) = page.html.split_once("Over the inputs</h2>").unwrap();
    let (plane, _) = surface.split_once("</svg>").unwrap();
    assert!(plane.contains("<image href=\"data:image/png;base64,"));
    assert_eq!(plane.matches("<circle").count(), 200);
}

#[test]
fn what_is_no_better_than_the_mean_is_said_to_be_so() {
    let path = file("mean");
    let x = Array2::from_shape_fn((40, 3), |(row, k)| ((row * 7 + k * 3) % 11) as f32);
    let data = Dataset::regression(x, Array1::from_shape_fn(40, |row| 100.0 + (row % 2) as f32)).unwrap();
    let mut params = Params::<f32>::seeded(42);
    let model = Linear::new(&mut params, 3, 1);
    let mut trainer = Trainer::regressor(model, Sgd::new(1e-6)).epochs(3);
    trainer = trainer.observe(Report::new(&path).model(model).data(&data));
    trainer.fit(&mut params, &data).unwrap();
    drop(trainer);
    let findings = Page::read(&path).findings();
    assert!(
        findings.iter().any(|it| it.ends_with("no better than always predicting the mean")),
        "{findings:?}"
    );
    assert!(findings.iter().any(|it| it.contains("has hardly fallen")), "{findings:?}");
}
