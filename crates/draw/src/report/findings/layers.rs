//! What gradients, updates and activations of the layers say.

use nn::train::{EpochRecord, LayerRecord};

use super::super::look::Look;
use super::super::plot::figure;
use super::{Finding, Level, median};

/// How many layers of a kind are named one by one.
const NAMED: usize = 4;

/// Below this share of the last layer's gradient one vanishes; above its inverse one explodes.
const VANISHING: f64 = 1e-3;
const VANISHES: &str = "The norm of a layer's gradient is below a thousandth of that of the last layer, in the mean over the \
    steps of the last epoch: with one learning rate for all, as in SGD, it learns a thousand times more slowly. Optimisers \
    that scale each gradient, as Adam, suffer less (X. Glorot, Y. Bengio, Understanding the difficulty of training deep \
    feedforward neural networks, 2010).";
const EXPLODES: &str = "The norm of a layer's gradient is more than a thousand times that of the last layer, in the mean over \
    the steps of the last epoch (R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, \
    2013).";
const UPDATES: &str = "An update should change the weights by about a thousandth of their size: if it is lower the learning \
    rate may be too low, if it is higher, too high (A. Karpathy, CS231n, Neural Networks Part 3, ratio of weights:updates). \
    Named is a layer whose median over the epochs is more than 30 times more or less.";
const DEAD: &str = "A rectifier that gives 0 for every row passes on no gradient, and does not come back by itself. Some are \
    usual; 40 % are a sign of a learning rate that is too high (A. Karpathy, CS231n, Neural Networks Part 1).";
const SATURATED: &str = "Beyond ±0.97 a hyperbolic tangent has less than 6 % of its largest slope, and so has a sigmoid as near \
    to its ends: little gradient comes through. Named is a layer with more than half of its numbers there (X. Glorot, Y. \
    Bengio, 2010).";

pub(super) fn find(look: &Look<'_>, findings: &mut Vec<Finding>) {
    let mut found = |level, section, text, rule| findings.push(Finding { level, section, text, rule });
    if let Some(last) = look.record.epochs.last() {
        let layers = &last.layers;
        for layer in layers {
            if !(layer.gradient_norm.is_finite() && layer.update_ratio.is_finite()) {
                let (name, norm, ratio) =
                    (&layer.name, figure(layer.gradient_norm), figure(layer.update_ratio));
                let text = format!("{name}: its gradient is {norm} and its update {ratio}: not finite");
                found(Level::Fault, "layers", text, "Every number should be finite.");
            }
        }
        let dead: Vec<&str> =
            layers.iter().filter(|layer| layer.gradient_norm == 0.0).map(|layer| &*layer.name).collect();
        let say = |name: &str| format!("{name}: its gradient is 0: it learns nothing");
        for text in named(dead.into_iter().map(say)) {
            found(
                Level::Fault,
                "layers",
                text,
                "No step of the last epoch has sent anything back to this layer.",
            );
        }
        let small = (0..layers.len()).filter(|&k| vanishing(last, k));
        for text in named(small.map(|k| {
            let (name, share) = (&layers[k].name, figure(share(last, k)));
            format!("{name}: its gradient is {share} of the last layer's: vanishing")
        })) {
            found(Level::Warning, "layers", text, VANISHES);
        }
        let large =
            (0..layers.len()).filter(|&k| share(last, k).is_finite() && share(last, k) > 1.0 / VANISHING);
        for text in named(large.map(|k| {
            let (name, times) = (&layers[k].name, figure(share(last, k)));
            format!("{name}: its gradient is {times} times the last layer's: exploding")
        })) {
            found(Level::Warning, "layers", text, EXPLODES);
        }
    }
    for text in named(updates(look).into_iter()) {
        found(Level::Warning, "layers", text, UPDATES);
    }
    for (name, layer) in look.record.layers.iter().zip(look.weights.last().iter().flat_map(|now| &now.layers))
    {
        if layer.not_finite > 0 {
            let text = format!("{name}: {} of its weights are NaN or infinite", layer.not_finite);
            found(Level::Fault, "weights", text, "Every number should be finite.");
        }
    }
    activities(look, &mut found);
}

/// The gradient of a layer as a share of that of the last one.
fn share(epoch: &EpochRecord, layer: usize) -> f64 {
    let norm = |layer: Option<&LayerRecord>| layer.map_or(f64::NAN, |layer| layer.gradient_norm);
    norm(epoch.layers.get(layer)) / norm(epoch.layers.last())
}

fn vanishing(epoch: &EpochRecord, layer: usize) -> bool {
    (f64::MIN_POSITIVE..VANISHING).contains(&share(epoch, layer))
}

/// Layers whose updates are far from a thousandth of the weights.
fn updates(look: &Look<'_>) -> Vec<String> {
    const USUAL: f64 = 1e-3;
    const FAR: f64 = 30.0;
    let of = |k: usize| {
        let ratio =
            median(look.record.epochs.iter().filter_map(|epoch| Some(epoch.layers.get(k)?.update_ratio)))?;
        let name = &look.record.layers[k];
        match ratio {
            // Dead, or without gradient: that is said of it, and the learning rate is not what is wrong.
            0.0 => None,
            _ if vanishing(look.record.epochs.last()?, k) => None,
            ratio if ratio > FAR * USUAL => Some(format!(
                "{name}: a step changes its weights by {} of their size: the learning rate may be too high",
                figure(ratio)
            )),
            ratio if ratio < USUAL / FAR => Some(format!(
                "{name}: a step changes its weights by {} of their size: the learning rate may be too low",
                figure(ratio)
            )),
            _ => None,
        }
    };
    (0..look.record.layers.len()).filter_map(of).collect()
}

fn activities(look: &Look<'_>, found: &mut impl FnMut(Level, &'static str, String, &'static str)) {
    for activity in &look.activities {
        let name = &activity.name;
        if activity.histogram.not_finite > 0 {
            let count = activity.histogram.not_finite;
            let text = format!("{name}: {count} of the numbers it gives are NaN or infinite");
            found(Level::Fault, "activations", text, "Every number should be finite.");
        }
        match activity.dead {
            Some((dead, units)) if dead == units && units > 0 => {
                let text = format!("{name}: all {units} units give 0 for every row: dead");
                found(Level::Fault, "activations", text, DEAD);
            }
            Some((dead, units)) if 10 * dead >= 4 * units && units > 0 => {
                let text = format!("{name}: {dead} of {units} units give 0 for every row: dead");
                found(Level::Warning, "activations", text, DEAD);
            }
            _ => {}
        }
        if let Some(share) = activity.saturated.filter(|&share| share > 0.5) {
            let text = format!("{name}: {:.0} % of the numbers it gives are saturated", 100.0 * share);
            found(Level::Warning, "activations", text, SATURATED);
        }
    }
}

/// The first texts, and a line that says how many others there are.
fn named(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    let others = texts.len().saturating_sub(NAMED);
    if others > 1 {
        texts.truncate(NAMED);
        texts.push(format!("the same of {others} more layers"));
    }
    texts
}
