//! What cannot be is refused at the beginning, and a look at a training disturbs neither the training nor its time.

use draw::Report;
use nn::prelude::*;
use nn::train::{EarlyStopping, TrainErrorKind, Watch};

use super::page::{Page, file};

#[test]
fn a_file_that_cannot_be_written_is_found_before_the_first_step() {
    let digits = Dataset::digits();
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let before = params.to_bytes();
    let mut trainer =
        Trainer::classifier(&model, Sgd::new(0.1)).observe(Report::new("/nowhere/at/all/report.html"));
    let error = trainer.fit(&mut params, &digits).unwrap_err();
    drop(trainer);
    assert_eq!(error.kind(), TrainErrorKind::Io);
    assert_eq!(error.to_string(), "/nowhere/at/all/report.html: there is no directory /nowhere/at/all");
    assert_eq!(params.to_bytes(), before);
}

#[test]
fn rows_of_another_width_are_refused() {
    let (digits, iris, path) = (Dataset::digits(), Dataset::iris(), file("width"));
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
    let report = Report::new(&path).model(&model).data(&iris);
    let error =
        Trainer::classifier(&model, Sgd::new(0.1)).observe(report).fit(&mut params, &digits).unwrap_err();
    assert_eq!(error.kind(), TrainErrorKind::Data);
    let text = "report: rows of 64 numbers are expected, as the training data have, found 4";
    assert_eq!(error.to_string(), text);
    assert!(!path.exists());
}

#[test]
fn a_report_changes_nothing_and_shows_the_parameters_that_are_left() {
    let (train, test) = Dataset::digits().split(0.2, 42);
    let (test, _) = test.split(0.2, 42);
    let path = file("best");
    let run = |report: Option<Report<'_>>, model: &Mlp, params: &mut Params<f32>| {
        let stopping = EarlyStopping::new(Watch::lowest("validation_loss")).patience(2).restore_best(true);
        let mut trainer = Trainer::classifier(model, Adam::new(0.05)).epochs(40).validate(&test);
        if let Some(report) = report {
            trainer = trainer.observe(report);
        }
        trainer.observe(stopping).fit(params, &train).unwrap()
    };
    let (mut with, mut without) = (Params::<f32>::seeded(42), Params::<f32>::seeded(42));
    let models = [&mut with, &mut without].map(|params| Mlp::new(params, &[64, 16, 10], Activation::Relu));
    let shown = run(Some(Report::new(&path).model(&models[0]).data(&test)), &models[0], &mut with);
    run(None, &models[1], &mut without);
    assert_eq!(with.to_bytes(), without.to_bytes());
    // Early stopping stands behind the report, and brings the best parameters back after it was told of the last epoch.
    let page = Page::read(&path);
    let validation = shown.validation.unwrap();
    assert_eq!(page.data["predictions"]["classes"]["accuracy"], validation.get("accuracy").unwrap());
    assert_eq!(page.data["validation"][0][1], validation.loss);
    assert_ne!(validation.loss, shown.epochs.last().unwrap().validation_loss.unwrap());
}

#[test]
fn a_long_training_of_a_deep_network_stays_small() {
    let path = file("long");
    let rows = Dataset::iris();
    let mut params = Params::<f32>::seeded(42);
    let widths: Vec<usize> = [4].into_iter().chain([3; 40]).chain([3]).collect();
    let model = Mlp::new(&mut params, &widths, Activation::Tanh);
    let report = Report::new(&path).model(&model).data(&rows);
    let mut trainer = Trainer::classifier(&model, Adam::new(1e-3)).epochs(700).batch(150).observe(report);
    trainer.fit(&mut params, &rows).unwrap();
    drop(trainer);
    let page = Page::read(&path);
    let epochs = page.data["epochs"].as_array().unwrap();
    assert!(epochs.len() <= 400 && epochs.last().unwrap()["epoch"] == 700, "{}", epochs.len());
    assert!(page.html.contains("of 700 epochs") && page.html.contains("Shown are 12 of 41 layers"));
    assert!(page.html.len() < 2_000_000, "{} bytes", page.html.len());
}
