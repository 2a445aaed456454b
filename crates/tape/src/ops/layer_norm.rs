//! Layer normalisation.

use super::normalise::{self, Parameters, check_eps, last_axes, operands};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::kernels::normalise::rows::Rows;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Over the last axes. Operands: `x`, and a weight and a bias where there are some.
#[derive(Clone, Debug)]
pub(super) struct LayerNorm {
    normalized: Shape,
    parameters: Parameters,
    eps: f64,
}

impl LayerNorm {
    fn rows(&self) -> Rows {
        Rows { n: self.normalized.iter().product(), period: 1, centred: true }
    }
}

impl<T: Element> TensorOp<T> for LayerNorm {
    fn name(&self) -> &str {
        "layer_norm"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        check_eps(self.eps)?;
        last_axes(inputs[0].shape, &self.normalized)?;
        self.parameters.check(inputs, &self.normalized)?;
        Ok(Shape::from_slice(inputs[0].shape))
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        self.rows().saved(inputs[0].data.len())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        normalise::forward(pass, self.rows(), self.parameters, self.eps);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        normalise::vjp(pass, self.rows(), self.parameters);
    }
}

impl Described for LayerNorm {
    const DESCRIPTION: Description = Description {
        name: "layer_norm",
        formula: "y = x̂·w + b, x̂ = (x − mean)/√(variance + ε) over the last axes, with the biased variance",
        derivative: "x: (u − mean u − x̂·mean(u·x̂))/√(variance + ε) for u = g·w; w: Σ g·x̂; b: Σ g",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], normalized: &[usize], weight, bias, eps| {
            let parameters = Parameters { before: 1, weight, bias };
            let operation = Self { normalized: normalized.into(), parameters, eps };
            let given = usize::from(weight) + usize::from(bias);
            let parameters = std::iter::repeat_n(Drawn::real(normalized), given);
            Sample::new(operation, [Drawn::real(shape)].into_iter().chain(parameters))
        };
        vec![
            case(&[2, 3, 4], &[4], true, true, 1e-5),
            case(&[3, 2, 5], &[2, 5], true, true, 0.1),
            case(&[70, 3], &[3], true, true, 0.1),
            case(&[3, 6], &[6], false, false, 1e-3),
            case(&[2, 7], &[7], true, false, 1e-5),
            case(&[2, 7], &[7], false, true, 1e-5),
            case(&[40], &[40], true, true, 1e-5),
            case(&[3, 1], &[1], true, true, 0.5),
            case(&[0, 3], &[3], true, true, 1e-5),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `y = x̂ · weight + bias` with `x̂ = (x − mean) / √(variance + eps)`: mean and variance are those of the last axes,
    /// for each place of the others by themselves. The variance is the biased one, `Σ (x − mean)² / n`.
    ///
    /// # Shapes
    /// `normalized_shape` is the shape of the last axes, all that are normalised over; weight and bias have that shape,
    /// the result that of `x`.
    ///
    /// # Derivative
    /// With `u = g · weight` for an upstream gradient `g`: `(u − mean u − x̂ · mean(u · x̂)) / √(variance + eps)` in `x`,
    /// `Σ g · x̂` in the weight and `Σ g` in the bias.
    ///
    /// # At kinks
    /// There are none for `eps > 0`. With `eps = 0` equal numbers have no derivative: 0/0 is NaN.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 3.0], [-50.0, 50.0]]);
    /// let weight = tape.tensor(array![1.0, 10.0]);
    /// let y = x.layer_norm(&[2], Some(weight), None, 0.0);
    /// assert_eq!(y.value(), array![[-1.0, 10.0], [-1.0, 10.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(weight), array![-2.0, 2.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_layer_norm`](Self::try_layer_norm) fails.
    ///
    /// Source: Ba, Kiros, Hinton, *Layer Normalization* (2016), arXiv:1607.06450.
    #[track_caller]
    #[must_use]
    pub fn layer_norm(
        self,
        normalized_shape: &[usize],
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Self {
        or_panic(self.try_layer_norm(normalized_shape, weight, bias, eps))
    }

    /// Normalisation over the last axes.
    ///
    /// # Errors
    /// The normalised shape has no axes, is empty, or is not that of the last axes; weight or bias have another shape;
    /// `eps` is negative or not finite.
    #[track_caller]
    pub fn try_layer_norm(
        self,
        normalized_shape: &[usize],
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Result<Self, Error> {
        let parameters = Parameters::given(1, weight, bias);
        let operation = LayerNorm { normalized: normalized_shape.into(), parameters, eps };
        Self::of_tensors(operation, &operands(&[self], weight, bias))
    }
}
