//! One step along a sequence.

use std::fmt::Debug;

use tape::{Element, Shape, Tape, Tensor, TensorData};

/// What a recurrent layer remembers from step to step.
#[derive(Clone, Copy, Debug)]
pub struct State<'t, T: Element> {
    /// What it says: `[N, hidden]`, or `[layers · ways, N, hidden]` of a whole [`Recurrent`](super::Recurrent).
    pub h: Tensor<'t, T>,
    /// The cell of long short-term memory, in the same shape.
    pub c: Option<Tensor<'t, T>>,
}

impl<'t, T: Element> State<'t, T> {
    /// Those of all layers and ways as one.
    #[track_caller]
    pub(super) fn stacked(all: &[Self]) -> Self {
        let h: Vec<_> = all.iter().map(|state| state.h).collect();
        let c: Vec<_> = all.iter().filter_map(|state| state.c).collect();
        let cells = !c.is_empty();
        Self { h: Tensor::stack_along(&h, 0), c: cells.then(|| Tensor::stack_along(&c, 0)) }
    }

    /// That of one layer and way.
    #[track_caller]
    pub(super) fn part(self, k: usize) -> Self {
        let part = |all: Tensor<'t, T>| all.index_axis(0, k.cast_signed());
        Self { h: part(self.h), c: self.c.map(part) }
    }

    #[track_caller]
    pub(super) fn check(self, layer: &str, wanted: [usize; 3]) {
        for found in [Some(self.h), self.c].into_iter().flatten() {
            let found = found.shape();
            assert!(found == wanted, "{layer}: {found:?}: a state of the shape {wanted:?} is wanted");
        }
    }
}

/// A cell of a [`Recurrent`](super::Recurrent) layer.
pub trait Cell: Copy + Debug + Send + Sync {
    /// As it stands in names of parameters and in errors.
    const NAME: &'static str;
    /// As a summary calls it.
    const KIND: &'static str;
    /// Parts of `hidden` numbers each that the weights have one after another.
    const GATES: usize;
    /// The part whose bias begins with 1, if there is one.
    const OPEN: Option<usize> = None;
    /// Whether a state has a cell beside what it says.
    const REMEMBERS: bool;

    /// The state before the first step: zeros of this shape.
    #[track_caller]
    fn begin<'t, T: Element>(tape: &'t Tape<T>, shape: &[usize]) -> State<'t, T> {
        let zeros = TensorData::Written(Shape::from_slice(shape), &|_| T::zero());
        let zeros = tape.constant(zeros);
        State { h: zeros, c: Self::REMEMBERS.then_some(zeros) }
    }

    /// The state after a step, by the weights of input and state, and the biases of both.
    ///
    /// # Panics
    /// The shapes do not fit.
    #[track_caller]
    fn step<'t, T: Element>(
        x: Tensor<'t, T>,
        state: State<'t, T>,
        weights: [Tensor<'t, T>; 2],
        biases: [Option<Tensor<'t, T>>; 2],
    ) -> State<'t, T>;
}

/// The cell of [`Lstm`](super::Lstm).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongShortTermMemory;

/// The cell of [`Gru`](super::Gru).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatedUnit;

impl Cell for LongShortTermMemory {
    const NAME: &'static str = "lstm";
    const KIND: &'static str = "Lstm";
    const GATES: usize = 4;
    /// What forgets is the second.
    const OPEN: Option<usize> = Some(1);
    const REMEMBERS: bool = true;

    #[track_caller]
    fn step<'t, T: Element>(
        x: Tensor<'t, T>,
        State { h, c }: State<'t, T>,
        [w_ih, w_hh]: [Tensor<'t, T>; 2],
        [b_ih, b_hh]: [Option<Tensor<'t, T>>; 2],
    ) -> State<'t, T> {
        let Some(c) = c else { panic!("lstm: a state with a cell is wanted") };
        let (h, c) = x.lstm_cell((h, c), w_ih, w_hh, b_ih, b_hh);
        State { h, c: Some(c) }
    }
}

impl Cell for GatedUnit {
    const NAME: &'static str = "gru";
    const KIND: &'static str = "Gru";
    const GATES: usize = 3;
    const REMEMBERS: bool = false;

    #[track_caller]
    fn step<'t, T: Element>(
        x: Tensor<'t, T>,
        State { h, c }: State<'t, T>,
        [w_ih, w_hh]: [Tensor<'t, T>; 2],
        [b_ih, b_hh]: [Option<Tensor<'t, T>>; 2],
    ) -> State<'t, T> {
        State { h: x.gru_cell(h, w_ih, w_hh, b_ih, b_hh), c }
    }
}
