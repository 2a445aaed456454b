//! Normalisation by the root mean square.

use super::row_norm::RowNorm;
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::listing::{Described, Description, Sample};

/// Normalisation over the last axes, with the mean left in.
pub(super) type RmsNorm = RowNorm<false>;

impl Described for RmsNorm {
    const DESCRIPTION: Description = Description {
        name: "rms_norm",
        formula: "y = x̂·w, x̂ = x/√(mean x² + ε) over the last axes",
        derivative: "x: (u − x̂·mean(u·x̂))/√(mean x² + ε) for u = g·w; w: Σ g·x̂",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        vec![
            Self::sample(&[2, 3, 4], &[4], true, false, 1e-6),
            Self::sample(&[3, 2, 5], &[2, 5], true, false, 0.1),
            Self::sample(&[70, 3], &[3], true, false, 0.1),
            Self::sample(&[3, 40], &[40], false, false, 1e-3),
            Self::sample(&[3, 1], &[1], true, false, 0.5),
            Self::sample(&[0, 3], &[3], true, false, 1e-5),
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
        RmsNorm::record(self, normalized_shape, weight, None, eps)
    }
}
