//! Which classes are taken for which, and the worst mistakes.

use std::fmt::Write;

use nn::Dataset;
use nn::metrics::Average;

use super::super::classes::{Classified, Judged};
use super::super::look::Look;
use super::super::markup::{Table, counted, escape, grouped};
use super::super::plot::{Colour, figure as number};
use super::super::rows::ReportData;
use super::percent;
use crate::image::{Pixels, data_uri};

/// Up to how many classes every count is written; of more there is a picture, and a list of the largest.
const WRITTEN: usize = 26;

pub(super) fn section(look: &Look<'_>, classified: &Classified) -> String {
    let Some(ReportData::Classes(data)) = look.data else { return String::new() };
    let of = if classified.rows < classified.of {
        format!("{} of {}, evenly spaced", grouped(classified.rows as u64), counted(classified.of, "row"))
    } else {
        counted(classified.rows, "row")
    };
    let mut html = format!(
        "<p>Of {of}, <b>{}</b> were taken for another class: accuracy <b>{}</b>, mean cross-entropy <b>{}</b> nats.</p>\n<div class=\"grid\">\n",
        grouped(classified.wrong as u64),
        number(classified.matrix.accuracy()),
        number(classified.loss),
    );
    html.push_str(&confusion(classified));
    html.push_str(&scores(classified));
    html.push_str("</div>\n");
    html + &worst(classified, data)
}

fn confusion(classified: &Classified) -> String {
    let matrix = &classified.matrix;
    let names = matrix.class_names();
    let mut html = String::from(
        "<figure><figcaption>Which class (row) was taken for which (column): the confusion matrix</figcaption>\n",
    );
    if names.len() <= WRITTEN {
        html.push_str(&counts(classified));
    } else {
        html.push_str(&picture(classified));
    }
    let pairs = classified.confused();
    if !pairs.is_empty() {
        let listed: Vec<String> = pairs
            .iter()
            .take(5)
            .map(|&(count, label, predicted)| {
                format!("“{}” for “{}” ({count})", escape(&names[label]), escape(&names[predicted]))
            })
            .collect();
        let _ = writeln!(html, "<p class=\"none\">Taken most often: {}.</p>", listed.join(", "));
    }
    html + "</figure>\n"
}

/// A table whose cells are the darker, the more of the row's class are in them.
fn counts(classified: &Classified) -> String {
    let matrix = &classified.matrix;
    let names = matrix.class_names();
    let some = matrix.undecided().iter().any(|&rows| rows > 0);
    let mut html = String::from(
        "<div class=\"scroll\"><table class=\"confusion\"><thead><tr><td>true \\ predicted</td>",
    );
    for name in names {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(name));
    }
    if some {
        html.push_str("<th scope=\"col\">NaN</th>");
    }
    html.push_str("</tr></thead>\n<tbody>");
    for ((label, row), &undecided) in matrix.counts().rows().into_iter().enumerate().zip(matrix.undecided()) {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&names[label]));
        let total = (row.sum() + undecided).max(1) as f64;
        for (predicted, &count) in row.iter().enumerate() {
            let share = count as f64 / total;
            let class = match (label == predicted, share > 0.5) {
                (true, true) => "right dark",
                (true, false) => "right",
                (false, true) => "wrong dark",
                (false, false) => "wrong",
            };
            // A single row among hundreds is to be seen, too.
            let strength = if count == 0 { 0.0 } else { 12.0 + 88.0 * share };
            let _ = write!(
                html,
                "<td class=\"{class}\" style=\"--s:{strength:.0}%\">{}</td>",
                if count == 0 { String::from("·") } else { count.to_string() }
            );
        }
        if some {
            let _ = write!(html, "<td>{undecided}</td>");
        }
        html.push_str("</tr>\n");
    }
    html + "</tbody></table></div>\n"
}

/// A pixel for each pair of classes.
fn picture(classified: &Classified) -> String {
    let counts = classified.matrix.counts();
    let classes = classified.matrix.classes();
    let pixels: Vec<u8> = counts
        .indexed_iter()
        .flat_map(|((label, predicted), &count)| {
            let total = counts.row(label).sum().max(1) as f64;
            let [red, green, blue] = Colour::series(usize::from(label != predicted)).rgb();
            let strength = if count == 0 { 0.0 } else { 0.15 + 0.85 * count as f64 / total };
            [red, green, blue, (255.0 * strength) as u8]
        })
        .collect();
    let uri = data_uri(&pixels, (classes, classes), 4);
    format!("<img class=\"pixels map\" src=\"{uri}\" alt=\"confusion matrix of {classes} classes\"/>\n")
}

fn scores(classified: &Classified) -> String {
    let matrix = &classified.matrix;
    let mut table = Table::new(["class", "precision", "recall", "F1", "rows"]);
    let line = |name: String, scores: nn::metrics::ClassScores| {
        let bar = |share: f64| {
            format!("<span class=\"bar\" style=\"--s:{:.0}%\">{}</span>", 100.0 * share, number(share))
        };
        vec![name, bar(scores.precision), bar(scores.recall), bar(scores.f1), scores.support.to_string()]
    };
    for (name, scores) in matrix.class_names().iter().zip(matrix.class_scores()) {
        table.rows.push(line(escape(name).into_owned(), scores));
    }
    table.rows.push(line("mean of the classes".to_owned(), matrix.average(Average::Macro)));
    let html = table.html("");
    let body = if matrix.classes() <= WRITTEN {
        html
    } else {
        format!("<details><summary>Table: all classes</summary>{html}</details>")
    };
    format!("<figure><figcaption>Precision and recall of each class</figcaption>\n{body}</figure>\n")
}

fn worst(classified: &Classified, data: &Dataset) -> String {
    let mistakes: Vec<&Judged> = classified.worst.iter().filter(|judged| judged.is_wrong()).collect();
    let (title, shown) = if mistakes.is_empty() {
        (
            "No mistakes. The rows that the model was least sure of".to_owned(),
            classified.worst.iter().take(8).collect(),
        )
    } else if mistakes.len() < classified.wrong {
        (format!("The {} worst of {} mistakes", mistakes.len(), grouped(classified.wrong as u64)), mistakes)
    } else {
        (format!("All {}, the worst first", counted(mistakes.len(), "mistake")), mistakes)
    };
    if shown.is_empty() {
        return String::new();
    }
    let features = data.features();
    let samples = shown.iter().flat_map(|judged| features.row(judged.row));
    let body = match Pixels::of(data.sample_shape(), samples.copied()) {
        Some(pixels) => images(&shown, data, pixels),
        None => rows(&shown, data),
    };
    format!("<h3>{title}</h3>\n{body}")
}

fn predicted(judged: &Judged, names: &[String]) -> String {
    judged.predicted.map_or("nothing".to_owned(), |class| escape(&names[class]).into_owned())
}

fn images(shown: &[&Judged], data: &Dataset, pixels: Pixels) -> String {
    let names = data.class_names();
    let features = data.features();
    let mut html = String::from("<ul class=\"images\">\n");
    for judged in shown {
        let sample: Vec<f32> = features.row(judged.row).to_vec();
        let (label, taken) = (escape(&names[judged.label]), predicted(judged, names));
        let _ = writeln!(
            html,
            "<li><img class=\"pixels\" src=\"{}\" alt=\"row {}\"/><b>{label} → {taken}</b><span>{} {taken}, {} {label}</span><span>row {}, {} nats</span></li>",
            pixels.data_uri(&sample),
            judged.row,
            percent(judged.of_predicted),
            percent(judged.of_label),
            judged.row,
            number(judged.loss),
        );
    }
    html + "</ul>\n"
}

/// How many features are shown.
pub(super) const FEATURES: usize = 12;

fn rows(shown: &[&Judged], data: &Dataset) -> String {
    let names = data.class_names();
    let features = data.feature_names().iter().take(FEATURES).map(|name| escape(name).into_owned());
    let first = ["row", "true", "predicted", "probability of it", "of the true one", "loss (nats)"]
        .map(str::to_owned);
    let mut table = Table::new(first.into_iter().chain(features));
    for judged in shown {
        let numbers = data.features();
        let numbers = numbers
            .row(judged.row)
            .into_iter()
            .take(FEATURES)
            .map(|&x| number(f64::from(x)))
            .collect::<Vec<_>>();
        let first = [
            judged.row.to_string(),
            escape(&names[judged.label]).into_owned(),
            predicted(judged, names),
            percent(judged.of_predicted),
            percent(judged.of_label),
            number(judged.loss),
        ];
        table.rows.push(first.into_iter().chain(numbers).collect());
    }
    table.html("")
}
