//! Factors that fall by multiplication.

use super::{Schedule, factor, ticks};
use crate::or_panic;

/// Always the same factor.
///
/// ```
/// use nn::schedule::{Constant, Schedule};
/// // A third of the rate for five ticks.
/// let schedule = Constant::new(1.0 / 3.0).then_at(5, Constant::new(1.0));
/// assert_eq!((schedule.factor(4), schedule.factor(5)), (1.0 / 3.0, 1.0));
/// ```
///
/// Source: `PyTorch`, `ConstantLR`.
#[derive(Clone, Debug)]
pub struct Constant {
    factor: f64,
}

impl Constant {
    /// # Panics
    /// The factor is negative or not finite.
    #[track_caller]
    pub fn new(value: f64) -> Self {
        Self { factor: or_panic(factor(value)) }
    }
}

impl Schedule for Constant {
    fn factor(&self, _tick: u64) -> f64 {
        self.factor
    }
}

/// Falls every so many ticks: `gamma ^ ⌊t / every⌋`.
///
/// ```
/// use nn::schedule::{Schedule, StepDecay};
/// let schedule = StepDecay::new(30, 0.5);
/// assert_eq!([29, 30, 60].map(|tick| schedule.factor(tick)), [1.0, 0.5, 0.25]);
/// ```
///
/// Source: `PyTorch`, `StepLR`.
#[derive(Clone, Debug)]
pub struct StepDecay {
    every: u64,
    gamma: f64,
}

impl StepDecay {
    /// # Panics
    /// `every` is 0, or `gamma` negative or not finite.
    #[track_caller]
    pub fn new(every: u64, gamma: f64) -> Self {
        Self { every: or_panic(ticks(every)), gamma: or_panic(factor(gamma)) }
    }
}

impl Schedule for StepDecay {
    fn factor(&self, tick: u64) -> f64 {
        self.gamma.powf((tick / self.every) as f64)
    }
}

/// Falls at given ticks: `gamma ^ (how many of them are ≤ t)`.
///
/// ```
/// use nn::schedule::{MultiStep, Schedule};
/// let schedule = MultiStep::new([30, 80], 0.5);
/// assert_eq!([29, 30, 80].map(|tick| schedule.factor(tick)), [1.0, 0.5, 0.25]);
/// ```
///
/// Source: `PyTorch`, `MultiStepLR`.
#[derive(Clone, Debug)]
pub struct MultiStep {
    milestones: Vec<u64>,
    gamma: f64,
}

impl MultiStep {
    /// # Panics
    /// `gamma` is negative or not finite.
    #[track_caller]
    pub fn new(milestones: impl IntoIterator<Item = u64>, gamma: f64) -> Self {
        Self { milestones: milestones.into_iter().collect(), gamma: or_panic(factor(gamma)) }
    }
}

impl Schedule for MultiStep {
    fn factor(&self, tick: u64) -> f64 {
        let passed = self.milestones.iter().filter(|&&milestone| milestone <= tick).count();
        self.gamma.powf(passed as f64)
    }
}

/// Falls at every tick: `gamma ^ t`.
///
/// ```
/// use nn::schedule::{Exponential, Schedule};
/// let schedule = Exponential::new(0.5);
/// assert_eq!([0, 1, 2].map(|tick| schedule.factor(tick)), [1.0, 0.5, 0.25]);
/// ```
///
/// Source: `PyTorch`, `ExponentialLR`.
#[derive(Clone, Debug)]
pub struct Exponential {
    gamma: f64,
}

impl Exponential {
    /// # Panics
    /// `gamma` is negative or not finite.
    #[track_caller]
    pub fn new(gamma: f64) -> Self {
        Self { gamma: or_panic(factor(gamma)) }
    }
}

impl Schedule for Exponential {
    fn factor(&self, tick: u64) -> f64 {
        self.gamma.powf(tick as f64)
    }
}
