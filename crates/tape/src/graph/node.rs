//! The records of a tape: what was done, to what, and where.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use smallvec::SmallVec;

use super::location::Place;
use super::memory::Values;
use super::tensors::{TensorNode, Tensors};
use crate::element::Element;
use crate::operation::View;
use crate::rules::Rule;

/// The position of a node on its tape: nodes are numbered in the order in which they were recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The number, counted from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The node that was recorded so many nodes later.
    #[must_use]
    pub fn offset(self, by: usize) -> Self {
        Self(self.0 + by as u32)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

/// An operand as it is recorded: a node, or a constant of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u32);

impl Slot {
    const CONSTANT: u32 = 1 << 31;
    /// How many nodes, and how many constants, a tape can hold.
    pub(crate) const LIMIT: usize = Self::CONSTANT as usize - 1;
    /// The second operand of an operation that has one.
    pub(crate) const NONE: Self = Self(u32::MAX);

    #[inline(always)]
    pub(crate) fn node(id: u32) -> Self {
        Self(id)
    }

    #[inline(always)]
    pub(crate) fn constant(index: usize) -> Self {
        Self(index as u32 | Self::CONSTANT)
    }

    /// The node, if it is one.
    #[inline(always)]
    pub(crate) fn id(self) -> Option<usize> {
        (self.0 & Self::CONSTANT == 0).then_some(self.0 as usize)
    }

    /// The index of the constant, where it is none the limit.
    #[inline(always)]
    fn index(self) -> usize {
        (self.0 & !Self::CONSTANT) as usize
    }
}

/// An operand of a scalar operation, before it is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<T> {
    Node(u32),
    Constant(T),
    None,
}

/// What a record stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A scalar of the user's.
    Leaf,
    /// A scalar made from scalars.
    Rule(Rule),
    /// A scalar through which nothing flows back.
    Cut,
    /// A tensor, or a scalar made from tensors: more is in `Graph::tensors`, at the index in `a`.
    Tensor,
}

/// One node: 16 bytes, beside its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) a: Slot,
    pub(crate) b: Slot,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

impl Record {
    /// Of a tensor node: its index in `Graph::tensors`.
    #[inline(always)]
    pub(crate) fn tensor(self) -> usize {
        self.a.index()
    }
}

/// All records of a tape. `records` and `values` run in step; `tensors` hangs off them.
pub(crate) struct Graph<T: Element> {
    pub(crate) records: Vec<Record>,
    pub(crate) values: Vec<T>,
    pub(crate) constants: Vec<T>,
    pub(crate) tensors: Tensors<T>,
    /// How many nodes let nothing flow back. With none, every node is on a path to a leaf.
    pub(crate) passive: usize,
    /// The names given to nodes, the last one in force: earlier ones may be lent out.
    pub(crate) names: HashMap<u32, SmallVec<[Box<str>; 1]>>,
    pub(crate) far: Vec<&'static Location<'static>>,
}

impl<T: Element> Graph<T> {
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Self {
            records: Vec::with_capacity(nodes),
            values: Vec::with_capacity(nodes),
            constants: Vec::with_capacity(nodes),
            tensors: Tensors::new(),
            passive: 0,
            names: HashMap::new(),
            far: Vec::new(),
        }
    }

    /// Adds a node, and makes room for as many again where there is none. Its position is its id.
    pub(crate) fn push(
        &mut self,
        kind: Kind,
        a: Slot,
        b: Slot,
        value: T,
        at: &'static Location<'static>,
    ) -> u32 {
        let id = self.records.len();
        assert!(id < Slot::LIMIT, "the tape is full: it holds {id} nodes");
        let place = Place::new(at, &mut self.far);
        self.records.push(Record { a, b, place, kind });
        self.values.push(value);
        if self.constants.len() == self.constants.capacity() {
            self.constants.reserve(1);
        }
        id as u32
    }

    /// The slot of an operand; a constant is kept.
    pub(crate) fn slot(&mut self, arg: Arg<T>) -> Slot {
        match arg {
            Arg::Node(id) => Slot::node(id),
            Arg::None => Slot::NONE,
            Arg::Constant(value) => {
                let index = self.constants.len();
                assert!(index < Slot::LIMIT, "the tape is full: it holds {index} constants");
                self.constants.push(value);
                Slot::constant(index)
            }
        }
    }

    /// The value of a scalar operand.
    #[inline(always)]
    pub(crate) fn operand(&self, slot: Slot) -> T {
        match slot.id() {
            Some(id) => self.values[id],
            None => self.constants.get(slot.index()).copied().unwrap_or_else(T::zero),
        }
    }

    /// The tensor side of a node, where it has one.
    #[inline(always)]
    pub(crate) fn tensor(&self, id: usize) -> Option<&TensorNode<T>> {
        let record = &self.records[id];
        (record.kind == Kind::Tensor).then(|| &*self.tensors[record.a.index()])
    }

    /// The numbers of a tensor node.
    #[inline]
    pub(crate) fn data<'g>(&'g self, node: &'g TensorNode<T>) -> &'g [T] {
        let mut values = &node.values;
        loop {
            match values {
                Values::Pooled(buffer) => return buffer,
                Values::Adopted(numbers) => return numbers,
                Values::Shared(numbers) => return numbers,
                Values::Same(owner) => values = &self.tensors[*owner as usize].values,
            }
        }
    }

    /// The index of the tensor node that owns the numbers of an operand, if a tensor node does.
    pub(crate) fn owner(&self, slot: Slot) -> Option<u32> {
        let record = &self.records[slot.id()?];
        (record.kind == Kind::Tensor).then(|| match self.tensors[record.a.index()].values {
            Values::Same(owner) => owner,
            _ => record.a.index() as u32,
        })
    }

    /// An operand as a tensor operation sees it: a scalar has no axes and one number.
    #[inline]
    pub(crate) fn view(&self, slot: Slot) -> View<'_, T> {
        let Some(id) = slot.id() else {
            return View { shape: &[], data: std::slice::from_ref(&self.constants[slot.index()]) };
        };
        match self.tensor(id) {
            Some(node) => View { shape: &node.shape, data: self.data(node) },
            None => View { shape: &[], data: std::slice::from_ref(&self.values[id]) },
        }
    }

    /// Does something with the operands of a node, as views.
    #[inline]
    pub(crate) fn with_views<R>(&self, inputs: &[Slot], work: impl FnOnce(&[View<'_, T>]) -> R) -> R {
        let mut few = [View { shape: &[], data: &[] }; 4];
        let many: Vec<_>;
        let views = if let Some(few) = few.get_mut(..inputs.len()) {
            few.iter_mut().zip(inputs).for_each(|(view, &slot)| *view = self.view(slot));
            few
        } else {
            many = inputs.iter().map(|&slot| self.view(slot)).collect();
            &many[..]
        };
        work(views)
    }

    /// The operands of any node.
    pub(crate) fn inputs(&self, id: usize) -> SmallVec<[Slot; 4]> {
        let Record { a, b, kind, .. } = self.records[id];
        match kind {
            Kind::Leaf => SmallVec::new(),
            Kind::Rule(_) if b != Slot::NONE => SmallVec::from_slice(&[a, b]),
            Kind::Rule(_) | Kind::Cut => SmallVec::from_slice(&[a]),
            Kind::Tensor => self.tensors[a.index()].inputs.clone(),
        }
    }

    /// The index in `tensors` of the tensor node that is recorded next.
    pub(crate) fn next_tensor(&self) -> Slot {
        Slot::node(self.tensors.len() as u32)
    }

    pub(crate) fn location(&self, id: usize) -> &'static Location<'static> {
        self.records[id].place.get(&self.far)
    }

    /// The name that the user gave a node.
    pub(crate) fn given_name(&self, id: usize) -> Option<&str> {
        self.names.get(&(id as u32)).and_then(|names| names.last()).map(|name| &**name)
    }

    /// What a node is called in a message: `mul (node %3 "u", at src/main.rs:7)`.
    pub(crate) fn describe(&self, id: usize) -> String {
        let at = self.location(id);
        let name = self.given_name(id).map_or(String::new(), |name| format!(" \"{name}\""));
        format!("{} (node {}{name}, at {}:{})", self.name(id), NodeId(id as u32), at.file(), at.line())
    }

    /// The name of a node's operation.
    pub(crate) fn name(&self, id: usize) -> &str {
        match self.records[id].kind {
            Kind::Leaf => "leaf",
            Kind::Rule(rule) => rule.name(),
            Kind::Cut => "stop_gradient",
            Kind::Tensor => self.tensors[self.records[id].a.index()].name(),
        }
    }
}

const _: () = assert!(size_of::<Record>() + size_of::<f64>() == 24, "a scalar node takes 24 bytes");
