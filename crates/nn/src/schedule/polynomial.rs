//! Lines and powers, down and up.

use super::{Schedule, factor, progress, ticks};
use crate::or_panic;

/// From 1 down to a floor along a power: `floor + (1 − floor) · (1 − t / ticks) ^ power`, and the floor after that.
///
/// ```
/// use nn::schedule::{Polynomial, Schedule};
/// let line = Polynomial::linear(100).floor(0.5);
/// let curve = Polynomial::new(100, 2.0);
/// assert_eq!([0, 50, 100, 200].map(|tick| line.factor(tick)), [1.0, 0.75, 0.5, 0.5]);
/// assert_eq!([0, 50, 100, 200].map(|tick| curve.factor(tick)), [1.0, 0.25, 0.0, 0.0]);
/// ```
///
/// Source: `PyTorch`, `PolynomialLR` and `LinearLR`.
#[derive(Clone, Debug)]
pub struct Polynomial {
    ticks: u64,
    power: f64,
    floor: f64,
}

impl Polynomial {
    /// Down to 0 along a power.
    ///
    /// # Panics
    /// `count` is 0, or the power negative or not finite.
    #[track_caller]
    pub fn new(count: u64, power: f64) -> Self {
        Self { ticks: or_panic(ticks(count)), power: or_panic(factor(power)), floor: 0.0 }
    }

    /// Down to 0 along a line.
    ///
    /// # Panics
    /// `count` is 0.
    #[track_caller]
    pub fn linear(count: u64) -> Self {
        Self::new(count, 1.0)
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

impl Schedule for Polynomial {
    fn factor(&self, tick: u64) -> f64 {
        self.floor + (1.0 - self.floor) * (1.0 - progress(tick, self.ticks)).powf(self.power)
    }

    fn length(&self) -> Option<u64> {
        Some(self.ticks)
    }
}

/// Up to 1 along a line: `start + (1 − start) · t / ticks`, and 1 after that. Usually `start` is `1 / (ticks + 1)`, so that
/// the first tick is one step up like all others.
///
/// ```
/// use nn::schedule::{Polynomial, Schedule, WarmUp};
/// let schedule = WarmUp::new(3).then(Polynomial::linear(2));
/// let factors = [0, 1, 2, 3, 4, 5].map(|tick| schedule.factor(tick));
/// assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 0.5, 0.0]);
/// ```
///
/// Source: P. Goyal and others, *Accurate, large minibatch SGD* (2017), section 2.2; `PyTorch`, `LinearLR`.
#[derive(Clone, Debug)]
pub struct WarmUp {
    ticks: u64,
    start: f64,
}

impl WarmUp {
    /// In steps of the same height, the first of them at tick 0.
    ///
    /// # Panics
    /// `count` is 0.
    #[track_caller]
    pub fn new(count: u64) -> Self {
        Self { ticks: or_panic(ticks(count)), start: 1.0 / (count as f64 + 1.0) }
    }

    /// The factor at tick 0.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn from(self, start: f64) -> Self {
        Self { start: or_panic(factor(start)), ..self }
    }
}

impl Schedule for WarmUp {
    fn factor(&self, tick: u64) -> f64 {
        self.start + (1.0 - self.start) * progress(tick, self.ticks)
    }

    fn length(&self) -> Option<u64> {
        Some(self.ticks)
    }
}
