//! The rules on tensors: one operation over all of them.

use crate::element::Element;
use crate::error::Error;
use crate::kernels::elementwise::{self, Side};
use crate::kernels::reduce;
use crate::operation::{Forward, Recorded, TensorOp, View, Vjp};
use crate::rules::Rule;
use crate::shape::{self, Shape};

/// A rule, applied element by element; two operands are broadcast against each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elementwise(pub(crate) Rule);

type Operands<'a, T> = ((&'a [usize], &'a [T]), Option<(&'a [usize], &'a [T])>);

fn operands<'a, T>(inputs: &[View<'a, T>]) -> Operands<'a, T> {
    ((inputs[0].shape, inputs[0].data), inputs.get(1).map(|b| (b.shape, b.data)))
}

fn side(input: usize) -> Side {
    if input == 0 { Side::First } else { Side::Second }
}

impl<T: Element> TensorOp<T> for Elementwise {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        match inputs {
            [a, b] => shape::broadcast(a.shape, b.shape),
            _ => Ok(Shape::from_slice(inputs[0].shape)),
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (a, b) = operands(pass.inputs);
        elementwise::value(self.0, a, b, pass.shape, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (a, b) = operands(pass.inputs());
        let (output, upstream) = (pass.output(), pass.upstream());
        for (input, view) in pass.inputs().iter().enumerate() {
            let Some(mut downstream) = pass.downstream(input) else { continue };
            let accumulate = downstream.accumulate;
            let (shape, side) = (output.shape, side(input));
            if view.shape == shape {
                let to = downstream.gradient;
                elementwise::vjp(self.0, a, b, shape, output.data, upstream, side, to, accumulate);
                continue;
            }
            // The operand was broadcast: its gradient is the sum over the copies that were made of it.
            let more = reduce::sum_to_scratch(shape, view.shape);
            let (to, scratch) = downstream.scratch(upstream.len() + more);
            let (spread, scratch) = scratch.split_at_mut(upstream.len());
            elementwise::vjp(self.0, a, b, shape, output.data, upstream, side, spread, false);
            reduce::sum_to(spread, shape, view.shape, to, accumulate, scratch);
        }
    }

    fn vjp_in_place(&self, k: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        let Recorded { inputs, output, .. } = recorded;
        if inputs[k].shape != output.shape {
            return false;
        }
        let (a, b) = operands(inputs);
        elementwise::vjp_in_place(self.0, a, b, output.shape, output.data, side(k), gradient);
        true
    }

    fn local(&self, input: usize, inputs: &[View<'_, T>], output: View<'_, T>) -> Option<Vec<T>> {
        let (a, b) = operands(inputs);
        let mut local = vec![T::zero(); output.data.len()];
        elementwise::local(self.0, a, b, output.shape, output.data, side(input), &mut local);
        Some(local)
    }
}
