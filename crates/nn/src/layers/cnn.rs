//! A convolutional network, block by block.

use tape::{Element, Error};

use super::{Activation, Architecture, Block, Network};
use crate::or_panic;
use crate::params::Params;

/// A convolutional network in the making: convolutions, each with batch normalisation and an activation, pools, and then
/// hidden layers in front of as many outputs as there are classes. The outputs are logits.
///
/// It takes images `[N, channels, height, width]`, and rows of as many numbers. What it writes is an [`Architecture`],
/// which can say more.
///
/// ```
/// use nn::{Cnn, Layer, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Cnn::new([1, 28, 28], 10)
///     .conv(32, 3)
///     .pool(2)
///     .conv(64, 3)
///     .pool(2)
///     .dropout(0.25)
///     .linear(128)
///     .dropout(0.5)
///     .build(&mut params);
/// assert_eq!(
///     model.architecture().to_string(),
///     "cnn 1x28x28: conv 32x3 bn relu, pool 2, conv 64x3 bn relu, pool 2, dropout 0.25, \
///      linear 128 relu, dropout 0.5, linear 10"
/// );
/// let tape = tape::Tape::new();
/// let rows = tape.constant(([2, 784], vec![0.5; 1568]));
/// assert_eq!(model.forward(&params.on(&tape).evaluation(), rows).shape(), [2, 10]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cnn {
    architecture: Architecture,
    classes: usize,
    activation: Activation,
    normalised: bool,
}

impl Cnn {
    /// No blocks yet, for images with so many channels, rows and columns, of so many classes.
    pub fn new(image: [usize; 3], classes: usize) -> Self {
        let architecture = Architecture::new(&image);
        Self { architecture, classes, activation: Activation::Relu, normalised: true }
    }

    /// The same with another activation of the blocks to come; until then it is `relu`.
    #[must_use]
    pub fn activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// The same without batch normalisation in the blocks to come.
    #[must_use]
    pub fn without_batch_norm(self) -> Self {
        Self { normalised: false, ..self }
    }

    /// A convolution to so many channels with square kernels, which keeps the size of the image.
    #[must_use]
    pub fn conv(self, channels: usize, kernel: usize) -> Self {
        let normalised = self.normalised;
        let cnn = self.then(Block::conv(channels, kernel));
        if normalised { cnn.then(Block::BatchNorm).activated() } else { cnn.activated() }
    }

    /// A residual block to so many channels with kernels of 3 × 3: see [`Block::Residual`].
    #[must_use]
    pub fn residual(self, channels: usize, stride: usize) -> Self {
        self.then(Block::Residual { channels, kernel: 3, stride })
    }

    /// The largest number of each window of this extent.
    #[must_use]
    pub fn pool(self, window: usize) -> Self {
        self.then(Block::MaxPool(window))
    }

    /// The mean of each channel.
    #[must_use]
    pub fn global_pool(self) -> Self {
        self.then(Block::GlobalPool)
    }

    /// Dropout with this probability.
    #[must_use]
    pub fn dropout(self, p: f64) -> Self {
        self.then(Block::Dropout(p))
    }

    /// A hidden layer of so many units.
    #[must_use]
    pub fn linear(self, units: usize) -> Self {
        self.then(Block::Linear(units)).activated()
    }

    /// Any block.
    #[must_use]
    pub fn then(self, block: Block) -> Self {
        Self { architecture: self.architecture.then(block), ..self }
    }

    fn activated(self) -> Self {
        let activation = self.activation;
        self.then(Block::Activation(activation))
    }

    /// All of it, with the outputs.
    pub fn architecture(&self) -> Architecture {
        self.architecture.clone().then(Block::Linear(self.classes))
    }

    /// The network.
    ///
    /// # Panics
    /// As [`try_build`](Self::try_build) fails.
    #[track_caller]
    pub fn build<T: Element + 'static>(&self, params: &mut Params<T>) -> Network<T> {
        or_panic(self.try_build(params))
    }

    /// The network.
    ///
    /// ```
    /// use nn::{Cnn, Params};
    /// let cnn = Cnn::new([1, 8, 8], 10).conv(8, 3).pool(4).conv(8, 3).pool(4);
    /// let error = cnn.try_build(&mut Params::<f32>::seeded(42)).unwrap_err().to_string();
    /// assert!(error.starts_with("architecture: block 8, \"pool 4\": there is no window of 4 × 4 in [8, 2, 2] (at "));
    /// ```
    ///
    /// # Errors
    /// As of [`Architecture::build`].
    #[track_caller]
    pub fn try_build<T: Element + 'static>(&self, params: &mut Params<T>) -> Result<Network<T>, Error> {
        self.architecture().build(params)
    }
}
