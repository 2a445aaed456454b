//! What predictions say.

use super::super::classes::Classified;
use super::super::look::{Look, Predictions};
use super::super::markup::counted;
use super::super::numbers::Regressed;
use super::super::plot::figure;
use super::{Finding, Level};

pub(super) fn find(look: &Look<'_>, findings: &mut Vec<Finding>) {
    let mut found = |level, text, rule| findings.push(Finding { level, section: "predictions", text, rule });
    match &look.predictions {
        Predictions::Classes(classified) => classes(classified, &mut found),
        Predictions::Values(regressed) => numbers(regressed, &mut found),
        Predictions::None(_) => {}
    }
}

fn classes(classified: &Classified, found: &mut impl FnMut(Level, String, &'static str)) {
    let matrix = &classified.matrix;
    let scores = matrix.class_scores();
    let names = matrix.class_names();
    let commonest = scores.iter().map(|class| class.support).max().unwrap_or(0);
    let share = commonest as f64 / matrix.rows().max(1) as f64;
    if classified.not_finite > 0 {
        let rows = counted(classified.not_finite, "row");
        found(
            Level::Fault,
            format!("for {rows} the model gives NaN or infinity"),
            "Every number should be finite.",
        );
    }
    if matrix.accuracy() <= share && scores.iter().filter(|class| class.support > 0).count() > 1 {
        let (accuracy, share) = (figure(matrix.accuracy()), figure(share));
        found(
            Level::Fault,
            format!(
                "the accuracy is {accuracy}, and that of always naming the commonest class {share}: nothing was learnt"
            ),
            "A classifier should be better than one that does not look.",
        );
    }
    let predicted = |class: usize| matrix.counts().column(class).sum();
    let never = (0..names.len()).filter(|&class| scores[class].support > 0 && predicted(class) == 0);
    let never: Vec<String> = never.map(|class| format!("“{}”", names[class])).collect();
    if !never.is_empty() {
        found(
            Level::Warning,
            format!("never predicted: {}", never.join(", ")),
            "There are rows of the class, and none was predicted to be of it.",
        );
    }
    let missing = (0..names.len()).filter(|&class| scores[class].support == 0);
    let missing: Vec<String> = missing.map(|class| format!("“{}”", names[class])).collect();
    if !missing.is_empty() {
        found(
            Level::Note,
            format!("no rows to look at: {}", missing.join(", ")),
            "Of a class without rows in the data of this report nothing can be said.",
        );
    }
}

fn numbers(regressed: &Regressed, found: &mut impl FnMut(Level, String, &'static str)) {
    for output in &regressed.outputs {
        let (name, r2) = (&output.name, output.scores.r2);
        if output.residuals.not_finite > 0 {
            let rows = counted(output.residuals.not_finite as usize, "row");
            found(
                Level::Fault,
                format!("{name}: for {rows} the model gives NaN or infinity"),
                "Every number should be finite.",
            );
        } else if r2 <= 0.0 {
            found(
                Level::Fault,
                format!("{name}: R² is {}: no better than always predicting the mean", figure(r2)),
                "R² is the share of the targets' variance that the model explains.",
            );
        }
    }
}
