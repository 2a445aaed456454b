//! The matrix product.

use smallvec::smallvec;

use crate::element::{Element, Matrix};
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

#[derive(Clone, Debug)]
pub(super) struct Matmul;

fn matrix<T: Element>(view: View<'_, T>) -> Matrix<'_, T> {
    Matrix::new(view.data, view.shape[0], view.shape[1])
}

impl<T: Element> TensorOp<T> for Matmul {
    fn name(&self) -> &str {
        "matmul"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (&[m, k], &[inner, n]) = (inputs[0].shape, inputs[1].shape) else {
            return Err(Error::new(ErrorKind::Shape, "both operands must be matrices"));
        };
        if k != inner {
            return Err(Error::new(ErrorKind::Shape, format!("inner dimensions {k} and {inner} differ")));
        }
        Ok(smallvec![m, n])
    }

    fn forward(&self, pass: Forward<'_, T>) {
        T::gemm(matrix(pass.inputs[0]), matrix(pass.inputs[1]), pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (a, b) = (matrix(pass.input(0)), matrix(pass.input(1)));
        let upstream = Matrix::new(pass.upstream(), a.rows, b.columns);
        if let Some(downstream) = pass.downstream(0) {
            T::gemm(upstream, b.t(), downstream.gradient, downstream.accumulate);
        }
        if let Some(downstream) = pass.downstream(1) {
            T::gemm(a.t(), upstream, downstream.gradient, downstream.accumulate);
        }
    }
}

impl Described for Matmul {
    const DESCRIPTION: Description = Description {
        name: "matmul",
        formula: "Y = A · B",
        derivative: "G · Bᵀ in A, Aᵀ · G in B",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |m, k, n| Sample::new(Self, [Drawn::real(&[m, k]), Drawn::real(&[k, n])]);
        vec![case(3, 4, 5), case(1, 6, 1), case(3, 1, 2), case(0, 3, 2), case(2, 0, 3)]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The matrix product `A · B`.
    ///
    /// # Shapes
    /// `[m, k] × [k, n] → [m, n]`.
    ///
    /// # Derivative
    /// `G · Bᵀ` in `A` and `Aᵀ · G` in `B`, for an upstream gradient `G`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let a = tape.tensor(array![[1.0, 2.0]]);
    /// let b = tape.tensor(array![[3.0], [4.0]]);
    /// let y = a.matmul(b);
    /// assert_eq!(y.value(), array![[11.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(a), array![[3.0, 4.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_matmul`](Self::try_matmul) fails.
    #[track_caller]
    #[must_use]
    pub fn matmul(self, other: Self) -> Self {
        or_panic(self.try_matmul(other))
    }

    /// The matrix product.
    ///
    /// # Errors
    /// An operand is no matrix, or the inner dimensions differ.
    #[track_caller]
    pub fn try_matmul(self, other: Self) -> Result<Self, Error> {
        Self::of_parts(Matmul, [self.into(), other.into()], false)
    }
}
