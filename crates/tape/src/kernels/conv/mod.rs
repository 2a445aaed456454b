//! Convolutions of images: three products, of which each takes two of input, weight and output and gives the third.
//!
//! With images `x [batch, groups · inputs, h, w]`, weights `w [groups · outputs, inputs, kh, kw]` and output
//! `y [batch, groups · outputs, oh, ow]`, all of them are sums of `x · w · y`-terms over the same positions: see
//! [`plain`], which serves every number type. [`fast`] is for `f32` and `f64`.

mod along;
mod fast;
mod padded;
mod plain;
mod taps;
#[cfg(test)]
mod tests;
mod weight;

use crate::kernels::windows::Axis;
pub(crate) use fast::{fast, scratch_len};
pub(crate) use plain::plain;

/// The extents of a convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    /// Images.
    pub(crate) batch: usize,
    /// Groups of channels that know nothing of one another.
    pub(crate) groups: usize,
    /// Channels of the input in a group.
    pub(crate) inputs: usize,
    /// Channels of the output in a group.
    pub(crate) outputs: usize,
    /// Windows along rows and columns.
    pub(crate) axes: [Axis; 2],
}

/// Two factors, which say what the product is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Product<'a, T> {
    /// The output: the value of a convolution.
    Output { x: &'a [T], w: &'a [T] },
    /// The input: the gradient in it, and the value of a transposed convolution.
    Input { y: &'a [T], w: &'a [T] },
    /// The weight: the gradient in it.
    Weight { x: &'a [T], y: &'a [T] },
}

/// What the product is added to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'a, T> {
    /// Nothing: what stands there does not matter.
    Nothing,
    /// What stands there.
    Output,
    /// A number for each channel.
    Channels(&'a [T]),
}

/// A product to be computed.
#[derive(Debug)]
pub struct Job<'a, T> {
    /// The extents.
    pub(crate) geometry: &'a Geometry,
    /// The factors.
    pub(crate) product: Product<'a, T>,
    /// What it is added to.
    pub(crate) start: Start<'a, T>,
    /// Where it goes.
    pub(crate) out: &'a mut [T],
    /// Room, as much as [`scratch_len`] says.
    pub(crate) scratch: &'a mut [T],
}

impl<T> Start<'_, T> {
    /// Where contributions are added or written.
    pub(crate) fn to(accumulate: bool) -> Self {
        if accumulate { Self::Output } else { Self::Nothing }
    }
}

impl Geometry {
    /// Numbers in a plane of the input, of the output, and of the weight.
    pub(crate) fn planes(&self) -> [usize; 3] {
        let [rows, columns] = &self.axes;
        [rows.input * columns.input, rows.output * columns.output, rows.kernel * columns.kernel]
    }

    /// Numbers of all weights.
    pub(crate) fn weights(&self) -> usize {
        self.groups * self.outputs * self.inputs * self.planes()[2]
    }

    /// Multiply-adds of each product, padding included.
    pub(crate) fn work(&self) -> usize {
        self.batch.saturating_mul(self.weights()).saturating_mul(self.planes()[1])
    }

    /// Channels of what a product gives.
    fn channels_of<T>(&self, product: &Product<'_, T>) -> usize {
        match product {
            Product::Output { .. } => self.groups * self.outputs,
            Product::Input { .. } => self.groups * self.inputs,
            Product::Weight { .. } => 1,
        }
    }
}
