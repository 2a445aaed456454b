//! What a network is made of, as a line of text.

mod block;
mod parse;
mod shapes;
#[cfg(test)]
mod tests;

use std::fmt;
use std::panic::Location;
use std::str::FromStr;

use tape::{Element, Error, Shape};

pub use block::Block;

use super::{Activation, Network};
use crate::params::Params;

/// The shape of a sample and the blocks of a network, one after another: what a checkpoint keeps, so that the network can
/// be built again.
///
/// It is one line of text, and back. It begins with `mlp` and how many numbers a sample has, or with `cnn` and the
/// channels, height and width of an image; then come blocks, with or without commas between them:
///
/// | text | block |
/// |---|---|
/// | `conv 32x3` | a convolution to 32 channels with kernels of 3 × 3; zeros around the image keep its size |
/// | … `stride 2`, `groups 4`, `valid` | with that stride; in so many groups; without zeros around the image |
/// | `residual 64x3` … `stride 2` | two convolutions with batch normalisation and a way around them, then `relu` |
/// | `pool 2`, `avgpool 2` | the largest number, or the mean, of windows of 2 × 2 side by side |
/// | `globalpool` | the mean of each channel |
/// | `bn`, `ln` | batch normalisation; layer normalisation of all numbers of a sample |
/// | `relu`, `leaky_relu(0.2)` … | an [`Activation`] by its name |
/// | `dropout 0.5` | [`Dropout`](super::Dropout) |
/// | `linear 128` | an affine map to 128 numbers; images become rows first |
///
/// A convolution or an affine map that `bn` follows has no bias.
///
/// ```
/// use nn::{Architecture, Params};
/// let text = "cnn 1x28x28: conv 32x3 bn relu, pool 2, conv 64x3 bn relu, pool 2, linear 128 relu, dropout 0.5, linear 10";
/// let architecture = Architecture::parse(text)?;
/// assert_eq!(architecture.to_string(), text);
/// let mut params = Params::<f32>::seeded(42);
/// let model = architecture.build(&mut params)?;
/// println!("{}", nn::summary(&params, &model, &[1, 28, 28]));
///
/// let error = Architecture::parse("cnn 1x8x8: conv 8x3, pool 16").unwrap_err();
/// assert_eq!(error.to_string(), "architecture: block 2, \"pool 16\": there is no window of 16 × 16 in [8, 8, 8]");
/// # Ok::<(), tape::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    input: Shape,
    blocks: Vec<Block>,
}

impl Architecture {
    /// No blocks yet, for samples of this shape: `[features]` or `[channels, height, width]`.
    pub fn new(input: &[usize]) -> Self {
        Self { input: input.into(), blocks: Vec::new() }
    }

    /// A multilayer perceptron with so many inputs, units in each hidden layer, and outputs.
    ///
    /// ```
    /// use nn::{Activation, Architecture};
    /// let architecture = Architecture::mlp(&[64, 32, 10], Activation::Relu);
    /// assert_eq!(architecture.to_string(), "mlp 64: linear 32 relu, linear 10");
    /// ```
    pub fn mlp(widths: &[usize], activation: Activation) -> Self {
        let (input, units) = widths.split_at(widths.len().min(1));
        let mut architecture = Self::new(input);
        for (k, &units) in units.iter().enumerate() {
            if k > 0 {
                architecture.push(Block::Activation(activation));
            }
            architecture.push(Block::Linear(units));
        }
        architecture
    }

    /// One block more, at the end.
    #[must_use]
    pub fn then(mut self, block: Block) -> Self {
        self.push(block);
        self
    }

    /// One block more, at the end.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// The shape of a sample.
    pub fn input(&self) -> &[usize] {
        &self.input
    }

    /// The blocks, first to last.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Reads the text.
    ///
    /// # Errors
    /// It begins with neither `mlp` nor `cnn` and a shape; a block is unknown, its numbers are missing or senseless; or it
    /// does not fit what comes before it. The text says which block it is.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let architecture = parse::parse(text)?;
        architecture.shapes()?;
        Ok(architecture)
    }

    /// The shape of a sample after the last block.
    ///
    /// # Errors
    /// There is no input, or a block does not fit what comes before it.
    pub fn output(&self) -> Result<Shape, Error> {
        Ok(self.shapes()?.pop().unwrap_or_else(|| self.input.clone()))
    }

    /// The network. Its parameters are named `layers.0.weight` and so on, after the place of the layer in a `Sequential` of
    /// `PyTorch` with the same modules, a `Flatten` in front of the first `Linear` after an image included. First weights
    /// are those of the activation that follows: see [`Activation::init`].
    ///
    /// # Errors
    /// As of [`output`](Self::output) and [`Init::fill`](crate::Init::fill); or a name is taken. No parameter is added then.
    #[track_caller]
    pub fn build<T: Element + 'static>(&self, params: &mut Params<T>) -> Result<Network<T>, Error> {
        self.build_named(params, "layers")
    }

    /// The network with parameters named `name.0.weight` and so on.
    ///
    /// # Errors
    /// As of [`build`](Self::build).
    #[track_caller]
    pub fn build_named<T: Element + 'static>(
        &self,
        params: &mut Params<T>,
        name: &str,
    ) -> Result<Network<T>, Error> {
        let before = params.len();
        let here = Location::caller();
        let network = Network::new(self, params, name).map_err(|error| error.at(here));
        params.undo_if_failed(before, network)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.input.len() == 1 { "mlp" } else { "cnn" };
        let extents: Vec<String> = self.input.iter().map(ToString::to_string).collect();
        write!(f, "{kind} {}:", extents.join("x"))?;
        for (k, block) in self.blocks.iter().enumerate() {
            let comma = if k > 0 && block.begins_a_group() { "," } else { "" };
            write!(f, "{comma} {block}")?;
        }
        Ok(())
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}
