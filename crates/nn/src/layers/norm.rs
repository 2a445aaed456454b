//! Normalisation of each sample by itself.

use std::panic::Location;

use tape::{Element, Error, ErrorKind, Shape, Tensor};

use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// The last axes of each sample with mean 0 and variance 1, then `· weight + bias`: [`Tensor::layer_norm`].
///
/// # Shapes
/// `[…, shape]`, and the same; weight and bias are `shape`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::LayerNorm};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = LayerNorm::new(&mut params, &[2]).eps(0.0);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([1, 2], vec![10.0, 30.0])));
/// assert_eq!(y.value().as_slice(), Some(&[-1.0, 1.0][..]));
/// ```
///
/// # Panics
/// As [`Tensor::layer_norm`].
///
/// Source: J. Ba, J. Kiros, G. Hinton, *Layer Normalization* (2016), arXiv:1607.06450.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNorm {
    /// `shape`
    pub weight: Option<ParamId>,
    /// `shape`
    pub bias: Option<ParamId>,
    /// The last axes, over which the mean is taken.
    pub shape: Shape,
    /// What is added to a variance before its root is taken.
    pub eps: f64,
}

impl LayerNorm {
    /// Over last axes of this shape: weights of 1, biases of 0, `eps` of 1e-5. The parameters are named
    /// `layer_norm.0.weight` and `layer_norm.0.bias` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, shape: &[usize]) -> Self {
        let name = vacant(params, "layer_norm");
        or_panic(Self::named(params, &name, shape))
    }

    /// With parameters named `name.weight` and `name.bias`.
    ///
    /// # Errors
    /// A name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(params: &mut Params<T>, name: &str, shape: &[usize]) -> Result<Self, Error> {
        let [weight, bias] = scale_and_shift(params, name, shape)?;
        Ok(Self { weight: Some(weight), bias: Some(bias), shape: shape.into(), eps: 1e-5 })
    }

    /// Without the bias, which is removed.
    #[must_use]
    pub fn without_bias<T: Element>(self, params: &mut Params<T>) -> Self {
        self.bias.into_iter().for_each(|id| params.remove(id));
        Self { bias: None, ..self }
    }

    /// With another number that is added to variances.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }
}

impl<T: Element> Layer<T> for LayerNorm {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let [weight, bias] = [self.weight, self.bias].map(|id| id.map(|id| net.param(id)));
        x.layer_norm(&self.shape, weight, bias, self.eps)
    }
}

/// Each of several groups of channels of each sample with mean 0 and variance 1, then `· weight + bias`:
/// [`Tensor::group_norm`].
///
/// # Shapes
/// `[N, C, …]`, and the same; weight and bias are `[C]`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::GroupNorm};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = GroupNorm::new(&mut params, 2, 4).eps(0.0);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([1, 4], vec![1.0, 3.0, -50.0, 50.0])));
/// assert_eq!(y.value().as_slice(), Some(&[-1.0, 1.0, -1.0, 1.0][..]));
/// ```
///
/// # Panics
/// As [`Tensor::group_norm`].
///
/// Source: Y. Wu, K. He, *Group Normalization* (2018), arXiv:1803.08494.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// `[C]`
    pub weight: Option<ParamId>,
    /// `[C]`
    pub bias: Option<ParamId>,
    /// How many groups share the channels.
    pub groups: usize,
    /// What is added to a variance before its root is taken.
    pub eps: f64,
}

impl GroupNorm {
    /// So many groups of so many channels: weights of 1, biases of 0, `eps` of 1e-5. The parameters are named
    /// `group_norm.0.weight` and `group_norm.0.bias` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, groups: usize, channels: usize) -> Self {
        let name = vacant(params, "group_norm");
        or_panic(Self::named(params, &name, groups, channels))
    }

    /// With parameters named `name.weight` and `name.bias`.
    ///
    /// # Errors
    /// The groups do not share the channels evenly; a name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        groups: usize,
        channels: usize,
    ) -> Result<Self, Error> {
        if channels == 0 || groups == 0 || !channels.is_multiple_of(groups) {
            let text = format!("{name:?}: {channels} channels cannot be shared evenly by {groups} groups");
            return Err(Error::new(ErrorKind::Value, text).operation("group_norm").at(Location::caller()));
        }
        let [weight, bias] = scale_and_shift(params, name, &[channels])?;
        Ok(Self { weight: Some(weight), bias: Some(bias), groups, eps: 1e-5 })
    }

    /// With another number that is added to variances.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }
}

impl<T: Element> Layer<T> for GroupNorm {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let [weight, bias] = [self.weight, self.bias].map(|id| id.map(|id| net.param(id)));
        x.group_norm(self.groups, weight, bias, self.eps)
    }
}

/// The last axes of each sample divided by their root mean square, then `· weight`: [`Tensor::rms_norm`].
///
/// # Shapes
/// `[…, shape]`, and the same; the weight is `shape`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::RmsNorm};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = RmsNorm::new(&mut params, &[2]).eps(0.0);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([2], vec![2.0, -2.0])));
/// assert_eq!(y.value().as_slice(), Some(&[1.0, -1.0][..]));
/// ```
///
/// # Panics
/// As [`Tensor::rms_norm`].
///
/// Source: B. Zhang, R. Sennrich, *Root Mean Square Layer Normalization* (2019), arXiv:1910.07467.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsNorm {
    /// `shape`
    pub weight: ParamId,
    /// The last axes, over which the mean is taken.
    pub shape: Shape,
    /// What is added to a mean of squares before its root is taken.
    pub eps: f64,
}

impl RmsNorm {
    /// Over last axes of this shape: weights of 1, and for `eps` the distance from 1 to the next number, as in `PyTorch`.
    /// The parameter is named `rms_norm.0.weight` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, shape: &[usize]) -> Self {
        let name = vacant(params, "rms_norm");
        or_panic(Self::named(params, &name, shape))
    }

    /// With a parameter named `name.weight`.
    ///
    /// # Errors
    /// The name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(params: &mut Params<T>, name: &str, shape: &[usize]) -> Result<Self, Error> {
        let weight = params.try_add(format!("{name}.weight"), shape, Init::Constant(1.0))?;
        Ok(Self { weight, shape: shape.into(), eps: T::epsilon().to_f64().unwrap_or(f64::EPSILON) })
    }

    /// With another number that is added to means of squares.
    #[must_use]
    pub fn eps(self, eps: f64) -> Self {
        Self { eps, ..self }
    }
}

impl<T: Element> Layer<T> for RmsNorm {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        x.rms_norm(&self.shape, Some(net.param(self.weight)), self.eps)
    }
}

#[track_caller]
fn scale_and_shift<T: Element>(
    params: &mut Params<T>,
    name: &str,
    shape: &[usize],
) -> Result<[ParamId; 2], Error> {
    let before = params.len();
    let weight = params.try_add(format!("{name}.weight"), shape, Init::Constant(1.0))?;
    let bias = params.try_add(format!("{name}.bias"), shape, Init::Zeros);
    Ok([weight, params.undo_if_failed(before, bias)?])
}
