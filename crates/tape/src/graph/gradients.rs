//! The answer of a backward pass.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};

use super::store::{Mark, Store};
use super::tape::{Stamp, Tape};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::id::NodeId;
use crate::shape::Shape;

/// The gradients of one output: an answer of its own, independent of other backward passes, which outlives a reset of
/// the tape.
///
/// ```
/// use tape::Tape;
/// let tape = Tape::new();
/// let x = tape.scalar(3.0);
/// let (u, v) = (x * x, x + 1.0);
/// let grads = u.backward();
/// assert_eq!(grads[x], 6.0);
/// assert_eq!(grads[u], 1.0);
/// assert_eq!(grads[v], 0.0);              // u does not depend on v …
/// assert_eq!(grads.get(v), None);         // … and this says so
/// ```
pub struct Gradients<T: Element> {
    store: Store<T>,
    pub(crate) zero: T,
    stamp: Stamp,
    /// Only some nodes were asked for.
    pruned: bool,
    /// By node, whether the output depends on it: found out when somebody asks.
    dependence: OnceLock<Vec<bool>>,
    home: Arc<Mutex<Vec<Store<T>>>>,
}

/// A gradient found [by id](Gradients::by_id).
#[derive(Clone, Debug, PartialEq)]
pub enum Gradient<'g, T> {
    /// That of a scalar.
    Scalar(T),
    /// That of a tensor, in its shape.
    Tensor(ArrayViewD<'g, T>),
}

impl<T: PartialEq> PartialEq<T> for Gradient<'_, T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Scalar(value) if value == other)
    }
}

/// A handle of a node: a [`Scalar`](crate::Scalar) or a [`Tensor`](crate::Tensor).
pub trait Handle<T: Element>: Copy {
    /// Its gradient: a number, or a view in the tensor's shape.
    type Gradient<'g>
    where
        T: 'g;
    /// An edge from it to an operand.
    type Edge;

    /// Its tape and its position there; `None` for a constant that was never recorded.
    fn position(&self) -> Option<(&Tape<T>, NodeId)>;

    /// The gradient in the type of the handle; `None` stands for zero.
    fn gradient<'g>(self, gradients: &'g Gradients<T>, found: Option<Gradient<'g, T>>) -> Self::Gradient<'g>;

    /// See [`Gradients::edges`].
    fn edges(self, gradients: &Gradients<T>) -> Vec<Self::Edge>;
}

impl<T: Element> Gradients<T> {
    pub(crate) fn new(store: Store<T>, tape: &Tape<T>, pruned: bool) -> Self {
        let home = Arc::clone(&tape.returned);
        Self { store, zero: T::zero(), stamp: tape.stamp(), pruned, dependence: OnceLock::new(), home }
    }

    /// The gradient with respect to a node, in its shape; zero where the output does not depend on it.
    ///
    /// # Panics
    /// The handle belongs to another tape, or was recorded after a reset; or the node was not among those that a
    /// pruned backward pass was asked for.
    #[track_caller]
    pub fn wrt<H: Handle<T>>(&self, node: H) -> H::Gradient<'_> {
        node.gradient(self, self.find(node))
    }

    /// The gradient with respect to a node, or `None` where the output does not depend on it.
    ///
    /// # Panics
    /// As [`wrt`](Self::wrt).
    #[track_caller]
    pub fn get<H: Handle<T>>(&self, node: H) -> Option<H::Gradient<'_>> {
        let found = self.find(node);
        let (tape, id) = node.position()?;
        self.depends(tape, id).then(|| node.gradient(self, found))
    }

    /// The node that was differentiated.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.scalar(3.0);
    /// let (y, _) = (x * x, x + 1.0);
    /// assert_eq!(y.backward().output(), y.node_id());
    /// ```
    pub fn output(&self) -> NodeId {
        NodeId(self.store.marks.len() as u32 - 1)
    }

    /// Whether they are of this tape, and it was not reset since.
    ///
    /// ```
    /// let mut tape = tape::Tape::<f64>::new();
    /// let grads = tape.scalar(3.0).sin().backward();
    /// assert!(grads.is_of(&tape));
    /// tape.reset();
    /// assert!(!grads.is_of(&tape));
    /// ```
    pub fn is_of(&self, tape: &Tape<T>) -> bool {
        tape.stamp() == self.stamp
    }

    /// Whether the gradient of the node with this id can be asked for: a pruned backward pass keeps only those that it was
    /// asked for.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let (x, y) = (tape.scalar(3.0), tape.scalar(4.0));
    /// let grads = (x * y).backward_for([x.node_id()]);
    /// assert!(grads.keeps(x.node_id()) && !grads.keeps(y.node_id()));
    /// ```
    pub fn keeps(&self, id: NodeId) -> bool {
        !self.pruned || self.store.marks.get(id.index()).is_some_and(|mark| mark.kept())
    }

    /// The gradient with respect to the node with this id: zero for a scalar that the output does not depend on, `None`
    /// for a tensor that nothing was sent to, and for a node that was recorded after the output.
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.scalar(3.0);
    /// let grads = (x * x).backward();
    /// assert_eq!(grads.by_id(x.node_id()).unwrap(), 6.0);
    /// ```
    ///
    /// # Panics
    /// The node was not among those that a pruned backward pass was asked for.
    #[track_caller]
    pub fn by_id(&self, id: NodeId) -> Option<Gradient<'_, T>> {
        let numbers = self.slice_by_id(id)?;
        match self.store.tensors.find(id.0).map(|entry| &entry.shape[..]) {
            None | Some([]) => Some(Gradient::Scalar(numbers[0])),
            Some(shape) => Some(Gradient::Tensor(viewed(shape, numbers))),
        }
    }

    /// The numbers of the gradient with respect to the node with this id, in row-major order: as [`by_id`](Self::by_id).
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(([2, 1], vec![3.0, 4.0]));
    /// let grads = x.square().sum().backward();
    /// assert_eq!(grads.slice_by_id(x.node_id()), Some(&[6.0, 8.0][..]));
    /// ```
    ///
    /// # Panics
    /// As [`by_id`](Self::by_id).
    #[track_caller]
    pub fn slice_by_id(&self, id: NodeId) -> Option<&[T]> {
        let mark = self.mark(id)?;
        match self.store.tensors.find(id.0) {
            Some(entry) if !entry.shape.is_empty() => mark.reached().then_some(&entry.gradient),
            _ => Some(std::slice::from_ref(&self.store.adjoints[id.index()])),
        }
    }

    /// As [`slice_by_id`](Self::slice_by_id), to be changed in place: to clip a gradient, or to add another to it.
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![3.0, 4.0]));
    /// let mut grads = x.square().sum().backward();
    /// grads.slice_by_id_mut(x.node_id()).unwrap()[1] = 1.0;
    /// assert_eq!(grads.wrt(x).as_slice(), Some(&[6.0, 1.0][..]));
    /// ```
    ///
    /// # Panics
    /// As [`by_id`](Self::by_id).
    #[track_caller]
    pub fn slice_by_id_mut(&mut self, id: NodeId) -> Option<&mut [T]> {
        let mark = self.mark(id)?;
        match self.store.tensors.find_mut(id.0) {
            Some(entry) if !entry.shape.is_empty() => mark.reached().then_some(&mut entry.gradient[..]),
            _ => Some(std::slice::from_mut(&mut self.store.adjoints[id.index()])),
        }
    }

    /// The edges from a node to its operands, each with its `local` derivative, the `upstream` gradient that arrived
    /// at the node, and the `downstream` gradient that went on: `downstream = local × upstream`.
    ///
    /// Between scalars these are numbers. A scalar made of a tensor (a sum, an element) has an edge for each element.
    /// The edges of a tensor carry arrays: see [`TensorEdge`](crate::TensorEdge).
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::new();
    /// let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
    /// let u = x * y;
    /// let grads = (u * u).backward();
    /// let edges = grads.edges(u);
    /// assert_eq!(edges[0].input, x.node_id());
    /// assert_eq!((edges[0].local, edges[0].upstream, edges[0].downstream), (3.0, 12.0, 36.0));
    /// ```
    ///
    /// # Panics
    /// As [`wrt`](Self::wrt).
    #[track_caller]
    pub fn edges<H: Handle<T>>(&self, node: H) -> Vec<H::Edge> {
        let _ = self.find(node);
        node.edges(self)
    }

    /// The gradient of a scalar, unless it is a constant or was recorded after the output.
    #[track_caller]
    #[inline]
    pub(crate) fn number<H: Handle<T>>(&self, node: H) -> Option<&T> {
        let id = self.own(&node)?;
        if self.pruned {
            self.mark(id)?;
        }
        self.store.adjoints.get(id.index())
    }

    /// Whether the output depends on a node.
    fn depends(&self, tape: &Tape<T>, id: NodeId) -> bool {
        let sent = self.slice_by_id(id).is_some_and(|numbers| numbers.iter().any(|number| !number.is_zero()));
        let found = || self.dependence.get_or_init(|| self.store.dependence(&tape.graph.borrow()));
        sent || found().get(id.index()) == Some(&true)
    }

    #[track_caller]
    fn find<H: Handle<T>>(&self, node: H) -> Option<Gradient<'_, T>> {
        self.by_id(self.own(&node)?)
    }

    /// The node of a handle, which must be of this tape.
    #[track_caller]
    #[inline]
    fn own<H: Handle<T>>(&self, node: &H) -> Option<NodeId> {
        let (tape, id) = node.position()?;
        let (stamp, here) = (tape.stamp(), std::panic::Location::caller());
        assert!(stamp == self.stamp, "{}", self.stranger(stamp).at(here));
        Some(id)
    }

    /// What the sweep knew of a node, which must be among those that were asked for; `None` where it did not come by.
    #[track_caller]
    #[inline]
    fn mark(&self, id: NodeId) -> Option<Mark> {
        let mark = self.store.marks.get(id.index()).copied();
        assert!(
            !self.pruned || mark.is_some_and(Mark::kept),
            "the gradient of node {id} was not asked for in this backward pass"
        );
        mark
    }

    /// The error of a handle that is not of the tape, or not of the time, that the gradients are of.
    #[cold]
    #[inline(never)]
    fn stranger(&self, stamp: Stamp) -> Error {
        let text = if stamp.tape == self.stamp.tape {
            format!(
                "these gradients are from before tape {} was reset; the handle is from after it",
                stamp.tape
            )
        } else {
            format!("gradients of tape {} were asked for a node of tape {}", self.stamp.tape, stamp.tape)
        };
        Error::new(ErrorKind::WrongTape, text).operation("gradients")
    }

    /// Zeros in some shape, all of them the same number in memory.
    pub(crate) fn zeros(&self, shape: &[usize]) -> ArrayViewD<'_, T> {
        let strides = IxDyn(&Shape::from_elem(0, shape.len()));
        let zero = std::slice::from_ref(&self.zero);
        let len = usize::from(!shape.contains(&0));
        ArrayViewD::from_shape(IxDyn(shape).strides(strides), &zero[..len])
            .expect("strides of 0 stay at one number")
    }
}

/// A view over numbers in row-major order.
pub(crate) fn viewed<'a, T>(shape: &[usize], numbers: &'a [T]) -> ArrayViewD<'a, T> {
    ArrayViewD::from_shape(IxDyn(shape), numbers).expect("as many numbers as the shape has elements")
}

impl<T: Element> Drop for Gradients<T> {
    /// Leaves the memory where the tape will find it for its next backward pass.
    fn drop(&mut self) {
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        home.push(std::mem::take(&mut self.store));
    }
}

impl<T: Element> fmt::Debug for Gradients<T> {
    /// One line a node that has a gradient.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = (0..self.store.marks.len() as u32).map(NodeId);
        let shown = reached.filter(|id| !self.pruned || self.store.marks[id.index()].kept());
        f.debug_map().entries(shown.filter_map(|id| Some((id, self.by_id(id)?)))).finish()
    }
}
