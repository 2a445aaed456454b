//! Batch normalisation.

use ndarray::Array1;
use tape::{Element, Error, RunningStatistics, Tensor};

use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::{Mode, Net};
use crate::or_panic;
use crate::params::Params;
use crate::training::Observed;

/// Each channel with mean 0 and variance 1, then `· weight + bias`: in training by the mean and the variance of the batch,
/// in evaluation by running ones. `PyTorch`'s `BatchNorm1d` and `BatchNorm2d`.
///
/// The running statistics are buffers. They move at the optimiser's step, by [`momentum`](Self::momentum), towards the
/// mean and the unbiased variance of the batch.
///
/// # Shapes
/// `[N, C]` or `[N, C, …]`, and the same; all parameters and buffers are `[C]`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, Training, layers::BatchNorm};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = BatchNorm::new(&mut params, 1);
/// let tape = tape::Tape::new();
/// let x = tape.constant(([2, 1], vec![3.0, 5.0]));
/// let training = Training::seeded(42);
/// let net = params.on(&tape).training(&training);
/// let y = layer.forward(&net, x);
/// assert!((y.value()[[0, 0]] + 1.0).abs() < 1e-5 && (y.value()[[1, 0]] - 1.0).abs() < 1e-5);
/// net.backward(y.square().sum()).settle(&mut params);            // an optimiser's step does this
/// assert_eq!(params.values(layer.running_mean), [0.1 * 4.0]);
/// assert_eq!(params.values(layer.running_var), [0.9 + 0.1 * 2.0]);
/// ```
///
/// # Panics
/// Nobody has said whether this is training: see [`Net::mode`]; or as of [`Tensor::batch_norm`].
///
/// Source: S. Ioffe, C. Szegedy, *Batch Normalization* (2015), arXiv:1502.03167.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// `[C]`
    pub weight: Option<ParamId>,
    /// `[C]`
    pub bias: Option<ParamId>,
    /// `[C]`, a buffer.
    pub running_mean: ParamId,
    /// `[C]`, a buffer.
    pub running_var: ParamId,
    /// What is added to a variance before its root is taken.
    pub eps: f64,
    /// The share of a batch in the running statistics: `new = (1 − momentum) · old + momentum · batch`.
    pub momentum: f64,
}

impl BatchNorm {
    /// For so many channels: weights of 1 and biases of 0, running means of 0 and variances of 1, `eps` of 1e-5 and a
    /// momentum of 0.1. The parameters are named `batch_norm.0.weight`, `batch_norm.0.bias`, `batch_norm.0.running_mean`
    /// and `batch_norm.0.running_var` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, channels: usize) -> Self {
        let name = vacant(params, "batch_norm");
        or_panic(Self::named(params, &name, channels))
    }

    /// With parameters named `name.weight`, `name.bias`, `name.running_mean` and `name.running_var`.
    ///
    /// # Errors
    /// A name is taken. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(params: &mut Params<T>, name: &str, channels: usize) -> Result<Self, Error> {
        let before = params.len();
        let layer = Self::parts(params, name, channels);
        params.undo_if_failed(before, layer)
    }

    #[track_caller]
    fn parts<T: Element>(params: &mut Params<T>, name: &str, channels: usize) -> Result<Self, Error> {
        let (zeros, ones) = (Array1::from_elem(channels, T::zero()), Array1::from_elem(channels, T::one()));
        Ok(Self {
            weight: Some(params.try_add(format!("{name}.weight"), &[channels], Init::Constant(1.0))?),
            bias: Some(params.try_add(format!("{name}.bias"), &[channels], Init::Zeros)?),
            running_mean: params.try_insert_buffer(format!("{name}.running_mean"), zeros)?,
            running_var: params.try_insert_buffer(format!("{name}.running_var"), ones)?,
            eps: 1e-5,
            momentum: 0.1,
        })
    }

    /// Without weight and bias, which are removed.
    #[must_use]
    pub fn without_affine<T: Element>(self, params: &mut Params<T>) -> Self {
        self.weight.into_iter().chain(self.bias).for_each(|id| params.remove(id));
        Self { weight: None, bias: None, ..self }
    }

    /// With another number that is added to variances.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }

    /// With another share of a batch in the running statistics.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl<T: Element> Layer<T> for BatchNorm {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let [weight, bias] = [self.weight, self.bias].map(|id| id.map(|id| net.param(id)));
        let buffers = [self.running_mean, self.running_var];
        match net.mode("batch_norm") {
            Mode::Evaluation => {
                let [mean, variance] = buffers.map(|id| net.param(id));
                x.batch_norm_evaluation(mean, variance, weight, bias, self.eps)
            }
            Mode::Training(training) => {
                let channels = net.params().values(self.running_mean).len();
                // With a momentum of 1 they become those of the batch.
                let mut seen = RunningStatistics { momentum: 1.0, ..RunningStatistics::new(channels) };
                let y = x.batch_norm(Some(&mut seen), weight, bias, self.eps);
                let batch = [seen.mean, seen.variance];
                training.observe(Observed { buffers, batch, momentum: self.momentum });
                y
            }
        }
    }
}
