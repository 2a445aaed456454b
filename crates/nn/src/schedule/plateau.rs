//! Down when nothing gets better.

use tape::Error;

use super::{Schedule, as_many, factor, fault};
use crate::or_panic;

/// Times `gamma` when a metric has got no better for more than `patience` observations in a row.
///
/// Better is less than the best so far by more than `threshold` of it: `metric < best · (1 − threshold)`; when
/// [maximising](Self::maximise) `metric > best · (1 + threshold)`; with an [absolute](Self::absolute) threshold
/// `metric < best − threshold` and `metric > best + threshold`. What is not a number is not better. After each fall,
/// `cooldown` observations do not count as bad.
///
/// ```
/// use nn::schedule::{Plateau, Schedule};
/// let mut schedule = Plateau::new(1, 0.1);
/// for (epoch, loss) in (0..).zip([3.0, 2.0, 2.5, 2.0]) {
///     schedule.observe(epoch, loss);
/// }
/// assert_eq!(schedule.factor(4), 0.1);
/// ```
///
/// Source: `PyTorch`, `ReduceLROnPlateau`.
#[derive(Clone, Debug)]
pub struct Plateau {
    patience: u64,
    gamma: f64,
    threshold: f64,
    absolute: bool,
    maximise: bool,
    cooldown: u64,
    floor: f64,
    factor: f64,
    best: f64,
    bad: u64,
    cooling: u64,
}

impl Plateau {
    /// For a metric that should get smaller, with a threshold of 1e-4, no cooldown, and no floor.
    ///
    /// # Panics
    /// `gamma` is not from 0 to below 1.
    #[track_caller]
    pub fn new(patience: u64, gamma: f64) -> Self {
        assert!((0.0..1.0).contains(&gamma), "a plateau's factor is from 0 to below 1, not {gamma}");
        Self {
            patience,
            gamma,
            threshold: 1e-4,
            absolute: false,
            maximise: false,
            cooldown: 0,
            floor: 0.0,
            factor: 1.0,
            best: f64::INFINITY,
            bad: 0,
            cooling: 0,
        }
    }

    /// By how much better counts.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn threshold(self, threshold: f64) -> Self {
        let valid = threshold >= 0.0 && threshold.is_finite();
        assert!(valid, "a threshold is a number from 0, not {threshold}");
        Self { threshold, ..self }
    }

    /// The threshold is in the metric's own unit, not a share of the best.
    #[must_use]
    pub fn absolute(self, on: bool) -> Self {
        Self { absolute: on, ..self }
    }

    /// Better is more, as with an accuracy. What was observed before is forgotten.
    #[must_use]
    pub fn maximise(self, on: bool) -> Self {
        let best = if on { f64::NEG_INFINITY } else { f64::INFINITY };
        Self { maximise: on, best, bad: 0, ..self }
    }

    /// How many observations after a fall do not count as bad.
    #[must_use]
    pub fn cooldown(self, observations: u64) -> Self {
        Self { cooldown: observations, ..self }
    }

    /// What the factor never falls below.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn floor(self, floor: f64) -> Self {
        Self { floor: or_panic(factor(floor)), ..self }
    }

    fn is_better(&self, metric: f64) -> bool {
        match (self.maximise, self.absolute) {
            (false, false) => metric < self.best * (1.0 - self.threshold),
            (false, true) => metric < self.best - self.threshold,
            (true, false) => metric > self.best * (1.0 + self.threshold),
            (true, true) => metric > self.best + self.threshold,
        }
    }
}

impl Schedule for Plateau {
    fn factor(&self, _tick: u64) -> f64 {
        self.factor
    }

    fn observe(&mut self, _tick: u64, metric: f64) {
        if self.is_better(metric) {
            self.best = metric;
            self.bad = 0;
        } else {
            self.bad += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.bad = 0;
        }
        if self.bad > self.patience {
            // A floor above where it is already does not lift it.
            self.factor = self.factor.min((self.factor * self.gamma).max(self.floor));
            self.cooling = self.cooldown;
            self.bad = 0;
        }
    }

    /// The factor, the best so far, how many were bad in a row, and how many more do not count.
    fn state(&self) -> Vec<f64> {
        vec![self.factor, self.best, self.bad as f64, self.cooling as f64]
    }

    fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        as_many(state, 4)?;
        let count = |number: f64| number >= 0.0 && number.is_finite() && number.fract() == 0.0;
        let valid = factor(state[0]).is_ok() && !state[1].is_nan() && count(state[2]) && count(state[3]);
        if !valid {
            return Err(fault(format!("a plateau's factor, best and two counts are not {state:?}")));
        }
        (self.factor, self.best) = (state[0], state[1]);
        (self.bad, self.cooling) = (state[2] as u64, state[3] as u64);
        Ok(())
    }
}
