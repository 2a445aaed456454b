//! The diagonal between two axes.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::diagonal;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Where the indices along two axes are equal.
#[derive(Clone, Debug)]
pub(super) struct Diagonal([usize; 2]);

impl<T: Element> TensorOp<T> for Diagonal {
    fn name(&self) -> &str {
        "diagonal"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (shape, [a, b]) = (inputs[0].shape, self.0);
        let others = (0..shape.len()).filter(|axis| !self.0.contains(axis)).map(|axis| shape[axis]);
        Ok(others.chain([shape[a].min(shape[b])]).collect())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        diagonal::take(pass.inputs[0].data, pass.inputs[0].shape, self.0, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (shape, upstream) = (pass.input(0).shape, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            diagonal::give(upstream, shape, self.0, to.gradient, to.accumulate);
        }
    }
}

impl Described for Diagonal {
    const DESCRIPTION: Description = Description {
        name: "diagonal",
        formula: "yᵢ = xᵢᵢ, between two axes",
        derivative: "g on the diagonal, 0 elsewhere",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let cases: [([usize; 2], &[usize]); 6] = [
            ([0, 1], &[3, 3]),
            ([1, 0], &[2, 4]),
            ([0, 2], &[3, 2, 3]),
            ([1, 2], &[2, 3, 3]),
            ([0, 1], &[1, 1]),
            ([0, 1], &[0, 3]),
        ];
        cases.map(|(axes, shape)| Sample::new(Self(axes), [Drawn::real(shape)])).into()
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The elements whose indices along two axes are equal; negative axes count from the back.
    ///
    /// # Shapes
    /// The other axes, and then the diagonal, as long as the shorter of the two: `[m, n] → [min(m, n)]`.
    ///
    /// # Derivative
    /// The upstream gradient on the diagonal, 0 elsewhere.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let trace = x.diagonal(0, 1).sum();
    /// assert_eq!(trace.value(), 5.0);
    /// assert_eq!(trace.backward().wrt(x), array![[1.0, 0.0], [0.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_diagonal`](Self::try_diagonal) fails.
    #[track_caller]
    #[must_use]
    pub fn diagonal(self, a: isize, b: isize) -> Self {
        or_panic(self.try_diagonal(a, b))
    }

    /// The diagonal between two axes.
    ///
    /// # Errors
    /// An axis lies outside the shape, or both are the same.
    #[track_caller]
    pub fn try_diagonal(self, a: isize, b: isize) -> Result<Self, Error> {
        let here = std::panic::Location::caller();
        let rank = self.shape().len();
        let explain = |error: Error| error.operation("diagonal").shapes([self.shape()]).at(here);
        let (a, b) = (shape::axis(a, rank).map_err(explain)?, shape::axis(b, rank).map_err(explain)?);
        if a == b {
            let text = format!("axis {a} is named twice");
            return Err(explain(Error::new(ErrorKind::OutOfRange, text)));
        }
        self.record(Diagonal([a, b]))
    }
}
