//! Schedules of schedules.

use tape::Error;

use super::{Schedule, as_many};

/// One schedule after another: made by [`Schedule::then`] and [`Schedule::then_at`]. Each counts ticks from its own start.
/// Observations go to the one whose turn it is: a [`Plateau`](super::Plateau) after a warm-up does not count what the warm-up did.
///
/// ```
/// use nn::schedule::{Constant, Exponential, Polynomial, Schedule, WarmUp};
/// let schedule = WarmUp::new(1).then(Polynomial::linear(4)).then_at(3, Exponential::new(0.5));
/// let factors = [0, 1, 2, 3, 4].map(|tick| schedule.factor(tick));
/// assert_eq!(factors, [0.5, 1.0, 0.75, 1.0, 0.5]);
/// ```
///
/// Source: `PyTorch`, `SequentialLR`.
#[derive(Clone, Debug)]
pub struct Then<A, B> {
    first: A,
    at: u64,
    next: B,
}

impl<A, B> Then<A, B> {
    pub(super) fn new(first: A, at: u64, next: B) -> Self {
        Self { first, at, next }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn factor(&self, tick: u64) -> f64 {
        match tick.checked_sub(self.at) {
            Some(tick) => self.next.factor(tick),
            None => self.first.factor(tick),
        }
    }

    fn length(&self) -> Option<u64> {
        Some(self.at.saturating_add(self.next.length()?))
    }

    fn observe(&mut self, tick: u64, metric: f64) {
        match tick.checked_sub(self.at) {
            Some(tick) => self.next.observe(tick, metric),
            None => self.first.observe(tick, metric),
        }
    }

    fn state(&self) -> Vec<f64> {
        [self.first.state(), self.next.state()].concat()
    }

    fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        restore_both(&mut self.first, &mut self.next, state)
    }
}

/// The product of two schedules: made by [`Schedule::times`].
///
/// ```
/// use nn::schedule::{Plateau, Schedule, WarmUp};
/// let schedule = WarmUp::new(3).times(Plateau::new(10, 0.1));
/// assert_eq!([0, 1, 9].map(|tick| schedule.factor(tick)), [0.25, 0.5, 1.0]);
/// ```
///
/// Source: `PyTorch`, `ChainedScheduler`.
#[derive(Clone, Debug)]
pub struct Product<A, B> {
    factors: (A, B),
}

impl<A, B> Product<A, B> {
    pub(super) fn new(a: A, b: B) -> Self {
        Self { factors: (a, b) }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Product<A, B> {
    fn factor(&self, tick: u64) -> f64 {
        self.factors.0.factor(tick) * self.factors.1.factor(tick)
    }

    fn length(&self) -> Option<u64> {
        Some(self.factors.0.length()?.max(self.factors.1.length()?))
    }

    fn observe(&mut self, tick: u64, metric: f64) {
        self.factors.0.observe(tick, metric);
        self.factors.1.observe(tick, metric);
    }

    fn state(&self) -> Vec<f64> {
        [self.factors.0.state(), self.factors.1.state()].concat()
    }

    fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        let (a, b) = &mut self.factors;
        restore_both(a, b, state)
    }
}

/// Restores both, or none.
fn restore_both(a: &mut impl Schedule, b: &mut impl Schedule, state: &[f64]) -> Result<(), Error> {
    let before = a.state();
    as_many(state, before.len() + b.state().len())?;
    let (of_a, of_b) = state.split_at(before.len());
    a.restore(of_a)?;
    b.restore(of_b).or_else(|error| a.restore(&before).and(Err(error)))
}
