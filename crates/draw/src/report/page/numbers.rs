//! What a regressor predicts.

use super::super::look::Look;
use super::super::markup::{Table, counted, escape, grouped};
use super::super::numbers::{Fit, Regressed};
use super::super::plot::{Axis, Colour, INK, Mark, Plot, figure as number};
use super::super::rows::ReportData;
use super::classes::FEATURES;
use super::figure;

/// How many outputs have plots; the table has all.
const OUTPUTS: usize = 4;

pub(super) fn section(look: &Look<'_>, regressed: &Regressed) -> String {
    let of = if regressed.rows < regressed.of {
        format!("{} of {}, evenly spaced", grouped(regressed.rows as u64), counted(regressed.of, "row"))
    } else {
        counted(regressed.rows, "row")
    };
    let mut table = Table::new(["output", "mean absolute error", "root mean squared error", "R²"]);
    for output in &regressed.outputs {
        let scores = [output.scores.mae, output.scores.rmse, output.scores.r2].map(number);
        table.rows.push([escape(&output.name).into_owned()].into_iter().chain(scores).collect());
    }
    let mut html = format!("<p>Of {of}:</p>\n{}<div class=\"grid\">\n", table.html(""));
    for output in regressed.outputs.iter().take(OUTPUTS) {
        html.push_str(&against(output));
        html.push_str(&residuals(output));
    }
    html.push_str("</div>\n");
    html + &worst(look, regressed)
}

fn against(output: &Fit) -> String {
    let all = || output.points.iter().flat_map(|&(target, predicted)| [target, predicted]);
    let name = &output.name;
    let (x, y) =
        (Axis::linear(format!("{name}, true"), all()), Axis::linear(format!("{name}, predicted"), all()));
    let marks = vec![
        Mark::Diagonal { colour: INK },
        Mark::Dots { points: output.points.clone(), colour: Colour::series(0), radius: 3 },
    ];
    let label = format!("{name}: predicted over true");
    let plot = Plot { size: Plot::SIZE, x, y, marks, label, backdrop: None };
    let points = counted(output.points.len(), "row");
    figure(
        &format!(
            "{}: predicted against true <span>{points}; on the line, they are equal</span>",
            escape(name)
        ),
        &plot,
        &[],
        "",
    )
}

fn residuals(output: &Fit) -> String {
    let name = &output.name;
    let bars = output.residuals.bars();
    let ends = [output.residuals.low, output.residuals.high, 0.0];
    let (x, y) = (
        Axis::linear(format!("{name}, predicted less true"), ends),
        Axis::from_zero("rows", bars.iter().map(|&(_, _, rows)| rows)),
    );
    let marks = vec![Mark::Bars { bars, colour: Colour::series(0) }];
    let label = format!("{name}: histogram of residuals");
    let plot = Plot { size: Plot::SIZE, x, y, marks, label, backdrop: None };
    let said =
        format!("mean {}, deviation {}", number(output.residuals.mean), number(output.residuals.deviation));
    figure(&format!("{}: residuals <span>{said}</span>", escape(name)), &plot, &[], "")
}

fn worst(look: &Look<'_>, regressed: &Regressed) -> String {
    let Some(ReportData::Values(data)) = look.data else { return String::new() };
    let features = data.feature_names().iter().take(FEATURES).map(|name| escape(name).into_owned());
    let first = ["row", "output", "true", "predicted", "residual"].map(str::to_owned);
    let mut table = Table::new(first.into_iter().chain(features));
    for missed in &regressed.worst {
        let first = [
            missed.row.to_string(),
            escape(&regressed.outputs[missed.output].name).into_owned(),
            number(missed.target),
            number(missed.predicted),
            number(missed.predicted - missed.target),
        ];
        let rows = data.features();
        let numbers = rows
            .row(missed.row)
            .into_iter()
            .take(FEATURES)
            .map(|&x| number(f64::from(x)))
            .collect::<Vec<_>>();
        table.rows.push(first.into_iter().chain(numbers).collect());
    }
    format!("<h3>The largest residuals</h3>\n{}", table.html(""))
}
