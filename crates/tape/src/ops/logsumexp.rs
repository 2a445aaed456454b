//! The logarithm of a sum of exponentials.

use super::softmax::shift;
use super::sum::{Axes, samples};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::{reduce, softmax};
use crate::listing::{Described, Description, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

#[derive(Clone, Debug)]
pub(super) struct LogSumExp(Axes);

impl<T: Element> TensorOp<T> for LogSumExp {
    fn name(&self) -> &str {
        "logsumexp"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.reduced_nonempty(inputs[0].shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let (x, axes) = (pass.inputs[0], &self.0.axes);
        let (y, room) = pass.scratch(reduce::sum_axes_scratch(x.shape, axes));
        reduce::logsumexp_axes(x.data, x.shape, axes, y, room);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, y, upstream) = (pass.input(0), pass.output().data, pass.upstream());
        let Some(mut to) = pass.downstream(0) else { return };
        let (accumulate, n, kept) = (to.accumulate, x.data.len(), self.0.kept(x.shape));
        let (gradient, room) = to.scratch(2 * n);
        let (total, g) = room.split_at_mut(n);
        reduce::broadcast(y, &kept, x.shape, total, false);
        reduce::broadcast(upstream, &kept, x.shape, g, false);
        softmax::logsumexp_vjp(x.data, total, g, gradient, accumulate);
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let (x, axes) = (inputs[0], self.0.signed());
        let shift = shift(x, &axes)?;
        let sum = (x - shift).exp().sum_axes(&axes, self.0.keepdims);
        let shape: Vec<_> = sum.shape().iter().map(|&extent| extent.cast_signed()).collect();
        let shift = if self.0.keepdims { shift } else { shift.reshape(&shape) };
        Some(sum.ln() + shift)
    }
}

impl Described for LogSumExp {
    const DESCRIPTION: Description = Description {
        name: "logsumexp",
        formula: "y = ln Σ eˣ over the axes",
        derivative: "g · e^(x − y)",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(Self)
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// `m + ln Σ e^(x − m)` over all elements, with `m = max x`, so that nothing overflows.
    ///
    /// # Derivative
    /// `e^(x − y)`: the softmax.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![1e4, 1e4]).logsumexp();
    /// assert_eq!(y.value(), 1e4 + 2f64.ln());
    /// ```
    ///
    /// # Panics
    /// As [`try_logsumexp`](Self::try_logsumexp) fails.
    #[track_caller]
    #[must_use]
    pub fn logsumexp(self) -> Scalar<'t, T> {
        or_panic(self.try_logsumexp())
    }

    /// `m + ln Σ e^(x − m)` over all elements.
    ///
    /// # Errors
    /// The tensor is empty.
    #[track_caller]
    pub fn try_logsumexp(self) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(LogSumExp(Axes::all(self.shape().len())))
    }

    /// `m + ln Σ e^(x − m)` over some axes.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![[0.0, 0.0], [-1e4, 3.0]]).logsumexp_axes(&[1], false);
    /// assert_eq!(y.value(), array![2f64.ln(), 3.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_logsumexp_axes`](Self::try_logsumexp_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn logsumexp_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_logsumexp_axes(axes, keepdims))
    }

    /// `m + ln Σ e^(x − m)` over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty.
    #[track_caller]
    pub fn try_logsumexp_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(LogSumExp(self.axes("logsumexp", axes, keepdims)?))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    #[test]
    fn masked_and_infinite_rows() {
        let (tape, inf) = (Tape::new(), f64::INFINITY);
        let x = tape.tensor(([3, 2], vec![-inf, -inf, -inf, 3.0, inf, 1.0]));
        let y = x.logsumexp_axes(&[1], false);
        assert_eq!(y.value().as_slice().unwrap(), [-inf, 3.0, inf]);
        let grads = y.slice(&[(..2).into()]).sum().backward();
        assert_eq!(grads.wrt(x).as_slice().unwrap(), [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }
}
