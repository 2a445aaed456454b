//! Variances and standard deviations.

use super::sum::Axes;
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::graph::tape::Tape;
use crate::handles::{Scalar, Tensor};
use crate::kernels::{elementwise, reduce, squares};
use crate::listing::{Described, Description, Drawn, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::rules::Rule;
use crate::shape::Shape;

/// What is reduced, and what is subtracted from the number of elements before it divides the sum of squares.
#[derive(Clone, Debug)]
struct Spread {
    axes: Axes,
    correction: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Var(Spread);

#[derive(Clone, Debug)]
pub(super) struct Std(Spread);

impl Spread {
    fn output_shape(&self, input: &[usize]) -> Result<Shape, Error> {
        let (shape, count) = (self.axes.reduced_nonempty(input)?, self.axes.count(input));
        if count <= self.correction {
            let text = format!("{count} numbers have no variance with a correction of {}", self.correction);
            return Err(Error::new(ErrorKind::Value, text));
        }
        Ok(shape)
    }

    /// The number of elements of each variance, and what its sum of squares is divided by.
    fn counts<T: Element>(&self, input: &[usize]) -> (T, T) {
        let count = self.axes.count(input);
        (T::of(count as f64), T::of((count - self.correction) as f64))
    }

    /// Writes the variances to the output and keeps the means. In two passes: the mean first, then the squares of what
    /// differs from it. With one, numbers far from 0 would leave nothing of their variance.
    fn forward<T: Element>(&self, mut pass: Forward<'_, T>, of: impl Fn(T) -> T) {
        let (x, axes) = (pass.inputs[0], &self.axes.axes);
        let ((count, divisor), kept) = (self.counts::<T>(x.shape), self.axes.kept(x.shape));
        let means = std::mem::take(&mut pass.saved);
        let (y, room) = pass.scratch(x.data.len() + reduce::sum_axes_scratch(x.shape, axes));
        let (squares, room) = room.split_at_mut(x.data.len());
        reduce::sum_axes(x.data, x.shape, axes, means, room);
        means.iter_mut().for_each(|mean| *mean = *mean / count);
        if self.axes.last(x.shape).is_none() {
            squares::of_rows(x.data, self.axes.count(x.shape), Some(means), y);
        } else {
            elementwise::value(Rule::Sub, (x.shape, x.data), Some((&kept, means)), x.shape, squares);
            squares.iter_mut().for_each(|square| *square = *square * *square);
            reduce::sum_axes(squares, x.shape, axes, y, room);
        }
        y.iter_mut().for_each(|y| *y = of(*y / divisor));
    }

    /// Contributes to each element what it differs by from the mean, times `factor(k, divisor)` for its variance, number `k`.
    fn vjp<T: Element>(&self, pass: &mut Vjp<'_, T>, factor: impl Fn(usize, T) -> T) {
        let (x, means) = (pass.input(0), pass.saved());
        let ((_, divisor), kept) = (self.counts::<T>(x.shape), self.axes.kept(x.shape));
        let Some(mut to) = pass.downstream(0) else { return };
        let (accumulate, len) = (to.accumulate, x.data.len());
        let (gradient, room) = to.scratch(2 * len + means.len());
        let (differences, room) = room.split_at_mut(len);
        let (spread, factors) = room.split_at_mut(len);
        factors.iter_mut().enumerate().for_each(|(k, f)| *f = factor(k, divisor));
        reduce::broadcast(factors, &kept, x.shape, spread, false);
        elementwise::value(Rule::Sub, (x.shape, x.data), Some((&kept, means)), x.shape, differences);
        for (to, (&difference, &factor)) in gradient.iter_mut().zip(differences.iter().zip(&*spread)) {
            let share = difference * factor;
            *to = if accumulate { to.plus(share) } else { share };
        }
    }

    fn saved_len(&self, input: &[usize]) -> usize {
        self.axes.kept(input).iter().product()
    }

    /// Reductions with each correction; all have more numbers than that.
    fn samples<O>(operation: impl Fn(Self) -> O) -> Vec<Sample<O>> {
        let case = |axes: &[usize], keepdims, correction, shape: &[usize]| {
            let axes = Axes { axes: axes.into(), keepdims };
            Sample::new(operation(Self { axes, correction }), [Drawn::real(shape)])
        };
        vec![
            case(&[0, 1], false, 0, &[2, 3]),
            case(&[0, 1], false, 1, &[2, 3]),
            case(&[1], false, 1, &[3, 4, 2]),
            case(&[0, 2], true, 0, &[2, 3, 4]),
            case(&[0, 2], false, 2, &[2, 3, 4]),
            case(&[2], true, 1, &[2, 1, 5]),
            case(&[1], false, 0, &[0, 3]),
        ]
    }

    /// The variance, step by step.
    fn in_parts<'t, T: Element>(&self, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let axes = self.axes.signed();
        let mean = x.mean_axes(&axes, true);
        let sum = (x - mean).square().sum_axes(&axes, self.axes.keepdims);
        sum / self.counts::<T>(x.shape()).1
    }
}

impl<T: Element> TensorOp<T> for Var {
    fn name(&self) -> &str {
        "var"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.output_shape(inputs[0].shape)
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        self.0.saved_len(inputs[0].shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        self.0.forward(pass, |variance| variance);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let g = pass.upstream();
        self.0.vjp(pass, |k, divisor| T::of(2.0) * g[k] / divisor);
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        Some(self.0.in_parts(inputs[0]))
    }
}

impl<T: Element> TensorOp<T> for Std {
    fn name(&self) -> &str {
        "std"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.0.output_shape(inputs[0].shape)
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        self.0.saved_len(inputs[0].shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        self.0.forward(pass, root);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (g, y) = (pass.upstream(), pass.output().data);
        self.0.vjp(pass, |k, divisor| over(g[k], y[k] * divisor));
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        // The root of 0 has no derivative, which this operation has.
        let aside = Tape::new();
        let variance = self.0.in_parts(aside.constant(inputs[0].value()));
        let smooth = variance.value().iter().all(|&variance| variance > T::zero());
        smooth.then(|| self.0.in_parts(inputs[0]).sqrt())
    }
}

/// The square root, of which no derivative is taken at 0: there it would be infinite.
pub(super) fn root<T: Element>(square: T) -> T {
    if square == T::zero() { square } else { square.sqrt() }
}

/// `g / y`, or 0 where `y` is a root of 0: the subgradient of least norm.
pub(super) fn over<T: Element>(g: T, y: T) -> T {
    if y == T::zero() { T::zero() } else { g / y }
}

impl Described for Var {
    const DESCRIPTION: Description = Description {
        name: "var",
        formula: "y = 1/(n − c) Σ (x − m)² over the axes, m the mean",
        derivative: "2 g (x − m) / (n − c)",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        Spread::samples(Self)
    }
}

impl Described for Std {
    const DESCRIPTION: Description = Description {
        name: "std",
        formula: "y = √(1/(n − c) Σ (x − m)²) over the axes, m the mean",
        derivative: "g (x − m) / ((n − c) y)",
        kinks: "0 where y = 0",
    };

    fn samples() -> Vec<Sample<Self>> {
        Spread::samples(Self)
    }

    fn specials() -> Vec<Special<Self>> {
        let special = |correction, x: [f64; 3]| Special {
            operation: Self(Spread { axes: Axes::all(1), correction }),
            operands: vec![(Shape::from_slice(&[3]), x.to_vec())],
            output: vec![0.0],
            gradients: vec![Some(vec![0.0; 3])],
        };
        vec![special(0, [0.0; 3]), special(1, [2.0; 3])]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The variance of all elements, `1/(n − c) Σ (x − m)²` with the mean `m`. A `correction` `c` of 0 is the variance of the
    /// numbers themselves; 1 estimates without bias that of what they were drawn from (Bessel's correction, the default of
    /// `PyTorch`).
    ///
    /// # Derivative
    /// `2 (x − m) / (n − c)`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 2.0, 3.0]);
    /// assert_eq!(x.var(1).value(), 1.0);
    /// assert_eq!(x.var(1).backward().wrt(x), array![-1.0, 0.0, 1.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_var`](Self::try_var) fails.
    #[track_caller]
    #[must_use]
    pub fn var(self, correction: usize) -> Scalar<'t, T> {
        or_panic(self.try_var(correction))
    }

    /// The variance of all elements.
    ///
    /// # Errors
    /// The tensor is empty, or has no more elements than `correction`.
    #[track_caller]
    pub fn try_var(self, correction: usize) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Var(Spread { axes: Axes::all(self.shape().len()), correction }))
    }

    /// The variances over some axes; negative axes count from the back. See [`var`](Self::var).
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 3.0], [2.0, 6.0]]);
    /// assert_eq!(x.var_axes(&[1], 0, false).value(), array![1.0, 4.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_var_axes`](Self::try_var_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn var_axes(self, axes: &[isize], correction: usize, keepdims: bool) -> Self {
        or_panic(self.try_var_axes(axes, correction, keepdims))
    }

    /// The variances over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty; or no more elements become one than `correction`.
    #[track_caller]
    pub fn try_var_axes(self, axes: &[isize], correction: usize, keepdims: bool) -> Result<Self, Error> {
        self.record(Var(Spread { axes: self.axes("var", axes, keepdims)?, correction }))
    }

    /// The standard deviation of all elements: the root of [`var`](Self::var).
    ///
    /// # Derivative
    /// `(x − m) / ((n − c) y)`.
    ///
    /// # At kinks
    /// Where all elements are equal it is 0, the subgradient of least norm. (`PyTorch` has NaN there.)
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 3.0]);
    /// let y = x.std(0);
    /// assert_eq!(y.value(), 1.0);
    /// assert_eq!(y.backward().wrt(x), array![-0.5, 0.5].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_std`](Self::try_std) fails.
    #[track_caller]
    #[must_use]
    pub fn std(self, correction: usize) -> Scalar<'t, T> {
        or_panic(self.try_std(correction))
    }

    /// The standard deviation of all elements.
    ///
    /// # Errors
    /// The tensor is empty, or has no more elements than `correction`.
    #[track_caller]
    pub fn try_std(self, correction: usize) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Std(Spread { axes: Axes::all(self.shape().len()), correction }))
    }

    /// The standard deviations over some axes; negative axes count from the back. See [`std`](Self::std).
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 3.0], [2.0, 6.0]]);
    /// assert_eq!(x.std_axes(&[1], 0, true).value(), array![[1.0], [2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_std_axes`](Self::try_std_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn std_axes(self, axes: &[isize], correction: usize, keepdims: bool) -> Self {
        or_panic(self.try_std_axes(axes, correction, keepdims))
    }

    /// The standard deviations over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, is named twice, or is empty; or no more elements become one than `correction`.
    #[track_caller]
    pub fn try_std_axes(self, axes: &[isize], correction: usize, keepdims: bool) -> Result<Self, Error> {
        self.record(Std(Spread { axes: self.axes("std", axes, keepdims)?, correction }))
    }
}
