//! Which parameters there are, and where: all of [`Params`](crate::Params) but the numbers.

use slotmap::SecondaryMap;
use tape::Shape;

slotmap::new_key_type! {
    /// The part of a [`ParamId`] that [`SecondaryMap`]s of per-parameter state are keyed by.
    pub struct ParamKey;
}

/// One parameter of a [`Params`](crate::Params). Copying it shares the parameter.
///
/// An id stays with its parameter while others come and go. It is good for the [`Params`](crate::Params) that gave it
/// and for the clones of that; another's panics, as does that of a parameter that was removed. (What is added to a
/// clone later is the clone's own; its ids look like the original's.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParamId {
    pub(crate) owner: u64,
    pub(crate) key: ParamKey,
}

impl ParamId {
    /// The key for state that goes with a parameter, as an optimiser's moments. Unlike an index it is never given
    /// to another parameter.
    pub fn key(self) -> ParamKey {
        self.key
    }
}

/// What there is beside the numbers. Gradients keep it, so that they outlive the tape and the network.
#[derive(Clone, Default)]
pub(crate) struct Layout {
    pub(crate) entries: Vec<Entry>,
    pub(crate) index: SecondaryMap<ParamKey, usize>,
}

#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: ParamId,
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) role: Role,
    /// `PyTorch` keeps the same matrix with its two axes the other way round.
    pub(crate) transposed: bool,
}

/// What becomes of a parameter's numbers in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Optimisers change it with its gradient.
    Learnt,
    /// It has no gradient until it is learnt again: see [`Params::freeze`](crate::Params::freeze).
    Frozen,
    /// A layer keeps it for itself, as batch normalisation its running statistics. It never has a gradient.
    Buffer,
}

impl Layout {
    /// The position of a parameter in the order of addition.
    #[track_caller]
    pub(crate) fn index(&self, id: ParamId, owner: u64) -> usize {
        assert!(id.owner == owner, "the id is of a parameter of another Params");
        match self.index.get(id.key) {
            Some(&index) => index,
            None => panic!("the parameter of this id was removed, or added later"),
        }
    }
}
