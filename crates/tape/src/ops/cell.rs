//! What recurrent cells share: their operands, and the products with their weights.

use std::ops::Range;

use smallvec::SmallVec;

use crate::element::{Element, Matrix};
use crate::error::{Error, ErrorKind};
use crate::handles::Tensor;
use crate::kernels::reduce;
use crate::listing::{Drawn, Sample};
use crate::operation::{Downstream, View, Vjp};
use crate::shape::Shape;

/// The operands in their order: an input, states, the weights of the input and of the state, and the biases of either
/// where there are some.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) gates: usize,
    pub(super) states: usize,
    pub(super) biases: [bool; 2],
}

/// The weights that the user gave, with their biases.
pub(super) struct Weights<'t, T: Element> {
    pub(super) weights: [Tensor<'t, T>; 2],
    pub(super) biases: [Option<Tensor<'t, T>>; 2],
}

impl Cell {
    /// The operands that the user gave, in order.
    pub(super) fn operands<'t, T: Element>(
        first: &[Tensor<'t, T>],
        Weights { weights, biases }: Weights<'t, T>,
    ) -> SmallVec<[Tensor<'t, T>; 8]> {
        first.iter().copied().chain(weights).chain(biases.into_iter().flatten()).collect()
    }

    /// The cases of a cell for tests: with biases of either side, of both and of none.
    pub(super) fn samples<O>(new: impl Fn([bool; 2]) -> O, cell: impl Fn(&O) -> Self) -> Vec<Sample<O>> {
        let case = |biases, samples, features, width| {
            let operation = new(biases);
            let operands = cell(&operation).drawn(samples, features, width);
            Sample::new(operation, operands)
        };
        vec![
            case([true, true], Some(2), 3, 4),
            case([true, false], Some(3), 1, 2),
            case([false, true], Some(1), 2, 1),
            case([false, false], None, 3, 2),
            case([true, true], Some(0), 2, 2),
        ]
    }

    /// Operands for tests: `samples` is `None` for one sample without an axis for samples.
    fn drawn(self, samples: Option<usize>, features: usize, width: usize) -> Vec<Drawn> {
        let rows = |n: usize| samples.into_iter().chain([n]).collect::<Vec<_>>();
        let sums = self.gates * width;
        let mut shapes = vec![rows(features)];
        shapes.extend(std::iter::repeat_n(rows(width), self.states));
        shapes.extend([vec![sums, features], vec![sums, width]]);
        shapes.extend(self.biases.into_iter().filter(|&there| there).map(|_| vec![sums]));
        shapes.iter().map(|shape| Drawn::real(shape).within(-1.0..=1.0)).collect()
    }

    /// The position of a weight, of the input (0) or the state (1).
    fn weight(self, side: usize) -> usize {
        1 + self.states + side
    }

    /// The position of a bias.
    fn bias(self, side: usize) -> Option<usize> {
        let before = if side == 1 { usize::from(self.biases[0]) } else { 0 };
        self.biases[side].then_some(3 + self.states + before)
    }

    /// Samples, and the width of the state.
    pub(super) fn extents<T>(inputs: &[View<'_, T>]) -> (usize, usize) {
        let (width, samples) = inputs[1].shape.split_last().expect("a state has axes");
        (samples.iter().product(), *width)
    }

    /// Checks all shapes.
    pub(super) fn check<T>(self, inputs: &[View<'_, T>]) -> Result<(), Error> {
        let fault = |text: String| Err(Error::new(ErrorKind::Shape, text));
        let (&[ref samples @ .., features], &[ref of_state @ .., width]) = (inputs[0].shape, inputs[1].shape)
        else {
            return fault("an input [N, I] and a state [N, H] are wanted".to_owned());
        };
        if samples.len() > 1 || samples != of_state {
            return fault("an input [N, I] and a state [N, H] are wanted, or [I] and [H]".to_owned());
        }
        if width == 0 {
            return Err(Error::new(ErrorKind::Empty, "the state has no numbers"));
        }
        let sums = self.gates * width;
        let wanted = (0..2).flat_map(|side| {
            let extent = [features, width][side];
            let (name, bias) = (["w_ih", "w_hh"][side], ["b_ih", "b_hh"][side]);
            let weight = Some((self.weight(side), name, Shape::from_slice(&[sums, extent])));
            [weight, self.bias(side).map(|position| (position, bias, Shape::from_slice(&[sums])))]
        });
        let states = (2..=self.states).map(|k| Some((k, "c", Shape::from_slice(inputs[1].shape))));
        for (position, name, wanted) in states.chain(wanted).flatten() {
            let found = inputs[position].shape;
            if *found != wanted[..] {
                return fault(format!("{name} must have the shape {wanted:?}, and has {found:?}"));
            }
        }
        Ok(())
    }

    fn matrices<'a, T: Element>(self, inputs: &[View<'a, T>], side: usize) -> (Matrix<'a, T>, Matrix<'a, T>) {
        let (samples, _) = Self::extents(inputs);
        let weight = inputs[self.weight(side)];
        let (sums, extent) = (weight.shape[0], weight.shape[1]);
        (Matrix::new(inputs[side].data, samples, extent), Matrix::new(weight.data, sums, extent))
    }

    /// Writes (or adds) the sums of one side: `x · Wᵀ + b`.
    pub(super) fn sums<T: Element>(
        self,
        inputs: &[View<'_, T>],
        side: usize,
        out: &mut [T],
        accumulate: bool,
    ) {
        let (x, w) = self.matrices(inputs, side);
        match self.bias(side).map(|position| inputs[position].data) {
            Some(bias) if accumulate => {
                T::gemm(x, w.t(), out, true);
                for row in out.chunks_exact_mut(bias.len()) {
                    row.iter_mut().zip(bias).for_each(|(out, &b)| *out = *out + b);
                }
            }
            Some(bias) => T::affine(x, w.t(), bias, out),
            None => T::gemm(x, w.t(), out, accumulate),
        }
    }

    /// Multiply-adds of the products with both weights.
    pub(super) fn multiply_adds<T>(self, inputs: &[View<'_, T>]) -> u64 {
        (0..2).map(|side| inputs[side].data.len() as u64 * inputs[self.weight(side)].shape[0] as u64).sum()
    }

    /// Multiplies the gradients of the sums, which lie in the room, by what they were made of: all operands but the
    /// states beyond the first. `straight` writes or adds what the first state gets besides, and says whether there
    /// was any.
    pub(super) fn back<T: Element>(
        self,
        pass: &mut Vjp<'_, T>,
        room: &mut Room<impl Fn(&mut [T])>,
        places: [Range<usize>; 2],
        straight: impl Fn(&mut [T], bool) -> bool,
    ) {
        let inputs = pass.inputs();
        for (side, place) in places.into_iter().enumerate() {
            let (x, w) = self.matrices(inputs, side);
            if let Some(mut to) = pass.downstream(side) {
                let (out, room, accumulate) = room.of(&mut to);
                let begun = side == 1 && straight(out, accumulate);
                let g = Matrix::new(&room[place.clone()], x.rows, w.rows);
                T::gemm(g, w, out, accumulate || begun);
            }
            if let Some(mut to) = pass.downstream(self.weight(side)) {
                let (out, room, accumulate) = room.of(&mut to);
                let g = Matrix::new(&room[place.clone()], x.rows, w.rows);
                T::gemm(g.t(), x, out, accumulate);
            }
            let Some(position) = self.bias(side) else { continue };
            if let Some(mut to) = pass.downstream(position) {
                let (out, room, accumulate) = room.of(&mut to);
                reduce::sum_group(&room[place], 1, x.rows, w.rows, out, accumulate);
            }
        }
    }

    /// The gates of one side, before what they go through: `x · Wᵀ + b`, step by step.
    pub(super) fn sums_in_parts<'t, T: Element>(
        self,
        inputs: &[Tensor<'t, T>],
        side: usize,
    ) -> Tensor<'t, T> {
        let product = inputs[side].matmul_nt(inputs[self.weight(side)]);
        self.bias(side).map_or(product, |position| product + inputs[position])
    }

    /// Gates that stand side by side, one by one.
    pub(super) fn apart<T: Element, const N: usize>(sums: Tensor<'_, T>) -> [Tensor<'_, T>; N] {
        let width = sums.shape()[sums.shape().len() - 1] / N;
        sums.split(-1, &[width; N]).try_into().expect("as many parts as extents")
    }
}

/// Room beside the gradients that is filled when it is first asked for.
pub(super) struct Room<F> {
    pub(super) len: usize,
    pub(super) fill: F,
    pub(super) filled: bool,
}

impl<F> Room<F> {
    pub(super) fn new(len: usize, fill: F) -> Self {
        Self { len, fill, filled: false }
    }

    /// A gradient, what is in the room, and whether the gradient is to be added to.
    pub(super) fn of<'d, T: Element>(&mut self, to: &'d mut Downstream<'_, T>) -> (&'d mut [T], &'d [T], bool)
    where
        F: Fn(&mut [T]),
    {
        let accumulate = to.accumulate;
        let (gradient, room) = to.scratch(self.len);
        if !self.filled {
            (self.fill)(room);
            self.filled = true;
        }
        (gradient, room, accumulate)
    }
}
