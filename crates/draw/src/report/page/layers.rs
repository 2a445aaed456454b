//! Gradients and updates of the layers over time.

use nn::train::LayerRecord;

use super::super::look::Look;
use super::super::markup::{Table, escape};
use super::super::plot::{Axis, Colour, INK, Mark, Plot, figure as number};
use super::curves::{epochs, steps, thinned};
use super::{figure, left_out, some_of};

/// How many lines a plot has, at most.
const LINES: usize = 12;

pub(super) fn section(look: &Look<'_>) -> String {
    let record = look.record;
    let mut html = left_out(record.layers.len(), LINES, "layers");
    html.push_str("<div class=\"grid\">\n");
    if !record.epochs.is_empty() {
        html.push_str(&by_layer(
            look,
            ("Norm of the gradient by layer", "gradient norm, logarithmic", "gradient norm"),
            |layer| layer.gradient_norm,
            None,
        ));
        html.push_str(&by_layer(
            look,
            ("Size of the updates by layer", "‖update‖ / ‖weights‖, logarithmic", "update ratio"),
            |layer| layer.update_ratio,
            Some(1e-3),
        ));
    }
    html.push_str(&of_steps(look));
    html + "</div>\n" + &table(look)
}

fn by_layer(
    look: &Look<'_>,
    (title, unit, short): (&str, &str, &str),
    of: impl Fn(&LayerRecord) -> f64,
    level: Option<f64>,
) -> String {
    let record = look.record;
    let curve = |layer: usize| -> Vec<(f64, f64)> {
        let value = |epoch: &nn::train::EpochRecord| epoch.layers.get(layer).map_or(f64::NAN, &of);
        record.epochs.iter().map(|epoch| (epoch.epoch as f64, value(epoch))).collect()
    };
    let all: Vec<f64> = (0..record.layers.len())
        .flat_map(|layer| curve(layer).into_iter().map(|(_, value)| value))
        .chain(level)
        .collect();
    let y = Axis::log(unit, all);
    let mut marks: Vec<Mark> = level.map(|at| Mark::Level { at, colour: INK }).into_iter().collect();
    let mut legend = Vec::new();
    let shown = some_of(record.layers.len(), LINES);
    for (k, &layer) in shown.iter().enumerate() {
        let colour = Colour::ramp(k, shown.len());
        let points = curve(layer);
        let last = points.last().map_or(f64::NAN, |&(_, value)| value);
        legend.push((colour, format!("{} <b>{}</b>", escape(&record.layers[layer]), number(last))));
        marks.push(Mark::Line { points: thinned(points), colour, width: 2 });
    }
    if level.is_some() {
        legend.push((INK, "usual: 0.001".to_owned()));
    }
    let label = format!("{short} of each layer over epochs, logarithmic");
    figure(
        title,
        &Plot { size: Plot::SIZE, x: epochs(look, false), y, marks, label, backdrop: None },
        &legend,
        "",
    )
}

fn of_steps(look: &Look<'_>) -> String {
    let (mean, most) = (steps(look, |point| point.gradient_norm), steps(look, |point| point.greatest));
    if mean.is_empty() {
        return String::new();
    }
    let y = Axis::log("gradient norm, logarithmic", mean.iter().chain(&most).map(|&(_, norm)| norm));
    let every = look.record.steps.every;
    let (mut marks, mut legend) = (Vec::new(), Vec::new());
    if every > 1 {
        marks.push(Mark::Line { points: most, colour: Colour::series(1), width: 1 });
        legend.push((Colour::series(1), format!("greatest of {every} steps")));
    }
    marks.push(Mark::Line { points: mean, colour: Colour::series(0), width: 2 });
    let what = if every > 1 { format!("mean of {every} steps") } else { "each step".to_owned() };
    legend.push((Colour::series(0), what));
    let label = "norm of all gradients together over epochs, logarithmic".to_owned();
    let plot = Plot { size: Plot::SIZE, x: epochs(look, true), y, marks, label, backdrop: None };
    figure("Norm of all gradients together, before clipping", &plot, &legend, "")
}

/// A row for each epoch, two columns for each layer.
fn table(look: &Look<'_>) -> String {
    let names = look.record.layers.iter().map(|name| escape(name));
    let columns = names.flat_map(|name| [format!("{name} gradient norm"), format!("{name} update ratio")]);
    let mut table = Table::new(["epoch".to_owned()].into_iter().chain(columns));
    for epoch in look.record.shown() {
        let layers = epoch.layers.iter().flat_map(|layer| [layer.gradient_norm, layer.update_ratio]);
        table.rows.push([epoch.epoch.to_string()].into_iter().chain(layers.map(number)).collect());
    }
    table.folded("Table: gradient norms and update ratios")
}
