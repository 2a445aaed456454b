//! Tensors one after another.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::layout;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Along one axis.
#[derive(Clone, Debug)]
pub(super) struct Concat {
    axis: usize,
}

impl Concat {
    /// A shape as rows: how many, and how many numbers lie together in each, those of the axis and behind it.
    fn rows(&self, shape: &[usize]) -> (usize, usize) {
        (shape[..self.axis].iter().product(), shape[self.axis..].iter().product())
    }
}

impl<T: Element> TensorOp<T> for Concat {
    fn name(&self) -> &str {
        "concat"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let mut shape = Shape::from_slice(inputs[0].shape);
        for view in &inputs[1..] {
            let others_agree = |(axis, (&a, &b)): (usize, (&usize, &usize))| axis == self.axis || a == b;
            if view.shape.len() != shape.len() || !view.shape.iter().zip(&shape).enumerate().all(others_agree)
            {
                let text = format!("the shapes differ elsewhere than at axis {}", self.axis);
                return Err(Error::new(ErrorKind::Shape, text));
            }
            let overflow = || Error::new(ErrorKind::Memory, "the number of elements overflows");
            shape[self.axis] = shape[self.axis].checked_add(view.shape[self.axis]).ok_or_else(overflow)?;
        }
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (outer, whole) = self.rows(pass.shape);
        let mut start = 0;
        for view in pass.inputs {
            let (_, run) = self.rows(view.shape);
            layout::copy_block(view.data, outer, run, pass.output, whole, start);
            start += run;
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, upstream) = (pass.inputs(), pass.upstream());
        let (outer, whole) = self.rows(pass.output().shape);
        let mut start = 0;
        for (k, view) in inputs.iter().enumerate() {
            let (_, run) = self.rows(view.shape);
            if let Some(to) = pass.downstream(k) {
                layout::take_block(upstream, outer, whole, start, to.gradient, run, to.accumulate);
            }
            start += run;
        }
    }
}

impl Described for Concat {
    const DESCRIPTION: Description = Description {
        name: "concat",
        formula: "y = the operands one after another along the axis",
        derivative: "its own part of g, to each operand",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |axis, shapes: &[&[usize]]| {
            Sample::new(Self { axis }, shapes.iter().map(|shape| Drawn::real(shape)))
        };
        vec![
            case(0, &[&[2, 3], &[1, 3], &[4, 3]]),
            case(1, &[&[2, 3, 2], &[2, 1, 2]]),
            case(2, &[&[2, 1, 3], &[2, 1, 0], &[2, 1, 1]]),
            case(0, &[&[3]]),
            case(1, &[&[0, 2], &[0, 3]]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// Tensors one after another along an axis; negative axes count from the back.
    ///
    /// # Shapes
    /// All alike but for that axis, where the extents add up.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::{Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let a = tape.tensor(array![[1.0], [2.0]]);
    /// let y = Tensor::concat(&[a, a], 1);
    /// assert_eq!(y.value(), array![[1.0, 1.0], [2.0, 2.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(a), array![[2.0], [2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_concat`](Self::try_concat) fails.
    #[track_caller]
    #[must_use]
    pub fn concat(tensors: &[Self], axis: isize) -> Self {
        or_panic(Self::try_concat(tensors, axis))
    }

    /// Tensors one after another along an axis.
    ///
    /// # Errors
    /// There are none; the shapes differ elsewhere; the axis lies outside them; the tensors belong to two tapes.
    #[track_caller]
    pub fn try_concat(tensors: &[Self], axis: isize) -> Result<Self, Error> {
        let Some(first) = tensors.first() else {
            let error = Error::new(ErrorKind::Empty, "there are no tensors").operation("concat");
            return Err(error.at(std::panic::Location::caller()));
        };
        let operation = Concat { axis: first.axis("concat", axis)? };
        Self::of_parts(operation, tensors.iter().map(|&tensor| tensor.into()), false)
    }
}
