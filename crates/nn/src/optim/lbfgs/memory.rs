//! What L-BFGS remembers of the way it came: all parameters as one vector.

use std::collections::VecDeque;

use tape::{Element, slices};

use super::super::Slot;
use crate::gradients::ParamGradients;
use crate::layout::{ParamId, Role};
use crate::params::Params;

#[derive(Clone, Debug)]
pub(super) struct Memory<T> {
    /// The parameters that are learnt. Each vector here has their numbers one after another.
    ids: Vec<ParamId>,
    iterations: u64,
    pairs: VecDeque<Pair<T>>,
    /// The gradient at the latest iteration, and the step that it took.
    gradient: Vec<T>,
    step: Vec<T>,
    direction: Vec<T>,
    scratch: Vec<T>,
    coefficients: Vec<T>,
    /// The memory of a pair that is not kept any more.
    spare: (Vec<T>, Vec<T>),
}

/// A step `s`, and the change `y` of the gradient over it.
#[derive(Clone, Debug)]
struct Pair<T> {
    step: Vec<T>,
    change: Vec<T>,
    /// `sᵀy`
    product: T,
    /// `sᵀy / yᵀy`
    scale: T,
}

impl<T: Element> Pair<T> {
    fn new(step: Vec<T>, change: Vec<T>) -> Self {
        let product = dot(&change, &step);
        Self { product, scale: product / dot(&change, &change), step, change }
    }

    /// Whether the slope has risen over the step: only then does `H` still lead downhill.
    fn is_of_use(&self) -> bool {
        self.product > T::of(1e-10)
    }
}

impl<T: Element> Memory<T> {
    pub(super) fn new() -> Self {
        Self {
            ids: Vec::new(),
            iterations: 0,
            pairs: VecDeque::new(),
            gradient: Vec::new(),
            step: Vec::new(),
            direction: Vec::new(),
            scratch: Vec::new(),
            coefficients: Vec::new(),
            spare: (Vec::new(), Vec::new()),
        }
    }

    /// Takes the parameters that are learnt for its own; where they are others than before, it forgets all.
    pub(super) fn look_at(&mut self, params: &Params<T>) {
        let learnt = || params.ids().filter(|&id| params.role(id) == Role::Learnt);
        if !learnt().eq(self.ids.iter().copied()) {
            *self = Self { ids: learnt().collect(), ..Self::new() };
        }
    }

    /// The gradients as one vector; 0 where there is none.
    #[track_caller]
    pub(super) fn gather(&self, grads: &ParamGradients<T>, out: &mut Vec<T>) {
        out.clear();
        for &id in &self.ids {
            match grads.get(id).and_then(|gradient| gradient.to_slice()) {
                Some(gradient) => out.extend_from_slice(gradient),
                None => out.extend(grads.wrt(id).iter().copied()),
            }
        }
    }

    /// The parameters as one vector.
    pub(super) fn collect(&self, params: &Params<T>, out: &mut Vec<T>) {
        out.clear();
        self.ids.iter().for_each(|&id| out.extend_from_slice(params.values(id)));
    }

    /// `w = start + t d`
    pub(super) fn place(&self, params: &mut Params<T>, mut start: &[T], t: T) {
        let mut direction = &self.direction[..];
        for &id in &self.ids {
            let weights = params.values_mut(id);
            let (x, d) = (front(&mut start, weights.len()), front(&mut direction, weights.len()));
            weights.iter_mut().zip(x.iter().zip(d)).for_each(|(w, (&x, &d))| *w = x + t * d);
        }
    }

    /// `w ← w + t d`
    pub(super) fn go(&self, params: &mut Params<T>, t: T) {
        let mut direction = &self.direction[..];
        for &id in &self.ids {
            let weights = params.values_mut(id);
            let d = front(&mut direction, weights.len());
            add(weights, t, d);
        }
    }

    /// Notes that the weights went by `t d`, and says how far any of them did.
    pub(super) fn went(&mut self, t: T) -> T {
        self.step.iter_mut().zip(&self.direction).for_each(|(s, &d)| *s = t * d);
        greatest(&self.step)
    }

    pub(super) fn direction(&self) -> &[T] {
        &self.direction
    }

    /// A vector to work in, to be [given back](Self::give_back).
    pub(super) fn scratch(&mut self) -> Vec<T> {
        std::mem::take(&mut self.scratch)
    }

    pub(super) fn give_back(&mut self, scratch: Vec<T>) {
        self.scratch = scratch;
    }

    /// Turns to `d = −H g`, by the two loops, and returns the share of the learning rate that is safe.
    pub(super) fn direct(&mut self, gradient: &[T], history: usize) -> T {
        self.iterations += 1;
        self.direction.clear();
        self.direction.extend(gradient.iter().map(|&g| -g));
        let mut share = T::one();
        if self.iterations == 1 {
            share = share.min(
                slices::sum_of(gradient.len(), |first, terms| {
                    terms.iter_mut().zip(&gradient[first..]).for_each(|(term, g)| *term = g.abs());
                })
                .recip(),
            );
        } else {
            self.remember(gradient, history);
            self.multiply();
        }
        self.gradient.clear();
        self.gradient.extend_from_slice(gradient);
        self.step.clear();
        self.step.resize(gradient.len(), T::zero());
        share
    }

    /// Adds the latest step and the change of the gradient over it.
    fn remember(&mut self, gradient: &[T], history: usize) {
        let (mut step, mut change) = std::mem::take(&mut self.spare);
        step.clear();
        step.extend_from_slice(&self.step);
        change.clear();
        change.extend(gradient.iter().zip(&self.gradient).map(|(&new, &old)| new - old));
        let pair = Pair::new(step, change);
        let spare = if pair.is_of_use() {
            let oldest = if self.pairs.len() < history { None } else { self.pairs.pop_front() };
            self.pairs.push_back(pair);
            oldest
        } else {
            Some(pair)
        };
        self.spare = spare.map(|pair| (pair.step, pair.change)).unwrap_or_default();
    }

    fn multiply(&mut self) {
        let Self { pairs, direction: d, coefficients, .. } = self;
        let Some(newest) = pairs.back() else { return };
        coefficients.clear();
        for pair in pairs.iter().rev() {
            let coefficient = dot(&pair.step, d) / pair.product;
            add(d, -coefficient, &pair.change);
            coefficients.push(coefficient);
        }
        d.iter_mut().for_each(|d| *d = *d * newest.scale);
        for (pair, &coefficient) in pairs.iter().zip(coefficients.iter().rev()) {
            let back = dot(&pair.change, d) / pair.product;
            add(d, coefficient - back, &pair.step);
        }
    }

    /// What is kept, by parameter: `gradient`, `step`, and of each pair, the oldest first, `step_1`, `change_1`, ….
    pub(super) fn slots(&self, params: &Params<T>) -> Vec<Slot<T>> {
        let pairs = self.pairs.iter().flat_map(|pair| [&pair.step, &pair.change]);
        let all: Vec<&Vec<T>> = [&self.gradient, &self.step].into_iter().chain(pairs).collect();
        let names = names(all.len());
        let (mut slots, mut first) = (Vec::new(), 0);
        for &id in self.ids.iter().filter(|_| self.iterations > 0) {
            let range = first..first + params.values(id).len();
            first = range.end;
            let part = |(name, all): (&String, &&Vec<T>)| (name.clone(), all[range.clone()].to_vec());
            let arrays = names.iter().zip(&all).map(part).collect();
            slots.push(Slot { parameter: params.name(id).to_owned(), steps: self.iterations, arrays });
        }
        slots
    }

    /// The memory that gave slots which [fit](misfit).
    pub(super) fn restored(params: &Params<T>, ids: &[ParamId], slots: &[Slot<T>]) -> Self {
        let order: Vec<(ParamId, &Slot<T>)> = params
            .ids()
            .filter_map(|id| ids.iter().position(|&other| other == id).map(|at| (id, &slots[at])))
            .collect();
        let Some(&(_, one)) = order.first() else { return Self::new() };
        let mut all = (0..one.arrays.len()).map(|k| {
            let parts = order.iter().map(|(_, slot)| slot.arrays[k].1.as_slice());
            parts.collect::<Vec<_>>().concat()
        });
        let mut memory = Self { iterations: one.steps, ..Self::new() };
        memory.gradient = all.next().unwrap_or_default();
        memory.step = all.next().unwrap_or_default();
        while let (Some(step), Some(change)) = (all.next(), all.next()) {
            memory.pairs.push_back(Pair::new(step, change));
        }
        memory.ids = order.into_iter().map(|(id, _)| id).collect();
        memory
    }
}

/// The names of this many arrays of a slot.
fn names(count: usize) -> Vec<String> {
    let pairs = (1..count / 2).flat_map(|k| [format!("step_{k}"), format!("change_{k}")]);
    ["gradient", "step"].map(str::to_owned).into_iter().chain(pairs).collect()
}

/// What is wrong with a slot, given the first one.
pub(super) fn misfit<T: Element>(slot: &Slot<T>, first: &Slot<T>, history: usize) -> Option<String> {
    let found = slot.names();
    if found.len() < 2 || found.len() % 2 == 1 || found != names(found.len()) {
        let wanted = "to be kept are \"gradient\", \"step\", \"step_1\", \"change_1\" and so on";
        return Some(format!("has the arrays {found:?}, {wanted}"));
    }
    if found.len() > 2 * history + 2 {
        return Some(format!("has {} pairs, to be kept are {history}", found.len() / 2 - 1));
    }
    let other = (first.arrays.len(), first.steps) != (found.len(), slot.steps);
    other.then(|| format!("has another number of arrays or steps than {:?}", first.parameter))
}

/// Takes the first numbers off a slice.
fn front<'a, T>(rest: &mut &'a [T], len: usize) -> &'a [T] {
    let (front, after) = rest.split_at(len);
    *rest = after;
    front
}

pub(super) fn dot<T: Element>(a: &[T], b: &[T]) -> T {
    slices::sum_of(a.len(), |first, terms| {
        let factors = a[first..].iter().zip(&b[first..]);
        terms.iter_mut().zip(factors).for_each(|(term, (&a, &b))| *term = a * b);
    })
}

/// The size of the greatest entry; not a number if one is not.
pub(super) fn greatest<T: Element>(x: &[T]) -> T {
    // One maximum for each lane of a vector.
    let mut lanes = [T::zero(); 16];
    let larger = |most: T, x: T| if most >= x.abs() || most.is_nan() { most } else { x.abs() };
    for x in x.chunks(lanes.len()) {
        lanes.iter_mut().zip(x).for_each(|(lane, &x)| *lane = larger(*lane, x));
    }
    lanes.into_iter().fold(T::zero(), larger)
}

fn add<T: Element>(x: &mut [T], factor: T, y: &[T]) {
    x.iter_mut().zip(y).for_each(|(x, &y)| *x = *x + factor * y);
}
