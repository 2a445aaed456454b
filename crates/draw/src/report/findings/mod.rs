//! What looks wrong in a training, in words; and by which rule.

mod curves;
mod layers;
mod predictions;

use serde::Serialize;

use super::look::Look;
use super::record::Outcome;

/// Something that a reader should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// The part of the page that shows it.
    pub(super) section: &'static str,
    pub(super) text: String,
    /// The rule that has found it, with a reason or a source.
    pub(super) rule: &'static str,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// The training has failed, or a part of the network learns nothing.
    Fault,
    /// It could go better.
    Warning,
    /// Worth knowing.
    Note,
}

/// All findings, the worst first.
pub(super) fn all(look: &Look<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Outcome::Failed(why) = &look.outcome {
        let rule = "What the trainer said. The parameters are those of the last step before it.";
        findings.push(Finding {
            level: Level::Fault,
            section: "curves",
            text: format!("the training failed: {why}"),
            rule,
        });
    }
    curves::find(look, &mut findings);
    layers::find(look, &mut findings);
    predictions::find(look, &mut findings);
    findings.sort_by_key(|finding| finding.level);
    findings
}

/// The middle one of the finite numbers, by size.
fn median(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().filter(|number| number.is_finite()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}
