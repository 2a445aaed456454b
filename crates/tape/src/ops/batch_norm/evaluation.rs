//! Batch normalisation by statistics that were found before.

use super::{channels, check};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::normalise::channels::Statistics;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::ops::normalise::{Parameters, back_through, lying, operands, over_channels};
use crate::shape::Shape;

/// By a given mean and variance. Operands: `x`, mean, variance, and a weight and a bias where there are some.
#[derive(Clone, Debug)]
pub(crate) struct BatchNormEvaluation {
    parameters: Parameters,
    eps: f64,
}

/// The means, and the inverses that the forward pass has left.
fn statistics<'a, T>(inputs: &[View<'a, T>], saved: &'a [T]) -> Statistics<'a, T> {
    Statistics { means: inputs[1].data, inverses: saved, own: false }
}

impl<T: Element> TensorOp<T> for BatchNormEvaluation {
    fn name(&self) -> &str {
        "batch_norm_evaluation"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let shape = check(inputs, self.parameters, self.eps)?;
        for (name, found) in [("mean", inputs[1].shape), ("variance", inputs[2].shape)] {
            if found != [shape[1]] {
                let text = format!("the {name} must have the shape [{}], and has {found:?}", shape[1]);
                return Err(Error::new(ErrorKind::Shape, text));
            }
        }
        match inputs[2].data.iter().position(|&variance| variance < T::zero()) {
            Some(k) => {
                let text = format!("the variance of channel {k} is {}, below 0", inputs[2].data[k]);
                Err(Error::new(ErrorKind::Value, text))
            }
            None => Ok(shape),
        }
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        inputs[0].shape[1]
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let (inputs, axes, affine) = (pass.inputs, channels(pass.shape), self.parameters.of(pass.inputs));
        for (inverse, &variance) in pass.saved.iter_mut().zip(inputs[2].data) {
            *inverse = (variance + T::of(self.eps)).sqrt().recip();
        }
        let (output, saved, room) = pass.parts(axes.room());
        axes.normalise(inputs[0].data, statistics(inputs, saved), affine, output, room);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, g, axes) = (pass.inputs(), pass.upstream(), channels(pass.input(0).shape));
        let (x, weight, inverses) = (inputs[0].data, self.parameters.of(inputs).weight, pass.saved());
        let statistics = statistics(inputs, inverses);
        let (room, channels) = (axes.room(), axes.channels);
        let sums = |which, room: &[T], gradient: &mut [T], accumulate| {
            axes.sums(room, which == 1, gradient, accumulate);
        };
        let back = |gradient: Option<(&mut [T], bool)>, room: &mut [T]| {
            axes.back((x, g), statistics, weight, gradient, room);
        };
        back_through(pass, self.parameters, room, back, sums);
        // Statistics are nearly always data. Where they are not, the sums are made for them by themselves.
        for (position, plain) in [(1, true), (2, false)] {
            let Some(mut to) = pass.downstream(position) else { continue };
            let accumulate = to.accumulate;
            let (gradient, room) = to.scratch(room + channels);
            let (sums, room) = room.split_at_mut(channels);
            back(None, room);
            axes.sums(room, plain, sums, false);
            for (k, (out, &sum)) in gradient.iter_mut().zip(&*sums).enumerate() {
                let moved = -sum * inverses[k] * weight.map_or(T::one(), |weight| weight[k]);
                let moved = if plain { moved } else { moved * inverses[k] * T::of(0.5) };
                *out = if accumulate { *out + moved } else { moved };
            }
        }
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let (x, over) = (inputs[0], over_channels(inputs[0].shape()));
        let deviation = (inputs[2] + T::of(self.eps)).sqrt();
        let normalised = (x - lying(inputs[1], &over)) / lying(deviation, &over);
        Some(self.parameters.applied(normalised, inputs, &over))
    }
}

impl Described for BatchNormEvaluation {
    const DESCRIPTION: Description = Description {
        name: "batch_norm_evaluation",
        formula: "y = x̂·w + b, x̂ = (x − m)/√(v + ε) with given m and v of each channel",
        derivative: "x: g·w/√(v + ε); m: −Σ g·w/√(v + ε); v: −½ Σ g·w·x̂/(v + ε); w: Σ g·x̂; b: Σ g",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], weight, bias, eps| {
            let operation = Self { parameters: Parameters { before: 3, weight, bias }, eps };
            let of_channels = Drawn::real(&[shape[1]]);
            let given = usize::from(weight) + usize::from(bias);
            let statistics = [of_channels.clone(), of_channels.clone().within(0.2..=3.0)];
            let parameters = std::iter::repeat_n(of_channels, given);
            Sample::new(operation, [Drawn::real(shape)].into_iter().chain(statistics).chain(parameters))
        };
        vec![
            case(&[4, 3], true, true, 1e-5),
            case(&[2, 3, 3, 4], true, true, 1e-5),
            case(&[70, 2], true, false, 0.1),
            case(&[2, 2, 40], false, true, 0.1),
            case(&[1, 2, 1], false, false, 0.0),
            case(&[0, 2], true, true, 1e-5),
            case(&[2, 3, 0], true, true, 1e-5),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `y = x̂ · weight + bias` with `x̂ = (x − mean) / √(variance + eps)`: batch normalisation by statistics that are
    /// given, mostly [`RunningStatistics`](crate::RunningStatistics) as constants.
    ///
    /// # Shapes
    /// `x` is `[N, C]` or `[N, C, …]`, and so is the result; everything else is `[C]`.
    ///
    /// # Derivative
    /// `g · weight / √(variance + eps)` in `x`, the negative of its sums in the mean, `−½ Σ g · weight · x̂ / (variance +
    /// eps)` in the variance, `Σ g · x̂` in the weight and `Σ g` in the bias, for an upstream gradient `g`.
    ///
    /// # At kinks
    /// There are none where `variance + eps > 0`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 10.0], [3.0, 30.0]]);
    /// let (mean, variance) = (tape.constant(array![2.0, 10.0]), tape.constant(array![1.0, 100.0]));
    /// let y = x.batch_norm_evaluation(mean, variance, None, None, 0.0);
    /// assert_eq!(y.value(), array![[-1.0, 0.0], [1.0, 2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_batch_norm_evaluation`](Self::try_batch_norm_evaluation) fails.
    #[track_caller]
    #[must_use]
    pub fn batch_norm_evaluation(
        self,
        mean: Self,
        variance: Self,
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Self {
        or_panic(self.try_batch_norm_evaluation(mean, variance, weight, bias, eps))
    }

    /// Batch normalisation by given statistics.
    ///
    /// # Errors
    /// There are no channels; mean, variance, weight or bias have another shape; a variance is negative; `eps` is
    /// negative or not finite.
    #[track_caller]
    pub fn try_batch_norm_evaluation(
        self,
        mean: Self,
        variance: Self,
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Result<Self, Error> {
        let operation = BatchNormEvaluation { parameters: Parameters::given(3, weight, bias), eps };
        Self::of_tensors(operation, &operands(&[self, mean, variance], weight, bias))
    }
}
