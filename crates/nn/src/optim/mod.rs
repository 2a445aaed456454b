//! Optimisers: how parameters change with their gradients.
//!
//! An optimiser does not know how many rows the loss was taken over: the full data, a batch, or one sample.

mod adam;
mod sgd;

use tape::Element;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::net::ParamGradients;
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
    /// Changes the parameters once.
    ///
    /// # Panics
    /// The gradients are of another [`Params`], or of a parameter that was removed since.
    #[track_caller]
    fn step(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>);

    /// The learning rate.
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate, from the next step on.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64);
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
