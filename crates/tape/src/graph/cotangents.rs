//! Gradients of tensors under way.

use super::memory::{Buffer, Memory};
use super::tensors::Tensors;
use crate::element::Element;
use crate::shape::Shape;

/// The gradients of tensor nodes, in the order of recording.
///
/// What was asked for stays until the next backward pass finds it here and writes over it; everything else goes back to
/// the tape's memory as soon as it was used.
#[derive(Debug)]
pub(crate) struct Cotangents<T>(Vec<Cotangent<T>>);

/// The gradient of a tensor node.
#[derive(Debug)]
pub(super) struct Cotangent<T> {
    pub(super) id: u32,
    /// Means something only where the gradient is kept.
    pub(super) shape: Shape,
    /// Means something only where a gradient has arrived.
    pub(super) gradient: Buffer<T>,
}

impl<T> Default for Cotangents<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Element> Cotangents<T> {
    /// Gives all memory back.
    pub(super) fn release(&mut self, memory: &mut Memory<T>) {
        self.0.drain(..).for_each(|entry| memory.give(entry.gradient));
    }

    /// Makes a place for each tensor node up to `output`, with its shape where the gradient is to be kept.
    pub(super) fn prepare(
        &mut self,
        tensors: &Tensors<T>,
        output: u32,
        kept: impl Fn(u32) -> bool,
        memory: &mut Memory<T>,
    ) {
        let count = tensors.partition_point(|node| node.id <= output);
        for entry in self.0.drain(count.min(self.0.len())..) {
            memory.give(entry.gradient);
        }
        for (entry, node) in self.0.iter_mut().zip(tensors.iter()) {
            entry.id = node.id;
            if !kept(node.id) {
                if !entry.gradient.is_empty() {
                    memory.give(std::mem::take(&mut entry.gradient));
                }
            } else if !entry.shape.iter().eq(&node.shape) {
                entry.shape.clone_from(&node.shape);
            }
        }
        for node in &tensors[self.0.len()..count] {
            let (id, shape) = (node.id, node.shape.clone());
            self.0.push(Cotangent { id, shape, gradient: Buffer::default() });
        }
    }

    /// The gradient of the tensor node at this index, whatever it holds.
    pub(super) fn get_mut(&mut self, index: usize) -> &mut Buffer<T> {
        &mut self.0[index].gradient
    }

    /// The gradient of the node with this id, if it is a tensor.
    pub(super) fn find(&self, id: u32) -> Option<&Cotangent<T>> {
        self.position(id).map(|k| &self.0[k])
    }

    /// The same, to be changed.
    pub(super) fn find_mut(&mut self, id: u32) -> Option<&mut Cotangent<T>> {
        self.position(id).map(|k| &mut self.0[k])
    }

    fn position(&self, id: u32) -> Option<usize> {
        self.0.binary_search_by_key(&id, |entry| entry.id).ok()
    }
}
