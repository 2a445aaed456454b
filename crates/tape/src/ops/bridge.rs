//! From scalars to tensors, and back.

use super::concat::Stack;
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// One element.
#[derive(Clone, Debug)]
pub(super) struct Get {
    index: Shape,
}

impl Get {
    fn position(&self, shape: &[usize]) -> usize {
        shape::strides(shape).iter().zip(&self.index).map(|(&stride, &k)| stride * k).sum()
    }
}

impl<T: Element> TensorOp<T> for Get {
    fn name(&self) -> &str {
        "get"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let shape = inputs[0].shape;
        let inside = self.index.iter().zip(shape).all(|(&k, &extent)| k < extent);
        if self.index.len() != shape.len() || !inside {
            return Err(Error::new(ErrorKind::OutOfRange, format!("there is no element {:?}", self.index)));
        }
        Ok(Shape::new())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        pass.output[0] = x.data[self.position(x.shape)];
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (position, upstream) = (self.position(pass.input(0).shape), pass.upstream()[0]);
        if let Some(downstream) = pass.downstream(0) {
            let gradient = downstream.zeroed();
            gradient[position] = gradient[position].plus(upstream);
        }
    }
}

impl Described for Get {
    const DESCRIPTION: Description = Description {
        name: "get",
        formula: "y = x[index]",
        derivative: "g at that index, 0 elsewhere",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], index: &[usize]| {
            Sample::new(Self { index: index.into() }, [Drawn::real(shape)])
        };
        vec![case(&[2, 3], &[1, 0]), case(&[2, 1, 3], &[0, 0, 2]), case(&[1], &[0]), case(&[], &[])]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// One element, as a scalar.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let y = x.get([1, 0]) * 10.0;
    /// assert_eq!(y.value(), 30.0);
    /// assert_eq!(y.backward().wrt(x), array![[0.0, 0.0], [10.0, 0.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_get`](Self::try_get) fails.
    #[track_caller]
    #[must_use]
    pub fn get(self, index: impl AsRef<[usize]>) -> Scalar<'t, T> {
        or_panic(self.try_get(index))
    }

    /// One element, as a scalar.
    ///
    /// # Errors
    /// The index lies outside the shape, or has not as many numbers as the shape has axes.
    #[track_caller]
    pub fn try_get(self, index: impl AsRef<[usize]>) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Get { index: Shape::from_slice(index.as_ref()) })
    }

    /// Scalars in a row, as a tensor.
    ///
    /// # Shapes
    /// `n` scalars make `[n]`.
    ///
    /// # Example
    /// ```
    /// use tape::{Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let (x, y) = (tape.scalar(1.0), tape.scalar(2.0));
    /// let pair = Tensor::stack(&[x * y, y, y]);
    /// assert_eq!(pair.shape(), [3]);
    /// assert_eq!(pair.sum().backward()[y], 3.0);
    /// ```
    ///
    /// # Panics
    /// As [`try_stack`](Self::try_stack) fails.
    #[track_caller]
    #[must_use]
    pub fn stack(scalars: &[Scalar<'t, T>]) -> Self {
        or_panic(Self::try_stack(scalars))
    }

    /// Scalars in a row, as a tensor.
    ///
    /// # Errors
    /// All of them are constants, so that there is no tape; or they belong to two tapes.
    #[track_caller]
    pub fn try_stack(scalars: &[Scalar<'t, T>]) -> Result<Self, Error> {
        Self::of_parts(Stack { axis: 0 }, scalars.iter().map(|&scalar| scalar.into()), false)
    }
}
