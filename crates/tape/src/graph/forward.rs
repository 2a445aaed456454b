//! Tangents, forward over recorded scalars.

use super::record::{Kind, Slot};
use super::tape::Tape;
use crate::element::Element;
use crate::id::NodeId;

/// Directions that go forward together: a local derivative serves them all.
const TOGETHER: usize = 4;

/// Writes the derivative of each of `outputs` in each of `inputs` to `write(output, input, derivative)`, by sweeps from
/// the first node to the last: `tangent = Σ local × tangent of the operand`. False where that is not possible: a tensor
/// operation, which has no rule, lies on the way.
pub(crate) fn derivatives<T: Element>(
    tape: &Tape<T>,
    inputs: &[NodeId],
    outputs: &[Option<NodeId>],
    mut write: impl FnMut(usize, usize, T),
) -> bool {
    let graph = tape.graph.borrow();
    let nodes = outputs.iter().flatten().map(|id| id.index() + 1).max().unwrap_or(0);
    let mut tangents = vec![[T::zero(); TOGETHER]; nodes];
    let mut moves = vec![false; nodes];
    for (group, inputs) in inputs.chunks(TOGETHER).enumerate() {
        tangents.fill([T::zero(); TOGETHER]);
        moves.fill(false);
        for (lane, input) in inputs.iter().enumerate().filter(|(_, input)| input.index() < nodes) {
            tangents[input.index()][lane] = T::one();
            moves[input.index()] = true;
        }
        for id in 0..nodes {
            let record = graph.records[id];
            let moving = |slot: Slot| slot.id().is_some_and(|operand| moves[operand]);
            let rule = match record.kind() {
                Kind::Rule(rule) if moving(record.a) || moving(record.b) => rule,
                Kind::Leaf | Kind::Cut | Kind::Rule(_) => continue,
                Kind::Tensor => match graph.tensor(id) {
                    Some(node) if !node.passive && node.inputs.iter().any(|&slot| moving(slot)) => {
                        return false;
                    }
                    _ => continue,
                },
            };
            let locals = rule.local(graph.operand(record.a), graph.operand(record.b), graph.values[id]);
            let mut tangent = [T::zero(); TOGETHER];
            for (slot, local) in [(record.a, locals.0), (record.b, locals.1)] {
                if let Some(operand) = slot.id().filter(|&operand| moves[operand]) {
                    let of_operand = tangents[operand];
                    tangent
                        .iter_mut()
                        .zip(of_operand)
                        .for_each(|(to, from)| *to = to.plus(T::chain(local, from)));
                }
            }
            (tangents[id], moves[id]) = (tangent, true);
        }
        for (k, output) in outputs.iter().enumerate() {
            let Some(output) = output else { continue };
            let columns = (group * TOGETHER..).zip(tangents[output.index()]).take(inputs.len());
            columns.for_each(|(column, tangent)| write(k, column, tangent));
        }
    }
    true
}
