//! The turns of scalar nodes in the sweep: the inner loop.
//!
//! It is written for the processor. A node mostly sends its gradient to the node before it, whose turn is next; through
//! memory, each would wait for the store of the other. So what the node before has received travels in a register. And
//! for each rule there is a piece of code for each pair of [places](crate::rules::Code) of its operands, so that nothing
//! is asked at run time but where to jump.

use std::ops::Range;

use super::node::Graph;
use super::record::{Record, Slot};
use crate::element::Element;
use crate::rules::{ANYWHERE, Arity, BEFORE, CONSTANT, FormVisitor, Law};

/// Gives the nodes of `range` their turns, from the last to the first, and stops before a tensor node: the end of what is
/// left.
pub(super) fn turns<T: Element>(graph: &Graph<T>, adjoints: &mut [T], range: Range<usize>) -> usize {
    let records = &graph.records[..range.end];
    let values = &graph.values[..range.end];
    let constants = &graph.constants[..];
    let adjoints = &mut adjoints[..range.end];
    let mut upstream = adjoints[range.end - 1];
    // Node 0 was made of nothing: it takes what it gets.
    let first = range.start.max(1);
    for id in (first..range.end).rev() {
        // SAFETY: all slices reach to the end of the range, and `id` is not 0.
        let (record, mut below) = unsafe {
            // Complete: whoever has used node `id` was recorded after it and has had its turn.
            *adjoints.get_unchecked_mut(id) = upstream;
            (*records.get_unchecked(id), *adjoints.get_unchecked(id - 1))
        };
        let turn = Turn { record, id, values, constants, adjoints, upstream, below };
        let received = if T::BARE { record.code.visit(turn) } else { turn.any(graph) };
        match received {
            Some(received) => below = received,
            None if record.tensor().is_some() => return id + 1,
            None => {}
        }
        upstream = below;
    }
    adjoints[first - 1] = upstream;
    range.start
}

/// One node's turn.
struct Turn<'a, T> {
    record: Record,
    id: usize,
    values: &'a [T],
    constants: &'a [T],
    adjoints: &'a mut [T],
    upstream: T,
    /// What the node before has received.
    below: T,
}

impl<T: Element> FormVisitor for Turn<'_, T> {
    /// What the node before has received by now.
    type Output = T;

    #[inline(always)]
    fn visit<L: Law, const A: u8, const B: u8>(mut self) -> T {
        let binary = const { matches!(L::ARITY, Arity::Binary) };
        assert!(binary || (A != CONSTANT && B == CONSTANT), "only binary rules have two nodes as operands");
        let Record { a, b, .. } = self.record;
        let x = self.operand::<A>(a);
        let y = if matches!(L::ARITY, Arity::Unary) { x } else { self.operand::<B>(b) };
        // SAFETY: the values reach to the end of the range.
        let value = unsafe { *self.values.get_unchecked(self.id) };
        let (local_a, local_b) = L::local(x, y, value);
        let (mut to_a, mut to_b) = (downstream(local_a, self.upstream), downstream(local_b, self.upstream));
        if to_a.partial_cmp(&to_b).is_none() {
            // One of them is NaN.
            (to_a, to_b) = (settle(local_a, self.upstream), settle(local_b, self.upstream));
        }
        self.send::<A>(a, to_a);
        self.send::<B>(b, to_b);
        self.below
    }
}

impl<T: Element> Turn<'_, T> {
    /// The same for any rule with operands anywhere; `None` if it is no rule.
    fn any(mut self, graph: &Graph<T>) -> Option<T> {
        let (a, b) = (self.record.a, self.record.b);
        let (x, y) = (graph.operand(a), graph.operand(b));
        let (local_a, local_b) = self.record.code.rule()?.local(x, y, self.values[self.id]);
        for (slot, local) in [(a, local_a), (b, local_b)] {
            let downstream = T::chain(local, self.upstream);
            match slot.place(self.id as u32) {
                CONSTANT => {}
                BEFORE => self.send::<BEFORE>(slot, downstream),
                _ => self.send::<ANYWHERE>(slot, downstream),
            }
        }
        Some(self.below)
    }

    #[inline(always)]
    fn operand<const PLACE: u8>(&self, slot: Slot) -> T {
        // SAFETY: a record's operands are nodes before it, or constants of the same graph, as its code says.
        unsafe {
            match PLACE {
                CONSTANT => *self.constants.get_unchecked(slot.index()),
                _ => *self.values.get_unchecked(slot.node_index()),
            }
        }
    }

    /// Adds to what the operand has.
    #[inline(always)]
    fn send<const PLACE: u8>(&mut self, slot: Slot, downstream: T) {
        match PLACE {
            CONSTANT => {}
            BEFORE => self.below = self.below.plus(downstream),
            _ => {
                // SAFETY: a record's operands are nodes before it.
                let adjoint = unsafe { self.adjoints.get_unchecked_mut(slot.node_index()) };
                *adjoint = adjoint.plus(downstream);
            }
        }
    }
}

/// `downstream = local × upstream`; nothing passes a closed gate.
#[inline(always)]
fn downstream<T: Element>(local: Option<T>, upstream: T) -> T {
    local.map_or_else(T::zero, |local| local * upstream)
}

/// The same where the product may be NaN because an upstream of 0 meets a local derivative that is infinite or NaN.
#[cold]
#[inline(never)]
fn settle<T: Element>(local: Option<T>, upstream: T) -> T {
    T::chain(local, upstream)
}
