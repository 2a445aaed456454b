//! What the layers give.

use super::super::activations::Activity;
use super::super::look::Look;
use super::super::markup::{Table, counted, escape};
use super::super::plot::{Axis, Colour, Mark, Plot, figure as number};
use super::weights::LAYERS;
use super::{figure, left_out, percent, some_of};

pub(super) fn section(look: &Look<'_>) -> String {
    let activities = &look.activities;
    if activities.is_empty() {
        return String::new();
    }
    let rows = counted(look.activity_rows, "row");
    let mut html = format!(
        "<p class=\"none\">What each layer gives for {rows} of the data, in evaluation mode: how many numbers lie where.</p>\n"
    );
    html.push_str(&left_out(activities.len(), LAYERS, "layers"));
    html.push_str("<div class=\"small\">\n");
    for k in some_of(activities.len(), LAYERS) {
        let activity = &activities[k];
        let histogram = &activity.histogram;
        let bars = histogram.bars();
        let (x, y) = (
            Axis::linear("", [histogram.low, histogram.high]),
            Axis::from_zero("", bars.iter().map(|&(_, _, count)| count)),
        );
        let label = format!("histogram of what {} gives", activity.name);
        let marks = vec![Mark::Bars { bars, colour: Colour::series(2) }];
        let plot = Plot { size: Plot::SMALL, x, y, marks, label, backdrop: None };
        let title = format!("{} <span>{}</span>", escape(&activity.name), said(activity));
        html.push_str(&figure(&title, &plot, &[], ""));
    }
    html.push_str("</div>\n");
    html + &table(activities).folded("Table: activations (of a rectifier, without zeros)")
}

/// What matters most of a layer.
fn said(activity: &Activity) -> String {
    let histogram = &activity.histogram;
    match (activity.dead, activity.saturated) {
        (Some((dead, units)), _) => {
            let zeros = format!("{} are 0 (not drawn)", percent(activity.zeros));
            if dead == 0 { zeros } else { format!("{zeros}; {dead} of {units} units dead") }
        }
        (_, Some(share)) => format!("{} saturated", percent(share)),
        _ => format!("{} ± {}", number(histogram.mean), number(histogram.deviation)),
    }
}

fn table(activities: &[Activity]) -> Table {
    let mut table = Table::new([
        "layer",
        "operation",
        "shape",
        "least",
        "greatest",
        "mean",
        "deviation",
        "zeros",
        "dead units",
        "saturated",
    ]);
    for activity in activities {
        let histogram = &activity.histogram;
        let shape: Vec<String> = activity.shape.iter().map(ToString::to_string).collect();
        let first = [
            escape(&activity.name).into_owned(),
            escape(&activity.operation).into_owned(),
            shape.join(" × "),
        ];
        let numbers = [histogram.low, histogram.high, histogram.mean, histogram.deviation].map(number);
        let dead = activity.dead.map_or(String::new(), |(dead, units)| format!("{dead} of {units}"));
        let saturated = activity.saturated.map_or(String::new(), percent);
        table.rows.push(
            first.into_iter().chain(numbers).chain([percent(activity.zeros), dead, saturated]).collect(),
        );
    }
    table
}
