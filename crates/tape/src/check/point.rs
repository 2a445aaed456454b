//! A point: the numbers of several tensors as one row, and directions to move it in.

use ndarray::{ArrayD, IxDyn};

use crate::shape;

/// The inputs of a check.
pub(super) struct Point {
    shapes: Vec<Vec<usize>>,
    pub(super) numbers: Vec<f64>,
}

impl Point {
    pub(super) fn new(inputs: &[ArrayD<f64>]) -> Self {
        let shapes = inputs.iter().map(|input| input.shape().to_vec()).collect();
        Self { shapes, numbers: inputs.iter().flat_map(|input| input.iter().copied()).collect() }
    }

    /// The tensors of other numbers in place of the point's.
    pub(super) fn arrays<T>(&self, number: impl Fn(usize) -> T) -> Vec<ArrayD<T>> {
        let mut first = 0;
        let array = |extents: &Vec<usize>| {
            let len: usize = extents.iter().product();
            let numbers = (first..first + len).map(&number).collect();
            first += len;
            ArrayD::from_shape_vec(IxDyn(extents), numbers)
                .expect("as many numbers as the shape has elements")
        };
        self.shapes.iter().map(array).collect()
    }

    /// Which input a number belongs to, and its index there.
    pub(super) fn place(&self, mut position: usize) -> (usize, Vec<usize>) {
        for (input, extents) in self.shapes.iter().enumerate() {
            let len: usize = extents.iter().product();
            if position < len {
                return (input, shape::unravel(position, extents).to_vec());
            }
            position -= len;
        }
        unreachable!("the position is one of a number")
    }

    /// How far number `k` moves for a step of 1: as far as it is large, but 1 at least.
    pub(super) fn scale(&self, k: usize) -> f64 {
        self.numbers[k].abs().max(1.0)
    }

    /// A random direction.
    pub(super) fn direction(&self, random: &mut Random) -> Vec<f64> {
        (0..self.numbers.len()).map(|k| random.signed() * self.scale(k)).collect()
    }
}

/// A small generator of numbers.
///
/// Source: G. Steele, D. Lea and C. Flood, “Fast splittable pseudorandom number generators”, 2014.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// A number between ½ and 1, or its negative: no part of a direction is lost.
    pub(super) fn signed(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let size = 0.5 + 0.5 * ((bits >> 11) as f64 / (1u64 << 53) as f64);
        if bits & 1 == 0 { size } else { -size }
    }
}
