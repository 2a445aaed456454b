//! From a tape to a [`Graph`].

use std::ops::{Bound, RangeBounds};

use nn::Trace;
use tape::{Element, Gradients, NodeId, Tape};

use super::Graph;
use super::fold::fold;
use super::groups::Groups;
use super::inside::Recorded;
use super::layers::group_layers;
use super::record::Source;
use super::select::{Part, Wanted};
use crate::error::{Error, ErrorKind};

/// Makes a [`Graph`] of a tape: see [`Graph::builder`].
#[derive(Debug)]
pub struct Builder<'a, T: Element> {
    tape: &'a Tape<T>,
    gradients: Option<&'a Gradients<T>>,
    trace: Option<&'a Trace>,
    title: String,
    limit: usize,
    lines: bool,
    insides: bool,
    wanted: Wanted,
}

impl Graph {
    /// Everything on a tape, with gradients.
    ///
    /// # Errors
    /// There is more on the tape than a picture can show, or the gradients are of another one.
    pub fn of<T: Element>(tape: &Tape<T>, gradients: &Gradients<T>) -> Result<Self, Error> {
        Self::builder(tape).gradients(gradients).build()
    }

    /// A graph with more or less in it.
    pub fn builder<T: Element>(tape: &Tape<T>) -> Builder<'_, T> {
        Builder {
            tape,
            gradients: None,
            trace: None,
            title: String::new(),
            limit: Builder::<T>::LIMIT,
            lines: true,
            insides: true,
            wanted: Wanted::default(),
        }
    }
}

impl<'a, T: Element> Builder<'a, T> {
    /// How many nodes a picture may have unless it is [said](Self::limit).
    pub const LIMIT: usize = 20_000;

    /// With the gradients of some output.
    #[must_use]
    pub fn gradients(self, gradients: &'a Gradients<T>) -> Self {
        Self { gradients: Some(gradients), ..self }
    }

    /// With the layers that ran, as groups.
    #[must_use]
    pub fn layers(self, trace: &'a Trace) -> Self {
        Self { trace: Some(trace), ..self }
    }

    /// With a title.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// With so many nodes, at most.
    #[must_use]
    pub fn limit(self, nodes: usize) -> Self {
        Self { limit: nodes, ..self }
    }

    /// With file and line of what recorded each node, or without, where that is no code of the user's.
    #[must_use]
    pub fn lines(self, noted: bool) -> Self {
        Self { lines: noted, ..self }
    }

    /// With what is inside composite nodes, where it is not too much, or without.
    #[must_use]
    pub fn insides(self, opened: bool) -> Self {
        Self { insides: opened, ..self }
    }

    /// Only nodes at some positions on the tape, with their operands.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let mut x = tape.scalar(0.5);
    /// for _ in 0..1_000_000 {
    ///     x = x.sin();
    /// }
    /// let refused = draw::Graph::builder(&tape).build().unwrap_err();
    /// assert_eq!(refused.kind(), draw::ErrorKind::TooLarge);
    /// let graph = draw::Graph::builder(&tape).nodes(999_990..).build()?;
    /// assert_eq!(graph.nodes.len(), 1 + 11);
    /// assert!(graph.nodes[0].clipped && !graph.nodes[1].clipped);
    /// # Ok::<(), draw::Error>(())
    /// ```
    #[must_use]
    pub fn nodes(mut self, positions: impl RangeBounds<usize>) -> Self {
        let start = match positions.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match positions.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => self.tape.len(),
        };
        self.wanted.range = Some(start..end);
        self
    }

    /// Only a node and what leads to it.
    #[must_use]
    pub fn only(self, node: NodeId) -> Self {
        self.before(node, usize::MAX)
    }

    /// Only a node and what leads to it over so many edges at most.
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.scalar(0.5);
    /// let y = x.sin().exp().tanh();
    /// let graph = draw::Graph::builder(&tape).before(y.node_id(), 2).build()?;
    /// let operations: Vec<_> = graph.nodes.iter().map(|node| &node.operation[..]).collect();
    /// assert_eq!(operations, ["sin", "exp", "tanh"]);
    /// # Ok::<(), draw::Error>(())
    /// ```
    #[must_use]
    pub fn before(mut self, node: NodeId, depth: usize) -> Self {
        self.wanted.behind = Some((node, depth));
        self
    }

    /// The graph.
    ///
    /// # Errors
    /// There is more on the tape than a picture can show, or the gradients are of another one; or a part was asked for that
    /// is not there.
    pub fn build(self) -> Result<Graph, Error> {
        if let Some(gradients) = self.gradients
            && !gradients.is_of(self.tape)
        {
            let text =
                "expected gradients of the tape as it is now, found those of another, or from before a reset";
            return Err(Error::new(ErrorKind::WrongTape, text));
        }
        let part = Part::of(self.tape, &self.wanted, self.limit)?;
        let source = Source { tape: self.tape, gradients: self.gradients, lines: self.lines };
        let mut recorded = Recorded::default();
        let index = |id: NodeId| part.index(id.index());
        for (node, whole) in part.nodes(self.tape) {
            let to = recorded.nodes.len();
            let mut made = source.node(node);
            made.clipped = !whole && !node.operands().is_empty();
            recorded.nodes.push(made);
            if whole {
                let edges = source.edges(node, to, &index, &recorded.nodes);
                recorded.edges.extend(edges);
            }
        }
        let mut groups = Groups::new(recorded.nodes.len());
        if let Some(trace) = self.trace {
            let place = |position: usize| part.index(position);
            group_layers(&mut groups, trace, &mut recorded.nodes, &recorded.edges, &place)?;
        }
        if self.insides {
            self.open(&source, &part, &mut recorded);
        }
        for inside in &recorded.insides {
            groups.add_inside(inside, &recorded.nodes);
        }
        let Recorded { mut nodes, mut edges, .. } = recorded;
        edges.sort_by_key(|edge| edge.to);
        fold(&mut groups, &nodes, &edges);
        let groups = groups.finish(&mut nodes, &edges);
        let output = self.gradients.and_then(|gradients| part.index(gradients.output().index()));
        Ok(Graph { title: self.title, nodes, edges, groups, output })
    }

    /// Opens the composite nodes; none of them where it would be more than a picture can show.
    fn open(&self, source: &Source<'_, T>, part: &Part, recorded: &mut Recorded) {
        let (nodes, edges) = (recorded.nodes.len(), recorded.edges.len());
        let index = |id: NodeId| part.index(id.index());
        for (at, (node, whole)) in part.nodes(self.tape).enumerate() {
            if whole {
                recorded.open(source, node, at, &index, 0);
            }
            if recorded.nodes.len() > self.limit {
                recorded.nodes.truncate(nodes);
                recorded.edges.truncate(edges);
                recorded.insides.clear();
                return;
            }
        }
    }
}
