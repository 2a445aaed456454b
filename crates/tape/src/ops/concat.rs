//! Tensors one after another, along an axis that they have or along a new one.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::layout;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Along one axis of theirs.
#[derive(Clone, Debug)]
pub(super) struct Concat {
    axis: usize,
}

/// Along a new axis, a position each. Scalars are tensors without axes here.
#[derive(Clone, Debug)]
pub(super) struct Stack {
    pub(super) axis: usize,
}

/// A shape as rows: how many, and how many numbers lie together in each, those of the axis and behind it.
fn rows(shape: &[usize], axis: usize) -> (usize, usize) {
    (shape[..axis].iter().product(), shape[axis..].iter().product())
}

fn join<T: Element>(axis: usize, pass: &mut Forward<'_, T>) {
    let (outer, whole) = rows(pass.shape, axis);
    let mut start = 0;
    for view in pass.inputs {
        let (_, run) = rows(view.shape, axis);
        layout::copy_block(view.data, outer, run, pass.output, whole, start);
        start += run;
    }
}

fn take_apart<T: Element>(axis: usize, pass: &mut Vjp<'_, T>) {
    let (inputs, upstream) = (pass.inputs(), pass.upstream());
    let (outer, whole) = rows(pass.output().shape, axis);
    let mut start = 0;
    for (k, view) in inputs.iter().enumerate() {
        let (_, run) = rows(view.shape, axis);
        if let Some(to) = pass.downstream(k) {
            layout::take_block(upstream, outer, whole, start, to.gradient, run, to.accumulate);
        }
        start += run;
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

    fn forward(&self, mut pass: Forward<'_, T>) {
        join(self.axis, &mut pass);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        take_apart(self.axis, pass);
    }
}

impl<T: Element> TensorOp<T> for Stack {
    fn name(&self) -> &str {
        "stack"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let first = inputs[0].shape;
        if let Some(k) = inputs.iter().position(|view| view.shape != first) {
            let text = format!("tensor {k} has the shape {:?}, the first one {first:?}", inputs[k].shape);
            return Err(Error::new(ErrorKind::Shape, text));
        }
        let mut shape = Shape::from_slice(first);
        shape.insert(self.axis, inputs.len());
        Ok(shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        join(self.axis, &mut pass);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        take_apart(self.axis, pass);
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

impl Described for Stack {
    const DESCRIPTION: Description = Description {
        name: "stack",
        formula: "y = the operands one after another along a new axis",
        derivative: "g at its position, to each operand",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |axis, n, shape: &[usize]| Sample::new(Self { axis }, vec![Drawn::real(shape); n]);
        vec![
            case(0, 3, &[]),
            case(0, 1, &[2, 3]),
            case(1, 2, &[2, 3]),
            case(2, 3, &[2, 1]),
            case(0, 2, &[0, 3]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// Tensors one after another along an axis; negative axes count from the back.
    ///
    /// # Shapes
    /// All alike but for that axis, where the extents add up.
    ///
    /// # Derivative
    /// `1`, from each part of the result to the tensor that it is.
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
        let first = first("concat", tensors)?;
        let operation = Concat { axis: first.axis("concat", axis)? };
        Self::of_parts(operation, tensors.iter().map(|&tensor| tensor.into()), false)
    }

    /// Tensors of one shape one after another along a new axis, as `PyTorch`'s `stack`; a negative axis counts from the
    /// back of the result. [`stack`](Self::stack) does this with scalars.
    ///
    /// # Shapes
    /// `n` tensors of `[a, b]` make `[n, a, b]`, `[a, n, b]` or `[a, b, n]`.
    ///
    /// # Derivative
    /// `1`, from each position along the new axis to its tensor.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::{Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![1.0, 2.0]), tape.tensor(array![3.0, 4.0]));
    /// assert_eq!(Tensor::stack_along(&[a, b], 0).value(), array![[1.0, 2.0], [3.0, 4.0]].into_dyn());
    /// assert_eq!(Tensor::stack_along(&[a, b], -1).value(), array![[1.0, 3.0], [2.0, 4.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_stack_along`](Self::try_stack_along) fails.
    #[track_caller]
    #[must_use]
    pub fn stack_along(tensors: &[Self], axis: isize) -> Self {
        or_panic(Self::try_stack_along(tensors, axis))
    }

    /// Tensors of one shape one after another along a new axis.
    ///
    /// # Errors
    /// There are none; the shapes differ; the axis lies outside the shape of the result; the tensors belong to two tapes.
    #[track_caller]
    pub fn try_stack_along(tensors: &[Self], axis: isize) -> Result<Self, Error> {
        let (here, first) = (std::panic::Location::caller(), first("stack", tensors)?);
        let explain = |error: Error| error.operation("stack").shapes([first.shape()]).at(here);
        let axis = shape::axis(axis, first.shape().len() + 1).map_err(explain)?;
        Self::of_parts(Stack { axis }, tensors.iter().map(|&tensor| tensor.into()), false)
    }
}

/// The first of the tensors that the user named, for the operation that wants one.
#[track_caller]
fn first<'t, T: Element>(operation: &'static str, tensors: &[Tensor<'t, T>]) -> Result<Tensor<'t, T>, Error> {
    let none = || Error::new(ErrorKind::Empty, "there are no tensors").operation(operation);
    let here = std::panic::Location::caller();
    tensors.first().copied().ok_or_else(|| none().at(here))
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Tensor};

    #[test]
    fn errors_say_what_differs() {
        let tape = Tape::<f64>::new();
        let (a, b) = (tape.tensor(([2, 3], vec![0.0; 6])), tape.tensor(([2, 2], vec![0.0; 4])));
        let text = |result: Result<Tensor<'_>, crate::Error>| result.map(|_| ()).unwrap_err().to_string();
        for (error, start) in [
            (
                Tensor::try_concat(&[a, b], 0),
                "concat: [2, 3] × [2, 2]: the shapes differ elsewhere than at axis 0 (at ",
            ),
            (Tensor::try_concat(&[a], 2), "concat: [2, 3]: axis 2 is outside a tensor of 2 axes (at "),
            (Tensor::<f64>::try_concat(&[], 0), "concat: there are no tensors (at "),
            (
                Tensor::try_stack_along(&[a, b], 0),
                "stack: [2, 3] × [2, 2]: tensor 1 has the shape [2, 2], the first one [2, 3] (at ",
            ),
            (Tensor::try_stack_along(&[a, a], 3), "stack: [2, 3]: axis 3 is outside a tensor of 3 axes (at "),
            (Tensor::<f64>::try_stack_along(&[], 0), "stack: there are no tensors (at "),
        ] {
            let error = text(error);
            assert!(error.starts_with(start) && error.contains("concat.rs:"), "{error}");
        }
    }
}
