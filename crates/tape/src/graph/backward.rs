//! The reverse sweep: the only one there is.

use super::gradients::Gradients;
use super::memory::Memory;
use super::node::{Graph, NodeId};
use super::record::Slot;
use super::store::{Place, Store};
use super::tape::Tape;
use super::turns::turns;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::shape;

/// Walks the tape from `output` down to its first node and multiplies, edge by edge, `downstream = local × upstream`.
///
/// The order of recording is a topological order, so that a node's gradient is complete when its turn comes. A zero
/// upstream gives zero whatever the local derivative is: `0 × inf` never appears.
fn sweep<T: Element>(graph: &Graph<T>, flow: &mut Flow<'_, T>, output: usize) -> Result<(), Error> {
    let mut end = output + 1;
    while end > 0 {
        let last = end - 1;
        if graph.records[last].tensor().is_some() {
            flow.through(graph, last);
            end = last;
        } else {
            let first = if flow.checked { last } else { 0 };
            end = turns(graph, &mut flow.store.adjoints, first..end);
        }
        if flow.checked {
            flow.check(graph, last)?;
        }
    }
    Ok(())
}

/// Which gradients are kept: every node's, or those asked for.
pub(crate) enum Keep<'a> {
    All,
    Only(&'a mut dyn Iterator<Item = NodeId>),
}

/// The gradient of `output` with respect to the nodes to be kept. `seed` is the gradient of `output` itself.
pub(crate) fn backward<T: Element>(
    tape: &Tape<T>,
    output: u32,
    seed: &[T],
    keep: Keep<'_>,
) -> Result<Gradients<T>, Error> {
    let graph = &*tape.graph.borrow();
    let memory = &mut *tape.memory.borrow_mut();
    let pruned = matches!(keep, Keep::Only(_));
    let mut store = Store::again(&tape.returned, memory);
    store.prepare(graph, output, keep, memory);
    let mut flow = Flow { store: &mut store, memory, checked: tape.graph.checked() };
    if flow.seed(graph, output as usize, seed) {
        sweep(graph, &mut flow, output as usize)?;
    }
    if pruned || graph.passive > 0 {
        store.settle();
    }
    Ok(Gradients::new(store, tape, pruned))
}

/// The sweep's state: gradients under way, and where their memory comes from and goes.
pub(super) struct Flow<'a, T: Element> {
    pub(super) store: &'a mut Store<T>,
    pub(super) memory: &'a mut Memory<T>,
    checked: bool,
}

impl<T: Element> Flow<'_, T> {
    /// In checked mode: what node `id` has just sent to its operands must be finite.
    #[cold]
    fn check(&mut self, graph: &Graph<T>, id: usize) -> Result<(), Error> {
        for input in graph.inputs(id).iter().filter_map(|slot| slot.id()) {
            let (needed, arrived) = (self.store.marks[input].needed(), self.store.marks[input].reached());
            let gradient = match self.store.place(graph, input) {
                Place::Scalar(number) if needed => std::slice::from_ref(number),
                Place::Tensor(place) if arrived => place,
                _ => continue,
            };
            if let Some(k) = gradient.iter().position(|value| !value.is_finite()) {
                let value = gradient[k];
                let extents = graph.view(Slot::node(input as u32)).shape;
                let index = match extents.len() {
                    0 => String::new(),
                    _ => format!(" at index {:?}", shape::unravel(k, extents)),
                };
                let (from, to) = (graph.describe(id), graph.describe(input));
                let text = format!("{from} sent back a gradient of {value} to {to}{index}");
                return Err(Error::new(ErrorKind::NotFinite, text).operation("check_finite"));
            }
        }
        Ok(())
    }
}
