//! `Y = X·W + b` as one node.

use tape::listing::{Described, Description, Drawn, Sample};
use tape::{Element, Error, ErrorKind, Forward, Matrix, Shape, Tensor, TensorOp, View, Vjp, slices};

use super::record;
use crate::or_panic;

/// Affine maps of tensors.
pub trait Affine<'t, T: Element>: Sized {
    /// `Y = X·W + b`, row by row, as one node.
    ///
    /// # Shapes
    /// `[…, in]`, `[in, out]` and `[out]` → `[…, out]`. One sample (`[in]`), a batch (`[N, in]`) and a batch of
    /// sequences are all rows.
    ///
    /// # Derivative
    /// `G·Wᵀ` in `X`, `Xᵀ·G` in `W`, the column sums of `G` in `b`, for an upstream gradient `G`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Affine;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.constant(array![[1.0, 2.0]]);
    /// let w = tape.tensor(array![[1.0, 0.0, -1.0], [0.5, 1.0, 2.0]]);
    /// let b = tape.tensor(array![0.0, 0.0, 10.0]);
    /// let y = x.affine(w, b);
    /// assert_eq!(y.value(), array![[2.0, 2.0, 13.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(w), array![[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_affine`](Self::try_affine) fails.
    #[track_caller]
    #[must_use]
    fn affine(self, weight: Self, bias: Self) -> Self {
        or_panic(self.try_affine(weight, bias))
    }

    /// `Y = X·W + b`.
    ///
    /// # Errors
    /// The shapes are not those of [`affine`](Self::affine).
    #[track_caller]
    fn try_affine(self, weight: Self, bias: Self) -> Result<Self, Error>;

    /// `Y = X·W`: [`affine`](Self::affine) without a bias.
    ///
    /// # Panics
    /// As [`try_linear`](Self::try_linear) fails.
    #[track_caller]
    #[must_use]
    fn linear(self, weight: Self) -> Self {
        or_panic(self.try_linear(weight))
    }

    /// `Y = X·W`.
    ///
    /// # Errors
    /// The shapes are not those of [`affine`](Self::affine).
    #[track_caller]
    fn try_linear(self, weight: Self) -> Result<Self, Error>;
}

impl<'t, T: Element> Affine<'t, T> for Tensor<'t, T> {
    #[track_caller]
    fn try_affine(self, weight: Self, bias: Self) -> Result<Self, Error> {
        record(AffineMap, &[self, weight, bias])
    }

    #[track_caller]
    fn try_linear(self, weight: Self) -> Result<Self, Error> {
        record(AffineMap, &[self, weight])
    }
}

/// Operands: `x`, `w` and, where there is one, `b`.
#[derive(Clone, Debug)]
pub(super) struct AffineMap;

/// The rows of `x`, and `w`.
fn matrices<'a, T: Element>(inputs: &[View<'a, T>]) -> (Matrix<'a, T>, Matrix<'a, T>) {
    let (x, w) = (inputs[0], inputs[1]);
    let (n_in, n_out) = (w.shape[0], w.shape[1]);
    let rows = x.shape[..x.shape.len() - 1].iter().product();
    (Matrix::new(x.data, rows, n_in), Matrix::new(w.data, n_in, n_out))
}

impl<T: Element> TensorOp<T> for AffineMap {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let fault = |text: String| Err(Error::new(ErrorKind::Shape, text));
        let (&[ref batch @ .., features], &[n_in, n_out]) = (inputs[0].shape, inputs[1].shape) else {
            return fault("rows and a matrix are wanted".to_owned());
        };
        if features != n_in {
            return fault(format!("rows of {features}, and a weight for {n_in} inputs"));
        }
        match inputs.get(2) {
            Some(bias) if bias.shape != [n_out] => {
                fault(format!("the bias of {n_out} outputs has the shape [{n_out}]"))
            }
            _ => {
                let mut shape = Shape::from_slice(batch);
                shape.push(n_out);
                Ok(shape)
            }
        }
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, w) = matrices(pass.inputs);
        match pass.inputs.get(2) {
            Some(bias) => T::affine(x, w, bias.data, pass.output),
            None => T::gemm(x, w, pass.output, false),
        }
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, w) = matrices(pass.inputs());
        let upstream = pass.upstream();
        let g = Matrix::new(upstream, x.rows, w.columns);
        if let Some(to) = pass.downstream(0) {
            T::gemm(g, w.t(), to.gradient, to.accumulate);
        }
        if let Some(to) = pass.downstream(1) {
            T::gemm(x.t(), g, to.gradient, to.accumulate);
        }
        let biased = pass.inputs().len() == 3;
        if biased && let Some(to) = pass.downstream(2) {
            slices::sum_columns(upstream, to.gradient, to.accumulate);
        }
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        inputs[0].data.len() as u64 * inputs[1].shape[1] as u64
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let product = inputs[0].matmul(inputs[1]);
        inputs.get(2).map(|&bias| product + bias)
    }
}

impl Described for AffineMap {
    const DESCRIPTION: Description = Description {
        name: "affine",
        formula: "Y = X·W + b, or X·W",
        derivative: "G·Wᵀ in X, Xᵀ·G in W, the column sums of G in b",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let rows: [(&[usize], [usize; 2]); 7] = [
            (&[3, 4], [4, 2]),
            (&[4], [4, 3]),
            (&[2, 3, 2], [2, 5]),
            (&[1, 1], [1, 1]),
            (&[0, 3], [3, 2]),
            (&[2, 0], [0, 2]),
            (&[2, 3], [3, 0]),
        ];
        let mut samples = Vec::new();
        for (x, w) in rows {
            let operands = [Drawn::real(x), Drawn::real(&w), Drawn::real(&w[1..])];
            samples.push(Sample::new(Self, operands[..2].to_vec()));
            samples.push(Sample::new(Self, operands));
        }
        samples
    }
}
