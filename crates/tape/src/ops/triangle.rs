//! The parts of matrices above and below a diagonal.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::triangle::Triangle as Kept;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, Recorded, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Of each matrix that the last two axes make.
#[derive(Clone, Debug)]
pub(super) struct Triangle(Kept);

/// Rows and columns.
fn matrix(shape: &[usize]) -> (usize, usize) {
    (shape[shape.len() - 2], shape[shape.len() - 1])
}

impl<T: Element> TensorOp<T> for Triangle {
    fn name(&self) -> &str {
        if self.0.upper { "triu" } else { "tril" }
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let shape = inputs[0].shape;
        if shape.len() < 2 {
            return Err(Error::new(ErrorKind::Shape, "only matrices have a diagonal"));
        }
        Ok(shape.into())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        self.0.keep(pass.inputs[0].data, matrix(pass.shape), pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (upstream, shape) = (pass.upstream(), pass.output().shape);
        if let Some(to) = pass.downstream(0) {
            self.0.keep(upstream, matrix(shape), to.gradient, to.accumulate);
        }
    }

    fn vjp_in_place(&self, _: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        self.0.clear(gradient, matrix(recorded.output.shape));
        true
    }
}

impl Described for Triangle {
    const DESCRIPTION: Description = Description {
        name: "tril",
        formula: "y = x up to the diagonal k of each matrix (triu: from it on), 0 elsewhere",
        derivative: "g where x is kept, 0 elsewhere",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], k, upper| Sample::new(Self(Kept { upper, k }), [Drawn::real(shape)]);
        vec![
            case(&[3, 3], 0, false),
            case(&[4, 5], 1, false),
            case(&[3, 2, 4], -1, false),
            case(&[2, 3], 7, false),
            case(&[3, 3], 0, true),
            case(&[2, 4, 3], -2, true),
            case(&[2, 3], 4, true),
            case(&[1, 1], 0, true),
            case(&[2, 0, 3], 1, false),
            case(&[3, 0], 0, true),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The numbers of each matrix up to a diagonal, and 0 above it. Diagonal 0 is the main one, a positive `k` counts to
    /// the right, a negative one to the left.
    ///
    /// # Shapes
    /// `[…, m, n] → […, m, n]`.
    ///
    /// # Derivative
    /// `1` in what is kept; exactly 0 elsewhere.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.tril(0).value(), array![[1.0, 0.0], [3.0, 4.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_tril`](Self::try_tril) fails.
    #[track_caller]
    #[must_use]
    pub fn tril(self, k: isize) -> Self {
        or_panic(self.try_tril(k))
    }

    /// The numbers of each matrix up to a diagonal, and 0 above it.
    ///
    /// # Errors
    /// The tensor has fewer than two axes.
    #[track_caller]
    pub fn try_tril(self, k: isize) -> Result<Self, Error> {
        self.record(Triangle(Kept { upper: false, k }))
    }

    /// The numbers of each matrix from a diagonal on, and 0 below it. Diagonal 0 is the main one, a positive `k` counts
    /// to the right, a negative one to the left.
    ///
    /// # Shapes
    /// `[…, m, n] → […, m, n]`.
    ///
    /// # Derivative
    /// `1` in what is kept; exactly 0 elsewhere.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.triu(1).value(), array![[0.0, 2.0], [0.0, 0.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_triu`](Self::try_triu) fails.
    #[track_caller]
    #[must_use]
    pub fn triu(self, k: isize) -> Self {
        or_panic(self.try_triu(k))
    }

    /// The numbers of each matrix from a diagonal on, and 0 below it.
    ///
    /// # Errors
    /// The tensor has fewer than two axes.
    #[track_caller]
    pub fn try_triu(self, k: isize) -> Result<Self, Error> {
        self.record(Triangle(Kept { upper: true, k }))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    #[test]
    fn what_is_not_kept_is_zero_whatever_it_was() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 2], vec![1.0, f64::NAN, f64::INFINITY, 4.0]));
        assert_eq!(x.tril(0).triu(0).value().as_slice(), Some(&[1.0, 0.0, 0.0, 4.0][..]));
        let error = tape.tensor(([2], vec![0.0; 2])).try_triu(0).unwrap_err().to_string();
        assert!(error.starts_with("triu: [2]: only matrices have a diagonal (at "), "{error}");
    }
}
