//! One row of the cross-entropy of softmax.

use tape::{Element, slices};

use super::labels::counted;

/// A row of logits: the greatest, and the sums of `e^(x − greatest)` without and with it.
pub(super) struct Row<'a, T> {
    x: &'a [T],
    top: usize,
    rest: T,
    pub(super) log_total: T,
}

impl<'a, T: Element> Row<'a, T> {
    /// Writes `x − greatest` to `powers`, for the exponentials to be taken.
    pub(super) fn shift(x: &[T], powers: &mut [T]) {
        let greatest = x[Self::top(x)];
        powers.iter_mut().zip(x).for_each(|(power, &x)| *power = x - greatest);
    }

    /// From `powers = e^(x − greatest)`.
    pub(super) fn new(x: &'a [T], powers: &mut [T]) -> Self {
        let top = Self::top(x);
        // The greatest logit adds e⁰ = 1, so that a small rest keeps its digits.
        let one = std::mem::replace(&mut powers[top], T::zero());
        let rest = slices::sum(powers);
        powers[top] = one;
        Self { x, top, rest, log_total: rest.ln_1p() }
    }

    /// Where the greatest logit stands first.
    fn top(x: &[T]) -> usize {
        let greatest = slices::max(x);
        x.iter().position(|&x| x == greatest).unwrap_or(0)
    }

    pub(super) fn greatest(&self) -> T {
        self.x[self.top]
    }

    /// `−ln pₖ`
    pub(super) fn surprise(&self, k: usize) -> T {
        self.log_total - (self.x[k] - self.greatest())
    }

    /// The loss of one class with a weight. `powers` become its derivatives, `w (pₖ − tₖ)`.
    pub(super) fn of_label(&self, label: usize, weight: T, powers: &mut [T]) -> T {
        let total = T::one() + self.rest;
        // p − 1 as −Σ of the others, which does not cancel where p is close to 1.
        let others = if label == self.top { self.rest } else { total - powers[label] };
        for power in &mut *powers {
            *power = weight * (*power / total);
        }
        powers[label] = -weight * (others / total);
        counted(weight, self.surprise(label))
    }

    /// The loss of all classes, each with its factor. `powers` become its derivatives, `pₖ Σⱼ aⱼ − aₖ`.
    pub(super) fn of_factors(&self, factor: impl Fn(usize) -> T, powers: &mut [T]) -> T {
        let total = T::one() + self.rest;
        let all = slices::sum_of(self.x.len(), |first, terms| {
            terms.iter_mut().zip(first..).for_each(|(term, k)| *term = factor(k));
        });
        powers.iter_mut().enumerate().for_each(|(k, power)| *power = all * (*power / total) - factor(k));
        slices::sum_of(self.x.len(), |first, terms| {
            terms.iter_mut().zip(first..).for_each(|(term, k)| *term = counted(factor(k), self.surprise(k)));
        })
    }
}
