//! Transposed convolutions of images.

use tape::{Convolution, Element, Error, PerAxis, Tensor};

use super::conv::check;
use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// The transposed convolution of images with learnt kernels, which makes them larger: [`Tensor::conv_transpose2d`].
///
/// # Shapes
/// `weight [C, O / groups, kh, kw]`, `bias [O]`; `[N, C, H, W]` → `[N, O, oh, ow]`, with
/// `oh = (H − 1) stride − 2 padding + dilation (kh − 1) + output_padding + 1`, and `ow` alike.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::ConvTranspose2d};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = ConvTranspose2d::new(&mut params, 8, 4, 2).stride(2);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([1, 8, 7, 7], vec![0.0; 392])));
/// assert_eq!(y.shape(), [1, 4, 14, 14]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose2d {
    /// `[in, out / groups, kh, kw]`
    pub weight: ParamId,
    /// `[out]`
    pub bias: Option<ParamId>,
    /// From one window of the output to the next.
    pub stride: [usize; 2],
    /// Rows and columns that are cut off at each end of the output.
    pub padding: [usize; 2],
    /// Rows and columns more at the end of the output.
    pub output_padding: [usize; 2],
    /// From one place in a window to the next.
    pub dilation: [usize; 2],
    /// Groups of channels that know nothing of one another.
    pub groups: usize,
}

impl ConvTranspose2d {
    /// Kernels of so many places, from `inputs` to `outputs` channels. They begin with [`Init::HeUniform`], the bias with
    /// zeros. The parameters are named `conv_transpose2d.0.weight` and `conv_transpose2d.0.bias` with the first number
    /// that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(
        params: &mut Params<T>,
        inputs: usize,
        outputs: usize,
        kernel: impl Into<PerAxis<2>>,
    ) -> Self {
        let name = vacant(params, "conv_transpose2d");
        or_panic(Self::named(params, &name, [inputs, outputs], kernel, 1, Init::HeUniform))
    }

    /// With parameters named `name.weight` and `name.bias`, for so many input and output channels in so many groups.
    ///
    /// # Errors
    /// Channels or kernel are none; the groups do not share the channels evenly; a name is taken; or as of
    /// [`Init::fill_with_fans`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        [inputs, outputs]: [usize; 2],
        kernel: impl Into<PerAxis<2>>,
        groups: usize,
        init: Init,
    ) -> Result<Self, Error> {
        let [height, width]: [usize; 2] = kernel.into().into();
        let before = params.len();
        check("conv_transpose2d", name, [inputs, outputs], &[height, width], groups)?;
        let shape = [inputs, outputs / groups, height, width];
        let field = height.saturating_mul(width);
        let fans = [(inputs / groups).saturating_mul(field), outputs.saturating_mul(field)];
        let weight = params.try_add_with_fans(format!("{name}.weight"), &shape, fans, init)?;
        let bias = params.try_add(format!("{name}.bias"), &[outputs], Init::Zeros);
        let bias = Some(params.undo_if_failed(before, bias)?);
        let (stride, padding, output_padding, dilation) = ([1; 2], [0; 2], [0; 2], [1; 2]);
        Ok(Self { weight, bias, stride, padding, output_padding, dilation, groups })
    }

    /// With so many places from one window of the output to the next.
    #[must_use]
    pub fn stride(self, stride: impl Into<PerAxis<2>>) -> Self {
        Self { stride: stride.into().into(), ..self }
    }

    /// With so many rows and columns cut off at each end of the output.
    #[must_use]
    pub fn padding(self, padding: impl Into<PerAxis<2>>) -> Self {
        Self { padding: padding.into().into(), ..self }
    }

    /// With so many rows and columns more at the end of the output.
    #[must_use]
    pub fn output_padding(self, output_padding: impl Into<PerAxis<2>>) -> Self {
        Self { output_padding: output_padding.into().into(), ..self }
    }

    /// With so many places from one place of a window to the next.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<PerAxis<2>>) -> Self {
        Self { dilation: dilation.into().into(), ..self }
    }

    /// Without the bias, whose parameter is removed.
    #[must_use]
    pub fn without_bias<T: Element>(self, params: &mut Params<T>) -> Self {
        self.bias.into_iter().for_each(|bias| params.remove(bias));
        Self { bias: None, ..self }
    }
}

impl<T: Element> Layer<T> for ConvTranspose2d {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let options = Convolution::new().stride(self.stride).padding(self.padding);
        let options = options.dilation(self.dilation).groups(self.groups);
        let bias = self.bias.map(|bias| net.param(bias));
        x.conv_transpose2d(net.param(self.weight), bias, options, self.output_padding)
    }
}
