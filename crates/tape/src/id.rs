//! What a node is called by.

use std::fmt;

/// The position of a node on its tape: nodes are numbered in the order in which they were recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The number, counted from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The node that was recorded so many nodes later.
    #[must_use]
    pub fn offset(self, by: usize) -> Self {
        Self(self.0 + by as u32)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}
