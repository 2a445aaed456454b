//! The tensor nodes of a tape, and what becomes of their memory from one round to the next.

use std::ops::Deref;

use smallbox::SmallBox;
use smallvec::SmallVec;

use super::memory::{Buffer, Memory, Values};
use super::record::Slot;
use crate::element::Element;
use crate::error::Error;
use crate::operation::TensorOp;
use crate::shape::Shape;

/// The operation of a tensor node; those of up to 20 words need no allocation.
pub(crate) type Operation<T> = SmallBox<dyn TensorOp<T>, [usize; 20]>;

/// The operands of a node. An LSTM cell has seven.
pub(crate) type Operands = SmallVec<[Slot; 8]>;

/// What a tensor node has beyond its record.
pub(crate) struct TensorNode<T: Element> {
    pub(crate) id: u32,
    /// Nothing flows back through it: data, a comparison, a stopped gradient.
    pub(crate) passive: bool,
    /// `None` for a leaf.
    pub(crate) operation: Option<Operation<T>>,
    pub(crate) inputs: Operands,
    pub(crate) shape: Shape,
    pub(crate) values: Values<T>,
    /// What the forward pass keeps for the backward pass.
    pub(crate) saved: Buffer<T>,
}

impl<T: Element> TensorNode<T> {
    fn vacant() -> Self {
        Self {
            id: 0,
            passive: false,
            operation: None,
            inputs: SmallVec::new(),
            shape: Shape::new(),
            values: Values::default(),
            saved: Buffer::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match &self.operation {
            Some(operation) => operation.name(),
            None if self.passive => "constant",
            None => "leaf",
        }
    }

    /// Forgets what was recorded. Memory of the tape's stays, for the node that stands here in the next round; what
    /// belongs to others is let go.
    fn clear(&mut self) {
        self.operation = None;
        self.inputs.clear();
        self.values.own();
    }

    /// Memory of the tape's for the numbers of a leaf, to be written.
    pub(super) fn own(&mut self, len: usize, memory: &mut Memory<T>) -> Result<&mut [T], Error> {
        memory.give(std::mem::take(&mut self.saved));
        let buffer = self.values.own();
        memory.fit(buffer, len)?;
        Ok(buffer)
    }

    /// Gives memory of an earlier round back.
    pub(super) fn release(&mut self, memory: &mut Memory<T>) {
        memory.give(std::mem::take(self.values.own()));
        memory.give(std::mem::take(&mut self.saved));
    }
}

/// The tensor nodes that are recorded, in order, and places for more.
///
/// Nodes are boxed, so that what is lent out of them stays where it is. A node of the next round takes the place of the
/// node that was recorded in its stead in this one, and finds its memory there: a loop of equal steps does not have to
/// look for any.
pub(crate) struct Tensors<T: Element> {
    #[allow(clippy::vec_box, reason = "shapes and values are lent out: a node may not move")]
    recorded: Vec<Box<TensorNode<T>>>,
    /// Places, the next one last.
    #[allow(clippy::vec_box, reason = "the boxes of earlier rounds")]
    vacant: Vec<Box<TensorNode<T>>>,
    /// How many places, counted from the last, still hold the memory of the round before.
    holding: usize,
}

impl<T: Element> Tensors<T> {
    pub(crate) fn new() -> Self {
        Self { recorded: Vec::new(), vacant: Vec::new(), holding: 0 }
    }

    /// The place of the next node. Shape, saved numbers and values are as an earlier round has left them.
    pub(crate) fn place(&mut self) -> Box<TensorNode<T>> {
        self.holding = self.holding.saturating_sub(1);
        self.vacant.pop().unwrap_or_else(|| Box::new(TensorNode::vacant()))
    }

    pub(crate) fn push(&mut self, node: Box<TensorNode<T>>) {
        self.recorded.push(node);
    }

    /// Forgets all nodes. Places that this round had no use for give their memory back.
    pub(crate) fn clear(&mut self, memory: &mut Memory<T>) {
        self.vacant.iter_mut().rev().take(self.holding).for_each(|node| node.release(memory));
        self.holding = self.recorded.len();
        while let Some(mut node) = self.recorded.pop() {
            node.clear();
            self.vacant.push(node);
        }
    }
}

impl<T: Element> Deref for Tensors<T> {
    type Target = [Box<TensorNode<T>>];
    fn deref(&self) -> &Self::Target {
        &self.recorded
    }
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Tensor};

    fn at(tensor: Tensor<'_>) -> *const f64 {
        tensor.value().as_ptr()
    }

    #[test]
    fn a_round_of_the_same_finds_its_memory() {
        let mut tape = Tape::new();
        let round = |tape: &Tape| {
            let x = tape.constant(([4], &[1.0, 2.0, 3.0, 4.0][..]));
            let y = x.exp();
            (at(x), at(y), at(y.sin()))
        };
        let first = round(&tape);
        tape.reset();
        assert_eq!(round(&tape), first);
    }

    #[test]
    fn a_round_of_others_takes_what_fits_and_gives_the_rest_back() {
        let mut tape = Tape::<f64>::new();
        let x = tape.constant(([100], vec![1.0; 100]));
        let (small, large) = (at(x.exp()), at(x.broadcast_to(&[100, 100])));
        tape.reset();
        // Where the small one stood, a large one gives its memory back; where the large one stood, the small one finds it.
        let x = tape.constant(([100], vec![1.0; 100]));
        assert_ne!(at(x.broadcast_to(&[100, 100])), large);
        assert_eq!(at(x.exp()), small);
    }

    #[test]
    fn places_without_use_give_their_memory_back_once() {
        let mut tape = Tape::<f64>::new();
        for nodes in [3, 1, 0, 2, 3] {
            let x = tape.tensor(([2], vec![1.0, 2.0]));
            let last = (0..nodes).fold(x, |y, _| y * 2.0);
            assert_eq!(last.value()[1], 2.0 * f64::from(1 << nodes));
            tape.reset();
            assert_eq!(tape.graph.borrow().tensors.holding, 1 + nodes);
        }
        // Of the three computed nodes' memory, none is in the pool now; after a round of none of them, all is.
        let held = |tape: &Tape| tape.memory.borrow().free();
        assert_eq!(held(&tape), 0);
        tape.tensor(([2], vec![1.0, 2.0]));
        tape.reset();
        assert_eq!(held(&tape), 3);
        tape.reset();
        assert_eq!(held(&tape), 3);
    }
}
