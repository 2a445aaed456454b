//! From a tape to a [`Graph`].

use nn::Trace;
use tape::{Element, Gradients, Tape};

use super::Graph;
use crate::error::Error;

/// Makes a [`Graph`] of a tape: see [`Graph::builder`].
#[derive(Debug)]
pub struct Builder<'a, T: Element> {
    tape: &'a Tape<T>,
    gradients: Option<&'a Gradients<T>>,
    trace: Option<&'a Trace>,
    title: Option<String>,
    limit: usize,
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
        Builder { tape, gradients: None, trace: None, title: None, limit: Builder::<T>::LIMIT }
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
        Self { title: Some(title.into()), ..self }
    }

    /// With so many nodes, at most.
    #[must_use]
    pub fn limit(self, nodes: usize) -> Self {
        Self { limit: nodes, ..self }
    }

    /// The graph.
    ///
    /// # Errors
    /// There is more on the tape than a picture can show, or the gradients are of another one.
    pub fn build(self) -> Result<Graph, Error> {
        let _ = (self.tape, self.gradients, self.trace, self.title, self.limit);
        Err(Error::new(crate::ErrorKind::Setting, "not there yet"))
    }
}
