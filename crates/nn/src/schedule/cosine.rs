//! Half a cosine, once or again and again.

use std::f64::consts::PI;

use super::{Schedule, factor, progress, ticks};
use crate::or_panic;

/// From 1 down to a floor along half a cosine: `floor + (1 − floor) · (1 + cos(π t / ticks)) / 2`, and the floor after that.
///
/// ```
/// use nn::schedule::{Cosine, Schedule};
/// let schedule = Cosine::new(100).floor(0.1);
/// assert_eq!([0, 50, 100, 200].map(|tick| schedule.factor(tick)), [1.0, 0.55, 0.1, 0.1]);
/// ```
///
/// Source: I. Loshchilov, F. Hutter, *SGDR: stochastic gradient descent with warm restarts* (ICLR 2017); `PyTorch`,
/// `CosineAnnealingLR`, which goes up again after `T_max`.
#[derive(Clone, Debug)]
pub struct Cosine {
    ticks: u64,
    floor: f64,
}

impl Cosine {
    /// Down to 0.
    ///
    /// # Panics
    /// `count` is 0.
    #[track_caller]
    pub fn new(count: u64) -> Self {
        Self { ticks: or_panic(ticks(count)), floor: 0.0 }
    }

    /// What it goes down to.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn floor(self, floor: f64) -> Self {
        Self { floor: or_panic(factor(floor)), ..self }
    }
}

impl Schedule for Cosine {
    fn factor(&self, tick: u64) -> f64 {
        fall(self.floor, progress(tick, self.ticks))
    }

    fn length(&self) -> Option<u64> {
        Some(self.ticks)
    }
}

/// [`Cosine`], and when it is down from the top again, each time over `growth` times as many ticks.
///
/// ```
/// use nn::schedule::{CosineRestarts, Schedule};
/// let schedule = CosineRestarts::new(10).growth(2); // 10 ticks, then 20, then 40
/// let middles = [5, 20, 50].map(|tick| (schedule.factor(tick) * 1e9).round() / 1e9);
/// assert_eq!(middles, [0.5, 0.5, 0.5]);
/// assert_eq!([10, 30].map(|tick| schedule.factor(tick)), [1.0, 1.0]);
/// ```
///
/// Source: as of [`Cosine`]; `PyTorch`, `CosineAnnealingWarmRestarts`.
#[derive(Clone, Debug)]
pub struct CosineRestarts {
    ticks: u64,
    growth: u64,
    floor: f64,
}

impl CosineRestarts {
    /// As many ticks every time, down to 0.
    ///
    /// # Panics
    /// `count` is 0.
    #[track_caller]
    pub fn new(count: u64) -> Self {
        Self { ticks: or_panic(ticks(count)), growth: 1, floor: 0.0 }
    }

    /// How many times as many ticks the next cycle has.
    ///
    /// # Panics
    /// It is 0.
    #[must_use]
    #[track_caller]
    pub fn growth(self, growth: u64) -> Self {
        assert!(growth > 0, "a cycle is at least as long as the one before");
        Self { growth, ..self }
    }

    /// What it goes down to.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn floor(self, floor: f64) -> Self {
        Self { floor: or_panic(factor(floor)), ..self }
    }
}

impl Schedule for CosineRestarts {
    fn factor(&self, tick: u64) -> f64 {
        let (mut tick, mut length) = (tick, self.ticks);
        if self.growth == 1 {
            tick %= length;
        }
        while tick >= length {
            tick -= length;
            length = length.saturating_mul(self.growth);
        }
        fall(self.floor, progress(tick, length))
    }
}

/// From 1 to `floor`.
fn fall(floor: f64, progress: f64) -> f64 {
    floor + (1.0 - floor) * (1.0 + (PI * progress).cos()) / 2.0
}
