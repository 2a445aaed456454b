//! A copy of the planes of an image with its padding, in which neighbouring windows read neighbouring numbers.

use crate::kernels::gemm::vector::{MOST_LANES, Vector};

/// How the copy lies. Its lines hold the columns `0, s, 2s, …`, then `1, s + 1, …` and so on, for windows at a distance
/// of `s` columns: the numbers at one place of neighbouring windows are neighbours, whatever their stride.
#[derive(Clone, Copy, Debug)]
pub(super) struct Padded {
    /// Planes, and their extents without padding.
    channels: usize,
    extents: [usize; 2],
    /// Padding above and on the left.
    before: [usize; 2],
    /// The distance of windows in columns, and how many columns there are of each remainder.
    stride: usize,
    part: usize,
    /// Numbers in a plane.
    plane: usize,
}

impl Padded {
    /// Planes with padding on the left, and enough of it on the right for so many lines and columns altogether.
    pub(super) fn new(
        channels: usize,
        extents: [usize; 2],
        before: [usize; 2],
        least: [usize; 2],
        stride: usize,
    ) -> Self {
        let [lines, columns] = [0, 1].map(|axis| least[axis].max(before[axis] + extents[axis]));
        let part = columns.div_ceil(stride);
        Self { channels, extents, before, stride, part, plane: lines * stride * part }
    }

    /// Numbers of a line.
    pub(super) fn line(&self) -> usize {
        self.stride * self.part
    }

    /// Numbers of the copy of an image, without what may be read behind it.
    pub(super) fn image(&self) -> usize {
        self.channels * self.plane
    }

    /// Room for the copies of so many images: vectors may read a little behind the last number.
    pub(super) fn room(&self, images: usize) -> usize {
        images * self.image() + MOST_LANES
    }

    /// Where a number stands, by line and column with the padding counted in.
    pub(super) fn at(&self, channel: usize, line: usize, column: usize) -> usize {
        channel * self.plane + line * self.line() + column % self.stride * self.part + column / self.stride
    }

    /// Copies the planes of an image to a place where the padding is already 0.
    ///
    /// # Safety
    /// As [`Vector`] says; the planes stand at `from`, and there is room for the copy at `to`.
    #[inline(always)]
    pub(super) unsafe fn copy<V: Vector>(&self, from: *const V::Number, to: *mut V::Number) {
        let [lines, columns] = self.extents;
        for channel in 0..self.channels {
            for line in 0..lines {
                // SAFETY: as promised by the caller: the loops stay within a line.
                unsafe {
                    let from = from.add((channel * lines + line) * columns);
                    let to = to.add(channel * self.plane + (line + self.before[0]) * self.line());
                    if self.stride == 1 {
                        copy_line::<V>(from, to.add(self.before[1]), columns);
                    } else {
                        self.deal(from, to);
                    }
                }
            }
        }
    }

    /// Copies a line, its columns apart by their remainders.
    ///
    /// # Safety
    /// As [`copy`](Self::copy), for a line.
    #[inline(always)]
    unsafe fn deal<T: Copy>(&self, from: *const T, to: *mut T) {
        let mut place = self.before[1] / self.stride;
        let mut remainder = self.before[1] % self.stride;
        for column in 0..self.extents[1] {
            // SAFETY: as promised by the caller: the remainder is below the stride, the place below the part.
            unsafe { *to.add(remainder * self.part + place) = *from.add(column) };
            remainder += 1;
            if remainder == self.stride {
                (remainder, place) = (0, place + 1);
            }
        }
    }
}

/// # Safety
/// As [`Vector`] says, for so many numbers.
#[inline(always)]
unsafe fn copy_line<V: Vector>(from: *const V::Number, to: *mut V::Number, columns: usize) {
    let mut column = 0;
    // SAFETY: as promised by the caller.
    unsafe {
        while column + V::LANES <= columns {
            V::load(from.add(column)).store(to.add(column));
            column += V::LANES;
        }
        if column < columns {
            V::load_some(from.add(column), columns - column).store_some(to.add(column), columns - column);
        }
    }
}
