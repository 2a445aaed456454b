//! Statistics that are carried from batch to batch.

use crate::element::Element;
use crate::error::{Error, ErrorKind};

/// The mean and the variance of each channel, carried from batch to batch by
/// [`batch_norm`](crate::Tensor::batch_norm), for evaluation.
///
/// ```
/// let running = tape::RunningStatistics::<f32>::new(3);
/// assert_eq!((running.mean[0], running.variance[0], running.momentum), (0.0, 1.0, 0.1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RunningStatistics<T> {
    /// A mean for each channel.
    pub mean: Vec<T>,
    /// A variance for each channel: a mean of unbiased ones.
    pub variance: Vec<T>,
    /// The share of each new batch: `new = (1 − momentum) · old + momentum · batch`.
    pub momentum: f64,
}

impl<T: Element> RunningStatistics<T> {
    /// Means of 0 and variances of 1; a batch has a share of 0.1.
    pub fn new(channels: usize) -> Self {
        Self { mean: vec![T::zero(); channels], variance: vec![T::one(); channels], momentum: 0.1 }
    }

    /// Whether they can learn from a batch of this shape.
    pub(super) fn check(&self, shape: &[usize]) -> Result<(), Error> {
        let &[samples, channels, ref places @ ..] = shape else { return Ok(()) };
        let known = [self.mean.len(), self.variance.len()];
        if known != [channels; 2] {
            let text = format!(
                "running means of {} and variances of {} channels, in place of {channels}",
                known[0], known[1]
            );
            return Err(Error::new(ErrorKind::Shape, text));
        }
        if samples * places.iter().product::<usize>() == 1 {
            let text =
                "one number for each channel: there is no unbiased variance for the running statistics";
            return Err(Error::new(ErrorKind::Value, text));
        }
        Ok(())
    }

    /// Moves towards the mean and the biased variance of a batch of `count` numbers a channel.
    pub(super) fn learn(&mut self, mean: &[T], variance: &[T], count: usize) {
        let (old, new) = (T::of(1.0 - self.momentum), T::of(self.momentum));
        let unbiased = T::of(count as f64) / T::of((count - 1) as f64);
        for (running, &batch) in self.mean.iter_mut().zip(mean) {
            *running = old * *running + new * batch;
        }
        for (running, &batch) in self.variance.iter_mut().zip(variance) {
            *running = old * *running + new * (batch * unbiased);
        }
    }
}
