//! Which node made a loss or a gradient what it is, when that is no number: the batch is computed again, with names.

use std::sync::PoisonError;

use tape::{Error, Node, NodeId, Tape};

use super::work::{Floor, Task};
use crate::data::Targets;
use crate::params::Params;
use crate::trace::Trace;

/// What made the first number that is none.
pub(super) struct Culprit {
    /// In words, with the nodes that led there.
    pub(super) text: String,
    /// The error of the node, if it was one.
    pub(super) fault: Option<Error>,
}

impl Culprit {
    fn plain(text: String) -> Self {
        Self { text, fault: None }
    }
}

impl<Y: Targets> Floor<'_, Y> {
    /// What makes the first number that is none, when the parts of the batch are computed again; `None` where all are
    /// finite now.
    pub(super) fn culprit(&self) -> Option<Culprit> {
        let params = self.params.read().unwrap_or_else(PoisonError::into_inner);
        let task = self.task.read().unwrap_or_else(PoisonError::into_inner);
        let Task::Batch { batch, number, .. } = &*task else { return None };
        if let Some(((row, column), number)) = batch.features().indexed_iter().find(|(_, x)| !x.is_finite()) {
            let row = batch.rows()[row];
            return Some(Culprit::plain(format!(
                "row {row} of the training data holds {number} in column {column}"
            )));
        }
        for (_, name, values) in params.iter() {
            if let Some((index, number)) = values.indexed_iter().find(|(_, x)| !x.is_finite()) {
                let index = ndarray::Dimension::slice(&index);
                let place = if index.is_empty() { String::new() } else { format!(" at index {index:?}") };
                return Some(Culprit::plain(format!("the parameter \"{name}\" holds {number}{place}")));
            }
        }
        (0..self.shards.min(batch.len())).find_map(|part| {
            let (tape, trace) = (Tape::new(), Trace::default());
            let backward =
                self.with_shard(&params, &tape, (batch, *number, part), Some(&trace), |net, loss, _| {
                    if first(&tape, |x| !x.is_finite()).is_some() {
                        return Ok(());
                    }
                    tape.check_finite(true);
                    net.try_backward(loss).map(drop)
                });
            let scene = Scene { tape: &tape, trace: &trace, params: &params };
            let forward = scene.of_values();
            forward.or_else(|| {
                backward.err().map(|fault| Culprit { text: scene.tell(&fault), fault: Some(fault) })
            })
        })
    }
}

/// The first node that holds such a number.
fn first(tape: &Tape<f32>, such: fn(&f32) -> bool) -> Option<Node<'_, f32>> {
    tape.nodes().find(|node| node.value().iter().any(such))
}

/// A pass that was computed again.
struct Scene<'a> {
    tape: &'a Tape<f32>,
    trace: &'a Trace,
    params: &'a Params<f32>,
}

impl Scene<'_> {
    /// The first node with an infinity or a NaN, and where that was an infinity the first NaN: both may be of use, since
    /// infinities can be meant, as in a mask.
    fn of_values(&self) -> Option<Culprit> {
        let node = first(self.tape, |x| !x.is_finite())?;
        let fault = node.fault()?;
        let mut text = self.tell(&fault);
        if let Some(later) = first(self.tape, |x| x.is_nan()).filter(|later| later.id() != node.id()) {
            text.extend(later.fault().map(|later| format!("\nthen {}", self.tell(&later))));
        }
        Some(Culprit { text, fault: Some(fault) })
    }

    /// The text of the error, with the layer.
    fn tell(&self, fault: &Error) -> String {
        let text = fault.to_string();
        let text = text.strip_prefix("check_finite: ").unwrap_or(&text);
        let (head, listing) = text.split_at(text.find('\n').unwrap_or(text.len()));
        let layer = fault.path().map_or(String::new(), |path| format!(", {}", self.layer(path.origin())));
        format!("{head}{layer}{listing}")
    }

    /// The layers that a node lies in, from the outermost to the innermost, with what the names of its parameters begin
    /// with: `in Mlp › Linear layers.1`.
    fn layer(&self, node: NodeId) -> String {
        let layers = self.trace.layers();
        let around: Vec<_> = layers.iter().filter(|layer| layer.nodes.contains(&node.index())).collect();
        let Some(innermost) = around.last() else { return "in the loss".to_owned() };
        let kinds: Vec<&str> = around.iter().map(|layer| &*layer.kind).collect();
        let names: Vec<&str> = self.params.iter().map(|(_, name, _)| name).collect();
        let operands = self.tape.nodes().skip(innermost.nodes.start).take(innermost.nodes.len());
        let used = operands.flat_map(Node::inputs).find_map(|id| names.get(id.index()));
        let named = used.and_then(|name| name.rsplit_once('.')).map(|(layer, _)| format!(" {layer}"));
        format!("in {}{}", kinds.join(" › "), named.unwrap_or_default())
    }
}
