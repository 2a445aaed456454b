//! Gradients under way, and what is known of each node while they are.

use std::sync::{Mutex, PoisonError};

use super::backward::Keep;
use super::cotangents::Cotangents;
use super::memory::{Buffer, Memory};
use super::node::Graph;
use super::record::{Kind, Slot};
use crate::element::Element;

/// What the sweep knows of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u8);

impl Mark {
    /// No wanted node is behind it: nothing flows here.
    pub(super) const IDLE: Self = Self(0);
    const NEEDED: u8 = 1;
    const KEPT: u8 = 2;
    const REACHED: u8 = 4;

    #[inline(always)]
    pub(crate) fn reached(self) -> bool {
        self.0 & Self::REACHED != 0
    }

    #[inline(always)]
    pub(super) fn needed(self) -> bool {
        self.0 & Self::NEEDED != 0
    }

    pub(super) fn kept(self) -> bool {
        self.0 & Self::KEPT != 0
    }

    /// Notes a contribution to a tensor: `None` if nobody wants it, otherwise whether one came before it.
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

/// Gradients under way and, in the end, the answer. Those of scalars begin with zero; to a tensor's, the first
/// contribution writes and later ones add, so that no buffer is filled with zeros first.
#[derive(Debug)]
pub(crate) struct Store<T> {
    pub(crate) marks: Vec<Mark>,
    /// By node: gradients of scalars.
    pub(crate) adjoints: Vec<T>,
    pub(super) tensors: Cotangents<T>,
}

/// The upstream gradient of a tensor node, taken out of the store while its operation runs.
pub(crate) enum Upstream<T> {
    Scalar([T; 1]),
    Tensor(Buffer<T>),
}

/// Where the gradient of a node belongs.
pub(crate) enum Place<'s, T> {
    Scalar(&'s mut T),
    Tensor(&'s mut Buffer<T>),
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
        Self { marks: Vec::new(), adjoints: Vec::new(), tensors: Cotangents::default() }
    }
}

impl<T: Element> Store<T> {
    /// A store, out of the memory of gradients that were dropped if there are any.
    pub(crate) fn again(returned: &Mutex<Vec<Self>>, memory: &mut Memory<T>) -> Self {
        let mut returned = returned.lock().unwrap_or_else(PoisonError::into_inner);
        let store = returned.pop().unwrap_or_default();
        returned.drain(..).for_each(|mut store| store.tensors.release(memory));
        store
    }

    /// Marks what is needed on the way from `output` to what is kept.
    pub(crate) fn prepare(&mut self, graph: &Graph<T>, output: u32, keep: Keep<'_>, memory: &mut Memory<T>) {
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
        self.adjoints.clear();
        self.adjoints.resize(nodes, T::zero());
        let marks = &self.marks;
        self.tensors.prepare(&graph.tensors, output, |id| marks[id as usize].kept(), memory);
    }

    /// Begins again, with the same nodes needed and all of them kept.
    pub(super) fn keep_all(&mut self, graph: &Graph<T>, output: usize, memory: &mut Memory<T>) {
        let kept = |mark: &Mark| if mark.needed() { Mark(Mark::NEEDED | Mark::KEPT) } else { Mark::IDLE };
        self.marks.iter_mut().for_each(|mark| *mark = kept(mark));
        self.adjoints.fill(T::zero());
        let marks = &self.marks;
        self.tensors.prepare(&graph.tensors, output as u32, |id| marks[id as usize].kept(), memory);
    }

    /// Gives leaves the mark `leaf`, and `inner` to whatever is made of something needed.
    fn mark(&mut self, graph: &Graph<T>, leaf: Mark, inner: Mark) {
        for id in 0..self.marks.len() {
            let needed = |slot: Slot| slot.id().is_some_and(|input| self.marks[input].needed());
            let record = graph.records[id];
            let mark = match record.kind() {
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

    /// Takes away what scalars have received behind which there is nothing wanted. The sweep does not ask: such a node
    /// sends only to others of its kind.
    pub(super) fn settle(&mut self) {
        let idle = self.adjoints.iter_mut().zip(&self.marks).filter(|(_, mark)| !mark.needed());
        idle.for_each(|(adjoint, _)| *adjoint = T::zero());
    }

    /// By node, whether the last one depends on it.
    pub(super) fn dependence(&self, graph: &Graph<T>) -> Vec<bool> {
        let mut found = vec![false; self.marks.len()];
        if let (Some(last), Some(mark)) = (found.last_mut(), self.marks.last()) {
            *last = mark.needed();
        }
        for id in (0..found.len()).rev() {
            if found[id] {
                for input in graph.inputs(id).iter().filter_map(|slot| slot.id()) {
                    found[input] |= self.marks[input].needed();
                }
            }
        }
        found
    }

    /// The place for the gradient of a node: among the scalars', or in a buffer of its own.
    #[inline]
    pub(crate) fn place(&mut self, graph: &Graph<T>, id: usize) -> Place<'_, T> {
        match graph.records[id].tensor() {
            Some(index) if !graph.tensors[index].shape.is_empty() => {
                Place::Tensor(self.tensors.get_mut(index))
            }
            _ => Place::Scalar(&mut self.adjoints[id]),
        }
    }

    /// Takes out the gradient of a tensor node whose turn it is.
    pub(crate) fn take(&mut self, graph: &Graph<T>, id: usize) -> Upstream<T> {
        match self.place(graph, id) {
            Place::Scalar(&mut number) => Upstream::Scalar([number]),
            Place::Tensor(buffer) => Upstream::Tensor(std::mem::take(buffer)),
        }
    }

    /// Puts it back if it was asked for, or gives its memory to the gradients still to come.
    pub(crate) fn put_back(
        &mut self,
        graph: &Graph<T>,
        id: usize,
        upstream: Upstream<T>,
        memory: &mut Memory<T>,
    ) {
        let Upstream::Tensor(buffer) = upstream else { return };
        if !self.marks[id].kept() {
            memory.give(buffer);
        } else if let Place::Tensor(place) = self.place(graph, id) {
            *place = buffer;
        }
    }
}
