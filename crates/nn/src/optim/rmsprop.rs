//! `RMSprop`.

use tape::{Element, Loop, widest};

use super::{FirstOrder, Step, UpdateRule, not_negative, share};

/// `RMSprop`: divides the gradient by the root of a running mean of its square.
///
/// With `d` the gradient plus `weight_decay · w`:
///
/// | | |
/// |---|---|
/// | plain | `v ← α v + (1 − α) d²`, `w ← w − lr · d / (√v + ε)` |
/// | centred | `g ← α g + (1 − α) d` too, and `√(v − g²)` in the place of `√v` |
/// | momentum | `b ← momentum·b + d / (√… + ε)`, `w ← w − lr·b` |
///
/// The variance `v − g²` of the centred form counts as 0 where rounding makes it negative.
///
/// # Example
/// ```
/// use nn::{Optimizer, RmsProp};
/// let optim = RmsProp::<f32>::new(0.01).alpha(0.99).eps(1e-8).centred(true).momentum(0.9);
/// assert_eq!(optim.learning_rate(), 0.01);
/// ```
///
/// Source: T. Tieleman, G. Hinton, *Neural networks for machine learning*, lecture 6.5 (Coursera, 2012); A. Graves,
/// *Generating sequences with recurrent neural networks* (2013), for the centred form; `PyTorch`,
/// `torch.optim.RMSprop`.
pub type RmsProp<T> = FirstOrder<T, RmsPropRule>;

/// The formula of [`RmsProp`].
#[derive(Clone, Debug)]
pub struct RmsPropRule {
    alpha: f64,
    eps: f64,
    centred: bool,
    momentum: f64,
}

impl<T: Element> RmsProp<T> {
    /// With `α = 0.99`, `ε = 1e-8`, not centred, without momentum and weight decay, as `PyTorch` has it.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self::with_rule(rate, RmsPropRule { alpha: 0.99, eps: 1e-8, centred: false, momentum: 0.0 })
    }

    /// The share of the mean square that is kept from step to step.
    ///
    /// # Panics
    /// It is negative, or not below 1.
    #[must_use]
    #[track_caller]
    pub fn alpha(self, alpha: f64) -> Self {
        let alpha = share("an alpha", alpha);
        self.with(|rule| rule.alpha = alpha)
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

    /// Divides by the root of the variance instead of that of the mean square.
    #[must_use]
    pub fn centred(self, on: bool) -> Self {
        self.with(|rule| rule.centred = on)
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
}

impl<T: Element> UpdateRule<T> for RmsPropRule {
    const METHOD: &'static str = "rmsprop";

    fn arrays(&self) -> &'static [&'static str] {
        let names = &["momentum", "mean_square", "mean"];
        match (self.momentum != 0.0, self.centred) {
            (true, true) => names,
            (true, false) => &names[..2],
            (false, true) => &names[1..],
            (false, false) => &names[1..2],
        }
    }

    fn update(&self, step: Step<'_, T>) {
        let Step { weights, gradient, arrays, rate, weight_decay, .. } = step;
        let (momenta, arrays) = arrays.split_at_mut(usize::from(self.momentum != 0.0));
        let (squares, means) = arrays.split_at_mut(1);
        let update = Update {
            weights,
            gradient,
            squares: &mut squares[0],
            keep: T::of(self.alpha),
            fresh: T::of(1.0 - self.alpha),
            momentum: T::of(self.momentum),
            rate: T::of(rate),
            eps: T::of(self.eps),
            decay: T::of(weight_decay),
        };
        match (momenta, means) {
            ([], []) => widest(update),
            ([], [means]) => widest(Centred { update, means }),
            ([momenta], []) => widest(WithMomentum { update, momenta }),
            ([momenta], [means]) => widest(Both { update, momenta, means }),
            _ => unreachable!("one array of each kind"),
        }
    }
}

struct Update<'a, T> {
    weights: &'a mut [T],
    gradient: &'a [T],
    squares: &'a mut [T],
    keep: T,
    fresh: T,
    momentum: T,
    rate: T,
    eps: T,
    decay: T,
}

impl<T: Element> Update<'_, T> {
    /// Goes over all of it, with what the other arrays have for each number.
    #[inline(always)]
    fn each<O>(
        self,
        others: impl Iterator<Item = O>,
        mean: impl Fn(&mut O) -> Option<&mut T>,
        momentum: impl Fn(&mut O) -> Option<&mut T>,
    ) {
        let Self { keep, fresh, rate, eps, decay, .. } = self;
        let numbers = self.weights.iter_mut().zip(self.gradient).zip(self.squares);
        for (((w, &g), v), mut other) in numbers.zip(others) {
            let d = g + decay * *w;
            *v = keep * *v + fresh * d * d;
            let mut square = *v;
            if let Some(mean) = mean(&mut other) {
                *mean = keep * *mean + fresh * d;
                square = (square - *mean * *mean).max(T::zero());
            }
            let mut step = d / (square.sqrt() + eps);
            if let Some(b) = momentum(&mut other) {
                *b = self.momentum * *b + step;
                step = *b;
            }
            *w = *w - rate * step;
        }
    }
}

impl<T: Element> Loop for Update<'_, T> {
    #[inline(always)]
    fn run(self) {
        self.each(std::iter::repeat(()), |()| None, |()| None);
    }
}

struct Centred<'a, T> {
    update: Update<'a, T>,
    means: &'a mut [T],
}

impl<T: Element> Loop for Centred<'_, T> {
    #[inline(always)]
    fn run(self) {
        self.update.each(self.means.iter_mut(), |mean| Some(mean), |_| None);
    }
}

struct WithMomentum<'a, T> {
    update: Update<'a, T>,
    momenta: &'a mut [T],
}

impl<T: Element> Loop for WithMomentum<'_, T> {
    #[inline(always)]
    fn run(self) {
        self.update.each(self.momenta.iter_mut(), |_| None, |b| Some(b));
    }
}

struct Both<'a, T> {
    update: Update<'a, T>,
    momenta: &'a mut [T],
    means: &'a mut [T],
}

impl<T: Element> Loop for Both<'_, T> {
    #[inline(always)]
    fn run(self) {
        let others = self.momenta.iter_mut().zip(self.means);
        self.update.each(others, |(_, mean)| Some(mean), |(b, _)| Some(b));
    }
}
