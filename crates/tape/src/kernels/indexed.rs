//! Numbers found by their index: rows of a table, and single numbers along an axis.
//!
//! Indices are numbers of the element type that have been checked: whole, and below the extent of their axis. Where one
//! index stands more than once, contributions add up, in the order of the indices.

use crate::element::Element;
use crate::kernels::reduce::put;

/// The whole number that an index is, if it is one and below `extent`.
#[inline(always)]
pub(crate) fn position<T: Element>(index: T, extent: usize) -> Option<usize> {
    index.to_usize().filter(|&position| position < extent && T::of(position as f64) == index)
}

fn checked<T: Element>(index: T, extent: usize) -> usize {
    position(index, extent).unwrap_or_else(|| panic!("the index {index} of an axis of {extent}"))
}

/// A tensor as rows along one axis: `outer` tables of `extent` rows, each of `inner` numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    pub(crate) outer: usize,
    pub(crate) extent: usize,
    pub(crate) inner: usize,
}

impl Tables {
    pub(crate) fn of(shape: &[usize], axis: usize) -> Self {
        let (outer, inner) = (&shape[..axis], &shape[axis + 1..]);
        Self { outer: outer.iter().product(), extent: shape[axis], inner: inner.iter().product() }
    }

    fn len(self) -> usize {
        self.outer * self.extent * self.inner
    }

    /// Writes the rows that `indices` name, of one table after another.
    pub(crate) fn take_rows<T: Element>(self, data: &[T], indices: &[T], out: &mut [T]) {
        let Self { outer, extent, inner } = self;
        assert_eq!(
            (data.len(), out.len()),
            (self.len(), outer * indices.len() * inner),
            "rows: wrong lengths"
        );
        if out.is_empty() {
            return;
        }
        let tables = data.chunks_exact(extent * inner);
        for (table, out) in tables.zip(out.chunks_exact_mut(indices.len() * inner)) {
            for (&index, out) in indices.iter().zip(out.chunks_exact_mut(inner)) {
                out.copy_from_slice(&table[checked(index, extent) * inner..][..inner]);
            }
        }
    }

    /// The adjoint of [`take_rows`](Self::take_rows): adds each row to the one it was taken from, but for those of the
    /// row `without`.
    pub(crate) fn add_rows<T: Element>(
        self,
        rows: &[T],
        indices: &[T],
        out: &mut [T],
        without: Option<usize>,
    ) {
        let Self { outer, extent, inner } = self;
        assert_eq!(
            (out.len(), rows.len()),
            (self.len(), outer * indices.len() * inner),
            "rows: wrong lengths"
        );
        if rows.is_empty() {
            return;
        }
        let tables = out.chunks_exact_mut(extent * inner);
        for (table, rows) in tables.zip(rows.chunks_exact(indices.len() * inner)) {
            for (&index, row) in indices.iter().zip(rows.chunks_exact(inner)) {
                let index = checked(index, extent);
                if Some(index) != without {
                    put(&mut table[index * inner..][..inner], row, true);
                }
            }
        }
    }

    /// Writes (or adds) single numbers: `out[o, p, i] (+)= data[o, indices[o, p, i], i]`.
    pub(crate) fn gather<T: Element>(self, data: &[T], indices: &[T], out: &mut [T], accumulate: bool) {
        assert_eq!((data.len(), indices.len()), (self.len(), out.len()), "numbers by index: wrong lengths");
        self.each(indices, |place, k| out[k] = if accumulate { out[k] + data[place] } else { data[place] });
    }

    /// The adjoint of [`gather`](Self::gather): `out[o, indices[o, p, i], i] += numbers[o, p, i]`.
    pub(crate) fn scatter<T: Element>(self, numbers: &[T], indices: &[T], out: &mut [T]) {
        assert_eq!(
            (out.len(), indices.len()),
            (self.len(), numbers.len()),
            "numbers by index: wrong lengths"
        );
        self.each(indices, |place, k| out[place] = out[place] + numbers[k]);
    }

    /// Visits each index: the place that it names, and its own.
    fn each<T: Element>(self, indices: &[T], mut visit: impl FnMut(usize, usize)) {
        let Self { outer, extent, inner } = self;
        if indices.is_empty() {
            return;
        }
        let mut own = 0;
        for (o, indices) in indices.chunks_exact(indices.len() / outer).enumerate() {
            for row in indices.chunks_exact(inner) {
                for (i, &index) in row.iter().enumerate() {
                    visit((o * extent + checked(index, extent)) * inner + i, own);
                    own += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_whole_and_below_the_extent() {
        assert_eq!([0.0, -0.0, 2.0].map(|index| position(index, 3)), [Some(0), Some(0), Some(2)]);
        for bad in [3.0, -1.0, -0.5, 0.5, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(position(bad, 3), None, "{bad}");
        }
        assert_eq!(position(0.0, 0), None);
        assert_eq!(position(16_777_216_f32, 16_777_217), Some(16_777_216));
    }

    #[test]
    fn rows_come_and_go() {
        let tables = Tables::of(&[2, 3, 2], 1);
        let data: Vec<f64> = (0..12).map(f64::from).collect();
        let indices = [2.0, 0.0, 2.0, 1.0];
        let mut rows = [f64::NAN; 16];
        tables.take_rows(&data, &indices, &mut rows);
        assert_eq!(rows[..8], [4.0, 5.0, 0.0, 1.0, 4.0, 5.0, 2.0, 3.0]);
        assert_eq!(rows[8..], [10.0, 11.0, 6.0, 7.0, 10.0, 11.0, 8.0, 9.0]);
        let mut sums = [0.5; 12];
        tables.add_rows(&rows, &indices, &mut sums, None);
        assert_eq!(sums, [0.5, 1.5, 2.5, 3.5, 8.5, 10.5, 6.5, 7.5, 8.5, 9.5, 20.5, 22.5]);
        let mut without = [0.5; 12];
        tables.add_rows(&rows, &indices, &mut without, Some(2));
        assert_eq!(without, [0.5, 1.5, 2.5, 3.5, 0.5, 0.5, 6.5, 7.5, 8.5, 9.5, 0.5, 0.5]);
    }

    #[test]
    fn numbers_come_and_go() {
        let tables = Tables::of(&[2, 3, 2], 1);
        let data: Vec<f64> = (0..12).map(f64::from).collect();
        let indices = [2.0, 0.0, 2.0, 1.0, 0.0, 1.0, 1.0, 1.0];
        let mut numbers = [f64::NAN; 8];
        tables.gather(&data, &indices, &mut numbers, false);
        assert_eq!(numbers, [4.0, 1.0, 4.0, 3.0, 6.0, 9.0, 8.0, 9.0]);
        tables.gather(&data, &indices, &mut numbers, true);
        assert_eq!(numbers, [8.0, 2.0, 8.0, 6.0, 12.0, 18.0, 16.0, 18.0]);
        let mut sums = [0.5; 12];
        tables.scatter(&numbers, &indices, &mut sums);
        assert_eq!(sums, [0.5, 2.5, 0.5, 6.5, 16.5, 0.5, 12.5, 0.5, 16.5, 36.5, 0.5, 0.5]);
    }

    #[test]
    fn nothing_is_taken_from_nothing() {
        for (shape, outer, count) in [([0, 3, 2], 0, 2), ([2, 3, 0], 2, 2), ([2, 0, 2], 2, 0)] {
            let tables = Tables::of(&shape, 1);
            assert_eq!(tables.outer, outer);
            let indices = vec![0.0; count];
            tables.take_rows::<f64>(&[], &indices, &mut []);
            tables.add_rows::<f64>(&[], &indices, &mut [], None);
            tables.gather::<f64>(&[], &[], &mut [], false);
            tables.scatter::<f64>(&[], &[], &mut []);
        }
    }
}
