//! Convolutions of sequences and of images.

use std::borrow::Cow;
use std::panic::Location;

use tape::{Convolution, Element, Error, ErrorKind, PerAxis, Scalar, Tensor};

use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// A convolution over `N` axes: [`Conv1d`] of sequences, [`Conv2d`] of images. The fields are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv<const N: usize> {
    /// `[out, in / groups, kernel…]`
    pub weight: ParamId,
    /// `[out]`
    pub bias: Option<ParamId>,
    /// From one window to the next, along each axis.
    pub stride: [usize; N],
    /// Zeros around the input.
    pub padding: Padding<N>,
    /// From one place in a window to the next, along each axis.
    pub dilation: [usize; N],
    /// Groups of channels that know nothing of one another.
    pub groups: usize,
}

/// Zeros around the input of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<const N: usize> {
    /// So many in front of each axis, and as many behind it.
    Each([usize; N]),
    /// As many as keep an axis of `n` numbers at `⌈n / stride⌉`: `dilation · (kernel − 1)` of them, half in front of the
    /// axis and half behind it, an odd one behind it.
    Same,
}

/// The convolution of sequences with learnt kernels: [`Tensor::conv1d`].
///
/// # Shapes
/// `weight [O, C / groups, k]`, `bias [O]`; `[N, C, L]` → `[N, O, l]`, with
/// `l = ⌊(L + 2 padding − dilation (k − 1) − 1) / stride⌋ + 1`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Conv1d};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Conv1d::new(&mut params, 2, 4, 5).same();
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([3, 2, 20], vec![0.5; 120])));
/// assert_eq!(y.shape(), [3, 4, 20]);
/// assert_eq!(params.name(layer.weight), "conv1d.0.weight");
/// ```
pub type Conv1d = Conv<1>;

/// The convolution of images with learnt kernels: [`Tensor::conv2d`].
///
/// # Shapes
/// `weight [O, C / groups, kh, kw]`, `bias [O]`; `[N, C, H, W]` → `[N, O, oh, ow]`, with
/// `oh = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`, and `ow` alike.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Conv2d};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Conv2d::new(&mut params, 1, 8, 3).stride(2).padding(1);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([5, 1, 28, 28], vec![0.0; 5 * 784])));
/// assert_eq!(y.shape(), [5, 8, 14, 14]);
/// assert_eq!(params.count(), 8 * 9 + 8);
/// ```
pub type Conv2d = Conv<2>;

impl<const N: usize> Conv<N> {
    const NAME: &str = if N == 1 { "conv1d" } else { "conv2d" };

    /// Kernels of so many places over `inputs` channels, one for each of `outputs` channels; without padding, at every
    /// place. They begin with [`Init::HeUniform`], since a rectifier mostly follows, and the bias with zeros. The
    /// parameters are named `conv2d.0.weight` and `conv2d.0.bias` (or `conv1d…`) with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(
        params: &mut Params<T>,
        inputs: usize,
        outputs: usize,
        kernel: impl Into<PerAxis<N>>,
    ) -> Self {
        Self::grouped(params, inputs, outputs, kernel, 1)
    }

    /// Kernels over the channels of one group each: the first of `groups` equal parts of the outputs sees the first part
    /// of the inputs, and so on. With as many groups as inputs it is a depthwise convolution.
    ///
    /// ```
    /// use nn::{Params, layers::Conv2d};
    /// let mut params = Params::<f32>::seeded(42);
    /// let depthwise = Conv2d::grouped(&mut params, 32, 32, 3, 32).same();
    /// assert_eq!(params.shape(depthwise.weight), [32, 1, 3, 3]);
    /// ```
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn grouped<T: Element>(
        params: &mut Params<T>,
        inputs: usize,
        outputs: usize,
        kernel: impl Into<PerAxis<N>>,
        groups: usize,
    ) -> Self {
        let name = vacant(params, Self::NAME);
        or_panic(Self::named(params, &name, [inputs, outputs], kernel, groups, Init::HeUniform))
    }

    /// With parameters named `name.weight` and `name.bias`, for so many input and output channels.
    ///
    /// ```
    /// use nn::{Init, Params, layers::Conv2d};
    /// let mut params = Params::<f32>::seeded(42);
    /// let error = Conv2d::named(&mut params, "stem", [3, 16], 3, 2, Init::HeNormal).unwrap_err();
    /// let text = "conv2d: \"stem\": 3 input and 16 output channels cannot be shared evenly by 2 groups";
    /// assert!(error.to_string().starts_with(text));
    /// assert!(params.is_empty());
    /// ```
    ///
    /// # Errors
    /// Channels or kernel are none; the groups do not share the channels evenly; a name is taken; or as of
    /// [`Init::fill_with_fans`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        [inputs, outputs]: [usize; 2],
        kernel: impl Into<PerAxis<N>>,
        groups: usize,
        init: Init,
    ) -> Result<Self, Error> {
        const { assert!(N == 1 || N == 2, "convolutions are of sequences and of images") }
        let kernel: [usize; N] = kernel.into().into();
        let before = params.len();
        check(Self::NAME, name, [inputs, outputs], &kernel, groups)?;
        let shape: Vec<usize> = [outputs, inputs / groups].into_iter().chain(kernel).collect();
        let field: usize = kernel.iter().product();
        let fans = [shape[1].saturating_mul(field), outputs.saturating_mul(field)];
        let weight = params.try_add_with_fans(format!("{name}.weight"), &shape, fans, init)?;
        let bias = params.try_add(format!("{name}.bias"), &[outputs], Init::Zeros);
        let bias = Some(params.undo_if_failed(before, bias)?);
        let padding = Padding::Each([0; N]);
        Ok(Self { weight, bias, stride: [1; N], padding, dilation: [1; N], groups })
    }

    /// With so many places from one window to the next.
    #[must_use]
    pub fn stride(self, stride: impl Into<PerAxis<N>>) -> Self {
        Self { stride: stride.into().into(), ..self }
    }

    /// With so many zeros in front of each axis, and as many behind it.
    #[must_use]
    pub fn padding(self, padding: impl Into<PerAxis<N>>) -> Self {
        Self { padding: Padding::Each(padding.into().into()), ..self }
    }

    /// With as many zeros as keep the extents of the input, divided by the stride: see [`Padding::Same`].
    #[must_use]
    pub fn same(self) -> Self {
        Self { padding: Padding::Same, ..self }
    }

    /// With so many places from one place of a window to the next.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<PerAxis<N>>) -> Self {
        Self { dilation: dilation.into().into(), ..self }
    }

    /// Without the bias, whose parameter is removed: what follows, as a [`BatchNorm`](super::BatchNorm), has one.
    ///
    /// ```
    /// use nn::{Params, layers::Conv2d};
    /// let mut params = Params::<f32>::seeded(42);
    /// let layer = Conv2d::new(&mut params, 1, 8, 3).without_bias(&mut params);
    /// assert_eq!((layer.bias, params.count()), (None, 72));
    /// ```
    #[must_use]
    pub fn without_bias<T: Element>(self, params: &mut Params<T>) -> Self {
        self.bias.into_iter().for_each(|bias| params.remove(bias));
        Self { bias: None, ..self }
    }

    /// The input with the zeros that are on one side only, and the options for the operation.
    #[track_caller]
    fn padded<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        x: Tensor<'t, T>,
    ) -> (Tensor<'t, T>, Convolution<N>) {
        let options = Convolution::new().stride(self.stride).dilation(self.dilation).groups(self.groups);
        let kernel = &net.params().shape(self.weight)[2..];
        match self.padding {
            Padding::Each(padding) => (x, options.padding(padding)),
            Padding::Same => {
                let all: [usize; N] = std::array::from_fn(|axis| self.dilation[axis] * (kernel[axis] - 1));
                let options = options.padding(all.map(|all| all / 2));
                // A wrong number of axes is for the operation to name.
                if all.iter().all(|all| all % 2 == 0) || x.shape().len() != N + 2 {
                    return (x, options);
                }
                let pads: Vec<_> = [(0, 0); 2].into_iter().chain(all.map(|all| (0, all % 2))).collect();
                (x.pad(&pads, Scalar::constant(T::zero())), options)
            }
        }
    }
}

/// What every convolution asks of its numbers.
#[track_caller]
pub(super) fn check(
    layer: &'static str,
    name: &str,
    [inputs, outputs]: [usize; 2],
    kernel: &[usize],
    groups: usize,
) -> Result<(), Error> {
    let here = Location::caller();
    let fault = |text: String| {
        let text = format!("{name:?}: {text}");
        Err(Error::new(ErrorKind::Value, text).operation(layer).at(here))
    };
    if inputs == 0 || outputs == 0 || kernel.contains(&0) {
        return fault(format!(
            "channels and a kernel are wanted, found {inputs} → {outputs} channels and {kernel:?}"
        ));
    }
    if groups == 0 || inputs % groups != 0 || outputs % groups != 0 {
        return fault(format!(
            "{inputs} input and {outputs} output channels cannot be shared evenly by {groups} groups"
        ));
    }
    Ok(())
}

impl<T: Element> Layer<T> for Conv1d {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let (x, options) = self.padded(net, x);
        x.conv1d(net.param(self.weight), self.bias.map(|bias| net.param(bias)), options)
    }

    fn kind(&self) -> Cow<'static, str> {
        "Conv1d".into()
    }
}

impl<T: Element> Layer<T> for Conv2d {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let (x, options) = self.padded(net, x);
        x.conv2d(net.param(self.weight), self.bias.map(|bias| net.param(bias)), options)
    }

    fn kind(&self) -> Cow<'static, str> {
        "Conv2d".into()
    }
}
