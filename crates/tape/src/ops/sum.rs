//! Sums and means.

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::reduce;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Which axes are reduced, and whether they stay as axes of extent 1.
#[derive(Clone, Debug)]
pub(crate) struct Axes {
    pub(crate) axes: Shape,
    pub(crate) keepdims: bool,
}

impl Axes {
    /// Axes named by the user; negative ones count from the back.
    pub(crate) fn named(axes: &[isize], keepdims: bool, rank: usize) -> Result<Self, Error> {
        Ok(Self { axes: shape::axes(axes, rank)?, keepdims })
    }

    pub(crate) fn all(rank: usize) -> Self {
        Self { axes: (0..rank).collect(), keepdims: false }
    }

    /// The shape with every reduced axis at extent 1: how the result lies over the input.
    pub(crate) fn kept(&self, input: &[usize]) -> Shape {
        let extent = |(axis, &extent)| if self.axes.contains(&axis) { 1 } else { extent };
        input.iter().enumerate().map(extent).collect()
    }

    /// The shape of the result.
    pub(crate) fn reduced(&self, input: &[usize]) -> Shape {
        if self.keepdims {
            return self.kept(input);
        }
        let rest = input.iter().enumerate().filter(|(axis, _)| !self.axes.contains(axis));
        rest.map(|(_, &extent)| extent).collect()
    }

    /// How many numbers become one.
    pub(crate) fn count(&self, input: &[usize]) -> usize {
        self.axes.iter().map(|&axis| input[axis]).product()
    }

    /// The order of axes in which those that are reduced come last, or `None` where the numbers lie so already: as rows, each
    /// of which becomes one number.
    pub(super) fn last(&self, input: &[usize]) -> Option<Shape> {
        let (reduced, kept): (Shape, Shape) = (0..input.len()).partition(|axis| self.axes.contains(axis));
        let first_reduced = reduced.iter().find(|&&axis| input[axis] != 1);
        let last_kept = kept.iter().rfind(|&&axis| input[axis] != 1);
        let apart = matches!((last_kept, first_reduced), (Some(kept), Some(reduced)) if kept > reduced);
        apart.then(|| kept.into_iter().chain(reduced).collect())
    }

    /// The axes, as methods take them.
    pub(super) fn signed(&self) -> SmallVec<[isize; 4]> {
        self.axes.iter().map(|&axis| axis.cast_signed()).collect()
    }

    /// The result's shape, where there is a result: not of an empty axis.
    pub(crate) fn reduced_nonempty(&self, input: &[usize]) -> Result<Shape, Error> {
        match self.axes.iter().find(|&&axis| input[axis] == 0) {
            Some(axis) => Err(Error::new(ErrorKind::Empty, format!("axis {axis} is empty"))),
            None => Ok(self.reduced(input)),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Sum(Axes);

#[derive(Clone, Debug)]
pub(super) struct Mean(Axes);

impl<T: Element> TensorOp<T> for Sum {
    fn name(&self) -> &str {
        "sum"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(self.0.reduced(inputs[0].shape))
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let (output, scratch) = pass.scratch(reduce::sum_axes_scratch(x.shape, &self.0.axes));
        reduce::sum_axes(x.data, x.shape, &self.0.axes, output, scratch);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream) = (pass.input(0), pass.upstream());
        if let Some(to) = pass.downstream(0) {
            reduce::broadcast(upstream, &self.0.kept(x.shape), x.shape, to.gradient, to.accumulate);
        }
    }
}

impl<T: Element> TensorOp<T> for Mean {
    fn name(&self) -> &str {
        "mean"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.reduced_nonempty(inputs[0].shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let count = T::of(self.0.count(x.shape) as f64);
        let (output, scratch) = pass.scratch(reduce::sum_axes_scratch(x.shape, &self.0.axes));
        reduce::sum_axes(x.data, x.shape, &self.0.axes, output, scratch);
        output.iter_mut().for_each(|y| *y = *y / count);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream) = (pass.input(0), pass.upstream());
        let count = T::of(self.0.count(x.shape) as f64);
        if let Some(mut to) = pass.downstream(0) {
            let accumulate = to.accumulate;
            let (gradient, share) = to.scratch(upstream.len());
            share.iter_mut().zip(upstream).for_each(|(share, &g)| *share = g / count);
            reduce::broadcast(share, &self.0.kept(x.shape), x.shape, gradient, accumulate);
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let (x, count) = (inputs[0], self.0.count(inputs[0].shape()));
        Some(x.sum_axes(&self.0.signed(), self.0.keepdims) / T::of(count as f64))
    }
}

/// The reductions that tests try: over one axis, several, all and none, of extents 1 and more.
pub(super) fn samples<O>(operation: impl Fn(Axes) -> O) -> Vec<Sample<O>> {
    let case = |axes: &[usize], keepdims, shape: &[usize]| {
        Sample::new(operation(Axes { axes: axes.into(), keepdims }), [Drawn::real(shape)])
    };
    vec![
        case(&[0, 1], false, &[2, 3]),
        case(&[1], false, &[3, 4, 2]),
        case(&[0, 2], true, &[2, 3, 4]),
        case(&[2], true, &[2, 1, 5]),
        case(&[0], false, &[1]),
        case(&[], false, &[2, 3]),
        case(&[1], false, &[0, 3]),
    ]
}

impl Described for Sum {
    const DESCRIPTION: Description = Description {
        name: "sum",
        formula: "y = Σ x over the axes",
        derivative: "g, in each element of its sum",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(Sum)
    }
}

impl Described for Mean {
    const DESCRIPTION: Description = Description {
        name: "mean",
        formula: "y = 1/n Σ x over the axes",
        derivative: "g/n, in each element of its mean",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(Mean)
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The sum of all elements, `Σ x`; 0 of none. Summed pairwise: the error grows with `log n`.
    ///
    /// # Derivative
    /// `1` in each element.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([3], vec![1.0, 2.0, 4.0]));
    /// assert_eq!(x.sum().value(), 7.0);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn sum(self) -> Scalar<'t, T> {
        or_panic(self.record_scalar(Sum(Axes::all(self.shape().len()))))
    }

    /// The mean of all elements, `1/n Σ x`.
    ///
    /// # Derivative
    /// `1/n` in each element.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![1.0, 2.0]));
    /// let mean = x.mean();
    /// assert_eq!((mean.value(), mean.backward().wrt(x)[0]), (1.5, 0.5));
    /// ```
    ///
    /// # Panics
    /// As [`try_mean`](Self::try_mean) fails.
    #[track_caller]
    #[must_use]
    pub fn mean(self) -> Scalar<'t, T> {
        or_panic(self.try_mean())
    }

    /// The mean of all elements.
    ///
    /// # Errors
    /// There are none.
    #[track_caller]
    pub fn try_mean(self) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Mean(Axes::all(self.shape().len())))
    }

    /// The sums over some axes; negative axes count from the back.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_axes(&[0], false).value(), array![4.0, 6.0].into_dyn());
    /// assert_eq!(x.sum_axes(&[-1], true).value(), array![[3.0], [7.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_sum_axes`](Self::try_sum_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn sum_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_sum_axes(axes, keepdims))
    }

    /// The sums over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, or is named twice.
    #[track_caller]
    pub fn try_sum_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Sum(self.axes("sum", axes, keepdims)?))
    }

    /// The means over some axes; negative axes count from the back.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean_axes(&[0], false).value(), array![2.0, 3.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_mean_axes`](Self::try_mean_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn mean_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_mean_axes(axes, keepdims))
    }

    /// The means over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty.
    #[track_caller]
    pub fn try_mean_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Mean(self.axes("mean", axes, keepdims)?))
    }

    /// The axes that the user named, for the operation that wants them.
    #[track_caller]
    pub(crate) fn axes(self, operation: &'static str, axes: &[isize], keepdims: bool) -> Result<Axes, Error> {
        let here = std::panic::Location::caller();
        let named = Axes::named(axes, keepdims, self.shape().len());
        named.map_err(|error| error.operation(operation).shapes([self.shape()]).at(here))
    }
}
