//! The reverse sweep: the only one there is.

use std::ops::Range;

use super::fault::Sent;
use super::gradients::Gradients;
use super::memory::Memory;
use super::node::Graph;
use super::store::{Place, Store};
use super::tape::Tape;
use super::turns::turns;
use crate::element::Element;
use crate::error::Error;
use crate::id::NodeId;

/// Walks the tape from the last of `nodes` down to the first and multiplies, edge by edge, `downstream = local × upstream`.
///
/// The order of recording is a topological order, so that a node's gradient is complete when its turn comes. A zero
/// upstream gives zero whatever the local derivative is: `0 × inf` never appears.
fn sweep<T: Element>(graph: &Graph<T>, flow: &mut Flow<'_, T>, nodes: Range<usize>) -> Result<(), Sent> {
    let mut end = nodes.end;
    while end > nodes.start {
        let last = end - 1;
        if graph.records[last].tensor().is_some() {
            flow.through(graph, last);
            end = last;
        } else {
            let first = if flow.checked { last } else { nodes.start };
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
    if flow.seed(graph, output as usize, seed)
        && let Err(fault) = sweep(graph, &mut flow, 0..output as usize + 1)
    {
        return Err(flow.explain(graph, output as usize, seed, fault));
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
    fn check(&mut self, graph: &Graph<T>, id: usize) -> Result<(), Sent> {
        for input in graph.inputs(id).iter().filter_map(|slot| slot.id()) {
            let (needed, arrived) = (self.store.marks[input].needed(), self.store.marks[input].reached());
            let gradient = match self.store.place(graph, input) {
                Place::Scalar(number) if needed => std::slice::from_ref(number),
                Place::Tensor(place) if arrived => place,
                _ => continue,
            };
            if gradient.iter().any(|value| !value.is_finite()) {
                return Err(Sent { from: id, to: input });
            }
        }
        Ok(())
    }

    /// The error of a gradient that is not finite. Those on the way there are gone, where nobody asked for them: the sweep
    /// goes as far once more and keeps them.
    #[cold]
    fn explain(&mut self, graph: &Graph<T>, output: usize, seed: &[T], fault: Sent) -> Error {
        self.store.keep_all(graph, output, self.memory);
        self.checked = false;
        self.seed(graph, output, seed);
        let _ = sweep(graph, self, fault.from..output + 1);
        fault.error(graph, self.store, output)
    }
}
