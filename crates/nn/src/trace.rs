//! What a summary wants to know of a pass: which layers ran, one within another, and what each recorded.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use tape::Shape;

/// The layers of a pass, each before those within it.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    notes: RefCell<Vec<Note>>,
    depth: Cell<usize>,
}

/// One layer of a pass.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) kind: String,
    /// How many layers it lies within.
    pub(crate) depth: usize,
    /// The nodes that were recorded from its beginning to its end.
    pub(crate) nodes: Range<usize>,
    pub(crate) output: Shape,
}

impl Trace {
    /// A layer begins; what is returned is for [`end`](Self::end).
    pub(crate) fn begin(&self, kind: String, node: usize) -> usize {
        let depth = self.depth.replace(self.depth.get() + 1);
        let mut notes = self.notes.borrow_mut();
        notes.push(Note { kind, depth, nodes: node..node, output: Shape::new() });
        notes.len() - 1
    }

    pub(crate) fn end(&self, index: usize, node: usize, output: &[usize]) {
        self.depth.set(self.depth.get() - 1);
        let note = &mut self.notes.borrow_mut()[index];
        note.nodes.end = node;
        note.output = output.into();
    }

    pub(crate) fn into_notes(self) -> Vec<Note> {
        self.notes.into_inner()
    }
}
