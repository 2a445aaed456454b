//! Pools of images: the largest number, or the mean, of windows that move over each plane.

mod average;
mod fast;
mod maximum;
#[cfg(test)]
mod tests;

pub(crate) use average::{Means, means, means_vjp};
pub(crate) use fast::{fast, fast_vjp};
pub(crate) use maximum::{Maxima, MaximaVjp, plain, plain_vjp};
