//! The records of a tape: what was done, to what, and where.

use std::collections::HashMap;
use std::panic::Location;

use smallvec::SmallVec;

use super::location::Place;
use super::memory::Values;
use super::record::{Kind, Record, Slot};
use super::tensors::{Operands, TensorNode, Tensors};
use crate::element::Element;
use crate::operation::View;

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
            constants: Vec::new(),
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
        let next = id as u32;
        self.records.push(Record::new(kind, (a, a.place(next)), (b, b.place(next)), place));
        self.values.push(value);
        id as u32
    }

    /// Keeps a constant.
    pub(crate) fn constant(&mut self, value: T) -> Slot {
        let index = self.constants.len();
        assert!(index < Slot::LIMIT, "the tape is full: it holds {index} constants");
        self.constants.push(value);
        Slot::constant(index)
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
        self.records[id].tensor().map(|index| &*self.tensors[index])
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
        let index = self.records[slot.id()?].tensor()?;
        Some(match self.tensors[index].values {
            Values::Same(owner) => owner,
            _ => index as u32,
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
        match inputs.len() {
            0..=4 => work(&self.few_views::<4>(inputs)[..inputs.len()]),
            5..=8 => work(&self.few_views::<8>(inputs)[..inputs.len()]),
            _ => work(&inputs.iter().map(|&slot| self.view(slot)).collect::<Vec<_>>()),
        }
    }

    fn few_views<const N: usize>(&self, inputs: &[Slot]) -> [View<'_, T>; N] {
        let mut views = [View { shape: &[], data: &[] }; N];
        views.iter_mut().zip(inputs).for_each(|(view, &slot)| *view = self.view(slot));
        views
    }

    /// The operands of any node.
    pub(crate) fn inputs(&self, id: usize) -> Operands {
        let record = self.records[id];
        let (a, b) = (record.a, record.b);
        match record.kind() {
            Kind::Leaf => SmallVec::new(),
            Kind::Rule(_) if b != Slot::NONE => SmallVec::from_slice(&[a, b]),
            Kind::Rule(_) | Kind::Cut => SmallVec::from_slice(&[a]),
            Kind::Tensor => self.tensor(id).map_or_else(SmallVec::new, |node| node.inputs.clone()),
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

    /// What a node is called in a message: `mul "u"`, and `leaf "x"` for a variable.
    pub(crate) fn describe(&self, id: usize) -> String {
        let name = self.given_name(id).map_or(String::new(), |name| format!(" \"{name}\""));
        format!("{}{name}", self.name(id))
    }

    /// The name of a node's operation.
    pub(crate) fn name(&self, id: usize) -> &str {
        match self.records[id].kind() {
            Kind::Leaf => "leaf",
            Kind::Rule(rule) => rule.name(),
            Kind::Cut => "stop_gradient",
            Kind::Tensor => self.tensor(id).map_or("", |node| node.name()),
        }
    }
}
