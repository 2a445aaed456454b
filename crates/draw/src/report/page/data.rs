//! All numbers of a page as JSON, for programs.

use serde::Serialize;

use super::super::findings::Finding;
use super::super::look::{Look, Predictions};
use super::super::record::Outcome;
use super::super::steps::Point;
use super::model::all_settings;

#[derive(Serialize)]
struct Data<'d> {
    title: &'d str,
    outcome: &'d Outcome,
    findings: &'d [Finding],
    settings: Vec<(String, String)>,
    parameters: usize,
    epochs: Vec<Row<'d>>,
    steps: Vec<Point>,
    layers: &'d [String],
    validation: Option<Vec<(&'d str, f64)>>,
    predictions: Option<Shown<'d>>,
}

#[derive(Serialize)]
struct Row<'d> {
    epoch: usize,
    step: u64,
    learning_rate: f64,
    values: Vec<(&'d str, f64)>,
    gradient_norms: Vec<f64>,
    update_ratios: Vec<f64>,
    seconds: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Shown<'d> {
    Classes {
        names: &'d [String],
        confusion: Vec<Vec<u64>>,
        accuracy: f64,
        loss: f64,
        mistakes: Vec<Mistake>,
    },
    Values(Vec<Output<'d>>),
}

#[derive(Serialize)]
struct Mistake {
    row: usize,
    label: usize,
    predicted: Option<usize>,
    probability: f64,
    loss: f64,
}

#[derive(Serialize)]
struct Output<'d> {
    name: &'d str,
    mae: f64,
    rmse: f64,
    r2: f64,
}

/// What is no number is `null`.
pub(super) fn json(look: &Look<'_>, findings: &[Finding]) -> String {
    let epochs = look.record.shown().into_iter().map(|epoch| Row {
        epoch: epoch.epoch,
        step: epoch.step,
        learning_rate: epoch.learning_rate,
        values: look
            .record
            .values
            .iter()
            .map(|name| (&**name, epoch.get(name).unwrap_or(f64::NAN)))
            .collect(),
        gradient_norms: epoch.layers.iter().map(|layer| layer.gradient_norm).collect(),
        update_ratios: epoch.layers.iter().map(|layer| layer.update_ratio).collect(),
        seconds: epoch.seconds,
    });
    let validation = look.validation.as_ref().map(|validation| {
        let metrics = validation.metrics.iter().map(|(name, value)| (&**name, *value));
        [("loss", validation.loss)].into_iter().chain(metrics).collect()
    });
    let data = Data {
        title: look.title,
        outcome: &look.outcome,
        findings,
        settings: all_settings(look),
        parameters: look.parameters,
        epochs: epochs.collect(),
        steps: look.record.steps.all().collect(),
        layers: &look.record.layers,
        validation,
        predictions: predictions(&look.predictions),
    };
    let text = serde_json::to_string(&data).expect("numbers and texts can be written");
    // Nothing in it may end the element that it stands in.
    text.replace('<', "\\u003c")
}

fn predictions(predictions: &Predictions) -> Option<Shown<'_>> {
    match predictions {
        Predictions::None(_) => None,
        Predictions::Classes(classified) => Some(Shown::Classes {
            names: classified.matrix.class_names(),
            confusion: classified.matrix.counts().rows().into_iter().map(|row| row.to_vec()).collect(),
            accuracy: classified.matrix.accuracy(),
            loss: classified.loss,
            mistakes: classified
                .worst
                .iter()
                .filter(|judged| judged.is_wrong())
                .map(|judged| Mistake {
                    row: judged.row,
                    label: judged.label,
                    predicted: judged.predicted,
                    probability: judged.of_predicted,
                    loss: judged.loss,
                })
                .collect(),
        }),
        Predictions::Values(regressed) => Some(Shown::Values(
            regressed
                .outputs
                .iter()
                .map(|output| Output {
                    name: &output.name,
                    mae: output.scores.mae,
                    rmse: output.scores.rmse,
                    r2: output.scores.r2,
                })
                .collect(),
        )),
    }
}
