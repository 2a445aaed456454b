//! Samples changed at random, so that a network does not learn them by heart: [`Augment`].

use crate::data::error::{DataError, DataErrorKind};
use crate::generator::Generator;

#[cfg(test)]
mod tests;

/// Changes a sample at random; see [`Loader::augment`](super::Loader::augment).
///
/// A function of the sample and a generator is one. Give the types of its arguments:
///
/// ```
/// use nn::{Generator, data::Augment};
/// let noise = |sample: &mut [f32], generator: &mut Generator| {
///     sample.iter_mut().for_each(|x| *x += 0.1 * generator.normal() as f32);
/// };
/// let mut sample = [0.0; 4];
/// noise.augment(&mut sample, &[4], &mut Generator::seeded(1));
/// assert!(sample.iter().all(|&x| x != 0.0));
/// ```
pub trait Augment: Send + Sync + 'static {
    /// Changes one sample, which has this shape, in row-major order.
    ///
    /// All that is random is to come from the generator: then the same seed gives the same samples.
    fn augment(&self, sample: &mut [f32], shape: &[usize], generator: &mut Generator);

    /// Whether it can be used on samples of this shape.
    ///
    /// # Errors
    /// It cannot; the text says what shape is expected. Unless written otherwise, every shape is taken.
    fn fits(&self, shape: &[usize]) -> Result<(), DataError> {
        let _ = shape;
        Ok(())
    }
}

impl<F: Fn(&mut [f32], &mut Generator) + Send + Sync + 'static> Augment for F {
    fn augment(&self, sample: &mut [f32], _: &[usize], generator: &mut Generator) {
        self(sample, generator);
    }
}

impl std::fmt::Debug for dyn Augment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an augmentation")
    }
}

/// Mirrors an image from left to right, or from top to bottom, with a probability.
///
/// ```
/// use nn::Generator;
/// use nn::data::{Augment, RandomFlip};
/// let mut image = [1.0, 2.0, 3.0, 4.0];
/// RandomFlip::horizontal(1.0).augment(&mut image, &[1, 2, 2], &mut Generator::seeded(1));
/// assert_eq!(image, [2.0, 1.0, 4.0, 3.0]);
/// ```
///
/// Source: `PyTorch`'s `torchvision.transforms.RandomHorizontalFlip` and `RandomVerticalFlip`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFlip {
    probability: f64,
    vertical: bool,
}

impl RandomFlip {
    /// From left to right, with this probability: 0.5 is usual.
    ///
    /// ```
    /// use nn::{Generator, data::{Augment, RandomFlip}};
    /// let mut image = [1.0, 2.0];
    /// RandomFlip::horizontal(0.0).augment(&mut image, &[1, 1, 2], &mut Generator::seeded(1));
    /// assert_eq!(image, [1.0, 2.0]);
    /// ```
    pub fn horizontal(probability: f64) -> Self {
        Self { probability, vertical: false }
    }

    /// From top to bottom.
    ///
    /// ```
    /// use nn::{Generator, data::{Augment, RandomFlip}};
    /// let mut image = [1.0, 2.0];
    /// RandomFlip::vertical(1.0).augment(&mut image, &[1, 2, 1], &mut Generator::seeded(1));
    /// assert_eq!(image, [2.0, 1.0]);
    /// ```
    pub fn vertical(probability: f64) -> Self {
        Self { probability, vertical: true }
    }
}

impl Augment for RandomFlip {
    fn augment(&self, sample: &mut [f32], shape: &[usize], generator: &mut Generator) {
        if generator.uniform() >= self.probability || sample.is_empty() {
            return;
        }
        let (height, width) = (shape[1], shape[2]);
        if self.vertical {
            for image in sample.chunks_exact_mut(height * width) {
                let (top, bottom) = image.split_at_mut(height / 2 * width);
                top.chunks_exact_mut(width)
                    .zip(bottom.chunks_exact_mut(width).rev())
                    .for_each(|(a, b)| a.swap_with_slice(b));
            }
        } else {
            sample.chunks_exact_mut(width).for_each(<[f32]>::reverse);
        }
    }

    fn fits(&self, shape: &[usize]) -> Result<(), DataError> {
        if !(0.0..=1.0).contains(&self.probability) {
            let text =
                format!("random flip: a probability between 0 and 1 is expected, found {}", self.probability);
            return Err(DataError::new(DataErrorKind::Argument, text));
        }
        image("random flip", shape)
    }
}

/// Moves an image by some whole pixels, from 0 to a most in each direction, all distances equally likely. What moves in
/// from outside is 0.
///
/// This is the random crop of an image that was padded with zeros on all sides.
///
/// ```
/// use nn::Generator;
/// use nn::data::{Augment, RandomShift};
/// let mut generator = Generator::seeded(3);
/// let mut image = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
/// RandomShift::new(1).augment(&mut image, &[1, 3, 3], &mut generator);
/// assert_eq!(image.iter().sum::<f32>(), 1.0);
/// ```
///
/// Source: `PyTorch`'s `torchvision.transforms.RandomCrop` with `padding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomShift {
    most: usize,
}

impl RandomShift {
    /// By as many pixels at most: 4 is usual for images of 32 × 32.
    ///
    /// ```
    /// use nn::data::{Dataset, Loader, RandomShift};
    /// let loader = Loader::new(&Dataset::digits(), 32).shuffle(42).augment(RandomShift::new(1));
    /// assert_eq!(loader.epoch(0).len(), 57);
    /// ```
    pub fn new(most: usize) -> Self {
        Self { most }
    }

    /// From which position on an axis each comes, as (first written, first read, how many).
    fn along(self, len: usize, generator: &mut Generator) -> (usize, usize, usize) {
        let place = generator.below(2 * self.most + 1);
        let (forward, back) = (place.saturating_sub(self.most), self.most.saturating_sub(place));
        (forward.min(len), back.min(len), len.saturating_sub(forward.max(back)))
    }
}

impl Augment for RandomShift {
    fn augment(&self, sample: &mut [f32], shape: &[usize], generator: &mut Generator) {
        let (height, width) = (shape[1], shape[2]);
        let (to_y, from_y, rows) = self.along(height, generator);
        let (to_x, from_x, columns) = self.along(width, generator);
        if sample.is_empty() {
            return;
        }
        for image in sample.chunks_exact_mut(height * width) {
            // No row is written before it is read.
            for k in 0..rows {
                let k = if to_y > from_y { rows - 1 - k } else { k };
                let from = (from_y + k) * width + from_x;
                image.copy_within(from..from + columns, (to_y + k) * width + to_x);
            }
            for (y, row) in image.chunks_exact_mut(width).enumerate() {
                if (to_y..to_y + rows).contains(&y) {
                    row[..to_x].fill(0.0);
                    row[to_x + columns..].fill(0.0);
                } else {
                    row.fill(0.0);
                }
            }
        }
    }

    fn fits(&self, shape: &[usize]) -> Result<(), DataError> {
        image("random shift", shape)
    }
}

fn image(name: &str, shape: &[usize]) -> Result<(), DataError> {
    if shape.len() == 3 {
        return Ok(());
    }
    let text =
        format!("{name}: a sample of the shape [channels, height, width] is expected, found {shape:?}");
    Err(DataError::new(DataErrorKind::Shape, text))
}
