//! Which operation is at fault: each tensor operation of a graph by itself, its vector-Jacobian product against its value.

use super::Check;
use super::point::Random;
use super::quotient::Quotient;
use crate::graph::node::Graph;
use crate::graph::record::Slot;
use crate::graph::tape::Tape;
use crate::graph::tensors::TensorNode;
use crate::handles::Tensor;
use crate::id::NodeId;
use crate::operation::{Downstream, Forward, Recorded, Sinks, View, Vjp};

/// The first operation, in the order of recording, that disagrees with itself, in words.
pub(super) fn culprit(tape: &Tape<f64>, leaves: &[Tensor<'_, f64>], check: &Check) -> Option<String> {
    let graph = &*tape.graph.borrow();
    let mut moves = vec![false; graph.records.len()];
    leaves.iter().for_each(|leaf| moves[leaf.node_id().index()] = true);
    for id in 0..moves.len() {
        let moving = |slot: &Slot| slot.id().is_some_and(|operand| moves[operand]);
        let node = graph.tensor(id);
        let operands: Vec<usize> = match node {
            Some(node) => (0..node.inputs.len()).filter(|&k| moving(&node.inputs[k])).collect(),
            None => Vec::new(),
        };
        if let Some(node) = node.filter(|node| !node.passive) {
            for &k in &operands {
                if let Some(fault) = disagreement(graph, node, k, check) {
                    let (node, at) = (NodeId(id as u32), graph.location(id));
                    let place = format!("(node {node}, at {}:{})", at.file(), at.line());
                    let what = graph.describe(id);
                    return Some(format!("the fault is in {what} {place}, operand {k}: {fault}"));
                }
            }
        }
        moves[id] |= match node {
            Some(node) => !node.passive && !operands.is_empty(),
            None => graph.inputs(id).iter().any(moving),
        };
    }
    None
}

/// What an operation sends back to operand `k` from random upstream gradients, against quotients of its value along a
/// random direction.
fn disagreement(graph: &Graph<f64>, node: &TensorNode<f64>, k: usize, check: &Check) -> Option<String> {
    let operation = node.operation.as_ref()?;
    let mut random = Random(check.seed ^ u64::from(node.id));
    graph.with_views(&node.inputs, |views| {
        let data = views[k].data;
        let upstream: Vec<f64> = graph.data(node).iter().map(|_| random.signed()).collect();
        let direction: Vec<f64> = data.iter().map(|x| random.signed() * x.abs().max(1.0)).collect();
        let (mut output, mut scratch) = (vec![0.0; upstream.len()], Vec::new());
        let mut saved = vec![0.0; operation.saved_len(views)];
        let mut value = |t: f64| {
            let moved: Vec<f64> = data.iter().zip(&direction).map(|(x, d)| x + t * d).collect();
            let mut views = views.to_vec();
            views[k] = View { data: &moved, ..views[k] };
            operation.forward(Forward {
                inputs: &views,
                shape: &node.shape,
                output: &mut output,
                saved: &mut saved,
                scratch: &mut scratch,
            });
            dot(&output, &upstream)
        };
        let at = value(0.0);
        let quotient = Quotient::of(value, at, check.step)?;
        if quotient.is_kink() {
            return None;
        }
        let judge = |what: &str, gradient: &[f64]| {
            let (analytic, numeric) = (dot(gradient, &direction), quotient.value);
            let allowed = check.tolerance * analytic.abs().max(numeric.abs()) + 4.0 * quotient.error;
            let agrees = (analytic - numeric).abs() <= allowed;
            (!agrees)
                .then(|| format!("by its {what} {analytic} along a random direction, by its value {numeric}"))
        };
        let mut sink = Sink { k, gradient: vec![0.0; data.len()], scratch: Vec::new() };
        let output = View { shape: &node.shape, data: graph.data(node) };
        let recorded = Recorded { inputs: views, output, saved: &node.saved };
        operation.vjp(&mut Vjp { recorded, upstream: &upstream, sinks: &mut sink });
        if let Some(fault) = judge("vjp", &sink.gradient) {
            return Some(fault);
        }
        let mut gradient = upstream.clone();
        let in_place = data.len() == upstream.len() && operation.vjp_in_place(k, recorded, &mut gradient);
        if in_place { judge("vjp_in_place", &gradient) } else { None }
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The gradient of one operand. It begins with zeros and is added to: an operation that sends nothing leaves them.
struct Sink {
    k: usize,
    gradient: Vec<f64>,
    scratch: Vec<f64>,
}

impl Sinks<f64> for Sink {
    fn downstream(&mut self, input: usize, _: usize) -> Option<Downstream<'_, f64>> {
        let Self { k, gradient, scratch } = self;
        (input == *k).then_some(Downstream { gradient, accumulate: true, scratch })
    }
}
