//! Schedules: how the learning rate goes up and down in the course of training.
//!
//! A schedule gives a factor for each tick, which multiplies the optimiser's own rate. What a tick is, a step or an epoch, is
//! up to who asks:
//!
//! ```
//! use nn::schedule::{Cosine, Schedule, WarmUp};
//! use nn::{AdamW, Optimizer};
//! let schedule = WarmUp::new(10).then(Cosine::new(90).floor(0.01));
//! let mut optim = AdamW::<f32>::new(1e-3);
//! let rate = optim.learning_rate();
//! for tick in 0..100 {
//!     optim.set_learning_rate(rate * schedule.factor(tick));
//!     // … a step
//! }
//! assert!(optim.learning_rate() < 1.1e-5);
//! ```
//!
//! | | factor at tick `t` |
//! |---|---|
//! | [`Constant`] | always the same |
//! | [`StepDecay`], [`MultiStep`] | times `gamma` every so often, or at given ticks |
//! | [`Exponential`] | times `gamma` at each tick |
//! | [`Polynomial`] | down to a floor along a line or a power |
//! | [`Cosine`], [`CosineRestarts`] | down to a floor along half a cosine, once or again and again |
//! | [`OneCycle`] | up, then down to nearly nothing |
//! | [`WarmUp`] | up along a line |
//! | [`Plateau`] | times `gamma` when a metric gets no better |
//! | [`Then`], [`Product`] | one after another, or both at once |
//!
//! [`parse`] reads them from text.

mod composed;
mod cosine;
mod decay;
mod one_cycle;
mod parse;
mod plateau;
mod polynomial;

use std::fmt;

use tape::{Error, ErrorKind};

pub use composed::{Product, Then};
pub use cosine::{Cosine, CosineRestarts};
pub use decay::{Constant, Exponential, MultiStep, StepDecay};
pub use one_cycle::OneCycle;
pub use parse::parse;
pub use plateau::Plateau;
pub use polynomial::{Polynomial, WarmUp};

/// A factor of the learning rate for each tick.
///
/// It follows from the tick alone, in closed form, so that nothing drifts and any tick can be asked for; but for
/// [`Plateau`], which follows what it has [observed](Self::observe).
pub trait Schedule: fmt::Debug + Send {
    /// The factor at a tick, counted from 0.
    fn factor(&self, tick: u64) -> f64;

    /// The tick from which on the factor stays the same, if there is one.
    fn length(&self) -> Option<u64> {
        None
    }

    /// Takes notice of a metric, as the loss on data that is not trained on, usually once an epoch; of the time up to `tick`, the
    /// last one at which the factor was asked for.
    fn observe(&mut self, tick: u64, metric: f64) {
        let _ = (tick, metric);
    }

    /// What it keeps of its observations, for a checkpoint.
    fn state(&self) -> Vec<f64> {
        Vec::new()
    }

    /// Goes on from what was kept.
    ///
    /// # Errors
    /// They are not the numbers of a schedule of this kind; nothing is changed.
    fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        as_many(state, 0)
    }

    /// Another schedule after this one has come to its end, which then starts from its own tick 0.
    ///
    /// # Example
    /// See [`Then`].
    ///
    /// # Panics
    /// This one goes on forever: say until when with [`then_at`](Self::then_at).
    #[track_caller]
    fn then<S: Schedule>(self, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        match self.length() {
            Some(length) => self.then_at(length, next),
            None => panic!("the schedule goes on forever, nothing comes after it: {self:?}"),
        }
    }

    /// Another schedule from tick `at` on, which then starts from its own tick 0.
    ///
    /// # Example
    /// See [`Then`].
    fn then_at<S: Schedule>(self, at: u64, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then::new(self, at, next)
    }

    /// The product with another schedule, both with the same tick.
    ///
    /// # Example
    /// See [`Product`].
    fn times<S: Schedule>(self, other: S) -> Product<Self, S>
    where
        Self: Sized,
    {
        Product::new(self, other)
    }
}

impl<S: Schedule + ?Sized> Schedule for Box<S> {
    fn factor(&self, tick: u64) -> f64 {
        (**self).factor(tick)
    }

    fn length(&self) -> Option<u64> {
        (**self).length()
    }

    fn observe(&mut self, tick: u64, metric: f64) {
        (**self).observe(tick, metric);
    }

    fn state(&self) -> Vec<f64> {
        (**self).state()
    }

    fn restore(&mut self, state: &[f64]) -> Result<(), Error> {
        (**self).restore(state)
    }
}

fn fault(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Value, text).operation("schedule")
}

/// Whether a state has as many numbers as it must.
fn as_many(state: &[f64], wanted: usize) -> Result<(), Error> {
    if state.len() == wanted {
        return Ok(());
    }
    Err(fault(format!("the state of this schedule has {wanted} numbers, not {}", state.len())))
}

/// A span of time.
fn ticks(count: u64) -> Result<u64, String> {
    if count > 0 { Ok(count) } else { Err("a number of ticks is from 1, not 0".to_owned()) }
}

/// A factor, floor or power.
fn factor(value: f64) -> Result<f64, String> {
    let valid = value >= 0.0 && value.is_finite();
    if valid { Ok(value) } else { Err(format!("a factor, floor or power is a number from 0, not {value}")) }
}

/// How far a tick is on the way, from 0 to 1.
fn progress(tick: u64, ticks: u64) -> f64 {
    tick.min(ticks) as f64 / ticks as f64
}
