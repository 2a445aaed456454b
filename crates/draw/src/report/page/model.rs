//! The layers, and the settings.

use nn::Summary;

use super::super::look::Look;
use super::super::markup::{Table, escape, grouped};
use super::super::rows::ReportData;

pub(super) fn section(look: &Look<'_>) -> String {
    let mut html = String::from("<div class=\"grid\">\n");
    if let Some(summary) = &look.summary {
        html.push_str("<figure><figcaption>Layers</figcaption>\n");
        html.push_str(&layers(summary).html(""));
        html.push_str("</figure>\n");
    }
    html.push_str("<figure><figcaption>Settings</figcaption>\n");
    html.push_str(&settings(look).html(""));
    html + "</figure>\n</div>\n"
}

fn layers(summary: &Summary) -> Table {
    let mut table = Table::new(["layer", "parameters of", "output", "parameters", "multiply-adds"]);
    for row in &summary.rows {
        let shape: Vec<String> =
            ["N".to_owned()].into_iter().chain(row.output.iter().skip(1).map(ToString::to_string)).collect();
        let shared = if row.shared { " shared" } else { "" };
        table.rows.push(vec![
            format!("<span style=\"padding-left:{}em\">{}</span>", row.depth, escape(&row.kind)),
            escape(&row.name).into_owned(),
            shape.join(" × "),
            format!("{}{shared}", grouped(row.parameters as u64)),
            grouped(row.multiply_adds),
        ]);
    }
    let total = grouped(summary.parameters() as u64);
    table.rows.push(vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        total,
        grouped(summary.multiply_adds),
    ]);
    for (numbers, name) in [(summary.frozen, "of them frozen"), (summary.buffers, "kept beside them")] {
        if numbers > 0 {
            table.rows.push(vec![
                name.to_owned(),
                String::new(),
                String::new(),
                grouped(numbers as u64),
                String::new(),
            ]);
        }
    }
    table
}

/// The settings of the trainer, with those of the user in their stead or behind them.
pub(super) fn all_settings(look: &Look<'_>) -> Vec<(String, String)> {
    let mut all = look.record.settings.clone();
    for (name, value) in look.settings {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1.clone_from(value),
            None => all.push((name.clone(), value.clone())),
        }
    }
    match look.data {
        Some(ReportData::Classes(data)) => {
            all.push(("rows of this report".to_owned(), data.len().to_string()));
            all.push(("classes".to_owned(), data.classes().to_string()));
        }
        Some(ReportData::Values(data)) => {
            all.push(("rows of this report".to_owned(), data.len().to_string()));
            all.push(("outputs".to_owned(), data.target_names().join(", ")));
        }
        None => {}
    }
    all.push(("chainrule".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    all
}

fn settings(look: &Look<'_>) -> Table {
    let mut table = Table::new(["setting", "value"]);
    for (name, value) in all_settings(look) {
        table.rows.push(vec![escape(&name).into_owned(), escape(&value).into_owned()]);
    }
    table
}
