//! Parameters on a tape, and their gradients.

use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};
use tape::{Element, Error, ErrorKind, Gradients, Handle, NodeId, Scalar, Shape, Tape, Tensor, slices};

use crate::layout::{Layout, ParamId};
use crate::or_panic;
use crate::params::{Params, view};

/// The parameters of a [`Params`] as leaves of a tape: what layers compute with. Made by [`Params::on`].
///
/// ```
/// use ndarray::array;
/// use nn::Params;
/// let mut params = Params::<f64>::seeded(42);
/// let w = params.insert("w", array![1.0, 2.0]);
/// let tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let x = net.tape().constant(array![3.0, 4.0]);
/// let grads = net.backward((net.param(w) * x).sum());
/// assert_eq!(grads.wrt(w), array![3.0, 4.0].into_dyn());
/// ```
#[derive(Clone, Copy)]
pub struct Net<'p, 't, T: Element> {
    params: &'p Params<T>,
    tape: &'t Tape<T>,
    /// The node of the first parameter; that of parameter `k` is `k` further.
    first: Option<NodeId>,
}

impl<'p, 't, T: Element> Net<'p, 't, T> {
    #[track_caller]
    pub(crate) fn record(params: &'p Params<T>, tape: &'t Tape<T>) -> Self {
        let mut first = None;
        for entry in &params.layout().entries {
            let leaf = tape.tensor((&entry.shape, params.shared(entry.id)));
            first = first.or(Some(leaf.node_id()));
        }
        Self { params, tape, first }
    }

    /// The tape.
    pub fn tape(&self) -> &'t Tape<T> {
        self.tape
    }

    /// The parameters.
    pub fn params(&self) -> &'p Params<T> {
        self.params
    }

    /// The leaf of a parameter.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn param(&self, id: ParamId) -> Tensor<'t, T> {
        let index = self.params.layout().index(id, self.params.owner());
        let leaf = self.first.and_then(|first| self.tape.tensor_by_id(first.offset(index)));
        leaf.expect("all parameters are recorded, one after another")
    }

    /// The gradients of a loss with respect to the parameters. Gradients on the way to them are given back as soon
    /// as they are used, and whatever leads to none of them is not computed.
    ///
    /// # Panics
    /// As [`try_backward`](Self::try_backward) fails.
    #[track_caller]
    pub fn backward(&self, loss: Scalar<'t, T>) -> ParamGradients<T> {
        or_panic(self.try_backward(loss))
    }

    /// The gradients of a loss with respect to the parameters.
    ///
    /// # Errors
    /// The loss is a constant or belongs to another tape; or, with [`check_finite`](Tape::check_finite), a gradient
    /// is not finite.
    #[track_caller]
    pub fn try_backward(&self, loss: Scalar<'t, T>) -> Result<ParamGradients<T>, Error> {
        let here = std::panic::Location::caller();
        if loss.position().is_some_and(|(tape, _)| !std::ptr::eq(tape, self.tape)) {
            let text = "the loss is on another tape than the parameters";
            return Err(Error::new(ErrorKind::WrongTape, text).operation("backward").at(here));
        }
        let layout = Arc::clone(self.params.layout());
        let nodes = |first: NodeId| (0..layout.entries.len()).map(move |k| first.offset(k));
        let gradients = loss.try_backward_for(self.first.into_iter().flat_map(nodes))?;
        // Parameters that were recorded after the loss have no part in it.
        let past = loss.node_id().index() + 1;
        let first = self.first.filter(|first| first.index() < past);
        Ok(ParamGradients { gradients, layout, owner: self.params.owner(), first, zero: T::zero() })
    }
}

impl<T: Element> fmt::Debug for Net<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.params.fmt(f)
    }
}

/// The gradients of a loss with respect to the parameters: an answer of its own, which outlives a reset of the tape.
/// Made by [`Net::backward`].
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
    zero: T,
}

impl<T: Element> ParamGradients<T> {
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

    /// Scaled by the greatest entry, so that no square overflows or vanishes.
    fn norm_at(&self, index: usize) -> T {
        let numbers = self.numbers(index).unwrap_or_default();
        if numbers.iter().any(|x| x.is_nan()) {
            return T::nan();
        }
        let greatest = numbers.iter().fold(T::zero(), |m, x| m.max(x.abs()));
        if greatest.is_zero() || greatest.is_infinite() {
            return greatest;
        }
        let squares = slices::sum_of(numbers.len(), |first, terms| {
            terms.iter_mut().zip(&numbers[first..]).for_each(|(term, &x)| *term = (x / greatest).powi(2));
        });
        greatest * squares.sqrt()
    }

    fn numbers(&self, index: usize) -> Option<&[T]> {
        self.gradients.slice_by_id(self.first?.offset(index))
    }
}

impl<T: Element> fmt::Debug for ParamGradients<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.layout.entries.iter().map(|entry| (&entry.name, self.get(entry.id)));
        f.debug_map().entries(entries).finish()
    }
}
