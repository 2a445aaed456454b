//! The fault of a value, and where the value comes from.

use super::words::{list, number, place, range, range_at};
use super::{Spot, before_broadcast, error, focus, size};
use crate::element::Element;
use crate::error::Error;
use crate::graph::node::Graph;
use crate::graph::record::{Kind, Slot};
use crate::graph::tensors::TensorNode;
use crate::operation::{Forward, View};
use crate::shape;

impl<T: Element> Graph<T> {
    /// The error of a node that holds a NaN or an infinity; `None` where all its numbers are finite.
    pub(crate) fn fault(&self, id: usize) -> Option<Error> {
        let at = self.output(id).data.iter().position(|x| !x.is_finite())?;
        let mut way = vec![Spot { node: id, at }];
        while let Some(spot) = self.origin(way[way.len() - 1]) {
            way.push(spot);
        }
        let told = |k: usize| {
            let Spot { node, at } = way[k];
            range_at(self.output(node), at)
        };
        Some(error(self, self.tell_value(way[0]), &way, 0, told))
    }

    /// What made this number, of what: `div of [2, 3] and [3] made inf at index …`.
    fn tell_value(&self, Spot { node, at }: Spot) -> String {
        let (view, inputs) = (self.output(node), self.inputs(node));
        let (what, made, place) = (self.describe(node), view.data[at], place(view, at));
        if inputs.is_empty() {
            return format!("{what} holds {made}{place}");
        }
        let scalars = inputs.iter().all(|&slot| self.view(slot).shape.is_empty());
        let of = list(inputs.iter().map(|&slot| match self.view(slot) {
            View { shape: [], data } if scalars => number(data[0]),
            View { shape, .. } => format!("{shape:?}"),
        }));
        let text = format!("{what} of {of} made {made}{place}");
        if scalars {
            return text;
        }
        let verb = if inputs.len() == 1 { "operand is" } else { "operands are" };
        if self.locals(node, 0).is_some() {
            let there = |slot: &Slot| {
                let operand = self.view(*slot);
                number(operand.data[before_broadcast(at, view.shape, operand.shape)])
            };
            return format!("{text}, where the {verb} {}", list(inputs.iter().map(there)));
        }
        format!("{text}; the {verb} {}", list(inputs.iter().map(|&slot| range(self.view(slot).data))))
    }

    /// The number that a number comes from, more than from any other: in the operand that changes it most when ones
    /// stand in its stead, or else in the greatest. `None` for a leaf.
    fn origin(&self, spot: Spot) -> Option<Spot> {
        // To try out every operand of a node that has many would take too long.
        const TRIED: usize = 8;
        let inputs = self.inputs(spot.node);
        let nodes = inputs.iter().enumerate().filter_map(|(k, &slot)| {
            let (node, data) = (slot.id()?, self.view(slot).data);
            (!data.is_empty()).then(|| (k, Spot { node, at: self.place_in(spot, k, slot) }))
        });
        let nodes: Vec<_> = nodes.collect();
        let alone = nodes.len() == 1 || nodes.len() > TRIED;
        let mut best = None;
        for (k, origin) in nodes {
            let change = if alone { 0.0 } else { self.change_by_ones(spot, k) };
            let weight = (change, size(self.output(origin.node).data[origin.at]));
            if best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, origin));
            }
        }
        best.map(|(_, origin)| origin)
    }

    /// The position in an operand of the number that matters for this one: the one at the same place, where the operation
    /// has such a thing.
    fn place_in(&self, spot: Spot, operand: usize, slot: Slot) -> usize {
        let (output, from) = (self.output(spot.node), self.view(slot));
        let operation = self.tensor(spot.node).and_then(|node| node.operation.as_ref());
        if from.data.len() == 1 {
            0
        } else if operation.is_some_and(|operation| operation.is_view()) {
            spot.at
        } else if self.locals(spot.node, operand).is_some() {
            before_broadcast(spot.at, output.shape, from.shape)
        } else {
            focus(from.data)
        }
    }

    /// How much a number changes if ones stand in the stead of an operand; without end if it becomes finite.
    fn change_by_ones(&self, spot: Spot, operand: usize) -> f64 {
        let record = self.records[spot.node];
        let changed = match record.kind() {
            Kind::Leaf | Kind::Cut => None,
            Kind::Rule(rule) => {
                let (a, b) = (self.operand(record.a), self.operand(record.b));
                Some(if operand == 0 { rule.value(T::one(), b) } else { rule.value(a, T::one()) })
            }
            Kind::Tensor => self.tensor(spot.node).and_then(|node| self.with_ones(node, operand, spot.at)),
        };
        let Some(changed) = changed.and_then(|changed| changed.to_f64()) else { return 0.0 };
        let before = self.output(spot.node).data[spot.at].to_f64().unwrap_or(f64::NAN);
        match (before.is_finite(), changed.is_finite()) {
            (false, false) => 0.0,
            (true, true) => (changed - before).abs(),
            _ => f64::INFINITY,
        }
    }

    /// The number at a position, computed again with ones in the stead of an operand. `None` where the operation does not
    /// take them: they are no labels, say.
    fn with_ones(&self, node: &TensorNode<T>, operand: usize, at: usize) -> Option<T> {
        let operation = node.operation.as_ref()?;
        let ones = vec![T::one(); self.view(node.inputs[operand]).data.len()];
        let mut inputs: Vec<_> = node.inputs.iter().map(|&slot| self.view(slot)).collect();
        inputs[operand].data = &ones;
        let inputs = &inputs[..];
        let shape = &operation.output_shape(inputs).ok().filter(|shape| *shape == node.shape)?;
        let mut output = vec![T::zero(); shape::elements(shape).ok()?];
        let mut saved = vec![T::zero(); operation.saved_len(inputs)];
        let (output, saved, scratch) = (&mut output[..], &mut saved[..], &mut Vec::new());
        operation.forward(Forward { inputs, shape, output, saved, scratch });
        Some(output[at])
    }
}
