//! The fault of a gradient, and the way that it took from the output.

use super::words::{number, place, range, range_at};
use super::{Spot, before_broadcast, error, focus, size};
use crate::element::Element;
use crate::error::Error;
use crate::graph::node::Graph;
use crate::graph::store::Store;
use crate::operation::View;

/// A node has sent a NaN or an infinity to one of its operands.
#[derive(Clone, Copy, Debug)]
pub(in crate::graph) struct Sent {
    pub(in crate::graph) from: usize,
    pub(in crate::graph) to: usize,
}

/// The graph, and what has come back to each node, up to the fault.
struct Flown<'a, T: Element> {
    graph: &'a Graph<T>,
    store: &'a Store<T>,
}

impl Sent {
    /// The error. The store holds the gradients of all nodes from the output to the fault.
    pub(in crate::graph) fn error<T: Element>(
        self,
        graph: &Graph<T>,
        store: &Store<T>,
        output: usize,
    ) -> Error {
        let Self { from, to } = self;
        let flown = Flown { graph, store };
        let last = Spot { node: to, at: focus(flown.upstream(to)) };
        let mut way = vec![last, flown.sender(from, last)];
        let senders = flown.heaviest_senders(from, output);
        while way[way.len() - 1].node < output {
            let spot = way[way.len() - 1];
            let Some(sender) = senders[spot.node - from] else { break };
            way.push(flown.sender(sender, spot));
        }
        way.reverse();
        let origin = way.len() - 2;
        let text = flown.tell_fault(way[origin], last);
        error(graph, text, &way, origin, |k| flown.tell(way[k], way.get(k + 1)))
    }
}

impl<'a, T: Element> Flown<'a, T> {
    /// What has come back to a node; nothing where nobody wants it or nothing was sent.
    fn upstream(&self, id: usize) -> &'a [T] {
        let mark = self.store.marks[id];
        match self.store.tensors.find(id as u32) {
            Some(entry) if !entry.shape.is_empty() && mark.reached() => &entry.gradient,
            None | Some(_) if mark.needed() && self.graph.output(id).shape.is_empty() => {
                std::slice::from_ref(&self.store.adjoints[id])
            }
            _ => &[],
        }
    }

    /// By node from `first` on, the node after it that had most to send.
    fn heaviest_senders(&self, first: usize, output: usize) -> Vec<Option<usize>> {
        let mut heaviest = vec![(0.0, None); output + 1 - first];
        for id in first + 1..=output {
            let weight = self.upstream(id).iter().copied().map(size).fold(0.0, f64::max);
            for input in self.graph.inputs(id).iter().filter_map(|slot| slot.id()).filter(|&id| id >= first) {
                let known = &mut heaviest[input - first];
                if weight > known.0 {
                    *known = (weight, Some(id));
                }
            }
        }
        heaviest.into_iter().map(|(_, sender)| sender).collect()
    }

    /// Which operand of a node the spot is a number of: of several, the one with the greatest local derivative.
    fn operand(&self, sender: usize, spot: Spot) -> usize {
        let inputs = self.graph.inputs(sender);
        let same = inputs.iter().enumerate().filter(|(_, slot)| slot.id() == Some(spot.node));
        let weight = |k: usize| {
            let locals = self.graph.locals(sender, k).unwrap_or_default();
            locals.into_iter().map(size).fold(0.0, f64::max)
        };
        let weights = same.map(|(k, _)| (weight(k), k));
        weights.reduce(|best, next| if next.0 > best.0 { next } else { best }).map_or(0, |(_, k)| k)
    }

    /// The number of a sender that this number was sent by.
    fn sender(&self, sender: usize, spot: Spot) -> Spot {
        let (output, to) = (self.graph.output(sender), self.graph.output(spot.node).shape);
        let upstream = self.upstream(sender);
        let locals = self.graph.locals(sender, self.operand(sender, spot));
        let at = match locals {
            Some(_) if output.shape == to => spot.at,
            Some(locals) => {
                let there = |&at: &usize| before_broadcast(at, output.shape, to) == spot.at;
                let weight = |at: usize| {
                    let upstream = upstream.get(at).copied().unwrap_or_else(T::zero);
                    size(T::chain(Some(locals[at]), upstream))
                };
                let copies = (0..output.data.len()).filter(there).map(|at| (weight(at), at));
                copies.reduce(|best, next| if next.0 > best.0 { next } else { best }).map_or(0, |(_, at)| at)
            }
            None => focus(upstream),
        };
        Spot { node: sender, at }
    }

    /// What came back to a node, and what it multiplied it by on the way to the next.
    fn tell(&self, spot: Spot, next: Option<&Spot>) -> String {
        let (upstream, shape) = (self.upstream(spot.node), self.graph.output(spot.node).shape);
        let told = match upstream {
            [] => "0".to_owned(),
            data => range_at(View { shape, data }, spot.at),
        };
        let Some(next) = next else { return format!("gradient {told}") };
        match self.graph.locals(spot.node, self.operand(spot.node, *next)) {
            Some(locals) => {
                format!("upstream {told}, local {}", range_at(View { shape, data: &locals }, spot.at))
            }
            None => format!("upstream {told}"),
        }
    }

    /// What was sent, by which node to which: `sqrt of [2] sent back a gradient of inf to leaf "x" …`.
    fn tell_fault(&self, from: Spot, to: Spot) -> String {
        let (gradient, shape) = (self.upstream(to.node), self.graph.output(to.node).shape);
        let [sender, receiver] = [from, to].map(|spot| {
            let shape = self.graph.output(spot.node).shape;
            let of = if shape.is_empty() { String::new() } else { format!(" of {shape:?}") };
            format!("{}{of}", self.graph.describe(spot.node))
        });
        let (sent, place) = (gradient[to.at], place(View { shape, data: gradient }, to.at));
        let text = format!("{sender} sent back a gradient of {sent} to {receiver}{place}");
        let upstream = self.upstream(from.node);
        match self.graph.locals(from.node, self.operand(from.node, to)) {
            Some(locals) => {
                let upstream = upstream.get(from.at).copied().unwrap_or_else(T::zero);
                format!("{text}: local {} × upstream {}", number(locals[from.at]), number(upstream))
            }
            None => format!("{text}: upstream is {}", range(upstream)),
        }
    }
}
