//! How the weights are spread.

use super::super::look::Look;
use super::super::markup::{Table, escape};
use super::super::plot::{Axis, Colour, MUTED, Mark, Plot, figure as number};
use super::super::record::Outcome;
use super::super::weights::Snapshot;
use super::{figure, left_out, some_of};

/// How many layers are shown, at most.
pub(super) const LAYERS: usize = 24;

pub(super) fn section(look: &Look<'_>) -> String {
    let Some((last, before)) = look.weights.split_last() else { return String::new() };
    let layers = &look.record.layers;
    if layers.is_empty() {
        return String::new();
    }
    let earlier = [MUTED, Colour::series(4)];
    let mut html = left_out(layers.len(), LAYERS, "layers");
    html.push_str("<ul class=\"legend\">");
    let swatch = |colour: Colour, class: &str, when: String| {
        let colour = colour.variable();
        format!("<li><i class=\"{class}\" style=\"background:{colour}\"></i>{when}</li>")
    };
    let ended = look.outcome != Outcome::Running;
    let when = |snapshot: &Snapshot, last: bool| {
        if last && ended { "at the end".to_owned() } else { format!("after epoch {}", snapshot.epoch) }
    };
    for (snapshot, colour) in before.iter().zip(earlier) {
        html.push_str(&swatch(colour, "line", when(snapshot, false)));
    }
    html.push_str(&swatch(Colour::series(0), "", when(last, true)));
    html.push_str("</ul>\n<div class=\"small\">\n");
    for layer in some_of(layers.len(), LAYERS) {
        let now = &last.layers[layer];
        let mut marks = vec![Mark::Bars { bars: now.densities(), colour: Colour::series(0) }];
        for (snapshot, colour) in before.iter().zip(earlier) {
            marks.push(Mark::Steps { bars: snapshot.layers[layer].densities(), colour });
        }
        let ends = look
            .weights
            .iter()
            .flat_map(|snapshot| [snapshot.layers[layer].low, snapshot.layers[layer].high]);
        let tops = look
            .weights
            .iter()
            .flat_map(|snapshot| snapshot.layers[layer].densities())
            .map(|(_, _, top)| top);
        let label = format!(
            "histogram of the weights of {}, after the first epoch, one in the middle and the last",
            layers[layer]
        );
        let (x, y) = (Axis::linear("", ends), Axis::from_zero("", tops));
        let title = format!(
            "{} <span>{} ± {}</span>",
            escape(&layers[layer]),
            number(now.mean),
            number(now.deviation)
        );
        let plot = Plot { size: Plot::SMALL, x, y, marks, label, backdrop: None };
        html.push_str(&figure(&title, &plot, &[], ""));
    }
    html.push_str("</div>\n");
    let mut table = Table::new(["layer", "when", "least", "greatest", "mean", "deviation", "not finite"]);
    for (layer, name) in layers.iter().enumerate() {
        for snapshot in &look.weights {
            let weights = &snapshot.layers[layer];
            let numbers = [weights.low, weights.high, weights.mean, weights.deviation].map(number);
            let ends = [weights.not_finite.to_string()];
            let first = [escape(name).into_owned(), when(snapshot, std::ptr::eq(snapshot, last))];
            table.rows.push(first.into_iter().chain(numbers).chain(ends).collect());
        }
    }
    html + "<p class=\"none\">Density over the weight. Biases are left out where a layer has weights beside them.</p>\n"
        + &table.folded("Table: weights")
}
