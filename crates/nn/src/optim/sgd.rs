//! Stochastic gradient descent.

use slotmap::SecondaryMap;
use tape::{Element, Error, Loop, widest};

use super::{Optimizer, OptimizerState, not_negative, share};
use crate::gradients::ParamGradients;
use crate::layout::ParamKey;
use crate::params::Params;

/// Gradient descent, with momentum, Nesterov's momentum and weight decay.
///
/// With `d` the gradient plus `weight_decay · w`, and `b` the momentum of the parameter (`d` at its first step):
///
/// | | |
/// |---|---|
/// | plain | `w ← w − lr·d` |
/// | momentum | `b ← momentum·b + (1 − dampening)·d`, `w ← w − lr·b` |
/// | Nesterov | `b` likewise, `w ← w − lr·(d + momentum·b)` |
///
/// # Example
/// ```
/// use nn::{Optimizer, Sgd};
/// let optim = Sgd::<f32>::new(0.1).momentum(0.9).nesterov(true).weight_decay(1e-4);
/// assert_eq!(optim.learning_rate(), 0.1);
/// ```
///
/// Source: `PyTorch`, `torch.optim.SGD`; I. Sutskever and others, *On the importance of initialization and momentum in
/// deep learning* (ICML 2013), for Nesterov's momentum.
#[derive(Clone, Debug)]
pub struct Sgd<T: Element> {
    rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    weight_decay: f64,
    momenta: SecondaryMap<ParamKey, Vec<T>>,
}

impl<T: Element> Sgd<T> {
    /// Plain gradient descent with a learning rate.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self {
            rate: not_negative("a learning rate", rate),
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            momenta: SecondaryMap::new(),
        }
    }

    /// The share of the momentum that is kept from step to step; 0 without.
    ///
    /// # Panics
    /// It is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum: share("a momentum", momentum), ..self }
    }

    /// By how much less than itself a gradient adds to the momentum; 0 without.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Self {
        Self { dampening: not_negative("a dampening", dampening), ..self }
    }

    /// Looks ahead along the momentum.
    #[must_use]
    pub fn nesterov(self, on: bool) -> Self {
        Self { nesterov: on, ..self }
    }

    /// Adds this share of each weight to its gradient: the derivative of `½ weight_decay Σ w²`.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(self, decay: f64) -> Self {
        Self { weight_decay: not_negative("a weight decay", decay), ..self }
    }
}

impl<T: Element> Optimizer<T> for Sgd<T> {
    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        let (rate, decay) = (T::of(self.rate), T::of(self.weight_decay));
        let (momentum, fresh) = (T::of(self.momentum), T::of(1.0 - self.dampening));
        let nesterov = self.nesterov;
        for (id, gradient) in grads.iter() {
            let Some(gradient) = gradient else { continue };
            let weights = params.values_mut(id);
            if self.momentum == 0.0 {
                widest(Plain { weights, gradient, rate, decay });
                continue;
            }
            let first = !self.momenta.contains_key(id.key());
            if first {
                self.momenta.insert(id.key(), vec![T::zero(); weights.len()]);
            }
            let momenta = &mut self.momenta[id.key()];
            // The first momentum is the gradient itself, whatever the dampening.
            let fresh = if first { T::one() } else { fresh };
            widest(WithMomentum { weights, gradient, momenta, rate, decay, momentum, fresh, nesterov });
        }
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = not_negative("a learning rate", rate);
    }

    fn state(&self, params: &Params<T>) -> OptimizerState<T> {
        todo!("{params:?}")
    }

    fn restore(&mut self, params: &Params<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        todo!("{params:?} {state:?}")
    }
}

struct Plain<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    rate: T,
    decay: T,
}

impl<T: Element> Loop for Plain<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { rate, decay, .. } = self;
        for (w, &g) in self.weights.iter_mut().zip(self.gradient) {
            *w = *w - rate * (g + decay * *w);
        }
    }
}

struct WithMomentum<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    momenta: &'a mut [T],
    rate: T,
    decay: T,
    momentum: T,
    fresh: T,
    nesterov: bool,
}

impl<T: Element> Loop for WithMomentum<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { rate, decay, momentum, fresh, nesterov, .. } = self;
        for ((w, &g), b) in self.weights.iter_mut().zip(self.gradient).zip(self.momenta) {
            let d = g + decay * *w;
            *b = momentum * *b + fresh * d;
            *w = *w - rate * if nesterov { d + momentum * *b } else { *b };
        }
    }
}
