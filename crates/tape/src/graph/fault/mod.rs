//! What is said of a NaN or an infinity: the node that made it, and those that led there. Nothing here runs before one was
//! met.

mod gradient;
mod value;
mod words;

use smallvec::SmallVec;

use super::node::Graph;
use super::record::{Kind, Slot};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::id::NodeId;
use crate::operation::View;
use crate::path::{Path, Step};
use crate::shape;

pub(super) use gradient::Sent;

/// One number of a node.
#[derive(Clone, Copy, Debug)]
struct Spot {
    node: usize,
    /// Its position in row-major order.
    at: usize,
}

/// The error of a number that is none, with the way that led there, on which it was the node at `origin`.
fn error<T: Element>(
    graph: &Graph<T>,
    text: String,
    way: &[Spot],
    origin: usize,
    told: impl Fn(usize) -> String,
) -> Error {
    let nodes = way.iter().map(|spot| NodeId(spot.node as u32)).collect();
    let path = Path::new(nodes, origin, |k| graph.step(way[k].node, told(k)));
    Error::new(ErrorKind::NotFinite, text)
        .operation("check_finite")
        .at(graph.location(way[origin].node))
        .along(path)
}

/// Where the number is that matters: the first that is none, else the greatest.
fn focus<T: Element>(data: &[T]) -> usize {
    let none = data.iter().position(|x| !x.is_finite());
    none.unwrap_or_else(|| {
        (1..data.len()).fold(0, |best, k| if data[k].abs() > data[best].abs() { k } else { best })
    })
}

/// How great a number is; what is none is greater than all others.
fn size(x: impl Element) -> f64 {
    x.to_f64().filter(|x| x.is_finite()).map_or(f64::INFINITY, f64::abs)
}

/// The position in a tensor of shape `from` of the number that stands at a position once it was broadcast.
fn before_broadcast(at: usize, shape: &[usize], from: &[usize]) -> usize {
    let index = shape::unravel(at, shape);
    let own = &index[shape.len() - from.len()..];
    let steps = from.iter().zip(shape::strides(from)).zip(own);
    steps.map(|((&extent, stride), &index)| if extent == 1 { 0 } else { index * stride }).sum()
}

impl<T: Element> Graph<T> {
    fn output(&self, id: usize) -> View<'_, T> {
        self.view(Slot::node(id as u32))
    }

    /// The local derivatives of a node in one of its operands, one for each of the node's numbers, if its operation is
    /// elementwise. A closed gate is a 0.
    fn locals(&self, id: usize, operand: usize) -> Option<SmallVec<[T; 1]>> {
        let record = self.records[id];
        match record.kind() {
            Kind::Leaf | Kind::Cut => None,
            Kind::Rule(rule) => {
                let locals = rule.local(self.operand(record.a), self.operand(record.b), self.values[id]);
                let local = if operand == 0 { locals.0 } else { locals.1 };
                Some(SmallVec::from_slice(&[local.unwrap_or_else(T::zero)]))
            }
            Kind::Tensor => {
                let node = self.tensor(id)?;
                let operation = node.operation.as_ref()?;
                let output = self.output(id);
                let locals = self.with_views(&node.inputs, |views| operation.local(operand, views, output));
                locals.map(SmallVec::from_vec)
            }
        }
    }

    /// What is to be seen of a node on the way to a number that is none.
    fn step(&self, id: usize, text: String) -> Step {
        let operand = |slot: Slot| match slot.id() {
            Some(id) => NodeId(id as u32).to_string(),
            None => words::number(self.operand(slot)),
        };
        Step {
            node: NodeId(id as u32),
            operation: self.name(id).to_owned(),
            operands: words::first(self.inputs(id).into_iter().map(operand)).join(", "),
            name: self.given_name(id).map(str::to_owned),
            shape: self.output(id).shape.into(),
            location: self.location(id),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_where_it_was_before_it_was_spread() {
        let shape = [2, 3, 4];
        let places = |from: &[usize]| [0, 5, 23].map(|at| before_broadcast(at, &shape, from));
        assert_eq!(places(&[2, 3, 4]), [0, 5, 23]);
        assert_eq!(places(&[4]), [0, 1, 3]);
        assert_eq!(places(&[3, 1]), [0, 1, 2]);
        assert_eq!(places(&[2, 1, 1]), [0, 0, 1]);
        assert_eq!(places(&[]), [0, 0, 0]);
    }

    #[test]
    fn what_is_none_matters_more_than_what_is_great() {
        assert_eq!(focus(&[1.0, -3.0, 2.0]), 1);
        assert_eq!(focus(&[1.0, f64::NAN, f64::INFINITY]), 1);
    }
}
