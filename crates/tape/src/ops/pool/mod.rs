//! Pools of sequences and images: one number for each window.

mod average;
mod maximum;

pub(super) use average::{AdaptiveAvgPool, AvgPool};
pub(super) use maximum::MaxPool;

use super::conv::{PerAxis, check_numbers, fault};
use crate::error::{Error, ErrorKind};
use crate::kernels::windows::Axis;
use crate::shape::Shape;

/// How the windows of a pool over `N` axes lie: see [`Tensor::max_pool2d`](crate::Tensor::max_pool2d) and
/// [`Tensor::avg_pool2d`](crate::Tensor::avg_pool2d).
///
/// # Example
/// ```
/// use tape::Pool;
/// assert_eq!(Pool::<2>::new(2), Pool::new([2, 2]).stride(2).padding(0).ceil_mode(false));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool<const N: usize> {
    kernel: PerAxis<N>,
    stride: PerAxis<N>,
    padding: PerAxis<N>,
    dilation: PerAxis<N>,
    ceil: bool,
    padding_counts: bool,
}

impl<const N: usize> Pool<N> {
    /// Windows of so many places, side by side, without padding.
    #[must_use]
    pub fn new(kernel: impl Into<PerAxis<N>>) -> Self {
        let kernel = kernel.into();
        Self {
            kernel,
            stride: kernel,
            padding: 0.into(),
            dilation: 1.into(),
            ceil: false,
            padding_counts: true,
        }
    }

    /// From one window to the next; the extent of the window if it is not said.
    #[must_use]
    pub fn stride(self, stride: impl Into<PerAxis<N>>) -> Self {
        Self { stride: stride.into(), ..self }
    }

    /// Padding in front of each axis, and as much behind it: at most half a window. It counts as −∞ in a maximum and as
    /// 0 in a mean.
    #[must_use]
    pub fn padding(self, padding: impl Into<PerAxis<N>>) -> Self {
        Self { padding: padding.into(), ..self }
    }

    /// From one place in a window to the next.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<PerAxis<N>>) -> Self {
        Self { dilation: dilation.into(), ..self }
    }

    /// Whether there is one more window where the last one would reach out of the padded axis, as long as it begins in
    /// the axis or in front of it.
    #[must_use]
    pub fn ceil_mode(self, ceil: bool) -> Self {
        Self { ceil, ..self }
    }

    /// Whether a mean is divided by the places of its window that lie within the padded axis (the default), or by those
    /// that lie within the axis. A maximum has no use for it.
    #[must_use]
    pub fn count_include_pad(self, counts: bool) -> Self {
        Self { padding_counts: counts, ..self }
    }
}

impl From<Pool<1>> for Pool<2> {
    /// Over images of one line.
    fn from(line: Pool<1>) -> Self {
        let ([kernel], [stride], [padding], [dilation]) =
            (line.kernel.0, line.stride.0, line.padding.0, line.dilation.0);
        Self {
            kernel: PerAxis([1, kernel]),
            stride: PerAxis([1, stride]),
            padding: PerAxis([0, padding]),
            dilation: PerAxis([1, dilation]),
            ceil: line.ceil,
            padding_counts: line.padding_counts,
        }
    }
}

impl Pool<2> {
    /// The windows over planes of these extents.
    fn axes(&self, extents: [usize; 2]) -> Result<[Axis; 2], Error> {
        Ok([self.axis(0, extents[0])?, self.axis(1, extents[1])?])
    }

    fn axis(&self, k: usize, input: usize) -> Result<Axis, Error> {
        let (kernel, stride) = (self.kernel.get(k), self.stride.get(k));
        let (padding, dilation) = (self.padding.get(k), self.dilation.get(k));
        check_numbers(kernel, stride, padding, dilation)?;
        let axis = Axis { input, output: 0, kernel, stride, padding, dilation };
        let (extent, padded) = (axis.reach() + 1, input + 2 * padding);
        if padding > extent / 2 {
            let text = format!("a padding of {padding} is more than half a window of {extent}");
            return Err(Error::new(ErrorKind::Value, text));
        }
        if input == 0 {
            return Err(Error::new(ErrorKind::Empty, "planes without a number"));
        }
        if extent > padded {
            return fault(format!("a window over {extent} is larger than the padded input of {padded}"));
        }
        let steps = padded - extent;
        let mut output = if self.ceil { steps.div_ceil(stride) } else { steps / stride } + 1;
        // The last window begins in the axis or in front of it.
        if (output - 1) * stride >= input + padding {
            output -= 1;
        }
        Ok(Axis { output, ..axis })
    }
}

/// The extents of the planes: the last two axes, or the last one of sequences.
fn plane(shape: &[usize], line: bool) -> Result<[usize; 2], Error> {
    match (shape, line) {
        (&[_, _, width], true) => Ok([1, width]),
        (&[_, _, height, width], false) => Ok([height, width]),
        _ => {
            let axes = if line { "3 axes [N, C, L]" } else { "4 axes [N, C, H, W]" };
            fault(format!("{axes} expected, found {}", shape.len()))
        }
    }
}

/// The shape with other planes.
fn with_plane(shape: &[usize], outputs: [usize; 2], line: bool) -> Shape {
    shape[..2].iter().copied().chain(outputs.into_iter().skip(usize::from(line))).collect()
}
