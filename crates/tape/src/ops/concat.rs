//! Tensors one after another.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Along one axis.
struct Concat {
    axis: usize,
}

impl Concat {
    /// How many numbers of a shape lie together: those of the axis and behind it.
    fn run(&self, shape: &[usize]) -> usize {
        shape[self.axis..].iter().product()
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
            if view.shape.len() != shape.len() || !view.shape.iter().zip(&shape).enumerate().all(others_agree) {
                let text = format!("the shapes differ elsewhere than at axis {}", self.axis);
                return Err(Error::new(ErrorKind::Shape, text));
            }
            let overflow = || Error::new(ErrorKind::Memory, "the number of elements overflows");
            shape[self.axis] = shape[self.axis].checked_add(view.shape[self.axis]).ok_or_else(overflow)?;
        }
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let whole = self.run(pass.shape);
        let mut start = 0;
        for view in pass.inputs {
            let run = self.run(view.shape);
            if run > 0 {
                let rows = pass.output.chunks_exact_mut(whole).zip(view.data.chunks_exact(run));
                rows.for_each(|(row, part)| row[start..start + run].copy_from_slice(part));
            }
            start += run;
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, upstream) = (pass.inputs(), pass.upstream());
        let whole = self.run(pass.output().shape);
        let mut start = 0;
        for (k, view) in inputs.iter().enumerate() {
            let run = self.run(view.shape);
            if let Some(to) = pass.downstream(k).filter(|_| run > 0) {
                for (part, row) in to.gradient.chunks_exact_mut(run).zip(upstream.chunks_exact(whole)) {
                    let row = &row[start..start + run];
                    if to.accumulate {
                        part.iter_mut().zip(row).for_each(|(d, &g)| *d = *d + g);
                    } else {
                        part.copy_from_slice(row);
                    }
                }
            }
            start += run;
        }
    }
}

impl<'t, T: Element> Tensor<'t, T> {
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
        first.tape.apply(Concat { axis: first.axis("concat", axis)? }, tensors)
    }
}
