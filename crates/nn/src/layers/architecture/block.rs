//! One block of an architecture.

use std::fmt;

use crate::layers::Activation;

/// One block of an [`Architecture`](super::Architecture). Its text is as the table there says.
///
/// ```
/// use nn::layers::Block;
/// let block = Block::Conv { channels: 32, kernel: 3, stride: 2, groups: 1, same: true };
/// assert_eq!(block.to_string(), "conv 32x3 stride 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// A convolution with square kernels.
    Conv {
        /// Of the output.
        channels: usize,
        /// The extent of a kernel along both axes.
        kernel: usize,
        /// From one window to the next.
        stride: usize,
        /// Groups of channels that know nothing of one another.
        groups: usize,
        /// Zeros around the image keep its extents, divided by the stride: see [`Padding::Same`](crate::layers::Padding).
        same: bool,
    },
    /// Two convolutions with batch normalisation and a `relu` between them, added to what came in, and another `relu`: the
    /// basic block of residual networks. Where channels or extents change, what came in goes through a convolution with a
    /// kernel of 1 × 1 and batch normalisation.
    Residual {
        /// Of the output.
        channels: usize,
        /// The extent of a kernel along both axes.
        kernel: usize,
        /// From one window of the first convolution to the next.
        stride: usize,
    },
    /// The largest number of windows of this extent, side by side.
    MaxPool(usize),
    /// The mean of windows of this extent, side by side.
    AvgPool(usize),
    /// The mean of each channel.
    GlobalPool,
    /// Batch normalisation.
    BatchNorm,
    /// Layer normalisation of all numbers of a sample.
    LayerNorm,
    /// An activation.
    Activation(Activation),
    /// Dropout with this probability.
    Dropout(f64),
    /// An affine map to so many numbers.
    Linear(usize),
}

impl Block {
    /// A convolution with a stride of 1 that keeps the extents of the image.
    #[must_use]
    pub fn conv(channels: usize, kernel: usize) -> Self {
        Self::Conv { channels, kernel, stride: 1, groups: 1, same: true }
    }

    /// A comma stands before it, since it does not go with the block before it.
    pub(super) fn begins_a_group(self) -> bool {
        !matches!(self, Self::BatchNorm | Self::LayerNorm | Self::Activation(_))
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Conv { channels, kernel, stride, groups, same } => {
                write!(f, "conv {channels}x{kernel}")?;
                if stride != 1 {
                    write!(f, " stride {stride}")?;
                }
                if groups != 1 {
                    write!(f, " groups {groups}")?;
                }
                if same { Ok(()) } else { write!(f, " valid") }
            }
            Self::Residual { channels, kernel, stride: 1 } => write!(f, "residual {channels}x{kernel}"),
            Self::Residual { channels, kernel, stride } => {
                write!(f, "residual {channels}x{kernel} stride {stride}")
            }
            Self::MaxPool(window) => write!(f, "pool {window}"),
            Self::AvgPool(window) => write!(f, "avgpool {window}"),
            Self::GlobalPool => write!(f, "globalpool"),
            Self::BatchNorm => write!(f, "bn"),
            Self::LayerNorm => write!(f, "ln"),
            Self::Activation(activation) => write!(f, "{activation}"),
            Self::Dropout(p) => write!(f, "dropout {p}"),
            Self::Linear(units) => write!(f, "linear {units}"),
        }
    }
}
