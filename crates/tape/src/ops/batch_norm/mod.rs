//! Batch normalisation, in training and in evaluation.

mod evaluation;
mod running;

use smallvec::SmallVec;

use super::normalise::{Parameters, back_through, check_eps, operands, over_channels, standardised};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::normalise::channels::{Batch, Statistics};
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;
pub(super) use evaluation::BatchNormEvaluation;
pub use running::RunningStatistics;

/// By the statistics of the batch. Operands: `x`, and a weight and a bias where there are some.
#[derive(Clone, Debug)]
pub(super) struct BatchNorm {
    parameters: Parameters,
    eps: f64,
}

/// The axes of a batch `[N, C, …]`.
fn channels(shape: &[usize]) -> Batch {
    Batch { samples: shape[0], channels: shape[1], inner: shape[2..].iter().product() }
}

/// What both ways have in common: samples and channels, parameters for them, and the output as the input.
fn check<T>(inputs: &[View<'_, T>], parameters: Parameters, eps: f64) -> Result<Shape, Error> {
    check_eps(eps)?;
    let &[_, channels, ..] = inputs[0].shape else {
        return Err(Error::new(ErrorKind::Shape, "samples and channels are wanted: [N, C, …]"));
    };
    if channels == 0 {
        return Err(Error::new(ErrorKind::Empty, "there are no channels"));
    }
    parameters.check(inputs, &[channels])?;
    Ok(Shape::from_slice(inputs[0].shape))
}

/// The statistics that the forward pass has left.
fn saved<T>(saved: &[T], channels: usize) -> Statistics<'_, T> {
    Statistics { means: &saved[..channels], inverses: &saved[channels..2 * channels], own: true }
}

impl<T: Element> TensorOp<T> for BatchNorm {
    fn name(&self) -> &str {
        "batch_norm"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let shape = check(inputs, self.parameters, self.eps)?;
        if inputs[0].data.is_empty() {
            return Err(Error::new(ErrorKind::Empty, "the batch is empty: it has no mean"));
        }
        Ok(shape)
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        3 * inputs[0].shape[1]
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let (x, axes) = (pass.inputs[0].data, channels(pass.shape));
        let affine = self.parameters.of(pass.inputs);
        let (output, kept, room) = pass.parts(axes.room());
        axes.statistics(x, self.eps, kept, room);
        axes.normalise(x, saved(kept, axes.channels), affine, output, room);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, g, axes) = (pass.input(0).data, pass.upstream(), channels(pass.input(0).shape));
        let weight = self.parameters.of(pass.inputs()).weight;
        let statistics = saved(pass.saved(), axes.channels);
        back_through(
            pass,
            self.parameters,
            axes.room(),
            |gradient, room| axes.back((x, g), statistics, weight, gradient, room),
            |which, room, gradient, accumulate| axes.sums(room, which == 1, gradient, accumulate),
        );
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let x = inputs[0];
        let axes: SmallVec<[isize; 4]> =
            (0..x.shape().len().cast_signed()).filter(|&axis| axis != 1).collect();
        let normalised = standardised(x, &axes, true, self.eps);
        Some(self.parameters.applied(normalised, inputs, &over_channels(x.shape())))
    }
}

impl Described for BatchNorm {
    const DESCRIPTION: Description = Description {
        name: "batch_norm",
        formula: "y = x̂·w + b, x̂ = (x − mean)/√(variance + ε) over all axes but the channels, with the biased variance",
        derivative: "x: w·(g − mean g − x̂·mean(g·x̂))/√(variance + ε); w: Σ g·x̂; b: Σ g",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], weight, bias, eps| {
            let operation = Self { parameters: Parameters { before: 1, weight, bias }, eps };
            let given = usize::from(weight) + usize::from(bias);
            let parameters = std::iter::repeat_n(Drawn::real(&[shape[1]]), given);
            Sample::new(operation, [Drawn::real(shape)].into_iter().chain(parameters))
        };
        vec![
            case(&[6, 3], true, true, 1e-5),
            case(&[70, 2], true, true, 0.1),
            case(&[2, 3, 3, 4], true, true, 1e-5),
            case(&[3, 2, 40], true, true, 0.1),
            case(&[5, 2], true, false, 0.1),
            case(&[2, 2, 3], false, true, 0.1),
            case(&[4, 3, 1], false, false, 0.1),
            case(&[1, 2], true, true, 0.5),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `y = x̂ · weight + bias` with `x̂ = (x − mean) / √(variance + eps)`: mean and variance are those of each channel in
    /// the whole batch. The variance is the biased one, `Σ (x − mean)² / n`.
    ///
    /// Where running statistics are given, they are moved towards those of the batch, with its unbiased variance. They
    /// are plain numbers and no part of the graph. For evaluation see
    /// [`batch_norm_evaluation`](Self::batch_norm_evaluation).
    ///
    /// # Shapes
    /// `x` is `[N, C]` or `[N, C, …]`, and so is the result; weight and bias are `[C]`.
    ///
    /// # Derivative
    /// `weight · (g − mean g − x̂ · mean(g · x̂)) / √(variance + eps)` in `x`, `Σ g · x̂` in the weight and `Σ g` in the
    /// bias, for an upstream gradient `g`.
    ///
    /// # At kinks
    /// There are none for `eps > 0`. With `eps = 0` equal numbers have no derivative: 0/0 is NaN.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::{RunningStatistics, Tape};
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, -50.0], [3.0, 50.0]]);
    /// let mut running = RunningStatistics::new(2);
    /// let y = x.batch_norm(Some(&mut running), None, None, 0.0);
    /// assert_eq!(y.value(), array![[-1.0, -1.0], [1.0, 1.0]].into_dyn());
    /// assert_eq!(running.mean, [0.2, 0.0]);
    /// assert_eq!(running.variance, [0.9 + 0.2, 0.9 + 500.0]);
    /// ```
    ///
    /// # Panics
    /// As [`try_batch_norm`](Self::try_batch_norm) fails.
    ///
    /// Source: Ioffe, Szegedy, *Batch Normalization* (2015), arXiv:1502.03167.
    #[track_caller]
    #[must_use]
    pub fn batch_norm(
        self,
        running: Option<&mut RunningStatistics<T>>,
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Self {
        or_panic(self.try_batch_norm(running, weight, bias, eps))
    }

    /// Normalisation by the statistics of the batch.
    ///
    /// # Errors
    /// There are no samples or no channels; weight or bias have another shape; `eps` is negative or not finite; the
    /// running statistics are those of another number of channels, or a channel is a single number, of which there is
    /// no unbiased variance. The running statistics are then left as they were.
    #[track_caller]
    pub fn try_batch_norm(
        self,
        running: Option<&mut RunningStatistics<T>>,
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Result<Self, Error> {
        if let Some(running) = &running {
            let here = std::panic::Location::caller();
            let explain = |error: Error| error.operation("batch_norm").shapes([self.shape()]).at(here);
            running.check(self.shape()).map_err(explain)?;
        }
        let operation = BatchNorm { parameters: Parameters::given(1, weight, bias), eps };
        let y = Self::of_tensors(operation, &operands(&[self], weight, bias))?;
        if let Some(running) = running {
            let graph = self.tape.graph.borrow();
            let saved = graph.tensor(y.id as usize).map_or(&[][..], |node| &node.saved);
            let Batch { samples, channels, inner } = channels(self.shape());
            running.learn(&saved[..channels], &saved[2 * channels..3 * channels], samples * inner);
        }
        Ok(y)
    }
}
