//! What is written down of a node: sixteen bytes, beside its value.

use super::location::Place;
use crate::rules::{ANYWHERE, BEFORE, CONSTANT, Code, Rule};

/// An operand as it is recorded: a node, or a constant of the tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u32);

impl Slot {
    const CONSTANT: u32 = 1 << 31;
    /// How many nodes, and how many constants, a tape can hold.
    pub(crate) const LIMIT: usize = Self::CONSTANT as usize - 2;
    /// The second operand of an operation that has one.
    pub(crate) const NONE: Self = Self(u32::MAX);
    /// A constant that comes along and is not kept yet.
    pub(crate) const GIVEN: Self = Self(u32::MAX - 1);

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

    /// The position of what is known to be a node.
    #[inline(always)]
    pub(crate) fn node_index(self) -> usize {
        self.0 as usize
    }

    /// The index of the constant, where it is none the limit.
    #[inline(always)]
    pub(crate) fn index(self) -> usize {
        (self.0 & !Self::CONSTANT) as usize
    }

    /// Where it is, seen from node `id`.
    #[inline(always)]
    pub(crate) fn place(self, id: u32) -> u8 {
        if self.id().is_some() { Self::place_of_node(self.0, id) } else { CONSTANT }
    }

    /// The same where it is known to be a node.
    #[inline(always)]
    pub(crate) fn place_of_node(node: u32, id: u32) -> u8 {
        if node + 1 == id { BEFORE } else { ANYWHERE }
    }
}

/// An operand of a scalar operation, before it is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<T> {
    Node(u32),
    Constant(T),
    None,
}

impl<T: Copy> Arg<T> {
    /// The slot, where it is known by now.
    #[inline(always)]
    pub(crate) fn slot(self) -> Slot {
        match self {
            Self::Node(id) => Slot::node(id),
            Self::Constant(_) => Slot::GIVEN,
            Self::None => Slot::NONE,
        }
    }

    #[inline(always)]
    pub(crate) fn constant(self) -> Option<T> {
        match self {
            Self::Constant(value) => Some(value),
            _ => None,
        }
    }
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

const LEAF: Code = Code::other(0);
const CUT: Code = Code::other(1);
const TENSOR: Code = Code::other(2);

/// One node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) a: Slot,
    pub(crate) b: Slot,
    pub(crate) place: Place,
    pub(crate) code: Code,
}

const _: () = assert!(size_of::<Record>() == 16, "a record takes 16 bytes");

impl Record {
    /// A record, from operands that were recorded before it and the places where they are, seen from it.
    #[inline(always)]
    pub(crate) fn new(kind: Kind, (a, at_a): (Slot, u8), (b, at_b): (Slot, u8), place: Place) -> Self {
        let code = match kind {
            Kind::Leaf => LEAF,
            Kind::Cut => CUT,
            Kind::Tensor => TENSOR,
            Kind::Rule(rule) => Code::new(rule, at_a, at_b),
        };
        Self { a, b, place, code }
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        match self.code {
            LEAF => Kind::Leaf,
            CUT => Kind::Cut,
            code => code.rule().map_or(Kind::Tensor, Kind::Rule),
        }
    }

    /// Of a tensor node: its index in `Graph::tensors`.
    #[inline(always)]
    pub(crate) fn tensor(self) -> Option<usize> {
        (self.code == TENSOR).then_some(self.a.0 as usize)
    }
}
