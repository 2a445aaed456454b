//! Normalisation by the root mean square.

use super::normalise::{self, Parameters, check_eps, last_axes, operands};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::kernels::normalise::rows::Rows;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Over the last axes. Operands: `x`, and a weight where there is one.
#[derive(Clone, Debug)]
pub(super) struct RmsNorm {
    normalized: Shape,
    parameters: Parameters,
    eps: f64,
}

impl RmsNorm {
    fn rows(&self) -> Rows {
        Rows { n: self.normalized.iter().product(), period: 1, centred: false }
    }
}

impl<T: Element> TensorOp<T> for RmsNorm {
    fn name(&self) -> &str {
        "rms_norm"
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

impl Described for RmsNorm {
    const DESCRIPTION: Description = Description {
        name: "rms_norm",
        formula: "y = x̂·w, x̂ = x/√(mean x² + ε) over the last axes",
        derivative: "x: (u − x̂·mean(u·x̂))/√(mean x² + ε) for u = g·w; w: Σ g·x̂",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], normalized: &[usize], weight, eps| {
            let parameters = Parameters { before: 1, weight, bias: false };
            let operation = Self { normalized: normalized.into(), parameters, eps };
            let parameters = weight.then(|| Drawn::real(normalized));
            Sample::new(operation, [Drawn::real(shape)].into_iter().chain(parameters))
        };
        vec![
            case(&[2, 3, 4], &[4], true, 1e-6),
            case(&[3, 2, 5], &[2, 5], true, 0.1),
            case(&[70, 3], &[3], true, 0.1),
            case(&[3, 40], &[40], false, 1e-3),
            case(&[3, 1], &[1], true, 0.5),
            case(&[0, 3], &[3], true, 1e-5),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `y = x̂ · weight` with `x̂ = x / √(mean x² + eps)`: the mean is that of the last axes, for each place of the others
    /// by itself. It is [`layer_norm`](Self::layer_norm) with a mean of 0.
    ///
    /// # Shapes
    /// `normalized_shape` is the shape of the last axes, all that are normalised over; the weight has that shape, the
    /// result that of `x`.
    ///
    /// # Derivative
    /// With `u = g · weight` for an upstream gradient `g`: `(u − x̂ · mean(u · x̂)) / √(mean x² + eps)` in `x` and
    /// `Σ g · x̂` in the weight.
    ///
    /// # At kinks
    /// There are none for `eps > 0`. With `eps = 0` zeros have no derivative: 0/0 is NaN.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[8.0, 0.0, 0.0, 0.0]]);
    /// let y = x.rms_norm(&[4], None, 0.0);
    /// assert_eq!(y.value(), array![[2.0, 0.0, 0.0, 0.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_rms_norm`](Self::try_rms_norm) fails.
    ///
    /// Source: Zhang, Sennrich, *Root Mean Square Layer Normalization* (2019), arXiv:1910.07467.
    #[track_caller]
    #[must_use]
    pub fn rms_norm(self, normalized_shape: &[usize], weight: Option<Self>, eps: f64) -> Self {
        or_panic(self.try_rms_norm(normalized_shape, weight, eps))
    }

    /// Normalisation by the root mean square over the last axes.
    ///
    /// # Errors
    /// The normalised shape has no axes, is empty, or is not that of the last axes; the weight has another shape;
    /// `eps` is negative or not finite.
    #[track_caller]
    pub fn try_rms_norm(
        self,
        normalized_shape: &[usize],
        weight: Option<Self>,
        eps: f64,
    ) -> Result<Self, Error> {
        let parameters = Parameters::given(1, weight, None);
        let operation = RmsNorm { normalized: normalized_shape.into(), parameters, eps };
        Self::of_tensors(operation, &operands(&[self], weight, None))
    }
}
