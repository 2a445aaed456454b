//! Single numbers along an axis, found by index.

use super::indices::check_along;
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::indexed::Tables;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, Recorded, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Single numbers along an axis.
#[derive(Clone, Debug)]
pub(super) struct Gather {
    axis: usize,
}

/// Single numbers added along an axis.
#[derive(Clone, Debug)]
pub(super) struct ScatterAdd {
    axis: usize,
}

impl<T: Element> TensorOp<T> for Gather {
    fn name(&self) -> &str {
        "gather"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        check_along(inputs[0].shape, inputs[1], self.axis)?;
        Ok(inputs[1].shape.into())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, indices) = (pass.inputs[0], pass.inputs[1].data);
        Tables::of(x.shape, self.axis).gather(x.data, indices, pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, indices, upstream) = (pass.input(0).shape, pass.input(1).data, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            Tables::of(x, self.axis).scatter(upstream, indices, to.zeroed());
        }
    }
}

impl<T: Element> TensorOp<T> for ScatterAdd {
    fn name(&self) -> &str {
        "scatter_add"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (x, indices, source) = (inputs[0].shape, inputs[1], inputs[2].shape);
        check_along(x, indices, self.axis)?;
        if indices.shape != source {
            let text = format!("{:?} indices for {source:?} numbers", indices.shape);
            return Err(Error::new(ErrorKind::Shape, text));
        }
        Ok(x.into())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let [x, indices, source] = [0, 1, 2].map(|k| pass.inputs[k]);
        pass.output.copy_from_slice(x.data);
        Tables::of(x.shape, self.axis).scatter(source.data, indices.data, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, indices, upstream) = (pass.input(0).shape, pass.input(1).data, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            to.add(|k| upstream[k]);
        }
        if let Some(to) = pass.downstream(2) {
            Tables::of(x, self.axis).gather(upstream, indices, to.gradient, to.accumulate);
        }
    }

    /// To the tensor that is added to, the gradient goes as it is.
    fn vjp_in_place(&self, k: usize, _: Recorded<'_, T>, _: &mut [T]) -> bool {
        k == 0
    }
}

impl Described for Gather {
    const DESCRIPTION: Description = Description {
        name: "gather",
        formula: "y[…, i, …] = x[…, indices[…, i, …], …] along the axis",
        derivative: "g, added up at each number of x; 0 where no index points",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], axis, indices: (&[usize], &[f64])| {
            Sample::new(Self { axis }, [Drawn::real(shape), Drawn::given(indices.0, indices.1)])
        };
        vec![
            case(&[2, 4], 1, (&[2, 3], &[3.0, 0.0, 3.0, 1.0, 1.0, 1.0])),
            case(&[3, 2], 0, (&[4, 2], &[0.0, 2.0, 2.0, 2.0, 1.0, 0.0, 0.0, 0.0])),
            case(&[2, 3, 2], 1, (&[2, 1, 2], &[2.0, 0.0, 1.0, 1.0])),
            case(&[3], 0, (&[2], &[2.0, 0.0])),
            case(&[1, 1], 0, (&[1, 1], &[0.0])),
            case(&[2, 3], 1, (&[2, 0], &[])),
            case(&[0, 3], 1, (&[0, 2], &[])),
        ]
    }
}

impl Described for ScatterAdd {
    const DESCRIPTION: Description = Description {
        name: "scatter_add",
        formula: "y = x, and y[…, indices[…, i, …], …] += source[…, i, …] along the axis",
        derivative: "g to x; to the source g at its indices",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], axis, (at, indices): (&[usize], &[f64])| {
            Sample::new(Self { axis }, [Drawn::real(shape), Drawn::given(at, indices), Drawn::real(at)])
        };
        vec![
            case(&[2, 4], 1, (&[2, 3], &[3.0, 0.0, 3.0, 1.0, 1.0, 1.0])),
            case(&[3, 2], 0, (&[4, 2], &[0.0, 2.0, 2.0, 2.0, 1.0, 0.0, 0.0, 0.0])),
            case(&[2, 3, 2], 1, (&[2, 1, 2], &[2.0, 0.0, 1.0, 1.0])),
            case(&[1], 0, (&[3], &[0.0; 3])),
            case(&[2, 3], 1, (&[2, 0], &[])),
            case(&[0, 3], 1, (&[0, 2], &[])),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// Single numbers along an axis, by index: `NumPy`'s `take_along_axis`, `PyTorch`'s `gather`. The indices are whole
    /// numbers in a [constant](crate::Tape::constant). A negative axis counts from the back.
    ///
    /// # Shapes
    /// The shape of the indices, which is the tensor's but for the axis.
    ///
    /// # Derivative
    /// `1`, added up in each number; 0 in those that are not named. Nothing flows to the indices.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.gather(1, tape.constant(array![[2.0], [0.0]]));
    /// assert_eq!(y.value(), array![[3.0], [4.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_gather`](Self::try_gather) fails.
    #[track_caller]
    #[must_use]
    pub fn gather(self, axis: isize, indices: Self) -> Self {
        or_panic(self.try_gather(axis, indices))
    }

    /// Single numbers along an axis, by index.
    ///
    /// # Errors
    /// The axis lies outside the shape; the shapes differ elsewhere; an index is no whole number, or outside the axis; the
    /// operands belong to two tapes.
    #[track_caller]
    pub fn try_gather(self, axis: isize, indices: Self) -> Result<Self, Error> {
        Self::of_parts(Gather { axis: self.axis("gather", axis)? }, [self.into(), indices.into()], false)
    }

    /// The tensor with single numbers added to it, each at its index along an axis: `PyTorch`'s `scatter_add`. Where an
    /// index stands more than once, all its numbers are added, in their order. The indices are whole numbers in a
    /// [constant](crate::Tape::constant). A negative axis counts from the back.
    ///
    /// # Shapes
    /// The tensor's; indices and source are alike, and have the tensor's shape but for the axis.
    ///
    /// # Derivative
    /// `1` in the tensor and in the source. Nothing flows to the indices.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (x, source) = (tape.tensor(array![1.0, 2.0]), tape.tensor(array![10.0, 20.0, 30.0]));
    /// let y = x.scatter_add(0, tape.constant(array![1.0, 0.0, 1.0]), source);
    /// assert_eq!(y.value(), array![21.0, 42.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_scatter_add`](Self::try_scatter_add) fails.
    #[track_caller]
    #[must_use]
    pub fn scatter_add(self, axis: isize, indices: Self, source: Self) -> Self {
        or_panic(self.try_scatter_add(axis, indices, source))
    }

    /// The tensor with single numbers added to it, each at its index along an axis.
    ///
    /// # Errors
    /// The axis lies outside the shape; the shapes differ elsewhere, or those of indices and source anywhere; an index is
    /// no whole number, or outside the axis; the operands belong to two tapes.
    #[track_caller]
    pub fn try_scatter_add(self, axis: isize, indices: Self, source: Self) -> Result<Self, Error> {
        let operation = ScatterAdd { axis: self.axis("scatter_add", axis)? };
        Self::of_parts(operation, [self.into(), indices.into(), source.into()], false)
    }
}
