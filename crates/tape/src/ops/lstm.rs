//! One step of a long short-term memory.

use smallvec::SmallVec;

use super::cell::{Cell, Room, Weights};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::kernels::recurrent::{Lstm, LstmBack};
use crate::listing::{Described, Description, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// The new state and the new cell, one behind the other. Operands: `x`, `h`, `c`, then those of [`Cell`].
#[derive(Clone, Debug)]
pub(super) struct LstmCell(Cell);

impl LstmCell {
    fn new(biases: [bool; 2]) -> Self {
        Self(Cell { gates: 4, states: 2, biases })
    }
}

impl<T: Element> TensorOp<T> for LstmCell {
    fn name(&self) -> &str {
        "lstm_cell"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.check(inputs)?;
        Ok([2].iter().chain(inputs[1].shape).copied().collect())
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        5 * inputs[1].data.len()
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (inputs, size) = (pass.inputs, pass.inputs[1].data.len());
        let (gates, tanh) = pass.saved.split_at_mut(4 * size);
        self.0.sums(inputs, 0, gates, false);
        self.0.sums(inputs, 1, gates, true);
        let (state, next) = pass.output.split_at_mut(size);
        let (_, width) = Cell::extents(inputs);
        T::run(Lstm { width, gates, cell: inputs[2].data, state, next, tanh });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, size) = (pass.inputs(), pass.input(1).data.len());
        let (gates, tanh) = pass.saved().split_at(4 * size);
        let (state, next) = pass.upstream().split_at(size);
        let (cell, (_, width)) = (inputs[2].data, Cell::extents(inputs));
        let fill = |room: &mut [T]| {
            let (to_sums, to_next) = room.split_at_mut(4 * size);
            T::run(LstmBack { width, gates, cell, tanh, state, next, to_sums, to_next });
        };
        let mut room = Room::new(5 * size, fill);
        self.0.back(pass, &mut room, [0..4 * size, 0..4 * size], |_, _| false);
        if let Some(mut to) = pass.downstream(2) {
            let (out, room, accumulate) = room.of(&mut to);
            let forgets = gates.chunks_exact(4 * width).flat_map(|gates| &gates[width..2 * width]);
            for (out, (&to_next, &f)) in out.iter_mut().zip(room[4 * size..].iter().zip(forgets)) {
                *out = if accumulate { *out + to_next * f } else { to_next * f };
            }
        }
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        self.0.multiply_adds(inputs)
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let sums = self.0.sums_in_parts(inputs, 0) + self.0.sums_in_parts(inputs, 1);
        let [i, f, g, o] = Cell::apart(sums);
        let [i, f, o] = [(i, "i"), (f, "f"), (o, "o")].map(|(gate, name)| gate.sigmoid().named(name));
        let next = (f * inputs[2] + i * g.tanh().named("g")).named("c′");
        let state = (o * next.tanh()).named("h′");
        Some(Tensor::stack_along(&[state, next], 0))
    }
}

impl Described for LstmCell {
    const DESCRIPTION: Description = Description {
        name: "lstm_cell",
        formula: "c′ = f⊙c + i⊙g, h′ = o⊙tanh c′; i, f, o = σ(·), g = tanh(·) of x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh",
        derivative: "with S the gradient of the sums: x: S·W_ih; h: S·W_hh; W_ih: Sᵀ·x; W_hh: Sᵀ·h; b: columns' Σ S; c: f⊙(g_c + g_h⊙o⊙(1 − tanh² c′))",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        Cell::samples(Self::new, |operation| operation.0)
    }
}

impl<T: Element> Tensor<'_, T> {
    /// One step of a long short-term memory: the new state `h′` and the new cell `c′`.
    ///
    /// ```text
    /// [i f g o] = x · w_ihᵀ + b_ih + h · w_hhᵀ + b_hh        i, f, o through sigmoid, g through tanh
    /// c′ = f ⊙ c + i ⊙ g,   h′ = o ⊙ tanh c′
    /// ```
    ///
    /// # Shapes
    /// `x` is `[N, I]`, `h` and `c` are `[N, H]`; or `[I]` and `[H]`. The weights are `[4H, I]` and `[4H, H]`, the biases
    /// `[4H]`, gates in the order `i f g o`.
    ///
    /// # Derivative
    /// The upstream gradients go through the gates to the sums; from there by the weights to `x` and `h`, and by `x` and
    /// `h` to the weights. One node: the gates are kept for the way back.
    ///
    /// # Example
    /// ```
    /// use ndarray::{Array, array};
    /// let tape = tape::Tape::<f64>::new();
    /// let (x, state) = (tape.constant(array![[1.0]]), tape.constant(array![[0.5]]));
    /// let weight = tape.tensor(Array::zeros((4, 1)));
    /// let (h, c) = x.lstm_cell((state, state), weight, weight, None, None);
    /// assert_eq!((c.value()[[0, 0]], h.value()[[0, 0]]), (0.25, 0.5 * 0.25f64.tanh()));
    /// ```
    ///
    /// # Panics
    /// As [`try_lstm_cell`](Self::try_lstm_cell) fails.
    ///
    /// Source: Gers, Schmidhuber, Cummins, *Learning to Forget* (2000).
    #[track_caller]
    #[must_use]
    pub fn lstm_cell(
        self,
        state: (Self, Self),
        w_ih: Self,
        w_hh: Self,
        b_ih: Option<Self>,
        b_hh: Option<Self>,
    ) -> (Self, Self) {
        or_panic(self.try_lstm_cell(state, w_ih, w_hh, b_ih, b_hh))
    }

    /// One step of a long short-term memory.
    ///
    /// # Errors
    /// The shapes are not those of [`lstm_cell`](Self::lstm_cell), or the state has no numbers.
    #[track_caller]
    pub fn try_lstm_cell(
        self,
        (h, c): (Self, Self),
        w_ih: Self,
        w_hh: Self,
        b_ih: Option<Self>,
        b_hh: Option<Self>,
    ) -> Result<(Self, Self), Error> {
        let operation = LstmCell::new([b_ih.is_some(), b_hh.is_some()]);
        let weights = Weights { weights: [w_ih, w_hh], biases: [b_ih, b_hh] };
        let both = Self::of_tensors(operation, &Cell::operands(&[self, h, c], weights))?;
        let shape: SmallVec<[isize; 4]> = h.shape().iter().map(|&n| n.cast_signed()).collect();
        let part = |k: usize| both.try_slice(&[(k..=k).into()])?.try_reshape(&shape);
        Ok((part(0)?, part(1)?))
    }
}
