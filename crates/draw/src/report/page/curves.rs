//! Loss, metrics and learning rate.

use super::super::look::Look;
use super::super::markup::{Table, escape};
use super::super::plot::{Axis, Colour, Mark, Plot, extent, figure as number};
use super::super::rows::ReportData;
use super::head::best;
use super::{figure, spoken, titled};

const TRAINING: usize = 0;
const VALIDATION: usize = 1;
/// Grey: what is behind the curves.
const STEPS: usize = 7;

pub(super) fn section(look: &Look<'_>) -> String {
    let mut html = String::from("<div class=\"grid\">\n");
    html.push_str(&losses(look));
    let metrics: Vec<&str> = look.record.metrics().collect();
    for name in &metrics {
        let of_training = name.strip_prefix("training_").filter(|name| metrics.contains(name));
        if of_training.is_none() {
            html.push_str(&metric(look, name));
        }
    }
    html.push_str(&learning_rate(look));
    html.push_str("</div>\n");
    html + &table(look)
}

/// From the first epoch to the last that is known; from 0 where steps before the end of the first are shown.
pub(super) fn epochs(look: &Look<'_>, from_zero: bool) -> Axis {
    let epochs = &look.record.epochs;
    let first = epochs.first().map_or(1.0, |epoch| epoch.epoch as f64);
    let last = epochs.last().map_or(0.0, |epoch| epoch.epoch as f64);
    if !from_zero {
        return Axis::whole("epoch", first, last.max(first));
    }
    let steps = look.record.steps.all().last().map_or(0, |point| point.step);
    let last = last.max(steps as f64 / look.record.steps_per_epoch.max(1) as f64);
    if last < 1.0 {
        Axis::exact("epoch", 0.0, last.max(1e-6))
    } else {
        Axis::whole("epoch", first - 1.0, last)
    }
}

/// A number of all steps, at their places among the epochs.
pub(super) fn steps(look: &Look<'_>, of: impl Fn(super::super::steps::Point) -> f64) -> Vec<(f64, f64)> {
    let each = look.record.steps_per_epoch.max(1) as f64;
    look.record.steps.all().map(|point| (point.step as f64 / each, of(point))).collect()
}

/// Some of many points, and the last.
pub(super) fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const MOST: usize = 400;
    let (every, last) = (points.len().div_ceil(MOST).max(1), points.len().saturating_sub(1));
    let chosen = points.into_iter().enumerate().filter(|(k, _)| k % every == 0 || *k == last);
    chosen.map(|(_, point)| point).collect()
}

fn losses(look: &Look<'_>) -> String {
    let unit = if matches!(look.data, Some(ReportData::Classes(_))) { "loss (nats)" } else { "loss" };
    let steps = steps(look, |point| point.loss);
    let (training, validation) = (look.record.curve("loss"), look.record.curve("validation_loss"));
    let validated = validation.iter().any(|(_, loss)| !loss.is_nan());
    let all = steps.iter().chain(&training).chain(&validation).map(|&(_, loss)| loss);
    let y = Axis::suited(unit, all);
    let mut marks = vec![Mark::Line { points: steps, colour: Colour::series(STEPS), width: 1 }];
    let line = |points, k| Mark::Line { points: thinned(points), colour: Colour::series(k), width: 2 };
    let last = |name: &str| {
        look.record
            .epochs
            .last()
            .and_then(|epoch| epoch.get(name))
            .map_or(String::new(), |loss| format!(" <b>{}</b>", number(loss)))
    };
    let mut legend = Vec::new();
    if !training.is_empty() {
        marks.push(line(training, TRAINING));
        legend.push((Colour::series(TRAINING), format!("training{}, mean of an epoch", last("loss"))));
    }
    if validated {
        marks.push(line(validation, VALIDATION));
        let best = best(look, "validation_loss");
        let best =
            best.map_or(String::new(), |(epoch, loss)| format!(", lowest {} in epoch {epoch}", number(loss)));
        legend.push((Colour::series(VALIDATION), format!("validation{}{best}", last("validation_loss"))));
    }
    let every = look.record.steps.every;
    let what = if every == 1 {
        "training, each step".to_owned()
    } else {
        format!("training, mean of {every} steps")
    };
    legend.push((Colour::series(STEPS), what));
    let scale = if y.is_log() { ", logarithmic" } else { "" };
    let title = format!("Loss{scale}");
    let label = format!("{unit} over epochs, training and validation{scale}");
    figure(
        &title,
        &Plot { size: Plot::SIZE, x: epochs(look, true), y, marks, label, backdrop: None },
        &legend,
        "",
    )
}

/// A metric of the validation data, and of the training data where it is known.
fn metric(look: &Look<'_>, name: &str) -> String {
    let of_training = format!("training_{name}");
    let mut curves = vec![(name, look.record.curve(name), VALIDATION)];
    if look.record.values.contains(&of_training) {
        curves.insert(0, (&of_training, look.record.curve(&of_training), TRAINING));
    } else if let Some(name) = name.strip_prefix("training_") {
        curves = vec![(&of_training, look.record.curve(&format!("training_{name}")), TRAINING)];
    }
    let title = titled(name);
    let title = escape(&title);
    let values = || curves.iter().flat_map(|(_, points, _)| points.iter().map(|&(_, value)| value));
    let (low, high) = extent(values()).unwrap_or((0.0, 1.0));
    let y = match (low, high) {
        // Shares end at 1.
        (0.0..=1.0, 0.0..=1.0) if high > low => {
            let room = 0.05 * (high - low);
            Axis::exact(spoken(name), (low - room).max(0.0), (high + room).min(1.0))
        }
        _ => Axis::suited(spoken(name), values().collect::<Vec<_>>()),
    };
    let mut legend = Vec::new();
    let mut marks = Vec::new();
    for (name, points, series) in curves {
        let last = points.last().map_or(f64::NAN, |&(_, value)| value);
        let which = if series == VALIDATION { "validation" } else { "training" };
        let best = best(look, name);
        let best =
            best.map_or(String::new(), |(epoch, value)| format!(", best {} in epoch {epoch}", number(value)));
        legend.push((Colour::series(series), format!("{which} <b>{}</b>{best}", number(last))));
        marks.push(Mark::Line { points: thinned(points), colour: Colour::series(series), width: 2 });
    }
    let label = format!("{} over epochs", spoken(name));
    figure(
        &title,
        &Plot { size: Plot::SIZE, x: epochs(look, false), y, marks, label, backdrop: None },
        &legend,
        "",
    )
}

fn learning_rate(look: &Look<'_>) -> String {
    let points = steps(look, |point| point.learning_rate);
    let Some((low, high)) = extent(points.iter().map(|&(_, rate)| rate)) else { return String::new() };
    if low == high {
        return format!("<p class=\"none\">The learning rate was {} throughout.</p>\n", number(low));
    }
    let y = Axis::suited("learning rate", points.iter().map(|&(_, rate)| rate));
    let marks = vec![Mark::Line { points, colour: Colour::series(2), width: 2 }];
    let label = "learning rate over epochs".to_owned();
    figure(
        "Learning rate",
        &Plot { size: Plot::SIZE, x: epochs(look, true), y, marks, label, backdrop: None },
        &[],
        "",
    )
}

fn table(look: &Look<'_>) -> String {
    let shown = look.record.shown();
    let names = look.record.values.iter().map(|name| escape(&spoken(name)).into_owned());
    let mut table = Table::new(
        ["epoch", "steps", "learning rate"]
            .map(str::to_owned)
            .into_iter()
            .chain(names)
            .chain(["seconds".to_owned()]),
    );
    for epoch in &shown {
        let first = [epoch.epoch.to_string(), epoch.step.to_string(), number(epoch.learning_rate)];
        let values = look.record.values.iter().map(|name| number(epoch.get(name).unwrap_or(f64::NAN)));
        let seconds = format!("<span class=\"seconds\">{:.2}</span>", epoch.seconds);
        table.rows.push(first.into_iter().chain(values).chain([seconds]).collect());
    }
    let (shown, all) = (shown.len(), look.record.epochs.len());
    let some = if shown < all { format!(": {shown} of {all} epochs") } else { String::new() };
    table.folded(&format!("Table: loss and metrics{some}"))
}
