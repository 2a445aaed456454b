//! Which shape a sample has between blocks, and what does not fit.

use tape::{Error, ErrorKind, Shape};

use super::{Architecture, Block};

impl Architecture {
    /// The shape of a sample after each block.
    pub(in crate::layers) fn shapes(&self) -> Result<Vec<Shape>, Error> {
        let fault = |text: String| Error::new(ErrorKind::Shape, text).operation("architecture");
        if !matches!(self.input.len(), 1 | 3) || self.input.contains(&0) {
            return Err(fault(format!(
                "[features] or [channels, height, width] of a sample are wanted, found {:?}",
                self.input
            )));
        }
        let mut shapes: Vec<Shape> = Vec::with_capacity(self.blocks.len());
        for (k, block) in self.blocks.iter().enumerate() {
            let before = shapes.last().unwrap_or(&self.input);
            let after = block.shape(before);
            let about = |text: String| fault(format!("block {}, \"{block}\": {text}", k + 1));
            shapes.push(after.map_err(about)?);
        }
        Ok(shapes)
    }
}

impl Block {
    /// The shape of a sample after it; or what is wrong.
    fn shape(self, before: &[usize]) -> Result<Shape, String> {
        let image = || match *before {
            [channels, height, width] => Ok([channels, height, width]),
            _ => Err(format!("an image [channels, height, width] is wanted, found {before:?}")),
        };
        let of = |shape: [usize; 3]| Ok(Shape::from_slice(&shape));
        match self {
            Self::Conv { channels, kernel, stride, groups, same } => {
                let [inputs, height, width] = image()?;
                positive([channels, kernel, stride, groups])?;
                if inputs % groups != 0 || channels % groups != 0 {
                    return Err(format!(
                        "{inputs} input and {channels} output channels cannot be shared evenly by {groups} groups"
                    ));
                }
                if same {
                    return of([channels, height.div_ceil(stride), width.div_ceil(stride)]);
                }
                match [height, width].map(|extent| extent.checked_sub(kernel).map(|steps| steps / stride + 1))
                {
                    [Some(height), Some(width)] => of([channels, height, width]),
                    _ => Err(format!("there is no window of {kernel} × {kernel} in {before:?}")),
                }
            }
            Self::Residual { channels, kernel, stride } => {
                let [_, height, width] = image()?;
                positive([channels, kernel, stride, 1])?;
                of([channels, height.div_ceil(stride), width.div_ceil(stride)])
            }
            Self::MaxPool(window) | Self::AvgPool(window) => {
                let [channels, height, width] = image()?;
                positive([window; 4])?;
                if window > height.min(width) {
                    return Err(format!("there is no window of {window} × {window} in {before:?}"));
                }
                of([channels, height / window, width / window])
            }
            Self::GlobalPool => {
                let [channels, ..] = image()?;
                of([channels, 1, 1])
            }
            Self::Linear(0) => Err("0 outputs".into()),
            Self::Linear(units) => Ok(Shape::from_slice(&[units])),
            Self::Dropout(p) if !(0.0..1.0).contains(&p) => Err("a probability in [0, 1) is wanted".into()),
            Self::Dropout(_) | Self::BatchNorm | Self::LayerNorm | Self::Activation(_) => Ok(before.into()),
        }
    }
}

fn positive(numbers: [usize; 4]) -> Result<(), String> {
    if numbers.contains(&0) { Err("a number of it is 0".into()) } else { Ok(()) }
}
