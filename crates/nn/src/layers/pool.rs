//! Pools of sequences and images.

use std::borrow::Cow;

use tape::{Element, PerAxis, Pool, Tensor};

use super::Layer;
use crate::net::Net;

/// The largest number of each window: [`MaxPool1d`] of sequences, [`MaxPool2d`] of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool<const N: usize> {
    /// How the windows lie.
    pub options: Pool<N>,
}

/// The largest number of each window of a sequence: [`Tensor::max_pool1d`]. `[N, C, L]` → `[N, C, l]`.
pub type MaxPool1d = MaxPool<1>;

/// The largest number of each window of an image: [`Tensor::max_pool2d`].
///
/// # Shapes
/// `[N, C, H, W]` → `[N, C, oh, ow]`, with `oh = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`, rounded up with
/// [`ceil_mode`](Pool::ceil_mode), and `ow` alike.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::MaxPool2d};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([1, 1, 2, 4], vec![1.0, 2.0, 5.0, 0.0, 3.0, 4.0, 0.0, 6.0]));
/// let y = MaxPool2d::new(2).forward(&params.on(&tape), x);
/// assert_eq!(y.value().iter().copied().collect::<Vec<_>>(), [4.0, 6.0]);
/// let overlapping = MaxPool2d::with(tape::Pool::new(3).stride(2).padding(1));
/// assert_eq!(overlapping.forward(&params.on(&tape), x).shape(), [1, 1, 1, 2]);
/// ```
pub type MaxPool2d = MaxPool<2>;

/// The mean of each window: [`AvgPool1d`] of sequences, [`AvgPool2d`] of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool<const N: usize> {
    /// How the windows lie.
    pub options: Pool<N>,
}

/// The mean of each window of a sequence: [`Tensor::avg_pool1d`]. `[N, C, L]` → `[N, C, l]`.
pub type AvgPool1d = AvgPool<1>;

/// The mean of each window of an image: [`Tensor::avg_pool2d`].
///
/// # Shapes
/// As of [`MaxPool2d`].
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::AvgPool2d};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([1, 1, 2, 2], vec![1.0, 2.0, 3.0, 6.0]));
/// assert_eq!(AvgPool2d::new(2).forward(&params.on(&tape), x).value()[[0, 0, 0, 0]], 3.0);
/// ```
pub type AvgPool2d = AvgPool<2>;

impl<const N: usize> MaxPool<N> {
    /// Windows of so many places, side by side.
    #[must_use]
    pub fn new(kernel: impl Into<PerAxis<N>>) -> Self {
        Self::with(Pool::new(kernel))
    }

    /// Windows with stride, padding, dilation of their own.
    #[must_use]
    pub fn with(options: Pool<N>) -> Self {
        Self { options }
    }
}

impl<const N: usize> AvgPool<N> {
    /// Windows of so many places, side by side.
    #[must_use]
    pub fn new(kernel: impl Into<PerAxis<N>>) -> Self {
        Self::with(Pool::new(kernel))
    }

    /// Windows with stride and padding of their own.
    #[must_use]
    pub fn with(options: Pool<N>) -> Self {
        Self { options }
    }
}

macro_rules! pools {
    ($($Pool:ident<$N:literal> $kind:literal $method:ident)*) => {$(
        impl<T: Element> Layer<T> for $Pool<$N> {
            #[track_caller]
            fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
                x.$method(self.options)
            }

            fn kind(&self) -> Cow<'static, str> {
                $kind.into()
            }
        }
    )*};
}

pools! {
    MaxPool<1> "MaxPool1d" max_pool1d
    MaxPool<2> "MaxPool2d" max_pool2d
    AvgPool<1> "AvgPool1d" avg_pool1d
    AvgPool<2> "AvgPool2d" avg_pool2d
}

/// Means of as many windows of images as are asked for, whatever the extent of the images:
/// [`Tensor::adaptive_avg_pool2d`].
///
/// # Shapes
/// `[N, C, H, W]` → `[N, C, oh, ow]`
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::AdaptiveAvgPool2d};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([1, 3, 7, 5], vec![1.0; 105]));
/// assert_eq!(AdaptiveAvgPool2d::new([2, 1]).forward(&params.on(&tape), x).shape(), [1, 3, 2, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool2d {
    /// How many windows there are along each axis.
    pub outputs: [usize; 2],
}

impl AdaptiveAvgPool2d {
    /// So many windows along each axis.
    #[must_use]
    pub fn new(outputs: impl Into<PerAxis<2>>) -> Self {
        Self { outputs: outputs.into().into() }
    }
}

impl<T: Element> Layer<T> for AdaptiveAvgPool2d {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        x.adaptive_avg_pool2d(self.outputs)
    }
}

/// The mean of each channel, over all its places: what stands between the last convolution and the classes.
///
/// # Shapes
/// `[N, C, …]` → `[N, C]`
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::GlobalAvgPool};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([1, 2, 1, 2], vec![1.0, 3.0, 5.0, 9.0]));
/// let y = GlobalAvgPool.forward(&params.on(&tape), x);
/// assert_eq!((y.shape(), y.value()[[0, 1]]), (&[1, 2][..], 7.0));
/// ```
///
/// # Panics
/// There are no places.
///
/// Source: M. Lin, Q. Chen, S. Yan, *Network In Network* (2014), arXiv:1312.4400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalAvgPool;

impl<T: Element> Layer<T> for GlobalAvgPool {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let axes: Vec<isize> = (2..x.shape().len()).map(usize::cast_signed).collect();
        assert!(
            !axes.is_empty(),
            "global_avg_pool: {:?}: channels and their places are wanted, [N, C, …]",
            x.shape()
        );
        x.mean_axes(&axes, false)
    }
}
