//! Softmax and its logarithm.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::graph::tape::Tape;
use crate::handles::Tensor;
use crate::kernels::softmax;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Along one axis.
#[derive(Clone, Debug)]
pub(super) struct Softmax {
    axis: usize,
}

/// Along one axis.
#[derive(Clone, Debug)]
pub(super) struct LogSoftmax {
    axis: usize,
}

/// A shape as rows along an axis: how many in front of it, its extent, how many behind it.
pub(super) fn rows(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    (shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product())
}

fn same_shape(shape: &[usize], axis: usize) -> Result<Shape, Error> {
    if shape[axis] == 0 {
        return Err(Error::new(ErrorKind::Empty, format!("axis {axis} is empty")));
    }
    Ok(Shape::from_slice(shape))
}

impl<T: Element> TensorOp<T> for Softmax {
    fn name(&self) -> &str {
        "softmax"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        same_shape(inputs[0].shape, self.axis)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        softmax::softmax(pass.inputs[0].data, rows(pass.shape, self.axis), pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (y, upstream) = (pass.output(), pass.upstream());
        if let Some(to) = pass.downstream(0) {
            softmax::softmax_vjp(y.data, upstream, rows(y.shape, self.axis), to.gradient, to.accumulate);
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let axis = [self.axis.cast_signed()];
        let powers = (inputs[0] - shift(inputs[0], &axis)?).exp();
        Some(powers / powers.sum_axes(&axis, true))
    }
}

impl<T: Element> TensorOp<T> for LogSoftmax {
    fn name(&self) -> &str {
        "log_softmax"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        same_shape(inputs[0].shape, self.axis)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        softmax::log_softmax(pass.inputs[0].data, rows(pass.shape, self.axis), pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (y, upstream) = (pass.output(), pass.upstream());
        if let Some(to) = pass.downstream(0) {
            softmax::log_softmax_vjp(y.data, upstream, rows(y.shape, self.axis), to.gradient, to.accumulate);
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        // Nothing reaches what is masked, in this operation; in the steps the difference would let it through.
        let (x, axis) = (inputs[0], [self.axis.cast_signed()]);
        if x.value().iter().any(|x| x.is_infinite()) {
            return None;
        }
        let shifted = x - shift(x, &axis)?;
        Some(shifted - shifted.exp().sum_axes(&axis, true).ln())
    }
}

/// Along each axis of several shapes.
/// The greatest along axes, which softmax and its kind take off first, so that no exponential is too great; it takes no part
/// in the derivative. `None` where it is infinite: there the steps would give a NaN.
pub(super) fn shift<'t, T: Element>(x: Tensor<'t, T>, axes: &[isize]) -> Option<Tensor<'t, T>> {
    let aside = Tape::new();
    let greatest = aside.constant(x.value()).max_axes(axes, true);
    let finite = greatest.value().iter().all(|x| x.is_finite());
    finite.then(|| x.max_axes(axes, true).stop_gradient())
}

fn samples<O>(operation: impl Fn(usize) -> O) -> Vec<Sample<O>> {
    let cases: [(usize, &[usize]); 6] =
        [(0, &[5]), (1, &[3, 4]), (0, &[3, 2]), (1, &[2, 3, 2]), (1, &[2, 1]), (1, &[0, 3])];
    cases.map(|(axis, shape)| Sample::new(operation(axis), [Drawn::real(shape)])).into()
}

impl Described for Softmax {
    const DESCRIPTION: Description = Description {
        name: "softmax",
        formula: "yᵢ = e^xᵢ / Σⱼ e^xⱼ along an axis",
        derivative: "yᵢ (gᵢ − Σⱼ gⱼ yⱼ)",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(|axis| Self { axis })
    }
}

impl Described for LogSoftmax {
    const DESCRIPTION: Description = Description {
        name: "log_softmax",
        formula: "yᵢ = xᵢ − ln Σⱼ e^xⱼ along an axis",
        derivative: "gᵢ − e^yᵢ Σⱼ gⱼ",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(|axis| Self { axis })
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `yᵢ = e^(xᵢ − m) / Σⱼ e^(xⱼ − m)` along an axis, with `m = max x`, so that nothing overflows.
    ///
    /// # Derivative
    /// `yᵢ (gᵢ − Σⱼ gⱼ yⱼ)` for an upstream gradient `g`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![1.0, 2.0]).softmax(0);
    /// assert!((y.value()[0] - 0.269).abs() < 5e-4 && (y.value()[1] - 0.731).abs() < 5e-4);
    /// ```
    ///
    /// # Panics
    /// As [`try_softmax`](Self::try_softmax) fails.
    #[track_caller]
    #[must_use]
    pub fn softmax(self, axis: isize) -> Self {
        or_panic(self.try_softmax(axis))
    }

    /// Softmax along an axis.
    ///
    /// # Errors
    /// The axis lies outside the shape, or is empty.
    #[track_caller]
    pub fn try_softmax(self, axis: isize) -> Result<Self, Error> {
        self.record(Softmax { axis: self.axis("softmax", axis)? })
    }

    /// `xᵢ − m − ln Σⱼ e^(xⱼ − m)` along an axis, with `m = max x`: the logarithm of softmax, without the underflow.
    ///
    /// # Derivative
    /// `gᵢ − e^(yᵢ) Σⱼ gⱼ` for an upstream gradient `g`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![0.0, 1e4]).log_softmax(0);
    /// assert_eq!(y.value(), array![-1e4, 0.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_log_softmax`](Self::try_log_softmax) fails.
    #[track_caller]
    #[must_use]
    pub fn log_softmax(self, axis: isize) -> Self {
        or_panic(self.try_log_softmax(axis))
    }

    /// The logarithm of softmax along an axis.
    ///
    /// # Errors
    /// The axis lies outside the shape, or is empty.
    #[track_caller]
    pub fn try_log_softmax(self, axis: isize) -> Result<Self, Error> {
        self.record(LogSoftmax { axis: self.axis("log_softmax", axis)? })
    }

    /// The axis that the user named, for the operation that wants it.
    #[track_caller]
    pub(crate) fn axis(self, operation: &'static str, axis: isize) -> Result<usize, Error> {
        let here = std::panic::Location::caller();
        let named = shape::axis(axis, self.shape().len());
        named.map_err(|error| error.operation(operation).shapes([self.shape()]).at(here))
    }
}
