//! Adagrad.

use tape::{Element, Loop, widest};

use super::{FirstOrder, Step, UpdateRule, not_negative};

/// Adagrad: divides the gradient by the root of the sum of all its squares so far.
///
/// With `d` the gradient plus `weight_decay · w`, `v` full of [`initial_accumulator`](Self::initial_accumulator) before
/// the first step, and `t` the number of this step of the parameter:
///
/// * `v ← v + d²`
/// * `w ← w − lr / (1 + (t − 1) lr_decay) · d / (√v + ε)`
///
/// # Example
/// ```
/// use nn::{Adagrad, Optimizer};
/// let optim = Adagrad::<f32>::new(0.01).lr_decay(1e-4).initial_accumulator(0.1).eps(1e-10);
/// assert_eq!(optim.learning_rate(), 0.01);
/// ```
///
/// Source: J. Duchi, E. Hazan, Y. Singer, *Adaptive subgradient methods for online learning and stochastic optimization*
/// (JMLR 12, 2011); `PyTorch`, `torch.optim.Adagrad`.
pub type Adagrad<T> = FirstOrder<T, AdagradRule>;

/// The formula of [`Adagrad`].
#[derive(Clone, Debug)]
pub struct AdagradRule {
    lr_decay: f64,
    initial: f64,
    eps: f64,
}

impl<T: Element> Adagrad<T> {
    /// With `ε = 1e-10`, and 0 for all else, as `PyTorch` has it.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, AdagradRule { lr_decay: 0.0, initial: 0.0, eps: 1e-10 })
    }

    /// How fast the learning rate falls with the number of steps; 0 leaves it.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn lr_decay(self, decay: f64) -> Self {
        let decay = not_negative("a decay of the learning rate", decay);
        self.with(|rule| rule.lr_decay = decay)
    }

    /// What the sums of squares start with: more makes the first steps shorter.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn initial_accumulator(self, value: f64) -> Self {
        let value = not_negative("an initial accumulator", value);
        self.with(|rule| rule.initial = value)
    }

    /// What keeps the step finite where the gradient is 0.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn eps(self, eps: f64) -> Self {
        let eps = not_negative("an epsilon", eps);
        self.with(|rule| rule.eps = eps)
    }
}

impl<T: Element> UpdateRule<T> for AdagradRule {
    const METHOD: &'static str = "adagrad";

    fn arrays(&self) -> &'static [&'static str] {
        &["sum_of_squares"]
    }

    fn initial(&self) -> f64 {
        self.initial
    }

    fn update(&self, step: Step<'_, T>) {
        let Step { weights, gradient, arrays, steps, rate, weight_decay } = step;
        let rate = T::of(rate / (1.0 + (steps - 1) as f64 * self.lr_decay));
        let (eps, decay) = (T::of(self.eps), T::of(weight_decay));
        widest(Update { weights, gradient, squares: &mut arrays[0], rate, eps, decay });
    }
}

struct Update<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    squares: &'a mut [T],
    rate: T,
    eps: T,
    decay: T,
}

impl<T: Element> Loop for Update<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { rate, eps, decay, .. } = self;
        for ((w, &g), v) in self.weights.iter_mut().zip(self.gradient).zip(self.squares) {
            let d = g + decay * *w;
            *v = *v + d * d;
            *w = *w - rate * (d / (v.sqrt() + eps));
        }
    }
}
