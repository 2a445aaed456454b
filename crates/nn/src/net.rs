//! Parameters on a tape.

use std::fmt;
use std::sync::Arc;

use tape::{Element, Error, ErrorKind, Handle, NodeId, Scalar, Tape, Tensor};

use crate::gradients::ParamGradients;
use crate::layout::{ParamId, Role};
use crate::or_panic;
use crate::params::Params;
use crate::trace::Trace;
use crate::training::Training;

/// The parameters of a [`Params`] as leaves of a tape: what layers compute with. Made by [`Params::on`].
///
/// ```
/// use ndarray::array;
/// use nn::Params;
/// let mut params = Params::<f64>::seeded(42);
/// let w = params.insert("w", array![1.0, 2.0]);
/// let tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let x = net.tape().constant(array![3.0, 4.0]);
/// let grads = net.backward((net.param(w) * x).sum());
/// assert_eq!(grads.wrt(w), array![3.0, 4.0].into_dyn());
/// ```
#[derive(Clone, Copy)]
pub struct Net<'p, 't, T: Element> {
    params: &'p Params<T>,
    tape: &'t Tape<T>,
    /// The node of the first parameter; that of parameter `k` is `k` further.
    first: Option<NodeId>,
    /// `None` where nobody has said whether this is training.
    mode: Option<Mode<'p, T>>,
    /// Where layers are noted for a summary.
    trace: Option<&'p Trace>,
}

/// Whether a pass is one of training: see [`Net::mode`].
#[derive(Clone, Copy, Debug)]
pub enum Mode<'p, T: Element> {
    /// With random numbers, and a place for what is observed.
    Training(&'p Training<T>),
    /// Nothing is random, and nothing is observed.
    Evaluation,
}

impl<'p, 't, T: Element> Net<'p, 't, T> {
    #[track_caller]
    pub(crate) fn record(params: &'p Params<T>, tape: &'t Tape<T>) -> Self {
        let mut first = None;
        for entry in &params.layout().entries {
            let numbers = (&entry.shape, params.shared(entry.id));
            let leaf = if entry.role == Role::Learnt { tape.tensor(numbers) } else { tape.constant(numbers) };
            first = first.or(Some(leaf.node_id()));
        }
        Self { params, tape, first, mode: None, trace: None }
    }

    /// The same for a pass of training: dropout drops, batch normalisation takes the statistics of the batch. What an
    /// earlier pass has observed and no [backward](Self::backward) has taken along is forgotten.
    #[must_use]
    pub fn training(self, training: &'p Training<T>) -> Self {
        training.begin();
        Self { mode: Some(Mode::Training(training)), ..self }
    }

    /// The same for a pass of evaluation: dropout does nothing, batch normalisation takes the running statistics.
    #[must_use]
    pub fn evaluation(self) -> Self {
        Self { mode: Some(Mode::Evaluation), ..self }
    }

    /// What a layer asks that acts otherwise in training than in evaluation.
    ///
    /// ```
    /// use nn::{Mode, Params};
    /// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
    /// let net = params.on(&tape).evaluation();
    /// assert!(matches!(net.mode("dropout"), Mode::Evaluation));
    /// ```
    ///
    /// # Panics
    /// Nobody has said which it is. The text names the layer.
    #[track_caller]
    pub fn mode(&self, layer: &str) -> Mode<'p, T> {
        match self.mode {
            Some(mode) => mode,
            None => panic!(
                "{layer}: it acts otherwise in training than in evaluation: say which this is, with \
                 `params.on(&tape).training(&training)` or `params.on(&tape).evaluation()`"
            ),
        }
    }

    /// The same with a place where layers are noted; and the leaves of the parameters are [`named`](Self::named).
    ///
    /// # Example
    /// See [`Trace`].
    #[must_use]
    pub fn traced(self, trace: &'p Trace) -> Self {
        if let Some(first) = self.first {
            let first = first.index();
            trace.note_parameters(first..first + self.params.layout().entries.len());
        }
        Self { trace: Some(trace), ..self.named() }
    }

    /// Gives the leaves of the parameters their names, for listings, pictures and errors. It takes memory for each of them,
    /// which a step of training does without.
    ///
    /// ```
    /// use nn::{Linear, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// Linear::new(&mut params, 2, 3);
    /// let tape = tape::Tape::new();
    /// params.on(&tape).named();
    /// let names: Vec<_> = tape.nodes().map(|node| node.name().unwrap()).collect();
    /// assert_eq!(names, ["linear.0.weight", "linear.0.bias"]);
    /// ```
    #[must_use]
    pub fn named(self) -> Self {
        for entry in &self.params.layout().entries {
            let _ = self.param(entry.id).named(self.params.name(entry.id));
        }
        self
    }

    pub(crate) fn trace(&self) -> Option<&'p Trace> {
        self.trace
    }

    /// The tape.
    pub fn tape(&self) -> &'t Tape<T> {
        self.tape
    }

    /// The parameters.
    pub fn params(&self) -> &'p Params<T> {
        self.params
    }

    /// The leaf of a parameter.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn param(&self, id: ParamId) -> Tensor<'t, T> {
        let index = self.params.layout().index(id, self.params.owner());
        let leaf = self.first.and_then(|first| self.tape.tensor_by_id(first.offset(index)));
        leaf.expect("all parameters are recorded, one after another")
    }

    /// The gradients of a loss with respect to the parameters. Gradients on the way to them are given back as soon
    /// as they are used, and whatever leads to none of them is not computed.
    ///
    /// # Panics
    /// As [`try_backward`](Self::try_backward) fails.
    #[track_caller]
    pub fn backward(&self, loss: Scalar<'t, T>) -> ParamGradients<T> {
        or_panic(self.try_backward(loss))
    }

    /// The gradients of a loss with respect to the parameters.
    ///
    /// # Errors
    /// The loss is a constant or belongs to another tape; or, with [`check_finite`](Tape::check_finite), a gradient
    /// is not finite.
    #[track_caller]
    pub fn try_backward(&self, loss: Scalar<'t, T>) -> Result<ParamGradients<T>, Error> {
        let here = std::panic::Location::caller();
        if loss.position().is_some_and(|(tape, _)| !std::ptr::eq(tape, self.tape)) {
            let text = "the loss is on another tape than the parameters";
            return Err(Error::new(ErrorKind::WrongTape, text).operation("backward").at(here));
        }
        let layout = Arc::clone(self.params.layout());
        let learnt = || layout.entries.iter().enumerate().filter(|(_, entry)| entry.role == Role::Learnt);
        let nodes = |first: NodeId| learnt().map(move |(k, _)| first.offset(k));
        let gradients = loss.try_backward_for(self.first.into_iter().flat_map(nodes))?;
        // Parameters that were recorded after the loss have no part in it.
        let past = loss.node_id().index() + 1;
        let first = self.first.filter(|first| first.index() < past);
        let without_axes = learnt().filter(|_| first.is_some()).filter(|(_, entry)| entry.shape.is_empty());
        let absent = without_axes.filter(|(_, entry)| gradients.get(self.param(entry.id)).is_none());
        let absent = absent.map(|(k, _)| k).collect();
        let observed = match self.mode {
            Some(Mode::Training(training)) => training.take(),
            _ => Vec::new(),
        };
        Ok(ParamGradients::new(gradients, layout, self.params.owner(), first, absent, observed))
    }
}

impl<T: Element> fmt::Debug for Net<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.params.fmt(f)
    }
}
