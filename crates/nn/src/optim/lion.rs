//! Lion.

use tape::{Element, Loop, widest};

use super::{FirstOrder, Step, UpdateRule, share};

/// Lion: steps of one size in the direction of the sign of a running mean of the gradient. It keeps half of what
/// [`Adam`](super::Adam) keeps.
///
/// With the gradient `g`, and `m` 0 before the first step:
///
/// * `c = β₁ m + (1 − β₁) g`
/// * `w ← w − lr · (sign(c) + weight_decay · w)`
/// * `m ← β₂ m + (1 − β₂) g`
///
/// The sign of 0 is 0. The paper's advice: a learning rate 3 to 10 times smaller than for [`AdamW`](super::AdamW), and a
/// weight decay as many times larger.
///
/// # Example
/// ```
/// use nn::{Lion, Optimizer};
/// let optim = Lion::<f32>::new(1e-4).betas(0.95, 0.98).weight_decay(0.1);
/// assert_eq!(optim.learning_rate(), 1e-4);
/// ```
///
/// Source: X. Chen and others, *Symbolic discovery of optimization algorithms* (`NeurIPS` 2023), algorithm 2.
pub type Lion<T> = FirstOrder<T, LionRule>;

/// The formula of [`Lion`].
#[derive(Clone, Debug)]
pub struct LionRule {
    betas: (f64, f64),
}

impl<T: Element> Lion<T> {
    /// With `β₁ = 0.9`, `β₂ = 0.99` and no weight decay.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, LionRule { betas: (0.9, 0.99) })
    }

    /// The shares of the mean that are kept: in the direction of a step, and from step to step.
    ///
    /// # Panics
    /// One is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn betas(self, direction: f64, mean: f64) -> Self {
        let betas = (share("a beta", direction), share("a beta", mean));
        self.with(|rule| rule.betas = betas)
    }
}

impl<T: Element> UpdateRule<T> for LionRule {
    const METHOD: &'static str = "lion";

    fn arrays(&self) -> &'static [&'static str] {
        &["mean"]
    }

    fn update(&self, step: Step<'_, T>) {
        let Step { weights, gradient, arrays, rate, weight_decay, .. } = step;
        let (direction, mean) = self.betas;
        widest(Update {
            weights,
            gradient,
            means: &mut arrays[0],
            direction: (T::of(direction), T::of(1.0 - direction)),
            mean: (T::of(mean), T::of(1.0 - mean)),
            rate: T::of(rate),
            shrink: T::of(1.0 - rate * weight_decay),
        });
    }
}

struct Update<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    means: &'a mut [T],
    direction: (T, T),
    mean: (T, T),
    rate: T,
    shrink: T,
}

impl<T: Element> Loop for Update<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { direction, mean, rate, shrink, .. } = self;
        for ((w, &g), m) in self.weights.iter_mut().zip(self.gradient).zip(self.means) {
            let c = direction.0 * *m + direction.1 * g;
            // NaN goes on to the weight, as in every other method.
            let step = if c > T::zero() {
                rate
            } else if c < T::zero() {
                -rate
            } else {
                c
            };
            *w = shrink * *w - step;
            *m = mean.0 * *m + mean.1 * g;
        }
    }
}
