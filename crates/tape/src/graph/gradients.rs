//! The answer of a backward pass.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{ArrayViewD, IxDyn, ShapeBuilder};

use super::backward::Keep;
use super::memory::{Buffer, Memory};
use super::node::{Graph, Kind, NodeId, Slot};
use super::tape::{Stamp, Tape};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::kernels::elementwise;
use crate::shape::Shape;

/// What the sweep knows of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u8);

impl Mark {
    /// No wanted node is behind it: nothing flows here.
    const IDLE: Self = Self(0);
    const NEEDED: u8 = 1;
    const KEPT: u8 = 2;
    const REACHED: u8 = 4;

    #[inline(always)]
    pub(crate) fn reached(self) -> bool {
        self.0 & Self::REACHED != 0
    }

    #[inline(always)]
    fn needed(self) -> bool {
        self.0 & Self::NEEDED != 0
    }

    fn kept(self) -> bool {
        self.0 & Self::KEPT != 0
    }

    /// Notes a contribution: `None` if nobody wants it, otherwise whether one came before it.
    #[inline(always)]
    pub(crate) fn reach(&mut self) -> Option<bool> {
        let before = *self;
        self.0 |= Self::REACHED;
        if before.needed() {
            return Some(before.reached());
        }
        *self = before;
        None
    }
}

/// Gradients under way and, in the end, the answer. The first contribution to a place writes, later ones add, so
/// that nothing is filled with zeros first.
#[derive(Debug)]
pub(crate) struct Store<T> {
    pub(crate) marks: Vec<Mark>,
    /// By node: gradients of scalars. Only those of nodes that were reached mean anything.
    pub(crate) adjoints: Vec<T>,
    /// By tensor node, in the order of recording.
    tensors: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    id: u32,
    shape: Shape,
    gradient: Option<Buffer<T>>,
}

/// The upstream gradient of a tensor node, taken out of the store while its operation runs.
pub(crate) enum Upstream<T> {
    Scalar([T; 1]),
    Tensor(Buffer<T>),
}

/// Where the gradient of a node belongs.
pub(crate) enum Place<'s, T> {
    Scalar(&'s mut T),
    Tensor(&'s mut Option<Buffer<T>>),
}

impl<T> Upstream<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::Scalar(one) => one,
            Self::Tensor(buffer) => buffer,
        }
    }
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Self { marks: Vec::new(), adjoints: Vec::new(), tensors: Vec::new() }
    }
}

impl<T: Element> Store<T> {
    /// A store, out of the memory of gradients that were dropped if there are any.
    pub(crate) fn again(returned: &Mutex<Vec<Self>>, memory: &mut Memory<T>) -> Self {
        let mut returned = returned.lock().unwrap_or_else(PoisonError::into_inner);
        let buffers = returned.iter_mut().flat_map(|store| &mut store.tensors);
        buffers.filter_map(|entry| entry.gradient.take()).for_each(|buffer| memory.give(buffer));
        let store = returned.pop().unwrap_or_default();
        returned.clear();
        store
    }

    /// Marks what is needed on the way from `output` to what is kept.
    pub(crate) fn prepare(&mut self, graph: &Graph<T>, output: u32, keep: Keep<'_>) {
        let nodes = output as usize + 1;
        self.marks.clear();
        match keep {
            Keep::All if graph.passive == 0 => self.marks.resize(nodes, Mark(Mark::NEEDED | Mark::KEPT)),
            Keep::All => {
                self.marks.resize(nodes, Mark::IDLE);
                self.mark(graph, Mark(Mark::NEEDED | Mark::KEPT), Mark(Mark::NEEDED | Mark::KEPT));
            }
            Keep::Only(wanted) => {
                self.marks.resize(nodes, Mark::IDLE);
                for id in wanted.filter(|id| id.index() < nodes) {
                    self.marks[id.index()] = Mark(Mark::NEEDED | Mark::KEPT);
                }
                self.mark(graph, Mark::IDLE, Mark(Mark::NEEDED));
            }
        }
        if self.adjoints.len() < nodes {
            self.adjoints.resize(nodes, T::zero());
        }
        let tensors = graph.tensors.iter().take_while(|node| node.id <= output);
        self.tensors.clear();
        self.tensors.extend(tensors.map(|node| Entry {
            id: node.id,
            shape: node.shape.clone(),
            gradient: None,
        }));
    }

    /// Gives leaves the mark `leaf`, and `inner` to whatever is made of something needed.
    fn mark(&mut self, graph: &Graph<T>, leaf: Mark, inner: Mark) {
        for id in 0..self.marks.len() {
            let needed = |slot: Slot| slot.id().is_some_and(|input| self.marks[input].needed());
            let record = graph.records[id];
            let mark = match record.kind {
                Kind::Leaf => leaf,
                Kind::Rule(_) if needed(record.a) || needed(record.b) => inner,
                Kind::Rule(_) | Kind::Cut => Mark::IDLE,
                Kind::Tensor => match graph.tensor(id) {
                    Some(node) if node.passive => Mark::IDLE,
                    Some(node) if node.operation.is_none() => leaf,
                    Some(node) if node.inputs.iter().any(|&slot| needed(slot)) => inner,
                    _ => Mark::IDLE,
                },
            };
            self.marks[id].0 |= mark.0;
        }
    }

    /// Adds `local × upstream` to a scalar's gradient; through a closed gate (`None`) comes exactly zero.
    #[inline(always)]
    pub(crate) fn add(&mut self, slot: Slot, local: Option<T>, upstream: T) {
        let Some(id) = slot.id() else { return };
        let mark = &mut self.marks[id];
        if !mark.needed() {
            return;
        }
        let (place, downstream) = (&mut self.adjoints[id], elementwise::chain(local, upstream));
        *place = if mark.reached() { *place + downstream } else { downstream };
        mark.0 |= Mark::REACHED;
    }

    /// The place for the gradient of a node: among the scalars', or in a buffer of its own.
    #[inline]
    pub(crate) fn place(&mut self, graph: &Graph<T>, id: usize) -> Place<'_, T> {
        let record = graph.records[id];
        match record.a.id().filter(|_| record.kind == Kind::Tensor) {
            Some(index) if !self.tensors[index].shape.is_empty() => {
                Place::Tensor(&mut self.tensors[index].gradient)
            }
            _ => Place::Scalar(&mut self.adjoints[id]),
        }
    }

    /// Takes out the gradient of a tensor node whose turn it is.
    pub(crate) fn take(&mut self, id: usize) -> Upstream<T> {
        match self.find(id).and_then(|entry| entry.gradient.take()) {
            Some(buffer) => Upstream::Tensor(buffer),
            None => Upstream::Scalar([self.adjoints[id]]),
        }
    }

    /// Puts it back if it was asked for, or gives its memory to the gradients still to come.
    pub(crate) fn put_back(&mut self, id: usize, upstream: Upstream<T>, memory: &mut Memory<T>) {
        let Upstream::Tensor(buffer) = upstream else { return };
        if !self.marks[id].kept() {
            memory.give(buffer);
        } else if let Some(entry) = self.find(id) {
            entry.gradient = Some(buffer);
        }
    }

    fn find(&mut self, id: usize) -> Option<&mut Entry<T>> {
        let k = self.tensors.binary_search_by_key(&(id as u32), |entry| entry.id).ok()?;
        Some(&mut self.tensors[k])
    }
}

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
        Self { store, zero: T::zero(), stamp: tape.stamp(), pruned, home }
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
        let found = self.find(node)?;
        Some(node.gradient(self, Some(found)))
    }

    /// The gradient with respect to the node with this id, or `None` where the output does not depend on it.
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
        let mark = self.store.marks.get(id.index()).copied().unwrap_or(Mark::IDLE);
        assert!(
            !self.pruned || mark.kept(),
            "the gradient of node {id} was not asked for in this backward pass"
        );
        if !mark.reached() {
            return None;
        }
        let entry = self.store.tensors.binary_search_by_key(&id.0, |entry| entry.id).ok();
        match entry.map(|k| &self.store.tensors[k]) {
            Some(Entry { shape, gradient: Some(buffer), .. }) => Some(Gradient::Tensor(
                ArrayViewD::from_shape(&shape[..], buffer).expect("a buffer of the shape"),
            )),
            _ => Some(Gradient::Scalar(self.store.adjoints[id.index()])),
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

    /// The gradient of a scalar, if it was reached.
    #[track_caller]
    pub(crate) fn number<H: Handle<T>>(&self, node: H) -> Option<&T> {
        self.find(node)?;
        node.position().map(|(_, id)| self.adjoint(id))
    }

    /// The gradient of a scalar that was reached.
    pub(crate) fn adjoint(&self, id: NodeId) -> &T {
        &self.store.adjoints[id.index()]
    }

    #[track_caller]
    fn find<H: Handle<T>>(&self, node: H) -> Option<Gradient<'_, T>> {
        let (tape, id) = node.position()?;
        if let Err(error) = self.belongs(tape.stamp()) {
            panic!("{}", error.at(std::panic::Location::caller()));
        }
        self.by_id(id)
    }

    fn belongs(&self, stamp: Stamp) -> Result<(), Error> {
        if stamp == self.stamp {
            return Ok(());
        }
        let text = if stamp.tape == self.stamp.tape {
            format!(
                "these gradients are from before tape {} was reset; the handle is from after it",
                stamp.tape
            )
        } else {
            format!("gradients of tape {} were asked for a node of tape {}", self.stamp.tape, stamp.tape)
        };
        Err(Error::new(ErrorKind::WrongTape, text).operation("gradients"))
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

impl<T: Element> Drop for Gradients<T> {
    /// Leaves the memory where the tape will find it for its next backward pass.
    fn drop(&mut self) {
        let mut home = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        home.push(std::mem::take(&mut self.store));
    }
}

impl<T: Element> fmt::Debug for Gradients<T> {
    /// One line a node that was reached.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = (0..self.store.marks.len() as u32).map(NodeId);
        let shown = reached.filter(|id| !self.pruned || self.store.marks[id.index()].kept());
        f.debug_map().entries(shown.filter_map(|id| Some((id, self.by_id(id)?)))).finish()
    }
}
