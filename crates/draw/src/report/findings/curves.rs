//! What loss and metrics say.

use super::super::look::Look;
use super::super::plot::figure;
use super::super::record::Outcome;
use super::{Finding, Level, median};

pub(super) fn find(look: &Look<'_>, findings: &mut Vec<Finding>) {
    let epochs = &look.record.epochs;
    let mut found = |level, text, rule| findings.push(Finding { level, section: "curves", text, rule });
    for name in &look.record.values {
        let wrong = epochs.iter().find(|epoch| !epoch.get(name).is_some_and(f64::is_finite));
        if let Some(epoch) = wrong {
            let (value, epoch) = (epoch.get(name).unwrap_or(f64::NAN), epoch.epoch);
            found(
                Level::Fault,
                format!("{name} is {} in epoch {epoch}", figure(value)),
                "Every number should be finite.",
            );
        }
    }
    if let Some((text, rule)) = steps_explode(look) {
        found(Level::Warning, text, rule);
    }
    let (Some(first), Some(last)) = (epochs.first(), epochs.last()) else { return };
    let lowest = epochs.iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap_or(last);
    if last.loss > 2.0 * lowest.loss && last.loss > lowest.loss + 0.1 * first.loss.abs() {
        let (now, then, epoch) = (figure(last.loss), figure(lowest.loss), lowest.epoch);
        found(
            Level::Fault,
            format!(
                "the training loss was {then} in epoch {epoch} and is {now} now: diverging; a lower learning rate may help"
            ),
            "The loss of the last epoch is more than twice the lowest, and by more than a tenth of the first.",
        );
    } else if epochs.len() >= 3 && lowest.loss > 0.98 * first.loss && first.loss > 0.0 {
        let (then, now) = (figure(first.loss), figure(last.loss));
        found(
            Level::Warning,
            format!("the training loss has hardly fallen: {then} in the first epoch, {now} in the last"),
            "In no epoch is the loss 2 % below that of the first.",
        );
    }
    overfitting(look, &mut found);
    let goes_on = matches!(look.outcome, Outcome::Done) && epochs.len() >= 5;
    if goes_on {
        let measure = |k: usize| epochs[k].validation_loss.unwrap_or(epochs[k].loss);
        let (end, before) = (epochs.len() - 1, epochs.len() - 1 - (epochs.len() / 5).max(1));
        let best = (0..end).map(measure).fold(f64::INFINITY, f64::min);
        if measure(end) < best && measure(end) < 0.95 * measure(before) {
            let which = if last.validation_loss.is_some() { "validation" } else { "training" };
            found(
                Level::Note,
                format!("the {which} loss was still falling when the training ended: more epochs may help"),
                "The last epoch is the best, and 5 % below that a fifth of the epochs before.",
            );
        }
    }
}

/// A few steps whose gradients are far larger than those of most.
fn steps_explode(look: &Look<'_>) -> Option<(String, &'static str)> {
    const FACTOR: f64 = 100.0;
    let steps = &look.record.steps;
    let usual = median(steps.all().map(|point| point.gradient_norm))?;
    let worst = steps.all().max_by(|a, b| a.greatest.total_cmp(&b.greatest))?;
    let factor = worst.greatest / usual;
    (factor > FACTOR && usual > 0.0).then(|| {
        let (norm, usual) = (figure(worst.greatest), figure(usual));
        let step = if worst.count == 1 { format!("step {}", worst.step) } else { format!("a step up to {}", worst.step) };
        let text = format!("the gradient of {step} had the norm {norm}, where {usual} is usual: exploding; a lower learning rate or clipping may help");
        (text, "A norm is more than 100 times the median over the steps (R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, 2013).")
    })
}

fn overfitting(look: &Look<'_>, found: &mut impl FnMut(Level, String, &'static str)) {
    let epochs = &look.record.epochs;
    let validated = || epochs.iter().filter_map(|epoch| Some((epoch, epoch.validation_loss?)));
    let (Some((best, lowest)), Some((last, now))) =
        (validated().min_by(|a, b| a.1.total_cmp(&b.1)), validated().next_back())
    else {
        return;
    };
    if best.epoch < last.epoch && now > 1.1 * lowest && last.loss < best.loss {
        let (lowest, now, epoch) = (figure(lowest), figure(now), best.epoch);
        found(
            Level::Warning,
            format!(
                "the validation loss was lowest in epoch {epoch} ({lowest}) and has risen to {now}, while the training loss fell: overfitting"
            ),
            "The last validation loss is more than 10 % above the lowest, and the training loss is lower than then (L. Prechelt, Early stopping – but when?, 1998).",
        );
    }
}
