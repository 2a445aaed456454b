//! The largest element, over axes.

use super::sum::Axes;
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::{extrema, reduce};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// The gradient goes to the first of equal elements.
struct Max(Axes);

/// The gradient is shared evenly between equal elements.
struct Amax(Axes);

fn forward<T: Element>(axes: &Axes, pass: &mut Forward<'_, T>) {
    let x = pass.inputs[0];
    extrema::max_axes(x.data, x.shape, &axes.axes, pass.output, |_, _| ());
}

impl<T: Element> TensorOp<T> for Max {
    fn name(&self) -> &str {
        "max"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.reduced_nonempty(inputs[0].shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        forward(&self.0, &mut pass);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream, scratch_len) = (pass.input(0), pass.upstream(), pass.output().data.len());
        let Some(mut to) = pass.downstream(0) else { return };
        if !to.accumulate {
            to.gradient.fill(T::zero());
        }
        let (gradient, again) = to.scratch(scratch_len);
        extrema::max_axes(x.data, x.shape, &self.0.axes, again, |output, first| {
            gradient[first] = gradient[first].plus(upstream[output]);
        });
    }
}

impl<T: Element> TensorOp<T> for Amax {
    fn name(&self) -> &str {
        "amax"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.reduced_nonempty(inputs[0].shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        forward(&self.0, &mut pass);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, y, upstream) = (pass.input(0), pass.output().data, pass.upstream());
        let Some(mut to) = pass.downstream(0) else { return };
        let accumulate = to.accumulate;
        let (n, m) = (x.data.len(), y.len());
        let kept = self.0.kept(x.shape);
        let (gradient, room) = to.scratch(2 * n + m + reduce::sum_axes_scratch(x.shape, &self.0.axes));
        let (equal, room) = room.split_at_mut(n);
        let (spread, room) = room.split_at_mut(n);
        let (ties, room) = room.split_at_mut(m);
        reduce::broadcast(y, &kept, x.shape, spread, false);
        for ((equal, &x), &y) in equal.iter_mut().zip(x.data).zip(&*spread) {
            *equal = if x == y { T::one() } else { T::zero() };
        }
        reduce::sum_axes(equal, x.shape, &self.0.axes, ties, room);
        ties.iter_mut().zip(upstream).for_each(|(ties, &g)| *ties = g / *ties);
        reduce::broadcast(ties, &kept, x.shape, spread, false);
        for ((to, &equal), &share) in gradient.iter_mut().zip(&*equal).zip(&*spread) {
            let share = if equal.is_zero() { T::zero() } else { share };
            *to = if accumulate { to.plus(share) } else { share };
        }
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The largest of all elements. A NaN is larger than anything.
    ///
    /// # Derivative
    /// `1` in the largest element, 0 elsewhere.
    ///
    /// # At kinks
    /// Between equal elements, all goes to the first, in row-major order. See [`amax_all`](Self::amax_all).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 3.0, 3.0]);
    /// let largest = x.max_all();
    /// assert_eq!(largest.value(), 3.0);
    /// assert_eq!(largest.backward().wrt(x), array![0.0, 1.0, 0.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// The tensor is empty.
    #[track_caller]
    #[must_use]
    pub fn max_all(self) -> Scalar<'t, T> {
        or_panic(self.record_scalar(Max(Axes::all(self.shape().len()))))
    }

    /// The largest elements over some axes; at a tie the gradient goes to the first.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [4.0, 3.0]]);
    /// assert_eq!(x.max_axes(&[1], false).value(), array![2.0, 4.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_max_axes`](Self::try_max_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn max_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_max_axes(axes, keepdims))
    }

    /// The largest elements over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty.
    #[track_caller]
    pub fn try_max_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Max(self.axes("max", axes, keepdims)?))
    }

    /// The largest of all elements; the gradient is shared evenly between equal ones.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 3.0, 3.0]);
    /// assert_eq!(x.amax_all().backward().wrt(x), array![0.0, 0.5, 0.5].into_dyn());
    /// ```
    ///
    /// # Panics
    /// The tensor is empty.
    #[track_caller]
    #[must_use]
    pub fn amax_all(self) -> Scalar<'t, T> {
        or_panic(self.record_scalar(Amax(Axes::all(self.shape().len()))))
    }

    /// The largest elements over some axes; the gradient is shared evenly between equal ones.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 1.0], [4.0, 3.0]]);
    /// let grads = x.amax_axes(&[1], false).sum().backward();
    /// assert_eq!(grads.wrt(x), array![[0.5, 0.5], [1.0, 0.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_amax_axes`](Self::try_amax_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn amax_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_amax_axes(axes, keepdims))
    }

    /// The largest elements over some axes, with the gradient shared.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty.
    #[track_caller]
    pub fn try_amax_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Amax(self.axes("amax", axes, keepdims)?))
    }
}
