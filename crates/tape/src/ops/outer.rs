//! The outer product of vectors.

use crate::element::{Element, Matrix};
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// `Y = a bᵀ`, of vectors.
#[derive(Clone, Debug)]
pub(super) struct Outer;

impl<T: Element> TensorOp<T> for Outer {
    fn name(&self) -> &str {
        "outer"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        match (inputs[0].shape, inputs[1].shape) {
            (&[m], &[n]) => Ok(Shape::from_slice(&[m, n])),
            _ => Err(Error::new(ErrorKind::Shape, "both operands must be vectors")),
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (a, b) = (pass.inputs[0].data, pass.inputs[1].data);
        T::gemm(Matrix::new(a, a.len(), 1), Matrix::new(b, 1, b.len()), pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (a, b) = (pass.input(0).data, pass.input(1).data);
        let g = Matrix::new(pass.upstream(), a.len(), b.len());
        if let Some(to) = pass.downstream(0) {
            T::gemm(g, Matrix::new(b, b.len(), 1), to.gradient, to.accumulate);
        }
        if let Some(to) = pass.downstream(1) {
            T::gemm(Matrix::new(a, 1, a.len()), g, to.gradient, to.accumulate);
        }
    }

    fn multiply_adds(&self, _: &[View<'_, T>], output: &[usize]) -> u64 {
        output.iter().product::<usize>() as u64
    }
}

impl Described for Outer {
    const DESCRIPTION: Description = Description {
        name: "outer",
        formula: "Yᵢⱼ = aᵢ bⱼ",
        derivative: "G · b in a, Gᵀ · a in b",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |m, n| Sample::new(Self, [Drawn::real(&[m]), Drawn::real(&[n])]);
        vec![case(4, 3), case(3, 3), case(1, 2), case(0, 2)]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The outer product of two vectors, `Yᵢⱼ = aᵢ bⱼ`.
    ///
    /// # Shapes
    /// `[m] × [n] → [m, n]`.
    ///
    /// # Derivative
    /// `G · b` in `a`, and `Gᵀ · a` in `b`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let (a, b) = (tape.tensor(array![1.0, 2.0]), tape.tensor(array![3.0, 4.0]));
    /// assert_eq!(a.outer(b).value(), array![[3.0, 4.0], [6.0, 8.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_outer`](Self::try_outer) fails.
    #[track_caller]
    #[must_use]
    pub fn outer(self, other: Self) -> Self {
        or_panic(self.try_outer(other))
    }

    /// The outer product of two vectors.
    ///
    /// # Errors
    /// An operand is no vector.
    #[track_caller]
    pub fn try_outer(self, other: Self) -> Result<Self, Error> {
        Self::of_parts(Outer, [self.into(), other.into()], false)
    }
}
