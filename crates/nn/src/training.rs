//! What layers draw and observe in training, beside the graph.

use std::cell::{RefCell, RefMut};

use tape::Element;

use crate::generator::Generator;
use crate::layout::ParamId;
use crate::params::Params;

/// What a pass in training has beside parameters and tape: the random numbers of dropout, and what batch normalisation
/// observes. One value serves all passes, one after another; its sequence of random numbers goes on.
///
/// ```
/// use nn::{Params, Training};
/// let params = Params::<f32>::seeded(42);
/// let training = Training::seeded(42);
/// let mut tape = tape::Tape::new();
/// for _ in 0..3 {
///     let net = params.on(&tape).training(&training);
///     // … forward, loss, net.backward(loss)
///     tape.reset();
/// }
/// ```
#[derive(Debug)]
pub struct Training<T: Element> {
    generator: RefCell<Generator>,
    observed: RefCell<Vec<Observed<T>>>,
    /// How much of a batch the rows are.
    share: f64,
}

/// The statistics of a batch, for the running statistics of a layer.
#[derive(Clone, Debug)]
pub(crate) struct Observed<T> {
    /// The buffers of means and of variances.
    pub(crate) buffers: [ParamId; 2],
    /// The means and the unbiased variances of the channels in the batch.
    pub(crate) batch: [Vec<T>; 2],
    /// The share of the batch in what the buffers are then.
    pub(crate) momentum: f64,
}

impl<T: Element> Training<T> {
    /// Random numbers of a seed: of its stream 2, so that they have nothing in common with those of initialisation
    /// and of shuffles.
    pub fn seeded(seed: u64) -> Self {
        Self::with_generator(Generator::with_stream(seed, 2))
    }

    /// Random numbers of a generator, from where it stands: to go on where another left off.
    pub fn with_generator(generator: Generator) -> Self {
        Self::of_part(generator, 1.0)
    }

    /// The same for this share of the rows of a batch: all parts together move running statistics as far as one batch.
    pub(crate) fn of_part(generator: Generator, share: f64) -> Self {
        Self { generator: RefCell::new(generator), observed: RefCell::default(), share }
    }

    /// The generator, to draw from.
    ///
    /// ```
    /// let training = nn::Training::<f32>::seeded(42);
    /// let first = training.generator().uniform();
    /// assert_ne!(first, training.generator().uniform());
    /// ```
    ///
    /// # Panics
    /// What an earlier call gave is still there.
    pub fn generator(&self) -> RefMut<'_, Generator> {
        self.generator.borrow_mut()
    }

    /// Notes the statistics of a batch. They reach the buffers with the [gradients](crate::ParamGradients) of the pass,
    /// when an optimiser takes its step.
    pub(crate) fn observe(&self, mut observed: Observed<T>) {
        if self.share != 1.0 {
            observed.momentum = 1.0 - (1.0 - observed.momentum).powf(self.share);
        }
        self.observed.borrow_mut().push(observed);
    }

    /// Forgets what was observed in a pass that was given up.
    pub(crate) fn begin(&self) {
        self.observed.borrow_mut().clear();
    }

    pub(crate) fn take(&self) -> Vec<Observed<T>> {
        self.observed.take()
    }
}

impl<T: Element> Observed<T> {
    /// Moves the buffers towards the batch: `new = (1 − momentum) · old + momentum · batch`.
    pub(crate) fn settle(&self, params: &mut Params<T>) {
        let (old, new) = (T::of(1.0 - self.momentum), T::of(self.momentum));
        for (&buffer, batch) in self.buffers.iter().zip(&self.batch) {
            for (running, &seen) in params.values_mut(buffer).iter_mut().zip(batch) {
                *running = old * *running + new * seen;
            }
        }
    }
}
