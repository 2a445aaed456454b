//! Sums of columns, for loops that come by row after row and have more to do with each.

use crate::element::Element;

/// Rows of a block.
const ROWS: usize = 32;

/// Adds rows of any width: rows in blocks, blocks by pairs of equal size, as [`sums`](crate::kernels::sums) adds numbers.
pub(super) struct Tally<'a, T> {
    /// The block that is being added.
    block: &'a mut [T],
    /// The binary counter of blocks, a row each.
    places: &'a mut [T],
    rows: usize,
}

/// Numbers of room for the sums of so many rows.
pub(super) fn room(rows: usize, width: usize) -> usize {
    let blocks = rows.saturating_sub(1) / ROWS;
    width * (1 + (usize::BITS - blocks.leading_zeros()) as usize)
}

impl<'a, T: Element> Tally<'a, T> {
    /// Nothing yet. The total will stand at the beginning of the room.
    #[inline(always)]
    pub(super) fn new(room: &'a mut [T], width: usize) -> Self {
        let (block, places) = room.split_at_mut(width);
        block.fill(T::zero());
        Self { block, places, rows: 0 }
    }

    /// Where the next row is to be added.
    #[inline(always)]
    pub(super) fn row(&mut self) -> &mut [T] {
        if self.rows > 0 && self.rows.is_multiple_of(ROWS) {
            self.carry();
        }
        self.rows += 1;
        self.block
    }

    #[inline(always)]
    fn carry(&mut self) {
        let width = self.block.len();
        let ones = (self.rows / ROWS - 1).trailing_ones() as usize;
        (0..ones).for_each(|place| self.take(place));
        self.places[ones * width..][..width].copy_from_slice(self.block);
        self.block.fill(T::zero());
    }

    /// Adds what stands at a place to the block.
    #[inline(always)]
    fn take(&mut self, place: usize) {
        let width = self.block.len();
        for (sum, &x) in self.block.iter_mut().zip(&self.places[place * width..]) {
            *sum = x + *sum;
        }
    }

    /// The sums.
    #[inline(always)]
    pub(super) fn total(mut self) -> &'a mut [T] {
        let blocks = self.rows.saturating_sub(1) / ROWS;
        for place in 0..(usize::BITS - blocks.leading_zeros()) as usize {
            if blocks >> place & 1 == 1 {
                self.take(place);
            }
        }
        self.block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_every_height() {
        for rows in (0..140).chain([1023, 1024, 1025]) {
            let mut space = vec![f64::NAN; room(rows, 3)];
            let mut tally = Tally::new(&mut space, 3);
            for r in 0..rows {
                tally.row().iter_mut().zip(1..).for_each(|(sum, k)| *sum += (r * k) as f64);
            }
            let one = (rows * rows.saturating_sub(1) / 2) as f64;
            assert_eq!(tally.total(), [one, 2.0 * one, 3.0 * one], "{rows}");
        }
    }

    #[test]
    fn a_million_tenths_in_f32() {
        let rows = 1 << 20;
        let mut space = vec![f32::NAN; room(rows, 1)];
        let mut tally = Tally::new(&mut space, 1);
        (0..rows).for_each(|_| tally.row()[0] += 0.1);
        let exact = f64::from(0.1f32) * f64::from(1 << 20);
        assert!((f64::from(tally.total()[0]) - exact).abs() <= exact * f64::from(f32::EPSILON) * 4.0);
    }
}
