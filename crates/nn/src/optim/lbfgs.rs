//! L-BFGS.

mod line_search;
mod memory;

use line_search::{Point, strong_wolfe};
use memory::{Memory, dot, greatest};
use tape::{Element, Error};

use super::{Optimizer, OptimizerState, not_negative};
use crate::gradients::ParamGradients;
use crate::params::Params;

/// L-BFGS: Newton's method, with the inverse of the matrix of second derivatives guessed from the latest steps and the
/// changes of the gradient over them. For small problems and whole data, where it finds minima to the last digit.
///
/// With all parameters as one vector `w`, `g` its gradient, and the latest pairs of a step `s` and the change `y` of the
/// gradient over it:
///
/// * `d = −H g`, where `H` is the product form of the BFGS update over all pairs, from `(sᵀy / yᵀy) · 1` on
/// * `w ← w + t d`, where `t = lr`, in the very first iteration `t = lr · min(1, 1 / Σ|g|)`
///
/// A pair with `sᵀy ≤ 1e-10` is not kept. There are no groups and no weight decay.
///
/// [`step_with`](Self::step_with) goes on for several iterations, and can search along `d` for a `t` that meets
/// [the strong Wolfe conditions](Self::strong_wolfe). [`Optimizer::step`] is one iteration from the given gradient, with
/// `t` as above. Which parameters are learnt must not change: it starts anew then.
///
/// # Example
/// The valley of Rosenbrock, to its end:
/// ```
/// use nn::{Lbfgs, Params};
/// let mut params = Params::<f64>::seeded(42);
/// let [x, y] = [("x", -1.2), ("y", 1.0)].map(|(name, at)| params.insert(name, ([1], vec![at])));
/// let mut tape = tape::Tape::new();
/// let mut optim = Lbfgs::new(1.0).strong_wolfe(true).max_iterations(60).tolerances(1e-9, 1e-15);
/// optim.step_with(&mut params, |params| {
///     let net = params.on(&tape);
///     let (x, y) = (net.param(x), net.param(y));
///     let loss = ((1.0 - x).square() + 100.0 * (y - x.square()).square()).sum();
///     let answer = (loss.value(), net.backward(loss));
///     tape.reset();
///     answer
/// });
/// assert!((params.values(x)[0] - 1.0).abs() < 1e-6 && (params.values(y)[0] - 1.0).abs() < 1e-6);
/// ```
///
/// Source: J. Nocedal, S. Wright, *Numerical optimization* (2nd edition, 2006), algorithms 7.4, 7.5 and 3.5; `PyTorch`,
/// `torch.optim.LBFGS`, for the first step, the tolerances and the search.
#[derive(Clone, Debug)]
pub struct Lbfgs<T: Element> {
    rate: f64,
    history: usize,
    max_iterations: usize,
    max_evaluations: Option<usize>,
    tolerance_gradient: f64,
    tolerance_change: f64,
    strong_wolfe: bool,
    memory: Memory<T>,
}

impl<T: Element> Lbfgs<T> {
    const METHOD: &'static str = "lbfgs";

    /// With 20 iterations a step and 25 evaluations, 100 pairs, tolerances of 1e-7 for the gradient and 1e-9 for changes,
    /// and without a search, as `PyTorch` has it. The usual rate is 1.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn new(rate: f64) -> Self {
        Self {
            rate: not_negative("a learning rate", rate),
            history: 100,
            max_iterations: 20,
            max_evaluations: None,
            tolerance_gradient: 1e-7,
            tolerance_change: 1e-9,
            strong_wolfe: false,
            memory: Memory::new(),
        }
    }

    /// How many pairs are kept: each has twice the size of all parameters.
    ///
    /// # Panics
    /// It is 0.
    #[must_use]
    #[track_caller]
    pub fn history(self, pairs: usize) -> Self {
        assert!(pairs > 0, "a history has at least one pair");
        Self { history: pairs, ..self }
    }

    /// The most iterations of a [`step_with`](Self::step_with).
    ///
    /// # Panics
    /// It is 0.
    #[must_use]
    #[track_caller]
    pub fn max_iterations(self, most: usize) -> Self {
        assert!(most > 0, "a step has at least one iteration");
        Self { max_iterations: most, ..self }
    }

    /// The most evaluations of a [`step_with`](Self::step_with); the iteration in which they are used up is ended.
    /// Usually 5/4 as many as iterations.
    ///
    /// # Panics
    /// It is 0.
    #[must_use]
    #[track_caller]
    pub fn max_evaluations(self, most: usize) -> Self {
        assert!(most > 0, "a step has at least one evaluation");
        Self { max_evaluations: Some(most), ..self }
    }

    /// A step ends where no entry of the gradient is larger than the first number, or where weights or loss change by less
    /// than the second.
    ///
    /// # Panics
    /// One is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn tolerances(self, gradient: f64, change: f64) -> Self {
        Self {
            tolerance_gradient: not_negative("a tolerance", gradient),
            tolerance_change: not_negative("a tolerance", change),
            ..self
        }
    }

    /// Searches for a `t` at which the loss has fallen by at least `10⁻⁴ t |gᵀd|`, and the slope along `d` to at most
    /// 0.9 of what it was: then every pair is of use, and no step leads uphill.
    #[must_use]
    pub fn strong_wolfe(self, on: bool) -> Self {
        Self { strong_wolfe: on, ..self }
    }

    /// Takes up to [`max_iterations`](Self::max_iterations) iterations, and returns the loss before them. `evaluate` has
    /// to give loss and gradients for the parameters as they are at that moment, always of the same data.
    ///
    /// # Example
    /// See [`Lbfgs`].
    ///
    /// # Panics
    /// The gradients are of other parameters.
    #[track_caller]
    pub fn step_with(
        &mut self,
        params: &mut Params<T>,
        mut evaluate: impl FnMut(&Params<T>) -> (T, ParamGradients<T>),
    ) -> T {
        self.memory.look_at(params);
        let most = self.max_evaluations.unwrap_or(self.max_iterations * 5 / 4);
        let (mut gradient, mut start) = (Vec::new(), Vec::new());
        let first = evaluated(&mut evaluate, &self.memory, params, &mut gradient);
        let (mut loss, mut evaluations) = (first, 1);
        for iteration in 1..=self.max_iterations {
            let Some((length, slope)) = self.direct(&gradient) else { break };
            let (before, mut t) = (loss, length);
            if self.strong_wolfe {
                let memory = &self.memory;
                memory.collect(params, &mut start);
                let here = Point { t: T::zero(), loss, slope, gradient };
                let limits = (most - evaluations, T::of(self.tolerance_change));
                let (found, used) = strong_wolfe(&here, length, greatest(memory.direction()), limits, |t| {
                    memory.place(params, &start, t);
                    let mut gradient = Vec::with_capacity(start.len());
                    let loss = evaluated(&mut evaluate, memory, params, &mut gradient);
                    Point { t, loss, slope: dot(&gradient, memory.direction()), gradient }
                });
                memory.place(params, &start, found.t);
                (t, loss, gradient) = (found.t, found.loss, found.gradient);
                evaluations += used;
            } else {
                self.memory.go(params, t);
                if iteration < self.max_iterations {
                    loss = evaluated(&mut evaluate, &self.memory, params, &mut gradient);
                    evaluations += 1;
                }
            }
            let moved = self.memory.went(t);
            let change = T::of(self.tolerance_change);
            if evaluations >= most || moved <= change || (loss - before).abs() < change {
                break;
            }
        }
        first
    }

    /// Turns the memory to the gradient: how far to go and the slope there, or `None` where it is flat.
    fn direct(&mut self, gradient: &[T]) -> Option<(T, T)> {
        if greatest(gradient) <= T::of(self.tolerance_gradient) {
            return None;
        }
        let scale = self.memory.direct(gradient, self.history);
        let slope = dot(gradient, self.memory.direction());
        let flat = slope > -T::of(self.tolerance_change);
        (!flat).then_some((scale * T::of(self.rate), slope))
    }
}

/// The loss at the parameters as they are, and its gradient as one vector.
#[track_caller]
fn evaluated<T: Element>(
    evaluate: &mut impl FnMut(&Params<T>) -> (T, ParamGradients<T>),
    memory: &Memory<T>,
    params: &mut Params<T>,
    gradient: &mut Vec<T>,
) -> T {
    let (loss, grads) = evaluate(params);
    grads.settle(params);
    memory.gather(&grads, gradient);
    loss
}

impl<T: Element> Optimizer<T> for Lbfgs<T> {
    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        self.memory.look_at(params);
        let mut gradient = self.memory.scratch();
        self.memory.gather(grads, &mut gradient);
        if let Some((t, _)) = self.direct(&gradient) {
            self.memory.go(params, t);
            self.memory.went(t);
        }
        self.memory.give_back(gradient);
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = not_negative("a learning rate", rate);
    }

    fn state(&self, params: &Params<T>) -> OptimizerState<T> {
        let slots = self.memory.slots(params);
        OptimizerState { method: Self::METHOD.to_owned(), learning_rate: self.rate, slots }
    }

    #[track_caller]
    fn restore(&mut self, params: &Params<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        let ids =
            state.fit(params, Self::METHOD, |slot| memory::misfit(slot, &state.slots[0], self.history))?;
        self.memory = Memory::restored(params, &ids, &state.slots);
        self.rate = state.learning_rate;
        Ok(())
    }
}
