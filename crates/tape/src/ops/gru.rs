//! One step of a gated recurrent unit.

use super::cell::{Cell, Room, Weights};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::kernels::recurrent::{Gru, GruBack};
use crate::listing::{Described, Description, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Operands: `x`, `h`, then those of [`Cell`].
#[derive(Clone, Debug)]
pub(super) struct GruCell(Cell);

impl GruCell {
    fn new(biases: [bool; 2]) -> Self {
        Self(Cell { gates: 3, states: 1, biases })
    }
}

impl<T: Element> TensorOp<T> for GruCell {
    fn name(&self) -> &str {
        "gru_cell"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.check(inputs)?;
        Ok(Shape::from_slice(inputs[1].shape))
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        4 * inputs[1].data.len()
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let (inputs, size) = (pass.inputs, pass.inputs[1].data.len());
        let (_, width) = Cell::extents(inputs);
        let (next, gates, room) = pass.parts(6 * size);
        let (of_input, of_state) = room.split_at_mut(3 * size);
        self.0.sums(inputs, 0, of_input, false);
        self.0.sums(inputs, 1, of_state, false);
        T::run(Gru { width, of_input, of_state, state: inputs[1].data, gates, next });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, gates, g) = (pass.inputs(), pass.saved(), pass.upstream());
        let (state, (_, width)) = (inputs[1].data, Cell::extents(inputs));
        let size = state.len();
        let fill = |room: &mut [T]| {
            let (to_input, to_state) = room.split_at_mut(3 * size);
            T::run(GruBack { width, gates, state, g, to_input, to_state });
        };
        let straight = |out: &mut [T], accumulate: bool| {
            let keeps = gates.chunks_exact(4 * width).flat_map(|gates| &gates[width..2 * width]);
            for (out, (&g, &z)) in out.iter_mut().zip(g.iter().zip(keeps)) {
                *out = if accumulate { *out + g * z } else { g * z };
            }
            true
        };
        let mut room = Room::new(6 * size, fill);
        self.0.back(pass, &mut room, [0..3 * size, 3 * size..6 * size], straight);
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        self.0.multiply_adds(inputs)
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let [r, z, n] = Cell::apart(self.0.sums_in_parts(inputs, 0));
        let [of_r, of_z, of_n] = Cell::apart(self.0.sums_in_parts(inputs, 1));
        let (r, z) = ((r + of_r).sigmoid().named("r"), (z + of_z).sigmoid().named("z"));
        let n = (n + r * of_n).tanh().named("n");
        Some((1.0 - z) * n + z * inputs[1])
    }
}

impl Described for GruCell {
    const DESCRIPTION: Description = Description {
        name: "gru_cell",
        formula: "h′ = (1 − z)⊙n + z⊙h; r, z = σ(·) of x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh, n = tanh(x·W_inᵀ + b_in + r⊙(h·W_hnᵀ + b_hn))",
        derivative: "with S and R the gradients of the sums of x and of h: x: S·W_ih; h: g⊙z + R·W_hh; W_ih: Sᵀ·x; W_hh: Rᵀ·h; b_ih, b_hh: columns' Σ S, Σ R",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        Cell::samples(Self::new, |operation| operation.0)
    }
}

impl<T: Element> Tensor<'_, T> {
    /// One step of a gated recurrent unit: the new state `h′`.
    ///
    /// ```text
    /// r = sigmoid(x · w_irᵀ + b_ir + h · w_hrᵀ + b_hr),   z likewise
    /// n = tanh(x · w_inᵀ + b_in + r ⊙ (h · w_hnᵀ + b_hn))
    /// h′ = (1 − z) ⊙ n + z ⊙ h
    /// ```
    ///
    /// # Shapes
    /// `x` is `[N, I]`, `h` is `[N, H]`; or `[I]` and `[H]`. The weights are `[3H, I]` and `[3H, H]`, the biases `[3H]`,
    /// gates in the order `r z n`.
    ///
    /// # Derivative
    /// The upstream gradient goes through the gates to the sums; from there by the weights to `x` and `h`, and by `x` and
    /// `h` to the weights; `z` of it goes to `h` straight. One node: the gates are kept for the way back.
    ///
    /// # Example
    /// ```
    /// use ndarray::{Array, array};
    /// let tape = tape::Tape::<f64>::new();
    /// let (x, h) = (tape.constant(array![[1.0]]), tape.constant(array![[0.5]]));
    /// let weight = tape.tensor(Array::zeros((3, 1)));
    /// assert_eq!(x.gru_cell(h, weight, weight, None, None).value(), array![[0.25]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_gru_cell`](Self::try_gru_cell) fails.
    ///
    /// Source: Cho et al., *Learning Phrase Representations using RNN Encoder–Decoder* (2014), arXiv:1406.1078.
    #[track_caller]
    #[must_use]
    pub fn gru_cell(
        self,
        state: Self,
        w_ih: Self,
        w_hh: Self,
        b_ih: Option<Self>,
        b_hh: Option<Self>,
    ) -> Self {
        or_panic(self.try_gru_cell(state, w_ih, w_hh, b_ih, b_hh))
    }

    /// One step of a gated recurrent unit.
    ///
    /// # Errors
    /// The shapes are not those of [`gru_cell`](Self::gru_cell), or the state has no numbers.
    #[track_caller]
    pub fn try_gru_cell(
        self,
        state: Self,
        w_ih: Self,
        w_hh: Self,
        b_ih: Option<Self>,
        b_hh: Option<Self>,
    ) -> Result<Self, Error> {
        let operation = GruCell::new([b_ih.is_some(), b_hh.is_some()]);
        let weights = Weights { weights: [w_ih, w_hh], biases: [b_ih, b_hh] };
        Self::of_tensors(operation, &Cell::operands(&[self, state], weights))
    }
}
