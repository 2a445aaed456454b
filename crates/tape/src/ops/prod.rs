//! Products over axes.

use super::sum::{Axes, samples};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::{layout, products};
use crate::listing::{Described, Description, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

#[derive(Clone, Debug)]
pub(super) struct Prod(Axes);

impl<T: Element> TensorOp<T> for Prod {
    fn name(&self) -> &str {
        "prod"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(self.0.reduced(inputs[0].shape))
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let (n, order) = (self.0.count(x.shape), self.0.last(x.shape));
        let (output, copy) = pass.scratch(if order.is_some() { x.data.len() } else { 0 });
        let numbers = match order {
            None => x.data,
            Some(order) => {
                layout::permute(x.data, x.shape, &order, copy, false);
                copy
            }
        };
        products::of_rows(numbers, n, output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream) = (pass.input(0), pass.upstream());
        let (n, order) = (self.0.count(x.shape), self.0.last(x.shape));
        let Some(mut to) = pass.downstream(0) else { return };
        let (accumulate, len) = (to.accumulate, x.data.len());
        let copies = if order.is_some() { len } else { 0 };
        let (gradient, room) = to.scratch(n + 2 * copies);
        let (before, room) = room.split_at_mut(n);
        let Some(order) = order else {
            for (at, &g) in upstream.iter().enumerate() {
                let gradient = &mut gradient[at * n..][..n];
                products::others(&x.data[at * n..][..n], g, before, |k, share| {
                    gradient[k] = if accumulate { gradient[k].plus(share) } else { share };
                });
            }
            return;
        };
        let (numbers, shares) = room.split_at_mut(len);
        layout::permute(x.data, x.shape, &order, numbers, false);
        for (at, &g) in upstream.iter().enumerate() {
            let shares = &mut shares[at * n..][..n];
            products::others(&numbers[at * n..][..n], g, before, |k, share| shares[k] = share);
        }
        let moved: Shape = order.iter().map(|&axis| x.shape[axis]).collect();
        let mut back = order.clone();
        order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
        layout::permute(shares, &moved, &back, gradient, accumulate);
    }
}

impl Described for Prod {
    const DESCRIPTION: Description = Description {
        name: "prod",
        formula: "y = Π x over the axes",
        derivative: "g times the product of the others",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        samples(Self)
    }

    fn specials() -> Vec<Special<Self>> {
        let special = |x: [f64; 3], gradient: [f64; 3]| Special {
            operation: Self(Axes::all(1)),
            operands: vec![(Shape::from_slice(&[3]), x.to_vec())],
            output: vec![0.0],
            gradients: vec![Some(gradient.to_vec())],
        };
        vec![
            special([2.0, 0.0, 3.0], [0.0, 6.0, 0.0]),
            special([0.0, 0.0, 3.0], [0.0, 0.0, 0.0]),
            special([0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        ]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// The product of all elements, `Π x`; 1 of none.
    ///
    /// # Derivative
    /// The product of the other elements, of which none is divided: it is exact where elements are 0, in every order.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![2.0, 0.0, 3.0]);
    /// let y = x.prod();
    /// assert_eq!(y.value(), 0.0);
    /// assert_eq!(y.backward().wrt(x), array![0.0, 6.0, 0.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_prod`](Self::try_prod) fails.
    #[track_caller]
    #[must_use]
    pub fn prod(self) -> Scalar<'t, T> {
        or_panic(self.try_prod())
    }

    /// The product of all elements.
    ///
    /// # Errors
    /// There are none.
    #[track_caller]
    pub fn try_prod(self) -> Result<Scalar<'t, T>, Error> {
        self.record_scalar(Prod(Axes::all(self.shape().len())))
    }

    /// The products over some axes; negative axes count from the back.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.prod_axes(&[0], false).value(), array![3.0, 8.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_prod_axes`](Self::try_prod_axes) fails.
    #[track_caller]
    #[must_use]
    pub fn prod_axes(self, axes: &[isize], keepdims: bool) -> Self {
        or_panic(self.try_prod_axes(axes, keepdims))
    }

    /// The products over some axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, or is named twice.
    #[track_caller]
    pub fn try_prod_axes(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
        self.record(Prod(self.axes("prod", axes, keepdims)?))
    }
}
