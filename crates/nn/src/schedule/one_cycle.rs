//! Up, then down to nearly nothing.

use std::f64::consts::PI;

use super::{Schedule, factor, ticks};
use crate::or_panic;

/// One cycle: from `1 / start_div` up to 1, then down to `1 / (start_div · final_div)`, each along half a cosine. The optimiser's own
/// rate is the highest.
///
/// With `n` ticks, the top is at tick `start_share · n − 1`, and the end at `n − 1`, where it stays. In
/// [three phases](Self::three_phases) it falls as fast as it has risen, and then from `1 / start_div` on.
///
/// ```
/// use nn::schedule::{OneCycle, Schedule};
/// let schedule = OneCycle::new(101).start_share(51.0 / 101.0).start_div(10.0).final_div(100.0);
/// let factors = [0, 50, 100].map(|tick| (schedule.factor(tick) * 1e9).round() / 1e9);
/// assert_eq!(factors, [0.1, 1.0, 0.001]);
/// ```
///
/// Source: L. Smith, N. Topin, *Super-convergence: very fast training of neural networks using large learning rates* (2018);
/// `PyTorch`, `OneCycleLR`.
#[derive(Clone, Debug)]
pub struct OneCycle {
    ticks: u64,
    start_share: f64,
    div: f64,
    final_div: f64,
    linear: bool,
    three_phases: bool,
}

impl OneCycle {
    /// With the top after 0.3 of the way, `start_div` 25 and `final_div` 10,000, as `PyTorch` has it.
    ///
    /// # Panics
    /// `count` is 0.
    #[track_caller]
    pub fn new(count: u64) -> Self {
        let ticks = or_panic(ticks(count));
        Self { ticks, start_share: 0.3, div: 25.0, final_div: 1e4, linear: false, three_phases: false }
    }

    /// Which part of the way goes up.
    ///
    /// # Panics
    /// It is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn start_share(self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "a part of the way is from 0 to 1, not {share}");
        Self { start_share: share, ..self }
    }

    /// How far below the top it starts.
    ///
    /// # Panics
    /// It is not a number above 0.
    #[must_use]
    #[track_caller]
    pub fn start_div(self, div: f64) -> Self {
        Self { div: divisor(div), ..self }
    }

    /// How far below the start it ends.
    ///
    /// # Panics
    /// It is not a number above 0.
    #[must_use]
    #[track_caller]
    pub fn final_div(self, div: f64) -> Self {
        Self { final_div: divisor(div), ..self }
    }

    /// Along lines instead of cosines.
    #[must_use]
    pub fn linear(self, on: bool) -> Self {
        Self { linear: on, ..self }
    }

    /// First down to where it started, then on to the end.
    #[must_use]
    pub fn three_phases(self, on: bool) -> Self {
        Self { three_phases: on, ..self }
    }
}

#[track_caller]
fn divisor(value: f64) -> f64 {
    let value = or_panic(factor(value));
    assert!(value > 0.0, "a divisor is a number above 0");
    value
}

impl Schedule for OneCycle {
    fn factor(&self, tick: u64) -> f64 {
        let last = self.ticks as f64 - 1.0;
        let tick = (tick as f64).min(last);
        let (low, end) = (1.0 / self.div, 1.0 / self.div / self.final_div);
        let top = self.start_share * self.ticks as f64 - 1.0;
        let (first, second) = (0.0, 2.0 * top);
        let (from, to, here, there) = if tick <= top {
            (first, top, low, 1.0)
        } else if !self.three_phases {
            (top, last, 1.0, end)
        } else if tick <= second {
            (top, second, 1.0, low)
        } else {
            (second, last, low, end)
        };
        let progress = if to > from { (tick - from) / (to - from) } else { 1.0 };
        if self.linear {
            here + (there - here) * progress
        } else {
            there + (here - there) / 2.0 * (1.0 + (PI * progress).cos())
        }
    }

    fn length(&self) -> Option<u64> {
        Some(self.ticks)
    }
}
