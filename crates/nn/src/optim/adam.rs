//! Adam.

use slotmap::SecondaryMap;
use tape::{Element, Error, Loop, widest};

use super::{Optimizer, OptimizerState, not_negative, share};
use crate::gradients::ParamGradients;
use crate::layout::ParamKey;
use crate::params::Params;

/// Adam: steps in units of the gradient's own size, from running means of the gradient and of its square.
///
/// With `d` the gradient plus `weight_decay · w`, and `t` the number of this step of the parameter:
///
/// * `m ← β₁ m + (1 − β₁) d`
/// * `v ← β₂ v + (1 − β₂) d²`
/// * `w ← w − lr · (m / (1 − β₁ᵗ)) / (√v / √(1 − β₂ᵗ) + ε)`
///
/// # Example
/// ```
/// use nn::{Adam, Optimizer};
/// let optim = Adam::<f32>::new(1e-3).betas(0.9, 0.999).eps(1e-8).weight_decay(0.0);
/// assert_eq!(optim.learning_rate(), 1e-3);
/// ```
///
/// Source: D. Kingma, J. Ba, *Adam: a method for stochastic optimization* (ICLR 2015), algorithm 1; `PyTorch`,
/// `torch.optim.Adam`, for the weight decay and the place of ε.
#[derive(Clone, Debug)]
pub struct Adam<T: Element> {
    rate: f64,
    betas: (f64, f64),
    eps: f64,
    weight_decay: f64,
    moments: SecondaryMap<ParamKey, Moments<T>>,
}

#[derive(Clone, Debug)]
struct Moments<T> {
    steps: i32,
    first: Vec<T>,
    second: Vec<T>,
}

impl<T: Element> Adam<T> {
    /// With `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8` and no weight decay, as in the paper.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self {
            rate: not_negative("a learning rate", rate),
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            moments: SecondaryMap::new(),
        }
    }

    /// The shares of both means that are kept from step to step.
    ///
    /// # Panics
    /// One is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn betas(self, first: f64, second: f64) -> Self {
        Self { betas: (share("a beta", first), share("a beta", second)), ..self }
    }

    /// What keeps the step finite where the gradient is 0.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps: not_negative("an epsilon", eps), ..self }
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

impl<T: Element> Optimizer<T> for Adam<T> {
    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        let (beta1, beta2) = self.betas;
        for (id, gradient) in grads.iter() {
            let Some(gradient) = gradient else { continue };
            let weights = params.values_mut(id);
            if !self.moments.contains_key(id.key()) {
                let zeros = vec![T::zero(); weights.len()];
                self.moments.insert(id.key(), Moments { steps: 0, first: zeros.clone(), second: zeros });
            }
            let Moments { steps, first, second } = &mut self.moments[id.key()];
            *steps = steps.saturating_add(1);
            widest(Update {
                weights,
                gradient,
                first,
                second,
                keep: (T::of(beta1), T::of(beta2)),
                fresh: (T::of(1.0 - beta1), T::of(1.0 - beta2)),
                rate: T::of(self.rate / (1.0 - beta1.powi(*steps))),
                root: T::of((1.0 - beta2.powi(*steps)).sqrt()),
                eps: T::of(self.eps),
                decay: T::of(self.weight_decay),
            });
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

struct Update<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    first: &'a mut [T],
    second: &'a mut [T],
    keep: (T, T),
    fresh: (T, T),
    rate: T,
    root: T,
    eps: T,
    decay: T,
}

impl<T: Element> Loop for Update<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { keep, fresh, rate, root, eps, decay, .. } = self;
        let moments = self.first.iter_mut().zip(self.second);
        for ((w, &g), (m, v)) in self.weights.iter_mut().zip(self.gradient).zip(moments) {
            let d = g + decay * *w;
            *m = keep.0 * *m + fresh.0 * d;
            *v = keep.1 * *v + fresh.1 * d * d;
            let step = *m / (v.sqrt() / root + eps);
            *w = *w - rate * step;
        }
    }
}
