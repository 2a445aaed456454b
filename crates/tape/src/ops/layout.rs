//! The same numbers in another arrangement: reshape, transpose, permute, broadcast.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::{layout, reduce};
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, Recorded, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// The name is that of the method.
#[derive(Clone, Debug)]
pub(super) struct Reshape {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
}

/// `dims[k]` is the input's axis that becomes axis `k`.
#[derive(Clone, Debug)]
pub(super) struct Permute {
    pub(super) name: &'static str,
    pub(super) dims: Shape,
}

#[derive(Clone, Debug)]
pub(super) struct BroadcastTo(Shape);

impl<T: Element> TensorOp<T> for Reshape {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (has, wants) = (inputs[0].data.len(), shape::elements(&self.shape)?);
        if has != wants {
            let text = format!("{has} elements do not fill the shape {:?} of {wants}", self.shape);
            return Err(Error::new(ErrorKind::Shape, text));
        }
        Ok(self.shape.clone())
    }

    fn is_view(&self) -> bool {
        true
    }

    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.copy_from_slice(pass.inputs[0].data);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let upstream = pass.upstream();
        if let Some(downstream) = pass.downstream(0) {
            downstream.add(|k| upstream[k]);
        }
    }

    fn vjp_in_place(&self, _: usize, _: Recorded<'_, T>, _: &mut [T]) -> bool {
        true
    }
}

impl<T: Element> TensorOp<T> for Permute {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(self.dims.iter().map(|&axis| inputs[0].shape[axis]).collect())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        layout::permute(x.data, x.shape, &self.dims, pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (upstream, output) = (pass.upstream(), pass.output().shape);
        let mut back = self.dims.clone();
        self.dims.iter().enumerate().for_each(|(to, &from)| back[from] = to);
        if let Some(to) = pass.downstream(0) {
            layout::permute(upstream, output, &back, to.gradient, to.accumulate);
        }
    }
}

impl<T: Element> TensorOp<T> for BroadcastTo {
    fn name(&self) -> &str {
        "broadcast_to"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        match shape::broadcast(inputs[0].shape, &self.0) {
            Ok(shape) if shape == self.0 => Ok(shape),
            _ => {
                let text = format!("it does not spread over {:?}", self.0);
                Err(Error::new(ErrorKind::Shape, text))
            }
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        reduce::broadcast(x.data, x.shape, pass.shape, pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream, output) = (pass.input(0).shape, pass.upstream(), pass.output().shape);
        if let Some(mut to) = pass.downstream(0) {
            let accumulate = to.accumulate;
            let (gradient, scratch) = to.scratch(reduce::sum_to_scratch(output, x));
            reduce::sum_to(upstream, output, x, gradient, accumulate, scratch);
        }
    }
}

impl Described for Reshape {
    const DESCRIPTION: Description = Description {
        name: "reshape",
        formula: "y = x, the same numbers in row-major order under another shape",
        derivative: "g under the shape of x",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |from: &[usize], to: &[usize]| {
            Sample::new(Self { name: "reshape", shape: to.into() }, [Drawn::real(from)])
        };
        vec![
            case(&[2, 3, 4], &[6, 4]),
            case(&[6], &[1, 3, 1, 2]),
            case(&[1], &[]),
            case(&[], &[1, 1]),
            case(&[0, 3], &[2, 0]),
        ]
    }
}

impl Described for Permute {
    const DESCRIPTION: Description = Description {
        name: "permute",
        formula: "y has axis dims[k] of x as its axis k",
        derivative: "g with its axes put back",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], dims: &[usize]| {
            Sample::new(Self { name: "permute", dims: dims.into() }, [Drawn::real(shape)])
        };
        vec![
            case(&[2, 3, 4], &[2, 0, 1]),
            case(&[3, 4], &[1, 0]),
            case(&[2, 1, 3, 2], &[0, 2, 1, 3]),
            case(&[2, 3], &[0, 1]),
            case(&[], &[]),
            case(&[3, 0, 2], &[1, 2, 0]),
        ]
    }
}

impl Described for BroadcastTo {
    const DESCRIPTION: Description = Description {
        name: "broadcast_to",
        formula: "y = x, repeated along axes of extent 1 and along new ones in front",
        derivative: "Σ g over the copies of each number",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |from: &[usize], to: &[usize]| Sample::new(Self(to.into()), [Drawn::real(from)]);
        vec![
            case(&[3, 1], &[2, 3, 4]),
            case(&[1, 4], &[3, 4]),
            case(&[], &[2, 2]),
            case(&[2, 3], &[2, 3]),
            case(&[1, 3], &[0, 3]),
            case(&[0, 1], &[2, 0, 5]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The same elements, in row-major order, under another shape; nothing is copied. One extent may be −1: it is
    /// what the others leave.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    /// assert_eq!(x.reshape(&[3, -1]).shape(), [3, 2]);
    /// ```
    ///
    /// # Panics
    /// As [`try_reshape`](Self::try_reshape) fails.
    #[track_caller]
    #[must_use]
    pub fn reshape(self, shape: &[isize]) -> Self {
        or_panic(self.try_reshape(shape))
    }

    /// The same elements under another shape.
    ///
    /// # Errors
    /// The number of elements differs; an extent is below −1, or −1 twice, or cannot be worked out.
    #[track_caller]
    pub fn try_reshape(self, shape: &[isize]) -> Result<Self, Error> {
        let here = std::panic::Location::caller();
        let explain = |error: Error| error.operation("reshape").shapes([self.shape()]).at(here);
        let shape = resolve(shape, self.value().len()).map_err(explain)?;
        self.record(Reshape { name: "reshape", shape })
    }

    /// Rows and columns exchanged: `[m, n] → [n, m]`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0]]);
    /// assert_eq!(x.t().value(), array![[1.0], [2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// The tensor is no matrix.
    #[track_caller]
    #[must_use]
    pub fn t(self) -> Self {
        or_panic(self.try_t())
    }

    /// Rows and columns exchanged.
    ///
    /// # Errors
    /// The tensor is no matrix.
    #[track_caller]
    pub fn try_t(self) -> Result<Self, Error> {
        if self.shape().len() == 2 {
            return self.try_transpose(0, 1);
        }
        let error = Error::new(ErrorKind::Shape, "only a matrix has rows and columns to exchange");
        Err(error.operation("t").shapes([self.shape()]).at(std::panic::Location::caller()))
    }

    /// Two axes exchanged, `NumPy`'s `swapaxes`; negative ones count from the back.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3, 4], vec![0.0; 24]));
    /// assert_eq!(x.transpose(0, -1).shape(), [4, 3, 2]);
    /// ```
    ///
    /// # Panics
    /// As [`try_transpose`](Self::try_transpose) fails.
    #[track_caller]
    #[must_use]
    pub fn transpose(self, a: isize, b: isize) -> Self {
        or_panic(self.try_transpose(a, b))
    }

    /// Two axes exchanged.
    ///
    /// # Errors
    /// An axis lies outside the shape.
    #[track_caller]
    pub fn try_transpose(self, a: isize, b: isize) -> Result<Self, Error> {
        let here = std::panic::Location::caller();
        let rank = self.shape().len();
        let explain = |error: Error| error.operation("transpose").shapes([self.shape()]).at(here);
        let (a, b) = (shape::axis(a, rank).map_err(explain)?, shape::axis(b, rank).map_err(explain)?);
        let mut dims: Shape = (0..rank).collect();
        dims.swap(a, b);
        self.record(Permute { name: "transpose", dims })
    }

    /// The axes in another order: axis `k` of the result is axis `dims[k]`.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3, 4], vec![0.0; 24]));
    /// assert_eq!(x.permute(&[2, 0, 1]).shape(), [4, 2, 3]);
    /// ```
    ///
    /// # Panics
    /// As [`try_permute`](Self::try_permute) fails.
    #[track_caller]
    #[must_use]
    pub fn permute(self, dims: &[isize]) -> Self {
        or_panic(self.try_permute(dims))
    }

    /// The axes in another order.
    ///
    /// # Errors
    /// `dims` does not name every axis once.
    #[track_caller]
    pub fn try_permute(self, dims: &[isize]) -> Result<Self, Error> {
        let here = std::panic::Location::caller();
        let rank = self.shape().len();
        let explain = |error: Error| error.operation("permute").shapes([self.shape()]).at(here);
        if shape::axes(dims, rank).map_err(explain)?.len() != rank {
            let text = format!("{dims:?} does not name every axis once");
            return Err(explain(Error::new(ErrorKind::OutOfRange, text)));
        }
        let dims = dims.iter().map(|&axis| shape::axis(axis, rank)).collect::<Result<_, _>>();
        self.record(Permute { name: "permute", dims: dims.map_err(explain)? })
    }

    /// Spread over a larger shape by `NumPy`'s rule: missing axes are added in front, extents of 1 are repeated.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 2.0]);
    /// let y = x.broadcast_to(&[3, 2]);
    /// assert_eq!(y.sum().backward().wrt(x), array![3.0, 3.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_broadcast_to`](Self::try_broadcast_to) fails.
    #[track_caller]
    #[must_use]
    pub fn broadcast_to(self, shape: &[usize]) -> Self {
        or_panic(self.try_broadcast_to(shape))
    }

    /// Spread over a larger shape.
    ///
    /// # Errors
    /// The shapes cannot be broadcast.
    #[track_caller]
    pub fn try_broadcast_to(self, shape: &[usize]) -> Result<Self, Error> {
        self.record(BroadcastTo(Shape::from_slice(shape)))
    }
}

/// A shape in which one extent may be −1.
fn resolve(shape: &[isize], elements: usize) -> Result<Shape, Error> {
    let known: Shape = shape.iter().filter_map(|&extent| usize::try_from(extent).ok()).collect();
    let open = shape.len() - known.len();
    if open > 1 || shape.iter().any(|&extent| extent < -1) {
        let text = format!("{shape:?} is no shape: one extent may be -1, none less");
        return Err(Error::new(ErrorKind::Shape, text));
    }
    let product = shape::elements(&known)?;
    let left = elements.checked_div(product).unwrap_or(0);
    if open == 1 && (product == 0 || left * product != elements) {
        let text = format!("{elements} elements do not fill {shape:?}");
        return Err(Error::new(ErrorKind::Shape, text));
    }
    Ok(shape.iter().map(|&extent| usize::try_from(extent).unwrap_or(left)).collect())
}
