//! Layer normalisation.

use super::row_norm::RowNorm;
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::listing::{Described, Description, Sample};

/// Normalisation over the last axes, with the mean taken off.
pub(super) type LayerNorm = RowNorm<true>;

impl Described for LayerNorm {
    const DESCRIPTION: Description = Description {
        name: "layer_norm",
        formula: "y = x̂·w + b, x̂ = (x − mean)/√(variance + ε) over the last axes, with the biased variance",
        derivative: "x: (u − mean u − x̂·mean(u·x̂))/√(variance + ε) for u = g·w; w: Σ g·x̂; b: Σ g",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        vec![
            Self::sample(&[2, 3, 4], &[4], true, true, 1e-5),
            Self::sample(&[3, 2, 5], &[2, 5], true, true, 0.1),
            Self::sample(&[70, 3], &[3], true, true, 0.1),
            Self::sample(&[3, 6], &[6], false, false, 1e-3),
            Self::sample(&[2, 7], &[7], true, false, 1e-5),
            Self::sample(&[2, 7], &[7], false, true, 1e-5),
            Self::sample(&[40], &[40], true, true, 1e-5),
            Self::sample(&[3, 1], &[1], true, true, 0.5),
            Self::sample(&[0, 3], &[3], true, true, 1e-5),
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
        LayerNorm::record(self, normalized_shape, weight, bias, eps)
    }
}
