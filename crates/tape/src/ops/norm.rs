//! The Euclidean norm.

use super::sum::{Axes, samples};
use super::variance::{over, root};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::graph::tape::Tape;
use crate::handles::{Scalar, Tensor};
use crate::kernels::{extrema, reduce, squares};
use crate::listing::{Described, Description, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

#[derive(Clone, Debug)]
pub(super) struct Norm(Axes);

/// Sums of squares between this and its reciprocal have lost nothing: of their terms, none has overflowed, and those that
/// underflowed do not count. `2⁻⁹¹⁸` in `f64`.
///
/// It is a power of two, so that numbers are scaled by it without rounding.
fn least_square<T: Element>() -> T {
    let edge = T::min_positive_value().sqrt() / T::epsilon();
    edge * edge
}

/// What numbers are multiplied by before they are squared.
fn scale<T: Element>(largest: T) -> T {
    let (least, square) = (least_square::<T>(), largest * largest);
    if square < least {
        least.recip()
    } else if square > least.recip() {
        least
    } else {
        T::one()
    }
}

/// `Σ x²`, and whether all of them can be trusted.
fn sums<T: Element>(x: View<'_, T>, axes: &Axes, y: &mut [T], room: &mut [T]) -> bool {
    if axes.last(x.shape).is_none() {
        squares::of_rows(x.data, axes.count(x.shape), None, y);
    } else {
        let (squares, room) = room.split_at_mut(x.data.len());
        squares.iter_mut().zip(x.data).for_each(|(square, &x)| *square = x * x);
        reduce::sum_axes(squares, x.shape, &axes.axes, y, room);
    }
    let least = least_square::<T>();
    y.iter().all(|&y| y >= least && y <= least.recip())
}

/// The norms again, each with numbers scaled by what suits the largest of them.
#[cold]
fn scaled<T: Element>(x: View<'_, T>, axes: &Axes, y: &mut [T], room: &mut [T]) {
    let (numbers, room) = room.split_at_mut(x.data.len());
    let (scales, room) = room.split_at_mut(y.len());
    if axes.count(x.shape) == 0 {
        return y.fill(T::zero());
    }
    numbers.iter_mut().zip(x.data).for_each(|(number, &x)| *number = x.abs());
    extrema::values::<T, false>(numbers, x.shape, &axes.axes, y);
    scales.iter_mut().zip(&*y).for_each(|(to, &largest)| *to = scale(largest));
    reduce::broadcast(scales, &axes.kept(x.shape), x.shape, numbers, false);
    for (number, &x) in numbers.iter_mut().zip(x.data) {
        let scaled = x * *number;
        *number = scaled * scaled;
    }
    reduce::sum_axes(numbers, x.shape, &axes.axes, y, room);
    y.iter_mut().zip(&*scales).for_each(|(y, &scale)| *y = root(*y) / scale);
}

impl<T: Element> TensorOp<T> for Norm {
    fn name(&self) -> &str {
        "norm"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(self.0.reduced(inputs[0].shape))
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let scratch = reduce::sum_axes_scratch(x.shape, &self.0.axes);
        let len = x.data.len() + pass.output.len() + scratch;
        let (y, room) = pass.scratch(len);
        if sums(x, &self.0, y, room) {
            y.iter_mut().for_each(|y| *y = y.sqrt());
        } else {
            scaled(x, &self.0, y, room);
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, y, g) = (pass.input(0), pass.output().data, pass.upstream());
        let Some(mut to) = pass.downstream(0) else { return };
        let (accumulate, len, kept) = (to.accumulate, x.data.len(), self.0.kept(x.shape));
        let (gradient, room) = to.scratch(2 * len);
        let (norms, upstream) = room.split_at_mut(len);
        reduce::broadcast(y, &kept, x.shape, norms, false);
        reduce::broadcast(g, &kept, x.shape, upstream, false);
        for ((to, &x), (&y, &g)) in gradient.iter_mut().zip(x.data).zip(norms.iter().zip(&*upstream)) {
            // The quotient first: it is no more than 1, where `g / y` may overflow.
            let share = over(x, y) * g;
            *to = if accumulate { to.plus(share) } else { share };
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        // The root of 0 has no derivative, and squares may overflow or underflow; this operation takes care of both.
        let (axes, aside) = (self.0.signed(), Tape::new());
        let squares = aside.constant(inputs[0].value()).square().sum_axes(&axes, false);
        let safe = least_square::<T>()..=least_square::<T>().recip();
        let within = squares.value().iter().all(|square| safe.contains(square));
        within.then(|| inputs[0].square().sum_axes(&axes, self.0.keepdims).sqrt())
    }
}

impl Described for Norm {
    const DESCRIPTION: Description = Description {
        name: "norm",
        formula: "y = √(Σ x²) over the axes",
        derivative: "g x / y",
        kinks: "0 where y = 0",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(Self)
    }

    fn specials() -> Vec<Special<Self>> {
        let special = |x: [f64; 2], output: f64, gradient: [f64; 2]| Special {
            operation: Self(Axes::all(1)),
            operands: vec![(Shape::from_slice(&[2]), x.to_vec())],
            output: vec![output],
            gradients: vec![Some(gradient.to_vec())],
        };
        vec![special([0.0, 0.0], 0.0, [0.0, 0.0]), special([3.0, -4.0], 5.0, [0.6, -0.8])]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The Euclidean norm of all elements, `√(Σ x²)`; 0 of none. It neither overflows nor underflows on the way.
    ///
    /// # Derivative
    /// `x / y`.
    ///
    /// # At kinks
    /// At 0 it is 0, the subgradient of least norm.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![3.0, 4.0]) * 2f64.powi(700);
    /// let y = x.norm();
    /// assert_eq!(y.value(), 5.0 * 2f64.powi(700));
    /// assert_eq!(y.backward().wrt(x), array![0.6, 0.8].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_norm`](Self::try_norm) fails.
    ///
    /// Source: the scaling by powers of two is that of J. L. Blue, "A Portable Fortran Program to Find the Euclidean Norm of a
    /// Vector", 1978.
    #[track_caller]
    #[must_use]
    pub fn norm(self) -> Scalar<'t, T> {
        or_panic(self.try_norm())
    }

    /// The Euclidean norm of all elements.
    ///
    /// # Errors
    /// There are none.
    #[track_caller]
    pub fn try_norm(self) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Norm(Axes::all(self.shape().len())))
    }

    /// The Euclidean norms over some axes; negative axes count from the back. See [`norm`](Self::norm).
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[3.0, 4.0], [0.0, 0.0]]);
    /// assert_eq!(x.norm_axes(&[1], false).value(), array![5.0, 0.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_norm_axes`](Self::try_norm_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn norm_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_norm_axes(axes, keepdims))
    }

    /// The Euclidean norms over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, or is named twice.
    #[track_caller]
    pub fn try_norm_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Norm(self.axes("norm", axes, keepdims)?))
    }
}
