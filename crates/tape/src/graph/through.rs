//! The sweep's way through a tensor operation.

use super::backward::Flow;
use super::node::Graph;
use super::record::Slot;
use super::store::{Place, Upstream};
use super::tensors::TensorNode;
use crate::element::Element;
use crate::operation::{Downstream, Recorded, Sinks, View, Vjp};

impl<T: Element> Flow<'_, T> {
    /// Starts with the gradient of the output itself, unless nothing wanted is behind it.
    pub(super) fn seed(&mut self, graph: &Graph<T>, output: usize, seed: &[T]) -> bool {
        let mut into = Into { graph, flow: self, inputs: &[Slot::node(output as u32)] };
        let downstream = into.downstream(0, seed.len());
        downstream.map(|downstream| downstream.gradient.copy_from_slice(seed)).is_some()
    }

    /// Multiplies what has arrived at a tensor node by its operation's local derivatives, and sends it to the operands.
    /// A leaf has none.
    pub(super) fn through(&mut self, graph: &Graph<T>, id: usize) {
        let Some(node) = graph.tensor(id) else { return };
        let Some(operation) = &node.operation else { return };
        if !self.arrived(graph, id) {
            return;
        }
        let mut upstream = self.store.take(graph, id);
        graph.with_views(&node.inputs, |views| {
            let recorded = recorded(graph, node, views);
            if let Upstream::Tensor(buffer) = &mut upstream
                && let Some((k, input)) = self.heir(id, node, views, buffer.len())
                && operation.vjp_in_place(k, recorded, buffer)
            {
                self.store.marks[input].reach();
                if let Place::Tensor(place) = self.store.place(graph, input) {
                    self.memory.give(std::mem::replace(place, std::mem::take(buffer)));
                }
                return;
            }
            let sinks = &mut Into { graph, flow: self, inputs: &node.inputs };
            operation.vjp(&mut Vjp { recorded, upstream: upstream.as_slice(), sinks });
            self.store.put_back(graph, id, upstream, self.memory);
        });
    }

    /// Whether a gradient that somebody needs has arrived at a tensor node, and is not a lone zero without a derivative.
    fn arrived(&mut self, graph: &Graph<T>, id: usize) -> bool {
        let mark = self.store.marks[id];
        match self.store.place(graph, id) {
            Place::Scalar(number) => mark.needed() && !number.vanishes(),
            Place::Tensor(_) => mark.reached(),
        }
    }

    /// The operand, by position and id, that can have the memory of the upstream gradient: it alone wants a gradient, of
    /// as many numbers, and none has arrived; and nobody asked for the upstream gradient itself.
    fn heir(
        &self,
        id: usize,
        node: &TensorNode<T>,
        views: &[View<'_, T>],
        len: usize,
    ) -> Option<(usize, usize)> {
        let marks = &self.store.marks;
        if marks[id].kept() {
            return None;
        }
        let mut wanted = None;
        for (k, slot) in node.inputs.iter().enumerate() {
            let Some(input) = slot.id().filter(|&input| marks[input].needed()) else { continue };
            if wanted.is_some() || marks[input].reached() {
                return None;
            }
            wanted = Some((k, input));
        }
        wanted.filter(|&(k, _)| !views[k].shape.is_empty() && views[k].data.len() == len)
    }
}

/// What a tensor operation left behind in the forward pass.
fn recorded<'a, T: Element>(
    graph: &'a Graph<T>,
    node: &'a TensorNode<T>,
    inputs: &'a [View<'a, T>],
) -> Recorded<'a, T> {
    let output = View { shape: &node.shape, data: graph.data(node) };
    Recorded { inputs, output, saved: &node.saved }
}

impl<T: Element> TensorNode<T> {
    /// Hands the operation what it needs for its vector-Jacobian product.
    pub(crate) fn vjp(&self, graph: &Graph<T>, upstream: &[T], sinks: &mut dyn Sinks<T>) {
        if let Some(operation) = &self.operation {
            graph.with_views(&self.inputs, |views| {
                operation.vjp(&mut Vjp { recorded: recorded(graph, self, views), upstream, sinks });
            });
        }
    }
}

/// The way from a tensor operation into the gradients of its operands.
struct Into<'a, 'b, 'c, T: Element> {
    graph: &'a Graph<T>,
    flow: &'a mut Flow<'b, T>,
    inputs: &'c [Slot],
}

impl<T: Element> Sinks<T> for Into<'_, '_, '_, T> {
    fn downstream(&mut self, input: usize, len: usize) -> Option<Downstream<'_, T>> {
        let id = self.inputs[input].id()?;
        let Flow { store, memory, .. } = &mut *self.flow;
        let before = store.marks[id].reach()?;
        let (gradient, accumulate) = match store.place(self.graph, id) {
            Place::Scalar(number) => (std::slice::from_mut(number), true),
            Place::Tensor(place) => {
                if !before && let Err(error) = memory.fit(place, len) {
                    panic!("{}", error.operation("backward").at(self.graph.location(id)));
                }
                (&mut **place, before)
            }
        };
        Some(Downstream { gradient, accumulate, scratch: &mut memory.scratch })
    }
}
