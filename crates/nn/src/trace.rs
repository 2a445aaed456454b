//! Which layers ran in a pass, one within another, and what each recorded.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use tape::Shape;

/// Notes the layers of a pass, each before those within it: for summaries and pictures.
///
/// Layers are noted that run by [`Net::run`](crate::Net::run), as those within a model do.
///
/// ```
/// use nn::{Activation, Mlp, Params, Trace};
/// use tape::Tape;
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[2, 3, 2], Activation::Tanh);
/// let (tape, trace) = (Tape::new(), Trace::default());
/// params.on(&tape).traced(&trace).run(&model, tape.constant(([1, 2], vec![0.5, -1.0])));
/// let layers: Vec<_> = trace.layers().into_iter().map(|layer| (layer.depth, layer.kind)).collect();
/// assert_eq!(layers, [(0, "Mlp".into()), (1, "Linear".into()), (1, "tanh".into()), (1, "Linear".into())]);
/// assert_eq!(tape.nodes().next().unwrap().name(), Some("layers.0.weight"));
/// ```
#[derive(Debug, Default)]
pub struct Trace {
    layers: RefCell<Vec<TracedLayer>>,
    parameters: RefCell<Vec<Range<usize>>>,
    depth: Cell<usize>,
}

/// One layer of a pass: see [`Trace`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TracedLayer {
    /// Its [kind](crate::Layer::kind), after its name within its container where it has one there: `fc: Linear`.
    pub kind: String,
    /// How many layers it lies within.
    pub depth: usize,
    /// The nodes that were recorded from its beginning to its end, by their position on the tape.
    pub nodes: Range<usize>,
    /// The shape of its output.
    pub output: Shape,
}

impl Trace {
    /// The layers that have run so far.
    pub fn layers(&self) -> Vec<TracedLayer> {
        self.layers.borrow().clone()
    }

    /// Where the leaves of parameters are on the tape: a range for each [`Params`](crate::Params) that was traced.
    ///
    /// ```
    /// use nn::{Linear, Params, Trace};
    /// let mut params = Params::<f32>::seeded(42);
    /// Linear::new(&mut params, 2, 3);
    /// let (tape, trace) = (tape::Tape::new(), Trace::default());
    /// params.on(&tape).traced(&trace);
    /// assert_eq!(trace.parameters(), [0..2]);
    /// ```
    pub fn parameters(&self) -> Vec<Range<usize>> {
        self.parameters.borrow().clone()
    }

    pub(crate) fn note_parameters(&self, nodes: Range<usize>) {
        self.parameters.borrow_mut().push(nodes);
    }

    /// A layer begins; what is returned is for [`end`](Self::end).
    pub(crate) fn begin(&self, kind: String, node: usize) -> usize {
        let depth = self.depth.replace(self.depth.get() + 1);
        let mut layers = self.layers.borrow_mut();
        layers.push(TracedLayer { kind, depth, nodes: node..node, output: Shape::new() });
        layers.len() - 1
    }

    pub(crate) fn end(&self, index: usize, node: usize, output: &[usize]) {
        self.depth.set(self.depth.get() - 1);
        let layer = &mut self.layers.borrow_mut()[index];
        layer.nodes.end = node;
        layer.output = output.into();
    }
}
