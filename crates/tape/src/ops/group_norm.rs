//! Group normalisation.

use smallvec::SmallVec;

use super::normalise::{self, Parameters, check_eps, lying, operands, over_channels, standardised};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::normalise::rows::Rows;
use crate::kernels::normalise::runs::{self, Runs};
use crate::kernels::reduce::sum_group;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Over groups of channels. Operands: `x`, and a weight and a bias where there are some.
#[derive(Clone, Debug)]
pub(super) struct GroupNorm {
    groups: usize,
    parameters: Parameters,
    eps: f64,
}

impl GroupNorm {
    /// Channels without places are rows; a channel with places is a run.
    fn rows(&self, shape: &[usize]) -> Option<Rows> {
        let inner: usize = shape[2..].iter().product();
        let rows = Rows { n: shape[1] / self.groups, period: self.groups, centred: true };
        (inner == 1).then_some(rows)
    }

    fn runs(&self, shape: &[usize]) -> Runs {
        Runs::of_samples(shape[0], shape[1], self.groups, shape[2..].iter().product())
    }
}

impl<T: Element> TensorOp<T> for GroupNorm {
    fn name(&self) -> &str {
        "group_norm"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        check_eps(self.eps)?;
        let shape = inputs[0].shape;
        let &[_, channels, ref places @ ..] = shape else {
            return Err(Error::new(ErrorKind::Shape, "samples and channels are wanted: [N, C, …]"));
        };
        if self.groups == 0 || channels % self.groups != 0 {
            let text = format!("{channels} channels cannot be made {} equal groups", self.groups);
            return Err(Error::new(ErrorKind::Value, text));
        }
        if channels == 0 || places.contains(&0) {
            return Err(Error::new(ErrorKind::Empty, "a group is empty"));
        }
        self.parameters.check(inputs, &[channels])?;
        Ok(Shape::from_slice(shape))
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        let x = inputs[0];
        self.rows(x.shape).map_or_else(|| self.runs(x.shape).saved(), |rows| rows.saved(x.data.len()))
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, affine) = (pass.inputs[0], self.parameters.of(pass.inputs));
        if let Some(rows) = self.rows(x.shape) {
            return normalise::forward(pass, rows, self.parameters, self.eps);
        }
        let (x, runs, Forward { saved, output, .. }) = (x.data, self.runs(x.shape), pass);
        T::run(runs::Statistics { x, runs, eps: self.eps, saved });
        let (means, inverses) = runs.statistics(saved);
        T::run(runs::Normalise { x, runs, means, inverses, affine, out: output });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (shape, x, g) = (pass.input(0).shape, pass.input(0).data, pass.upstream());
        if let Some(rows) = self.rows(shape) {
            return normalise::vjp(pass, rows, self.parameters);
        }
        let (runs, weight) = (self.runs(shape), self.parameters.of(pass.inputs()).weight);
        let (means, inverses) = runs.statistics(pass.saved());
        let size = shape[0] * shape[1];
        normalise::back_through(
            pass,
            self.parameters,
            runs.room(),
            |gradient, room| {
                T::run(runs::Back { x, g, runs, means, inverses, weight, own: true, gradient, room });
            },
            |which, room, gradient, accumulate| {
                let sums = &room[which * size..(which + 1) * size];
                sum_group(sums, 1, shape[0], shape[1], gradient, accumulate);
            },
        );
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let x = inputs[0];
        let shape: SmallVec<[isize; 4]> = x.shape().iter().map(|&n| n.cast_signed()).collect();
        let size: usize = x.shape()[1..].iter().product::<usize>() / self.groups;
        let groups = [shape[0], self.groups.cast_signed(), size.cast_signed()];
        let normalised = standardised(lying(x, &groups), &[2], true, self.eps);
        Some(self.parameters.applied(lying(normalised, &shape), inputs, &over_channels(x.shape())))
    }
}

impl Described for GroupNorm {
    const DESCRIPTION: Description = Description {
        name: "group_norm",
        formula: "y = x̂·w + b, x̂ = (x − mean)/√(variance + ε) over groups of channels of a sample",
        derivative: "x: (u − mean u − x̂·mean(u·x̂))/√(variance + ε) for u = g·w; w: Σ g·x̂; b: Σ g",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], groups, weight, bias, eps| {
            let operation = Self { groups, parameters: Parameters { before: 1, weight, bias }, eps };
            let given = usize::from(weight) + usize::from(bias);
            let parameters = std::iter::repeat_n(Drawn::real(&[shape[1]]), given);
            Sample::new(operation, [Drawn::real(shape)].into_iter().chain(parameters))
        };
        vec![
            case(&[2, 4, 3, 3], 2, true, true, 1e-5),
            case(&[2, 3, 5], 3, true, true, 0.1),
            case(&[2, 3, 4], 1, true, false, 1e-5),
            case(&[2, 6], 2, true, true, 0.1),
            case(&[3, 5, 1], 1, false, true, 0.1),
            case(&[1, 2, 40], 2, false, false, 1e-5),
            case(&[2, 2, 1], 2, true, true, 0.5),
            case(&[0, 4, 3], 2, true, true, 1e-5),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// `y = x̂ · weight + bias` with `x̂ = (x − mean) / √(variance + eps)`: mean and variance are those of a group of
    /// neighbouring channels of one sample. The variance is the biased one. One group is a
    /// [`layer_norm`](Self::layer_norm) of samples, a group for each channel an instance normalisation.
    ///
    /// # Shapes
    /// `x` is `[N, C, …]`, and so is the result; weight and bias are `[C]`. The number of groups divides `C`.
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
    /// let x = tape.tensor(array![[1.0, 3.0, -50.0, 50.0]]);
    /// let y = x.group_norm(2, None, None, 0.0);
    /// assert_eq!(y.value(), array![[-1.0, 1.0, -1.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_group_norm`](Self::try_group_norm) fails.
    ///
    /// Source: Wu, He, *Group Normalization* (2018), arXiv:1803.08494.
    #[track_caller]
    #[must_use]
    pub fn group_norm(self, groups: usize, weight: Option<Self>, bias: Option<Self>, eps: f64) -> Self {
        or_panic(self.try_group_norm(groups, weight, bias, eps))
    }

    /// Normalisation over groups of channels.
    ///
    /// # Errors
    /// There are no channels, or their number is no multiple of the groups; a group is empty; weight or bias have
    /// another shape; `eps` is negative or not finite.
    #[track_caller]
    pub fn try_group_norm(
        self,
        groups: usize,
        weight: Option<Self>,
        bias: Option<Self>,
        eps: f64,
    ) -> Result<Self, Error> {
        let operation = GroupNorm { groups, parameters: Parameters::given(1, weight, bias), eps };
        Self::of_tensors(operation, &operands(&[self], weight, bias))
    }
}
