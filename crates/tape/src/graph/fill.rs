//! What stands in a tensor node when it is recorded: computed by an operation, or brought by the user.

use std::cell::RefCell;

use super::data::TensorData;
use super::memory::{Memory, Values};
use super::node::Graph;
use super::tensors::TensorNode;
use crate::element::Element;
use crate::error::Error;
use crate::operation::{Forward, TensorOp};
use crate::shape::{self, Shape};

/// Computes shape, values and saved numbers of a node, in the memory that its place has from the last round if that
/// fits.
pub(super) fn compute<T: Element>(
    operation: &impl TensorOp<T>,
    node: &mut TensorNode<T>,
    graph: &Graph<T>,
    memory: &mut Memory<T>,
) -> Result<(), Error> {
    let TensorNode { inputs, shape, values, saved, .. } = node;
    if operation.is_view()
        && let Some(owner) = inputs.first().and_then(|&slot| graph.owner(slot))
    {
        *shape = graph.with_views(inputs, |inputs| operation.output_shape(inputs))?;
        node.release(memory);
        node.values = Values::Same(owner);
        return Ok(());
    }
    let output = values.own();
    graph.with_views(inputs, |inputs| {
        *shape = operation.output_shape(inputs)?;
        memory.fit(output, shape::elements(shape)?)?;
        memory.fit(saved, operation.saved_len(inputs))?;
        let scratch = &mut memory.scratch;
        operation.forward(Forward { inputs, shape, output, saved, scratch });
        Ok(())
    })
}

/// Makes a leaf of what the user brings.
#[inline]
pub(super) fn adopt<T: Element>(
    data: TensorData<'_, T>,
    node: &mut TensorNode<T>,
    memory: &RefCell<Memory<T>>,
) -> Result<(), Error> {
    match data {
        TensorData::Owned(shape, numbers) => {
            node.release(&mut memory.borrow_mut());
            (node.shape, node.values) = (shape, Values::Adopted(numbers));
        }
        TensorData::Shared(shape, numbers) => {
            node.release(&mut memory.borrow_mut());
            (node.shape, node.values) = (shape, Values::Shared(numbers));
        }
        TensorData::Copied(view) => {
            let buffer = node.own(view.len(), &mut memory.borrow_mut())?;
            match view.as_slice() {
                Some(numbers) => buffer.copy_from_slice(numbers),
                None => buffer.iter_mut().zip(view.iter()).for_each(|(to, &from)| *to = from),
            }
            node.shape = Shape::from_slice(view.shape());
        }
        TensorData::Written(shape, number) => {
            let buffer = node.own(shape::elements(&shape)?, &mut memory.borrow_mut())?;
            buffer.iter_mut().enumerate().for_each(|(k, to)| *to = number(k));
            node.shape = shape;
        }
    }
    Ok(())
}
