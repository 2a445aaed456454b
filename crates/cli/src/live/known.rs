//! What is known of a training while it runs: all that the screen shows.

use std::time::{Duration, Instant};

use nn::train::{EpochRecord, Run, StepRecord};

use super::curve::Curve;

/// What stays the same while a training runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subject {
    /// What is trained on what, in a line.
    pub(crate) title: String,
    /// Whose loss and metric are shown: `test` or `validation`.
    pub(crate) against: &'static str,
    /// The metric that is shown, the higher the better.
    pub(crate) metric: &'static str,
    /// How many rows are learnt in an epoch.
    pub(crate) rows: usize,
}

/// What is known of a training.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) epochs: usize,
    pub(super) steps_per_epoch: usize,
    /// The step after which this call began.
    pub(super) first: u64,
    /// The step that is done.
    pub(super) step: u64,
    pub(super) rate: Option<f64>,
    /// Losses and metric by the number of epochs.
    pub(super) training: Curve,
    pub(super) validation: Curve,
    pub(super) metric: Curve,
    pub(super) last: Option<EpochRecord>,
    /// The best metric, and the epoch that had it.
    pub(super) best: Option<(f64, usize)>,
    pub(super) layers: Vec<KnownLayer>,
    pub(super) clock: Clock,
    /// Whether a pause is wanted, and whether the training has come to it.
    pub(super) pause: bool,
    pub(super) rests: bool,
}

/// The gradient of a layer.
#[derive(Clone, Debug)]
pub(super) struct KnownLayer {
    pub(super) name: String,
    /// The logarithm of its norm, to the base of 10, by epoch.
    pub(super) norms: Curve,
}

impl Known {
    pub(super) fn new(run: &Run<'_>, now: Instant) -> Self {
        let steps_per_epoch = run.steps_per_epoch.max(1);
        let by_step = 1.0 / steps_per_epoch as f64;
        let done = run.done as f64;
        let by_epoch = Curve::new(done + 1.0, 1.0);
        let layer = |name: &String| KnownLayer { name: name.clone(), norms: by_epoch.clone() };
        Self {
            epochs: run.epochs,
            steps_per_epoch,
            first: run.step,
            step: run.step,
            rate: None,
            training: Curve::new((run.step + 1) as f64 * by_step, by_step),
            validation: by_epoch.clone(),
            metric: by_epoch.clone(),
            last: None,
            best: None,
            layers: run.layers.iter().map(layer).collect(),
            clock: Clock { begin: now, rest: Duration::ZERO, since: None },
            pause: false,
            rests: false,
        }
    }

    pub(super) fn step(&mut self, record: &StepRecord) {
        self.step = record.step;
        self.rate = Some(record.learning_rate);
        self.training.push(record.loss);
    }

    pub(super) fn epoch(&mut self, record: &EpochRecord, metric: &str) {
        self.validation.push(record.validation_loss.unwrap_or(f64::NAN));
        let value = record.get(metric).unwrap_or(f64::NAN);
        self.metric.push(value);
        if !value.is_nan() && self.best.is_none_or(|(best, _)| value > best) {
            self.best = Some((value, record.epoch));
        }
        for (layer, known) in record.layers.iter().zip(&mut self.layers) {
            known.norms.push(layer.gradient_norm.log10());
        }
        self.last = Some(record.clone());
    }

    /// How many steps there are to be.
    pub(super) fn steps(&self) -> u64 {
        self.steps_per_epoch as u64 * self.epochs as u64
    }

    /// How many epochs are done, with the part of the one that is under way.
    pub(super) fn position(&self) -> f64 {
        self.step as f64 / self.steps_per_epoch as f64
    }

    /// Whether all steps of an epoch are done, and the epoch is not.
    pub(super) fn validates(&self) -> bool {
        let done = self.last.as_ref().map_or(self.first, |last| last.step);
        self.step > done && self.step.is_multiple_of(self.steps_per_epoch as u64)
    }

    /// How long the rest takes, if it goes on as it has so far.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let (done, all) = (self.step - self.first, self.steps().saturating_sub(self.first));
        let each = self.clock.elapsed(now).checked_div(u32::try_from(done).ok()?)?;
        Some(each.saturating_mul(u32::try_from(all.saturating_sub(done)).ok()?))
    }
}

/// How long the training has run, without its rests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) begin: Instant,
    /// How long it has rested, and since when it rests now.
    rest: Duration,
    since: Option<Instant>,
}

impl Clock {
    pub(super) fn stop(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    pub(super) fn go_on(&mut self, now: Instant) {
        if let Some(since) = self.since.take() {
            self.rest += now.saturating_duration_since(since);
        }
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.since.unwrap_or(now).saturating_duration_since(self.begin).saturating_sub(self.rest)
    }
}
