//! Optimisers: how parameters change with their gradients.
//!
//! An optimiser does not know how many rows the loss was taken over: the full data, a batch, or one sample.

mod adagrad;
mod adam;
mod first_order;
mod group;
mod lbfgs;
mod lion;
mod rmsprop;
mod sgd;
mod state;

use tape::{Element, Error};

pub use adagrad::{Adagrad, AdagradRule};
pub use adam::{Adam, AdamRule, AdamW};
pub use first_order::{FirstOrder, Step, UpdateRule};
pub use group::Group;
pub use lbfgs::Lbfgs;
pub use lion::{Lion, LionRule};
pub use rmsprop::{RmsProp, RmsPropRule};
pub use sgd::{Sgd, SgdRule};
pub use state::{OptimizerState, Slot};

use crate::gradients::ParamGradients;
use crate::params::Params;

/// A rule that changes parameters with their gradients.
///
/// A parameter that the loss does not depend on is left alone: no decay, no momentum, no step is counted for it.
/// What is kept of a parameter between steps goes with the parameter, never to another. After the first step nothing
/// is allocated.
///
/// ```
/// use nn::{Optimizer, Params, Sgd};
/// let mut params = Params::<f64>::seeded(42);
/// let w = params.insert("w", ([1], vec![3.0]));
/// let mut optim = Sgd::new(0.25);
/// let mut tape = tape::Tape::new();
/// for _ in 0..2 {
///     let net = params.on(&tape);
///     let grads = net.backward(net.param(w).square().sum());
///     tape.reset();
///     optim.step(&mut params, &grads);
/// }
/// assert_eq!(params.values(w), [0.75]);
/// ```
pub trait Optimizer<T: Element> {
    /// Changes the parameters once, and takes over what batch normalisation has observed in the pass.
    ///
    /// # Panics
    /// The gradients are of another [`Params`], or of a parameter that was removed since.
    #[track_caller]
    fn step(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        self.update(params, grads);
        grads.settle(params);
    }

    /// The rule itself: changes the parameters that have a gradient.
    ///
    /// # Panics
    /// As [`step`](Self::step).
    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>);

    /// The learning rate.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate, from the next step on.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64);

    /// All that it keeps between steps, for a checkpoint. Settings that its constructor takes are not in it, but for
    /// the learning rate, which changes.
    ///
    /// ```
    /// use nn::{Adam, Optimizer, Params};
    /// let params = Params::<f32>::seeded(42);
    /// let state = Adam::new(1e-3).state(&params);
    /// assert_eq!((&state.method[..], state.learning_rate, state.slots.len()), ("adam", 1e-3, 0));
    /// ```
    fn state(&self, params: &Params<T>) -> OptimizerState<T>;

    /// Goes on from what was kept: steps from here equal those of the optimiser that gave it, bit for bit.
    ///
    /// # Errors
    /// It is of another method, names a parameter that is not there, or does not fit its shape: all that does not fit is
    /// listed, and nothing is changed.
    #[track_caller]
    fn restore(&mut self, params: &Params<T>, state: &OptimizerState<T>) -> Result<(), Error>;
}

impl<T: Element, O: Optimizer<T> + ?Sized> Optimizer<T> for Box<O> {
    #[track_caller]
    fn step(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        (**self).step(params, grads);
    }

    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        (**self).update(params, grads);
    }

    fn learning_rate(&self) -> f64 {
        (**self).learning_rate()
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        (**self).set_learning_rate(rate);
    }

    fn state(&self, params: &Params<T>) -> OptimizerState<T> {
        (**self).state(params)
    }

    #[track_caller]
    fn restore(&mut self, params: &Params<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        (**self).restore(params, state)
    }
}

/// A setting of an optimiser that must be a number from 0.
#[track_caller]
fn not_negative(name: &str, value: f64) -> f64 {
    assert!(value >= 0.0 && value.is_finite(), "{name} is a number from 0, not {value}");
    value
}

/// A share of the past that is kept: from 0 to below 1.
#[track_caller]
fn share(name: &str, value: f64) -> f64 {
    assert!((0.0..1.0).contains(&value), "{name} is a number from 0 to below 1, not {value}");
    value
}

/// `1 − betaᵗ`: what a running mean that started at 0 has seen by its step `t`, as a share. From `t` alone, so that it is
/// the same in a run that was taken up again.
fn bias(beta: f64, steps: u64) -> f64 {
    1.0 - beta.powi(i32::try_from(steps).unwrap_or(i32::MAX))
}
