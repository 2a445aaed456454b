//! A tensor with a margin.

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Tensor, TensorOperand};
use crate::kernels::slicing::{self, Span};
use crate::kernels::sums;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// How many positions are added before and after each axis. The second operand is what stands there.
#[derive(Clone, Debug)]
pub(super) struct Pad {
    pads: SmallVec<[(usize, usize); 3]>,
}

impl Pad {
    /// Where the tensor lies in the result.
    fn spans(&self, shape: &[usize]) -> SmallVec<[Span; 4]> {
        self.pads.iter().zip(shape).map(|(&(before, _), &extent)| Span::block(before, extent)).collect()
    }
}

impl<T: Element> TensorOp<T> for Pad {
    fn name(&self) -> &str {
        "pad"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (shape, value) = (inputs[0].shape, inputs[1].shape);
        if self.pads.len() != shape.len() {
            let text = format!("{} pairs of margins for {} axes", self.pads.len(), shape.len());
            return Err(Error::new(ErrorKind::Shape, text));
        }
        if !value.is_empty() {
            return Err(Error::new(ErrorKind::Shape, "the value of the margin must be one number"));
        }
        let overflow = || Error::new(ErrorKind::Memory, "the number of elements overflows");
        let padded = |(&(before, after), &extent): (&(usize, usize), &usize)| {
            extent.checked_add(before)?.checked_add(after)
        };
        self.pads.iter().zip(shape).map(|pair| padded(pair).ok_or_else(overflow)).collect()
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, value) = (pass.inputs[0], pass.inputs[1].data[0]);
        slicing::write(x.data, pass.shape, &self.spans(x.shape), pass.output, value);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, shape, upstream) = (pass.input(0), pass.output().shape, pass.upstream());
        let spans = self.spans(x.shape);
        if let Some(to) = pass.downstream(0) {
            slicing::take(upstream, shape, &spans, to.gradient, to.accumulate);
        }
        if let Some(mut to) = pass.downstream(1) {
            let accumulate = to.accumulate;
            let (gradient, margin) = to.scratch(upstream.len() - x.data.len());
            slicing::rest(upstream, shape, &spans, margin);
            let sum = sums::sum(margin);
            gradient[0] = if accumulate { gradient[0] + sum } else { sum };
        }
    }
}

impl Described for Pad {
    const DESCRIPTION: Description = Description {
        name: "pad",
        formula: "y = x, and the value in the margins before and after each axis",
        derivative: "to x, g within the margins; to the value, Σ g over the margins",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], pads: &[(usize, usize)]| {
            Sample::new(Self { pads: pads.into() }, [Drawn::real(shape), Drawn::real(&[])])
        };
        vec![
            case(&[2, 3], &[(3, 0), (1, 2)]),
            case(&[2, 1, 2], &[(0, 0), (1, 1), (0, 2)]),
            case(&[4], &[(2, 1)]),
            case(&[2, 2], &[(0, 0), (0, 0)]),
            case(&[], &[]),
            case(&[2, 0], &[(0, 1), (1, 1)]),
            case(&[0, 3], &[(0, 0), (1, 0)]),
        ]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The tensor with `before` positions in front of and `after` positions behind it along each axis, which hold the
    /// value: a number, or a scalar that is differentiated too.
    ///
    /// # Shapes
    /// Each extent with its two margins added.
    ///
    /// # Derivative
    /// `1` in the tensor; in the value the sum over the margins.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0]]);
    /// let y = x.pad(&[(0, 1), (1, 0)], 0.5);
    /// assert_eq!(y.value(), array![[0.5, 1.0, 2.0], [0.5, 0.5, 0.5]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[1.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_pad`](Self::try_pad) fails.
    #[track_caller]
    #[must_use]
    pub fn pad(self, pads: &[(usize, usize)], value: impl Into<TensorOperand<'t, T>>) -> Self {
        or_panic(self.try_pad(pads, value))
    }

    /// The tensor with a margin along each axis.
    ///
    /// # Errors
    /// There is not one pair of margins for each axis; the value is a tensor with axes, or of another tape; the number of
    /// elements overflows.
    #[track_caller]
    pub fn try_pad(
        self,
        pads: &[(usize, usize)],
        value: impl Into<TensorOperand<'t, T>>,
    ) -> Result<Self, Error> {
        Self::of_parts(Pad { pads: pads.into() }, [self.into(), value.into()], false)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    #[test]
    fn the_value_of_the_margin_has_a_gradient() {
        let tape = Tape::<f64>::new();
        let (x, value) = (tape.tensor(([2], vec![1.0, 2.0])), tape.scalar(7.0));
        let y = x.pad(&[(1, 2)], value);
        assert_eq!(y.value().as_slice(), Some(&[7.0, 1.0, 2.0, 7.0, 7.0][..]));
        let grads = y.backward_with(([5], vec![1.0, 10.0, 100.0, 1e3, 1e4]));
        assert_eq!((grads[value], grads.wrt(x).as_slice()), (11001.0, Some(&[10.0, 100.0][..])));
    }

    #[test]
    fn errors_say_what_is_wanted() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 3], vec![0.0; 6]));
        for (result, start) in [
            (x.try_pad(&[(1, 1)], 0.0), "pad: [2, 3] × []: 1 pairs of margins for 2 axes (at "),
            (
                x.try_pad(&[(0, 0), (1, 1)], x),
                "pad: [2, 3] × [2, 3]: the value of the margin must be one number (at ",
            ),
            (
                x.try_pad(&[(0, usize::MAX), (1, 1)], 0.0),
                "pad: [2, 3] × []: the number of elements overflows (at ",
            ),
        ] {
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
