//! The gradients of parameters.

mod clipping;

use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use tape::{Element, Gradients, NodeId, Shape, slices};

use crate::layout::{Layout, ParamId, Role};
use crate::params::{Params, view};
use crate::training::Observed;

/// The gradients of a loss with respect to the parameters: an answer of its own, which outlives a reset of the tape.
/// Made by [`Net::backward`](crate::Net::backward).
///
/// ```
/// use nn::Params;
/// let mut params = Params::<f64>::seeded(42);
/// let (w, v) = (params.insert("w", ([2], vec![3.0, 4.0])), params.insert("v", ([1], vec![1.0])));
/// let mut tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let grads = net.backward(net.param(w).square().sum() * 0.5);
/// tape.reset();
/// assert_eq!(grads.wrt(w), params.get(w));
/// assert_eq!(grads.norm(), 5.0);
/// assert!(grads.get(v).is_none());               // the loss does not depend on v …
/// assert_eq!(grads.wrt(v)[0], 0.0);              // … which is to say
/// ```
pub struct ParamGradients<T: Element> {
    gradients: Gradients<T>,
    layout: Arc<Layout>,
    owner: u64,
    first: Option<NodeId>,
    /// Parameters without axes that the loss does not depend on: their gradient is a zero like any other.
    absent: Vec<usize>,
    /// By parameter: what was added where the backward pass itself came by with nothing. Mostly empty.
    added: Vec<Option<Vec<T>>>,
    observed: Vec<Observed<T>>,
    zero: T,
}

impl<T: Element> ParamGradients<T> {
    pub(crate) fn new(
        gradients: Gradients<T>,
        layout: Arc<Layout>,
        owner: u64,
        first: Option<NodeId>,
        absent: Vec<usize>,
        observed: Vec<Observed<T>>,
    ) -> Self {
        Self { gradients, layout, owner, first, absent, added: Vec::new(), observed, zero: T::zero() }
    }

    /// The gradient of a parameter, in its shape, or `None` where the loss does not depend on it.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was not there when the loss was computed.
    #[track_caller]
    pub fn get(&self, id: ParamId) -> Option<ArrayViewD<'_, T>> {
        let index = self.layout.index(id, self.owner);
        self.numbers(index).map(|numbers| view(&self.layout.entries[index].shape, numbers))
    }

    /// The gradient of a parameter, in its shape; zero where the loss does not depend on it.
    ///
    /// # Panics
    /// As [`get`](Self::get).
    #[track_caller]
    pub fn wrt(&self, id: ParamId) -> ArrayViewD<'_, T> {
        if let Some(gradient) = self.get(id) {
            return gradient;
        }
        let shape = &self.layout.entries[self.layout.index(id, self.owner)].shape;
        // Zeros in that shape, all of them the same number in memory.
        let strides = IxDyn(&Shape::from_elem(0, shape.len()));
        let zero = std::slice::from_ref(&self.zero);
        let len = usize::from(!shape.contains(&0));
        ArrayViewD::from_shape(IxDyn(shape).strides(strides), &zero[..len])
            .expect("strides of 0 stay at one number")
    }

    /// Each parameter with its gradient in row-major order, in the order of addition; `None` where the loss does not
    /// depend on it.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ParamId, Option<&[T]>)> {
        self.layout.entries.iter().enumerate().map(|(k, entry)| (entry.id, self.numbers(k)))
    }

    /// Calls `change` with each parameter that the loss depends on and its gradient in row-major order, to be changed in
    /// place.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([2], vec![3.0, -4.0]));
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let mut grads = net.backward(net.param(w).square().sum());
    /// grads.for_each_mut(|_, gradient| gradient.iter_mut().for_each(|g| *g = g.clamp(-7.0, 7.0)));
    /// assert_eq!(grads.wrt(w).as_slice(), Some(&[6.0, -7.0][..]));
    /// ```
    pub fn for_each_mut(&mut self, mut change: impl FnMut(ParamId, &mut [T])) {
        for index in 0..self.layout.entries.len() {
            let id = self.layout.entries[index].id;
            if let Some(numbers) = self.numbers_mut(index) {
                change(id, numbers);
            }
        }
    }

    /// Adds the gradients of another loss, or of other rows, with respect to the same parameters: the gradients of the
    /// sum of both losses. What batch normalisation has observed is taken over, to be settled after its own.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([1], vec![3.0]));
    /// let mut tape = tape::Tape::new();
    /// let mut backward = |rows: f64| {
    ///     let net = params.on(&tape);
    ///     let grads = net.backward(net.param(w).square().sum() * rows);
    ///     tape.reset();
    ///     grads
    /// };
    /// let mut grads = backward(2.0);
    /// grads.add(backward(3.0));
    /// assert_eq!(grads.wrt(w)[0], 30.0);
    /// ```
    ///
    /// # Panics
    /// They are of other parameters, or parameters were added, removed or frozen between the two.
    #[track_caller]
    pub fn add(&mut self, mut other: Self) {
        let same = self.owner == other.owner && self.layout.entries == other.layout.entries;
        assert!(same, "the gradients to be added are of other parameters");
        for index in 0..self.layout.entries.len() {
            let Some(more) = other.numbers(index) else { continue };
            if let Some(numbers) = self.numbers_mut(index) {
                numbers.iter_mut().zip(more).for_each(|(sum, &g)| *sum = *sum + g);
            } else {
                self.added.resize(self.layout.entries.len(), None);
                self.added[index] = Some(more.to_vec());
            }
        }
        self.observed.append(&mut other.observed);
    }

    /// Moves running statistics towards what was observed in the pass, in the order in which it was.
    /// [`Optimizer::step`](crate::Optimizer::step) does this.
    ///
    /// # Panics
    /// A buffer was removed since.
    #[track_caller]
    pub fn settle(&self, params: &mut Params<T>) {
        self.observed.iter().for_each(|observed| observed.settle(params));
    }

    /// The Euclidean norm of all gradients together.
    ///
    /// # Example
    /// See [`ParamGradients`].
    pub fn norm(&self) -> T {
        (0..self.layout.entries.len()).fold(T::zero(), |norm, k| norm.hypot(self.norm_at(k)))
    }

    /// Name of each parameter and the Euclidean norm of its gradient, in the order of addition: where they fall from
    /// the last layer to the first, gradients vanish; where they rise, they explode.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([2], vec![3.0, 4.0]));
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let grads = net.backward(net.param(w).square().sum());
    /// assert_eq!(grads.norms().collect::<Vec<_>>(), [("w", 10.0)]);
    /// ```
    pub fn norms(&self) -> impl ExactSizeIterator<Item = (&str, T)> {
        self.layout.entries.iter().enumerate().map(|(k, entry)| (entry.name.as_str(), self.norm_at(k)))
    }

    /// In one pass; where squares have overflowed or vanished, once more with all of it scaled by the greatest entry.
    fn norm_at(&self, index: usize) -> T {
        let numbers = self.numbers(index).unwrap_or_default();
        let squares = sum_of_squares(numbers, |x| x);
        let safe = T::min_positive_value() / T::epsilon()..T::max_value();
        if squares.is_nan() || safe.contains(&squares) {
            return squares.sqrt();
        }
        let greatest = numbers.iter().fold(T::zero(), |m, x| m.max(x.abs()));
        if greatest.is_zero() || greatest.is_infinite() {
            return greatest;
        }
        greatest * sum_of_squares(numbers, |x| x / greatest).sqrt()
    }

    fn numbers(&self, index: usize) -> Option<&[T]> {
        let sent = self.node(index).and_then(|node| self.gradients.slice_by_id(node));
        sent.or_else(|| self.added.get(index)?.as_deref())
    }

    fn numbers_mut(&mut self, index: usize) -> Option<&mut [T]> {
        let sent = self.node(index).and_then(|node| self.gradients.slice_by_id_mut(node));
        sent.or_else(|| self.added.get_mut(index)?.as_deref_mut())
    }

    /// The node of a parameter that the backward pass was asked for.
    fn node(&self, index: usize) -> Option<NodeId> {
        let asked = self.layout.entries[index].role == Role::Learnt && !self.absent.contains(&index);
        self.first.filter(|_| asked).map(|first| first.offset(index))
    }
}

/// Added in pairs, so that errors stay small.
fn sum_of_squares<T: Element>(numbers: &[T], scaled: impl Fn(T) -> T) -> T {
    slices::sum_of(numbers.len(), |first, terms| {
        for (term, &x) in terms.iter_mut().zip(&numbers[first..]) {
            let x = scaled(x);
            *term = x * x;
        }
    })
}

impl<T: Element> fmt::Debug for ParamGradients<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.layout.entries.iter().map(|entry| (&entry.name, self.get(entry.id)));
        f.debug_map().entries(entries).finish()
    }
}
