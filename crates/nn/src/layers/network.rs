//! A network that was built from its description.

use tape::{Element, Error, Shape, Tensor};

use super::{
    Activation, AdaptiveAvgPool2d, Architecture, AvgPool2d, BatchNorm, Block, Conv2d, Dropout, Flatten,
    Layer, LayerNorm, Linear, MaxPool2d, Reshape, Residual, Sequential,
};
use crate::init::Init;
use crate::net::Net;
use crate::params::Params;

/// A network that [`Architecture::build`] or [`Cnn::build`](super::Cnn::build) has made. A clone shares the parameters.
///
/// # Shapes
/// `[N, features]` or `[N, channels, height, width]`, whichever the [architecture](Self::architecture) has; samples that
/// come in another shape with as many numbers, as the rows of a [`Dataset`](crate::Dataset) do, are reshaped.
///
/// # Example
/// ```
/// use nn::{Architecture, Layer, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Architecture::parse("cnn 1x8x8: conv 4x3 relu, pool 2, linear 10")?.build(&mut params)?;
/// let tape = tape::Tape::new();
/// let rows = tape.constant(([5, 64], vec![0.5; 320]));
/// assert_eq!(model.forward(&params.on(&tape), rows).shape(), [5, 10]);
/// let names: Vec<_> = params.iter().map(|(_, name, _)| name).collect();
/// assert_eq!(names, ["layers.0.weight", "layers.0.bias", "layers.4.weight", "layers.4.bias"]);
/// # Ok::<(), tape::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network<T: Element> {
    architecture: Architecture,
    input: Reshape,
    layers: Sequential<T>,
}

impl<T: Element + 'static> Network<T> {
    /// Adds the parameters; what was added before an error is left to the caller.
    pub(super) fn new(
        architecture: &Architecture,
        params: &mut Params<T>,
        name: &str,
    ) -> Result<Self, Error> {
        let (blocks, after) = (architecture.blocks(), architecture.shapes()?);
        let mut layers = Sequential::new();
        let mut before = Shape::from_slice(architecture.input());
        for (k, &block) in blocks.iter().enumerate() {
            if matches!(block, Block::Linear(_)) && before.len() > 1 {
                layers.push(Flatten);
            }
            let name = format!("{name}.{}", layers.len());
            let rest = &blocks[k + 1..];
            add(&mut layers, params, &name, (block, rest), &before)?;
            before.clone_from(&after[k]);
        }
        Ok(Self { architecture: architecture.clone(), input: Reshape::new(architecture.input()), layers })
    }
}

impl<T: Element> Network<T> {
    /// What it was built from.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &Sequential<T> {
        &self.layers
    }
}

impl<T: Element> Layer<T> for Network<T> {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        self.layers.forward(net, self.input.forward(net, x))
    }
}

/// The layer of a block that is followed by others, for samples of a shape.
fn add<T: Element + 'static>(
    layers: &mut Sequential<T>,
    params: &mut Params<T>,
    name: &str,
    (block, rest): (Block, &[Block]),
    before: &[usize],
) -> Result<(), Error> {
    match block {
        Block::Conv { channels, kernel, stride, groups, same } => {
            let sides = [before[0], channels];
            let conv = Conv2d::named(params, name, sides, kernel, groups, init(rest))?.stride(stride);
            let conv = if rest.first() == Some(&Block::BatchNorm) { conv.without_bias(params) } else { conv };
            layers.push(if same { conv.same() } else { conv });
        }
        Block::Residual { channels, kernel, stride } => {
            layers.push(residual(params, name, [before[0], channels], kernel, stride)?);
        }
        Block::MaxPool(window) => layers.push(MaxPool2d::new(window)),
        Block::AvgPool(window) => layers.push(AvgPool2d::new(window)),
        Block::GlobalPool => layers.push(AdaptiveAvgPool2d::new(1)),
        Block::BatchNorm => layers.push(BatchNorm::named(params, name, before[0])?),
        Block::LayerNorm => layers.push(LayerNorm::named(params, name, before)?),
        Block::Activation(activation) => layers.push(activation),
        Block::Dropout(p) => layers.push(Dropout::new(p)),
        Block::Linear(units) => {
            let mut linear = Linear::named(params, name, before.iter().product(), units, init(rest))?;
            if rest.first() == Some(&Block::BatchNorm) {
                linear.bias.take().into_iter().for_each(|bias| params.remove(bias));
            }
            layers.push(linear);
        }
    }
    Ok(())
}

/// The first weights for what follows: those of the next activation, if nothing else is learnt before it.
fn init(rest: &[Block]) -> Init {
    let passed = |block: &&Block| {
        matches!(block, Block::BatchNorm | Block::LayerNorm | Block::Dropout(_))
            || matches!(block, Block::MaxPool(_) | Block::AvgPool(_) | Block::GlobalPool)
    };
    match rest.iter().find(|block| !passed(block)) {
        Some(Block::Activation(activation)) => activation.init(),
        _ => Init::GlorotUniform,
    }
}

/// The basic block of residual networks, with the names of `torchvision`.
fn residual<T: Element + 'static>(
    params: &mut Params<T>,
    name: &str,
    [inputs, channels]: [usize; 2],
    kernel: usize,
    stride: usize,
) -> Result<Sequential<T>, Error> {
    let mut conv = |[conv, norm]: [&str; 2], sides: [usize; 2], kernel: usize, stride: usize| {
        let conv = Conv2d::named(params, &format!("{name}.{conv}"), sides, kernel, 1, Init::HeUniform)?;
        let conv = conv.without_bias(params).stride(stride).same();
        let norm = BatchNorm::named(params, &format!("{name}.{norm}"), sides[1])?;
        Ok::<_, Error>(Sequential::new().then(conv).then(norm))
    };
    let sides = [inputs, channels];
    let first = conv(["conv1", "bn1"], sides, kernel, stride)?;
    let second = conv(["conv2", "bn2"], [channels; 2], kernel, 1)?;
    let way = Residual::new(first.then(Activation::Relu).join(second));
    let way = if inputs == channels && stride == 1 {
        way
    } else {
        way.project(conv(["downsample.0", "downsample.1"], sides, 1, stride)?)
    };
    Ok(Sequential::new().then(way).then(Activation::Relu))
}
