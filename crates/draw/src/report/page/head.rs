//! The top of the page: how it went, in one look.

use std::fmt::Write;

use super::super::findings::{Finding, Level};
use super::super::look::Look;
use super::super::markup::{counted, escape, grouped};
use super::super::plot::figure;
use super::super::record::Outcome;
use super::spoken;

/// Whether a metric is the better, the higher; `None` of those whose name says nothing.
pub(super) fn higher_is_better(name: &str) -> Option<bool> {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["loss", "error", "mae", "mse", "perplexity"]) {
        Some(false)
    } else if has(&["accuracy", "r2", "f1", "auc", "precision", "recall", "score"]) {
        Some(true)
    } else {
        None
    }
}

/// The best epoch by a number, and the number.
pub(super) fn best(look: &Look<'_>, name: &str) -> Option<(usize, f64)> {
    let higher = higher_is_better(name)?;
    let values = look.record.epochs.iter().filter_map(|epoch| Some((epoch.epoch, epoch.get(name)?)));
    values.filter(|(_, value)| value.is_finite()).reduce(|best, next| {
        let better = if higher { next.1 > best.1 } else { next.1 < best.1 };
        if better { next } else { best }
    })
}

pub(super) fn section(look: &Look<'_>, findings: &[Finding]) -> String {
    let (class, verdict) = verdict(look, findings);
    let mut html = format!(
        "<header id=\"summary\"><h1>{}</h1>\n<p class=\"verdict {class}\">{verdict}</p>\n<dl class=\"tiles\">",
        escape(look.title)
    );
    for (name, value, more) in tiles(look) {
        let _ = write!(html, "<div><dt>{name}</dt><dd><b>{value}</b> <span>{more}</span></dd></div>");
    }
    html.push_str("</dl>\n");
    if !findings.is_empty() {
        html.push_str("<ul class=\"findings\">\n");
        for Finding { level, section, text, rule } in findings {
            let (class, mark) = match level {
                Level::Fault => ("bad", "fault"),
                Level::Warning => ("fair", "warning"),
                Level::Note => ("note", "note"),
            };
            let _ = writeln!(
                html,
                "<li class=\"{class}\"><strong>{mark}</strong> <a href=\"#{section}\">{}</a><details><summary>rule</summary>{}</details></li>",
                escape(text),
                escape(rule),
            );
        }
        html.push_str("</ul>\n");
    }
    html + "</header>\n"
}

/// One sentence, and its colour.
fn verdict(look: &Look<'_>, findings: &[Finding]) -> (&'static str, String) {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (faults, warnings) = (count(Level::Fault), count(Level::Warning));
    let found = match (faults, warnings) {
        (0, 0) => "nothing looks wrong".to_owned(),
        (0, warnings) => format!("{} below", counted(warnings, "warning")),
        (faults, 0) => format!("{} below", counted(faults, "fault")),
        (faults, warnings) => {
            format!("{} and {} below", counted(faults, "fault"), counted(warnings, "warning"))
        }
    };
    let epochs = look.record.epochs.last().map_or(0, |epoch| epoch.epoch);
    let (planned, done) = (look.record.planned, counted(epochs, "epoch"));
    let class = match (&look.outcome, faults, warnings) {
        (Outcome::Failed(_), ..) | (_, 1.., _) => "bad",
        (Outcome::Running, ..) => "running",
        (_, 0, 1..) => "fair",
        _ => "good",
    };
    let text = match &look.outcome {
        Outcome::Running => format!("Training: epoch {epochs} of {planned} is done; {found}."),
        Outcome::Done => format!("Done after {done}; {found}."),
        Outcome::Stopped(why) => {
            format!("Stopped after {epochs} of {planned} epochs; {found}. Reason: {}.", escape(why))
        }
        Outcome::Failed(_) => format!("Failed after {done} of {planned}; {found}."),
    };
    (class, text)
}

/// Name, value, and what else is to be said.
fn tiles(look: &Look<'_>) -> Vec<(String, String, String)> {
    let record = look.record;
    let mut tiles = Vec::new();
    let measures = record.metrics().filter(|name| !name.starts_with("training_"));
    let losses = ["validation_loss", "loss"]
        .into_iter()
        .filter(|name| record.values.iter().any(|value| value == name));
    for name in measures.chain(losses) {
        let Some((last, of)) = record.epochs.last().and_then(|epoch| Some((epoch.get(name)?, epoch.epoch)))
        else {
            continue;
        };
        let label = match name {
            "loss" => "training loss".to_owned(),
            name => spoken(name),
        };
        let kept = look.validation.as_ref().and_then(|validation| match name {
            "validation_loss" => Some(validation.loss),
            "loss" => None,
            name => validation.get(name),
        });
        let shown = kept.unwrap_or(last);
        let mut more = match best(look, name) {
            Some((epoch, best)) if best != shown => format!("best {} in epoch {epoch}", figure(best)),
            Some((epoch, _)) if epoch != of => format!("of epoch {epoch}, the best"),
            Some(_) => "the best".to_owned(),
            None => String::new(),
        };
        if shown != last {
            let _ = write!(more, "; last {}", figure(last));
        }
        tiles.push((escape(&label).into_owned(), figure(shown), more));
    }
    let epochs = record.epochs.last().map_or(0, |epoch| epoch.epoch);
    let steps = record.epochs.last().map_or(0, |epoch| epoch.step);
    tiles.push((
        "epochs".to_owned(),
        grouped(epochs as u64),
        format!("of {}, {} steps", grouped(record.planned as u64), grouped(steps)),
    ));
    let each = record.seconds() / record.epochs.len().max(1) as f64;
    let (time, each) = (duration(record.seconds()), duration(each));
    tiles.push((
        "time".to_owned(),
        format!("<span class=\"seconds\">{time}</span>"),
        format!("<span class=\"seconds\">{each}</span> an epoch"),
    ));
    tiles.push(("parameters".to_owned(), grouped(look.parameters as u64), String::new()));
    tiles
}

/// Seconds as people say them.
fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 0.0995 => format!("{:.0} ms", 1e3 * seconds),
        seconds if seconds < 9.95 => format!("{seconds:.1} s"),
        seconds if seconds < 99.5 => format!("{seconds:.0} s"),
        seconds if seconds < 5970.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (seconds, text) in
            [(0.0123, "12 ms"), (1.25, "1.2 s"), (42.0, "42 s"), (600.0, "10 min"), (9000.0, "2.5 h")]
        {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn names_say_what_is_better() {
        let names = ["accuracy", "validation_loss", "rmse", "r2", "beauty", "mean absolute error"];
        let higher = [Some(true), Some(false), Some(false), Some(true), None, Some(false)];
        assert_eq!(names.map(higher_is_better), higher);
    }
}
