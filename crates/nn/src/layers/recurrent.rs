//! Layers that go along a sequence and remember.

mod cell;
mod weights;

use std::borrow::Cow;
use std::marker::PhantomData;

use tape::{Element, Error, Tensor};

pub use cell::{Cell, GatedUnit, LongShortTermMemory, State};
pub use weights::Weights;

use super::{Dropout, Layer, vacant};
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// Cells along a sequence, in one or several layers, forwards or both ways: see [`Lstm`] and [`Gru`].
///
/// As a [`Layer`] it gives what its last layer says at every step, or with [`last`](Self::last) in the end.
/// [`forward_with`](Self::forward_with) takes a first state and gives the last one too.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent<C> {
    /// The parameters of each layer: forwards, and backwards where it goes both ways.
    pub layers: Vec<Vec<Weights>>,
    /// How many numbers a state has.
    pub hidden: usize,
    dropout: f64,
    last: bool,
    cell: PhantomData<C>,
}

/// Long short-term memory: [`Tensor::lstm_cell`] along a sequence.
///
/// # Shapes
/// `[N, steps, in]` → `[N, steps, hidden]`, or twice as many numbers both ways.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Lstm};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Lstm::new(&mut params, 3, 8);
/// let tape = tape::Tape::new();
/// let x = tape.constant(([2, 5, 3], vec![0.5; 30]));
/// let net = params.on(&tape);
/// assert_eq!(layer.forward(&net, x).shape(), [2, 5, 8]);
/// assert_eq!(layer.last().forward(&net, x).shape(), [2, 8]);
/// ```
///
/// Source: S. Hochreiter, J. Schmidhuber, *Long Short-Term Memory* (1997); F. Gers, J. Schmidhuber, F. Cummins, *Learning
/// to Forget* (2000).
pub type Lstm = Recurrent<LongShortTermMemory>;

/// Gated recurrent units: [`Tensor::gru_cell`] along a sequence.
///
/// # Shapes
/// As of [`Lstm`].
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Gru};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Gru::stacked(&mut params, 3, 8, 2, true);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([2, 5, 3], vec![0.5; 30])));
/// assert_eq!(y.shape(), [2, 5, 16]);
/// ```
///
/// Source: K. Cho et al., *Learning Phrase Representations using RNN Encoder–Decoder* (2014), arXiv:1406.1078.
pub type Gru = Recurrent<GatedUnit>;

impl<C: Cell> Recurrent<C> {
    /// One layer, forwards. The parameters are named `lstm.0.weight_ih_l0`, `lstm.0.weight_hh_l0`, `lstm.0.bias_ih_l0`
    /// and `lstm.0.bias_hh_l0` (or `gru…`), with the first number that is free. Their first numbers are as in `Keras`:
    /// [`Init::GlorotUniform`](crate::Init) for the weights of the input, [`Init::Orthogonal`](crate::Init) for those of the
    /// state, biases of 0, but 1 for the gate by which long short-term memory forgets.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, inputs: usize, hidden: usize) -> Self {
        Self::stacked(params, inputs, hidden, 1, false)
    }

    /// So many layers, each along the output of the one before it; forwards, or both ways: the parameters of layer 1
    /// are named `weight_ih_l1` and so on, those of the way backwards `weight_ih_l1_reverse` and so on.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn stacked<T: Element>(
        params: &mut Params<T>,
        inputs: usize,
        hidden: usize,
        layers: usize,
        both_ways: bool,
    ) -> Self {
        let name = vacant(params, C::NAME);
        or_panic(Self::named(params, &name, [inputs, hidden], layers, both_ways))
    }

    /// With parameters named `name.weight_ih_l0` and so on, for so many numbers of the input and the state.
    ///
    /// # Errors
    /// There are no layers, no inputs, or no numbers in a state; a name is taken; or as of [`Init::fill`](crate::Init).
    /// No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        [inputs, hidden]: [usize; 2],
        layers: usize,
        both_ways: bool,
    ) -> Result<Self, Error> {
        let before = params.len();
        let layers = Weights::of_layers::<C, T>(params, name, [inputs, hidden], layers, both_ways);
        let layers = params.undo_if_failed(before, layers)?;
        Ok(Self { layers, hidden, dropout: 0.0, last: false, cell: PhantomData })
    }

    /// With [`Dropout`] of what each layer but the last one says, in training.
    ///
    /// # Panics
    /// `p` is not at least 0 and below 1.
    #[track_caller]
    #[must_use]
    pub fn dropout(self, p: f64) -> Self {
        Self { dropout: Dropout::new(p).p(), ..self }
    }

    /// The same with the end of the sequence as its output: what the last layer says at the last step, and backwards at
    /// the first one, `[N, steps, in]` → `[N, hidden]`.
    #[must_use]
    pub fn last(self) -> Self {
        Self { last: true, ..self }
    }

    /// What the last layer says at every step, and the last state of each layer and way.
    ///
    /// # Shapes
    /// As of [`Lstm`]. A state is `[layers · ways, N, hidden]`, the ways of one layer after another.
    ///
    /// # Example
    /// ```
    /// use nn::{Params, layers::Lstm};
    /// let mut params = Params::<f64>::seeded(42);
    /// let layer = Lstm::new(&mut params, 1, 4);
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let part = |numbers: Vec<f64>| tape.constant(([1, numbers.len(), 1], numbers));
    /// let (whole, _) = layer.forward_with(&net, part(vec![1.0, 2.0, 3.0]), None);
    /// let (_, state) = layer.forward_with(&net, part(vec![1.0, 2.0]), None);
    /// let (rest, _) = layer.forward_with(&net, part(vec![3.0]), Some(state));
    /// assert_eq!(rest.value()[[0, 0, 3]], whole.value()[[0, 2, 3]]);
    /// ```
    ///
    /// # Panics
    /// The input has not three axes, or no steps; the state has another shape; with dropout, nobody has said whether
    /// this is training.
    #[track_caller]
    pub fn forward_with<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        x: Tensor<'t, T>,
        state: Option<State<'t, T>>,
    ) -> (Tensor<'t, T>, State<'t, T>) {
        let (sequence, ends) = self.along(net, x, state, true);
        (sequence, State::stacked(&ends))
    }

    /// Without biases, whose parameters are removed.
    #[must_use]
    pub fn without_bias<T: Element>(mut self, params: &mut Params<T>) -> Self {
        let biases = self.layers.iter_mut().flatten().filter_map(|weights| weights.biases.take());
        biases.flatten().for_each(|id| params.remove(id));
        self
    }

    /// The last layer's sequence if it is wanted, or else what was its input; and the ends of all layers and ways.
    #[track_caller]
    fn along<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        mut x: Tensor<'t, T>,
        state: Option<State<'t, T>>,
        wanted: bool,
    ) -> (Tensor<'t, T>, Vec<State<'t, T>>) {
        let &[samples, steps @ 1..=usize::MAX, _] = x.shape() else {
            panic!("{}: {:?}: sequences [N, steps, in] of at least one step are wanted", C::NAME, x.shape());
        };
        let ways = self.layers[0].len();
        if let Some(state) = state {
            state.check(C::NAME, [self.layers.len() * ways, samples, self.hidden]);
        }
        let mut ends = Vec::with_capacity(self.layers.len() * ways);
        let mut said = Vec::with_capacity(steps);
        for (k, layer) in self.layers.iter().enumerate() {
            let inner = k + 1 < self.layers.len();
            let mut sequences = [x; 2];
            for (way, weights) in layer.iter().enumerate() {
                let (params, biases) = weights.on(net);
                let mut end = match state {
                    Some(state) => state.part(k * ways + way),
                    None => C::begin(net.tape(), &[samples, self.hidden]),
                };
                said.clear();
                for step in 0..steps {
                    let step = if way == 0 { step } else { steps - 1 - step };
                    end = C::step(x.index_axis(1, step.cast_signed()), end, params, biases);
                    said.push(end.h);
                }
                ends.push(end);
                if inner || wanted {
                    if way == 1 {
                        said.reverse();
                    }
                    sequences[way] = Tensor::stack_along(&said, 1);
                }
            }
            if inner || wanted {
                x = if ways == 1 { sequences[0] } else { Tensor::concat(&sequences, -1) };
            }
            if inner && self.dropout > 0.0 {
                x = Dropout::new(self.dropout).forward(net, x);
            }
        }
        (x, ends)
    }
}

impl<C: Cell, T: Element> Layer<T> for Recurrent<C> {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let (sequence, ends) = self.along(net, x, None, !self.last);
        if !self.last {
            return sequence;
        }
        match ends[ends.len() - self.layers[0].len()..] {
            [forwards] => forwards.h,
            ref both => Tensor::concat(&both.iter().map(|end| end.h).collect::<Vec<_>>(), -1),
        }
    }

    fn kind(&self) -> Cow<'static, str> {
        C::KIND.into()
    }
}
