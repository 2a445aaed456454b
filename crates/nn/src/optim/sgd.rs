//! Stochastic gradient descent.

use tape::{Element, Loop, widest};

use super::{FirstOrder, Step, UpdateRule, not_negative, share};

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
pub type Sgd<T> = FirstOrder<T, SgdRule>;

/// The formula of [`Sgd`].
#[derive(Clone, Debug)]
pub struct SgdRule {
    momentum: f64,
    dampening: f64,
    nesterov: bool,
}

impl<T: Element> Sgd<T> {
    /// Plain gradient descent with a learning rate.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, SgdRule { momentum: 0.0, dampening: 0.0, nesterov: false })
    }

    /// The share of the momentum that is kept from step to step; 0 without.
    ///
    /// # Panics
    /// It is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        let momentum = share("a momentum", momentum);
        self.with(|rule| rule.momentum = momentum)
    }

    /// By how much less than itself a gradient adds to the momentum; 0 without.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn dampening(self, dampening: f64) -> Self {
        let dampening = not_negative("a dampening", dampening);
        self.with(|rule| rule.dampening = dampening)
    }

    /// Looks ahead along the momentum.
    #[must_use]
    pub fn nesterov(self, on: bool) -> Self {
        self.with(|rule| rule.nesterov = on)
    }
}

impl<T: Element> UpdateRule<T> for SgdRule {
    const METHOD: &'static str = "sgd";

    fn arrays(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["momentum"] }
    }

    fn update(&self, step: Step<'_, T>) {
        let Step { weights, gradient, arrays, steps, rate, weight_decay } = step;
        let (rate, decay) = (T::of(rate), T::of(weight_decay));
        let [momenta] = arrays else {
            return widest(Plain { weights, gradient, rate, decay });
        };
        // The first momentum is the gradient itself, whatever the dampening.
        let fresh = if steps == 1 { T::one() } else { T::of(1.0 - self.dampening) };
        let (momentum, nesterov) = (T::of(self.momentum), self.nesterov);
        widest(WithMomentum { weights, gradient, momenta, rate, decay, momentum, fresh, nesterov });
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
