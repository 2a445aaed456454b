//! Adam, with decoupled weight decay, and with the greatest mean square.

use tape::{Element, Loop, widest};

use super::{FirstOrder, Step, UpdateRule, bias, not_negative, share};

/// Adam: steps in units of the gradient's own size, from running means of the gradient and of its square.
///
/// With `d` the gradient plus `weight_decay · w`, and `t` the number of this step of the parameter:
///
/// * `m ← β₁ m + (1 − β₁) d`
/// * `v ← β₂ v + (1 − β₂) d²`
/// * `w ← w − lr · (m / (1 − β₁ᵗ)) / (√v / √(1 − β₂ᵗ) + ε)`
///
/// With [`amsgrad`](Self::amsgrad) it has the greatest `v` so far in the place of `v` in the last line.
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
pub type Adam<T> = FirstOrder<T, AdamRule<false>>;

/// Adam whose weight decay does not go through the means: each step first takes the share `lr · weight_decay` off the
/// weights.
///
/// * `w ← (1 − lr · weight_decay) w`
/// * then as [`Adam`] with `d` the gradient alone.
///
/// # Example
/// ```
/// use nn::{AdamW, Optimizer};
/// let optim = AdamW::<f32>::new(1e-3).weight_decay(0.05);
/// assert_eq!(optim.learning_rate(), 1e-3);
/// ```
///
/// Source: I. Loshchilov, F. Hutter, *Decoupled weight decay regularization* (ICLR 2019); `PyTorch`,
/// `torch.optim.AdamW`.
pub type AdamW<T> = FirstOrder<T, AdamRule<true>>;

/// The formula of [`Adam`], and with `DECOUPLED` weight decay that of [`AdamW`].
#[derive(Clone, Debug)]
pub struct AdamRule<const DECOUPLED: bool> {
    betas: (f64, f64),
    eps: f64,
    amsgrad: bool,
}

impl<const DECOUPLED: bool> Default for AdamRule<DECOUPLED> {
    fn default() -> Self {
        Self { betas: (0.9, 0.999), eps: 1e-8, amsgrad: false }
    }
}

impl<T: Element> Adam<T> {
    /// With `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8` and no weight decay, as in the paper.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, AdamRule::default())
    }
}

impl<T: Element> AdamW<T> {
    /// With `β₁ = 0.9`, `β₂ = 0.999`, `ε = 1e-8` and a weight decay of 0.01, as `PyTorch` has it.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, AdamRule::default()).weight_decay(0.01)
    }
}

impl<T: Element, const DECOUPLED: bool> FirstOrder<T, AdamRule<DECOUPLED>>
where
    AdamRule<DECOUPLED>: UpdateRule<T>,
{
    /// The shares of both means that are kept from step to step.
    ///
    /// # Panics
    /// One is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn betas(self, first: f64, second: f64) -> Self {
        let betas = (share("a beta", first), share("a beta", second));
        self.with(|rule| rule.betas = betas)
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

    /// Divides by the greatest mean square so far, so that steps never grow again once gradients have been large.
    ///
    /// Source: S. Reddi, S. Kale, S. Kumar, *On the convergence of Adam and beyond* (ICLR 2018), with the corrections
    /// for `t` that `PyTorch` has.
    #[must_use]
    pub fn amsgrad(self, on: bool) -> Self {
        self.with(|rule| rule.amsgrad = on)
    }
}

impl<T: Element> UpdateRule<T> for AdamRule<false> {
    const METHOD: &'static str = "adam";

    fn arrays(&self) -> &'static [&'static str] {
        self.names()
    }

    fn update(&self, step: Step<'_, T>) {
        let decay = step.weight_decay;
        self.change(step, decay, 1.0);
    }
}

impl<T: Element> UpdateRule<T> for AdamRule<true> {
    const METHOD: &'static str = "adamw";

    fn arrays(&self) -> &'static [&'static str] {
        self.names()
    }

    fn update(&self, step: Step<'_, T>) {
        let shrink = 1.0 - step.rate * step.weight_decay;
        self.change(step, 0.0, shrink);
    }
}

impl<const DECOUPLED: bool> AdamRule<DECOUPLED> {
    fn names(&self) -> &'static [&'static str] {
        let names = &["first_moment", "second_moment", "greatest_second_moment"];
        if self.amsgrad { names } else { &names[..2] }
    }

    /// A step with a weight decay that is added to the gradient and one that shrinks the weights.
    fn change<T: Element>(&self, step: Step<'_, T>, decay: f64, shrink: f64) {
        let Step { weights, gradient, arrays, steps, rate, .. } = step;
        let (beta1, beta2) = self.betas;
        let formula = Formula {
            keep: (T::of(beta1), T::of(beta2)),
            fresh: (T::of(1.0 - beta1), T::of(1.0 - beta2)),
            rate: T::of(rate / bias(beta1, steps)),
            root: T::of(bias(beta2, steps).sqrt().recip()),
            eps: T::of(self.eps),
            decay: T::of(decay),
            shrink: T::of(shrink),
        };
        match arrays {
            [first, second] => widest(Update { weights, gradient, first, second, formula }),
            [first, second, greatest] => {
                let update = Update { weights, gradient, first, second, formula };
                widest(WithGreatest { update, greatest });
            }
            _ => unreachable!("two arrays, or three"),
        }
    }
}

struct Formula<T> {
    keep: (T, T),
    fresh: (T, T),
    rate: T,
    /// `1 / √(1 − β₂ᵗ)`: a product is cheaper than a quotient.
    root: T,
    eps: T,
    decay: T,
    shrink: T,
}

impl<T: Element> Formula<T> {
    /// Changes both moments.
    #[inline(always)]
    fn moments(&self, w: T, g: T, m: &mut T, v: &mut T) {
        let d = g + self.decay * w;
        *m = self.keep.0 * *m + self.fresh.0 * d;
        *v = self.keep.1 * *v + self.fresh.1 * d * d;
    }

    /// The weight after the step.
    #[inline(always)]
    fn step(&self, w: T, m: T, v: T) -> T {
        self.shrink * w - self.rate * (m / (v.sqrt() * self.root + self.eps))
    }
}

struct Update<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    first: &'a mut [T],
    second: &'a mut [T],
    formula: Formula<T>,
}

impl<T: Element> Loop for Update<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Self { weights, gradient, first, second, formula } = self;
        for ((w, &g), (m, v)) in weights.iter_mut().zip(gradient).zip(first.iter_mut().zip(second)) {
            formula.moments(*w, g, m, v);
            *w = formula.step(*w, *m, *v);
        }
    }
}

struct WithGreatest<'a, T> {
    update: Update<'a, T>,
    greatest: &'a mut [T],
}

impl<T: Element> Loop for WithGreatest<'_, T> {
    #[inline(always)]
    fn run(self) {
        let Update { weights, gradient, first, second, formula } = self.update;
        let kept = first.iter_mut().zip(second).zip(self.greatest);
        for ((w, &g), ((m, v), greatest)) in weights.iter_mut().zip(gradient).zip(kept) {
            formula.moments(*w, g, m, v);
            *greatest = greatest.max(*v);
            *w = formula.step(*w, *m, *greatest);
        }
    }
}
