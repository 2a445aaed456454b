//! From the losses of rows or elements to one.

use tape::{Element, Error, ErrorKind, Shape, Tensor, slices};

/// What becomes of the losses of single rows or elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// Their mean, so that the gradient does not grow with the batch.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Their sum over the number of samples, which is the extent of the first axis: the mean over the batch of what each
    /// sample loses in all its elements. Without an axis there is one sample.
    BatchMean,
    /// They stay as they are.
    None,
}

impl Reduction {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Mean, Self::Sum, Self::BatchMean, Self::None];

    /// The shape of the result, for losses of this shape; `nothing` is what they are called where there are none.
    pub(super) fn shape(self, losses: &[usize], nothing: &str) -> Result<Shape, Error> {
        let empty = match self {
            Self::None => return Ok(losses.into()),
            Self::Mean => losses.contains(&0),
            Self::BatchMean => losses.first() == Some(&0),
            Self::Sum => false,
        };
        if empty {
            return Err(Error::new(ErrorKind::Empty, format!("there is no mean over {nothing}")));
        }
        Ok(Shape::new())
    }

    /// What the sum of losses of this shape is divided by.
    pub(super) fn divisor<T: Element>(self, losses: &[usize]) -> T {
        let count = match self {
            Self::Mean => losses.iter().product(),
            Self::BatchMean => losses.first().copied().unwrap_or(1),
            Self::Sum | Self::None => 1,
        };
        T::of(count as f64)
    }

    /// Writes the result of `n` losses, of which `fill(first, losses)` writes a few at a time. Where nothing counts, the
    /// divisor is 0 and so is the result.
    pub(super) fn reduce<T: Element>(
        self,
        n: usize,
        divisor: T,
        output: &mut [T],
        mut fill: impl FnMut(usize, &mut [T]),
    ) {
        if self == Self::None {
            return fill(0, output);
        }
        let sum = slices::sum_of(n, fill);
        output[0] = if divisor.is_zero() { T::zero() } else { sum / divisor };
    }

    /// The upstream gradient of each loss, from that of the result.
    pub(super) fn upstream<T: Element>(self, upstream: &[T], divisor: T) -> impl Fn(usize) -> T {
        let share = match upstream {
            [upstream] if !divisor.is_zero() => *upstream / divisor,
            _ => T::zero(),
        };
        move |k| if self == Self::None { upstream[k] } else { share }
    }

    /// What becomes of the losses, step by step, with another divisor of a mean than their count where there is one.
    pub(super) fn in_parts<T: Element>(self, losses: Tensor<'_, T>, divisor: Option<T>) -> Tensor<'_, T> {
        let axes: Vec<isize> = (0..losses.shape().len().cast_signed()).collect();
        let divisor = divisor.unwrap_or_else(|| self.divisor(losses.shape()));
        match self {
            Self::None => losses,
            Self::Mean if divisor == self.divisor(losses.shape()) => losses.mean_axes(&axes, false),
            // Of nothing that counts the mean is 0, as the sum is.
            _ if divisor.is_one() || divisor.is_zero() => losses.sum_axes(&axes, false),
            _ => losses.sum_axes(&axes, false) / divisor,
        }
    }
}
