//! The page: one document, without script, and with all numbers that it shows.

mod activations;
mod classes;
mod curves;
mod data;
mod head;
mod layers;
mod model;
mod numbers;
mod surface;
mod weights;

use std::fmt::Write;

use super::findings;
use super::look::{Look, Predictions};
use super::markup::escape;
use super::plot::{Colour, Plot, style};
use super::record::Outcome;

/// Seconds after which a page loads itself again while the training runs.
const AGAIN: u32 = 15;

/// The page of a training.
pub(super) fn html(look: &Look<'_>) -> String {
    let findings = findings::all(look);
    let sections = [
        ("curves", "Loss and metrics", curves::section(look)),
        ("predictions", "Predictions", predictions(look)),
        ("surface", "Over the inputs", surface::section(look)),
        ("layers", "Gradients and updates", layers::section(look)),
        ("weights", "Weights", weights::section(look)),
        ("activations", "Activations", activations::section(look)),
        ("model", "Model and settings", model::section(look)),
    ];
    let sections: Vec<_> = sections.iter().filter(|(_, _, body)| !body.is_empty()).collect();
    let mut page = String::from("<nav aria-label=\"Sections\">");
    for (id, title, _) in &sections {
        let _ = write!(page, "<a href=\"#{id}\">{title}</a>");
    }
    page.push_str("</nav>\n<main>\n");
    page.push_str(&head::section(look, &findings));
    for (id, title, body) in sections {
        let _ = write!(
            page,
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>\n{body}</section>\n"
        );
    }
    page.push_str("</main>\n");
    let numbers = data::json(look, &findings);
    let _ = writeln!(page, "<script type=\"application/json\" id=\"data\">{numbers}</script>");
    let running = look.outcome == Outcome::Running;
    document(look.title, running, &page)
}

/// The page before the first epoch has ended.
pub(super) fn waiting(title: &str) -> String {
    let heading = escape(title);
    let body = format!(
        "<main><header><h1>{heading}</h1><p class=\"verdict running\">The training has begun. There is something to see when its \
         first epoch has ended.</p></header></main>\n"
    );
    document(title, true, &body)
}

fn document(title: &str, running: bool, body: &str) -> String {
    let again =
        if running { format!("<meta http-equiv=\"refresh\" content=\"{AGAIN}\"/>\n") } else { String::new() };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n{again}<title>{}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n{body}\
         <footer>chainrule {}</footer>\n</body>\n</html>\n",
        escape(title),
        style(),
        include_str!("style.css"),
        env!("CARGO_PKG_VERSION"),
    )
}

fn predictions(look: &Look<'_>) -> String {
    match &look.predictions {
        Predictions::None(why) => format!("<p class=\"none\">Nothing to show: {}.</p>\n", escape(why)),
        Predictions::Classes(classified) => classes::section(look, classified),
        Predictions::Values(regressed) => numbers::section(look, regressed),
    }
}

/// A plot with its title, what its colours stand for, and its numbers.
fn figure(title: &str, plot: &Plot, legend: &[(Colour, String)], below: &str) -> String {
    let mut html = format!("<figure><figcaption>{title}</figcaption>\n{}", plot.svg());
    if !legend.is_empty() {
        html.push_str("<ul class=\"legend\">");
        for (colour, text) in legend {
            let _ = write!(html, "<li><i style=\"background:{}\"></i>{text}</li>", colour.variable());
        }
        html.push_str("</ul>\n");
    }
    html + below + "</figure>\n"
}

/// Which of many are shown: at most so many, evenly spaced, the first and the last among them.
fn some_of(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        (0..count).collect()
    } else {
        (0..most).map(|k| k * (count - 1) / (most - 1)).collect()
    }
}

/// What is said above plots that leave out some of many layers.
fn left_out(count: usize, most: usize, what: &str) -> String {
    if count <= most {
        return String::new();
    }
    format!(
        "<p class=\"none\">Shown are {most} of {count} {what}, evenly spaced; the table has all of them.</p>\n"
    )
}

/// The name of a number as people write it.
fn spoken(name: &str) -> String {
    match name {
        "rmse" | "mse" | "mae" | "auc" | "f1" => name.to_uppercase(),
        "r2" => "R²".to_owned(),
        _ => name.replace('_', " "),
    }
}

/// The same as a title.
fn titled(name: &str) -> String {
    let spoken = spoken(name);
    let mut letters = spoken.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A share in percent.
fn percent(share: f64) -> String {
    match 100.0 * share {
        percent if percent.is_nan() => "NaN".to_owned(),
        percent if percent > 0.0 && percent < 0.1 => "&lt; 0.1 %".to_owned(),
        percent if percent < 100.0 && percent > 99.9 => "&gt; 99.9 %".to_owned(),
        percent if percent == percent.round() || percent >= 10.0 => format!("{percent:.0} %"),
        percent => format!("{percent:.1} %"),
    }
}
