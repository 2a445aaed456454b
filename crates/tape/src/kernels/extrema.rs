//! Maxima and minima over axes, and where they are.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::rows::{BLOCK, Extreme, maximum, minimum};
use crate::kernels::strided::{Axes, Axis};
use crate::kernels::sums::WIDTH;

/// Writes the maximum (or, if `LEAST`, the minimum) over the sorted `axes` to `out`, which holds the other axes in order,
/// and tells `first_index(position in out, flat index in data)` where it was found first. A NaN is beyond any number.
///
/// # Panics
/// A reduced axis is empty.
pub(crate) fn over_axes<T: Element, const LEAST: bool>(
    data: &[T],
    shape: &[usize],
    axes: &[usize],
    out: &mut [T],
    first_index: impl FnMut(usize, usize),
) {
    walk::<T, LEAST, true>(data, shape, axes, out, first_index);
}

/// The same without the places.
///
/// # Panics
/// A reduced axis is empty.
pub(crate) fn values<T: Element, const LEAST: bool>(
    data: &[T],
    shape: &[usize],
    axes: &[usize],
    out: &mut [T],
) {
    walk::<T, LEAST, false>(data, shape, axes, out, |_, _| ());
}

/// Both; with `PLACES`, all places are told.
fn walk<T: Element, const LEAST: bool, const PLACES: bool>(
    data: &[T],
    shape: &[usize],
    axes: &[usize],
    out: &mut [T],
    mut first_index: impl FnMut(usize, usize),
) {
    assert!(axes.iter().all(|&axis| shape[axis] != 0), "an extreme over an empty axis of {shape:?}");
    let (mut kept, mut reduced) = (Axes::<1>::new(), Axes::<1>::new());
    for (axis, &extent) in shape.iter().enumerate() {
        if axes.contains(&axis) { &mut reduced } else { &mut kept }
            .push(extent, [shape[axis + 1..].iter().product()]);
    }
    // Columns that lie side by side are compared row by row, a tile at a time.
    let columns = kept.take_unit(0).map_or(1, |axis| axis.extent);
    // Within a column, neighbours are compared without the odometer.
    let Axis { extent, steps: [step] } = reduced.pop();
    let mut position = 0;
    kept.each(|[base]| {
        for tile in (0..columns).step_by(WIDTH) {
            let width = WIDTH.min(columns - tile);
            let base = base + tile;
            if (columns, step) == (1, 1) && reduced.is_empty() {
                // Of equal numbers that carry derivatives, the first is to be taken, wherever that is.
                if !PLACES && T::BARE {
                    out[position] = T::run(End::<T, LEAST>(&data[base..base + extent]));
                    position += 1;
                    continue;
                }
                let index = base + first_of_row::<T, LEAST>(&data[base..base + extent]);
                out[position] = data[index];
                first_index(position, index);
                position += 1;
                continue;
            }
            let (mut best, mut index) = ([data[base]; WIDTH], [base; WIDTH]);
            for column in 0..width {
                (best[column], index[column]) = (data[base + column], base + column);
            }
            reduced.each(|[offset]| {
                for r in 0..extent {
                    let at = base + offset + r * step;
                    let columns = best.iter_mut().zip(&mut index).zip(&data[at..at + width]);
                    for (column, ((best, index), &x)) in columns.enumerate() {
                        let beyond = if LEAST { x < *best } else { x > *best };
                        let wins = beyond | (x.is_nan() & !best.is_nan());
                        *best = if wins { x } else { *best };
                        *index = if wins { at + column } else { *index };
                    }
                }
            });
            out[position..position + width].copy_from_slice(&best[..width]);
            for (column, &index) in index[..width].iter().enumerate() {
                first_index(position + column, index);
            }
            position += width;
        }
    });
    assert_eq!(position, out.len(), "an extreme over {axes:?} of {shape:?}: wrong length of the output");
}

/// The extreme of a row that has one; a NaN if there is any.
struct End<'a, T, const LEAST: bool>(&'a [T]);

impl<T: Element, const LEAST: bool> Loop<T> for End<'_, T, LEAST> {
    type Output = T;

    #[inline(always)]
    fn run<N: Stored<T>>(self) -> T {
        let (mut end, mut any) = (if LEAST { N::infinity() } else { N::neg_infinity() }, false);
        for part in N::numbers(self.0).chunks(BLOCK) {
            any |= part.iter().fold(false, |any, x| any | x.is_nan());
            let found = if LEAST { minimum(part) } else { maximum(part) };
            let further = if LEAST { found < end } else { found > end };
            end = if further { found } else { end };
        }
        if any { N::nan() } else { end }.stored()
    }
}

/// Where the extreme of a row stands first.
fn first_of_row<T: Element, const LEAST: bool>(row: &[T]) -> usize {
    find(row, T::is_nan).unwrap_or_else(|| {
        let extreme = T::run(Extreme::<T, LEAST>(row));
        find(row, |x| x == extreme).expect("the row holds its extreme")
    })
}

/// Where the first number is of which that holds. A few are looked at together, so that there is one branch for all of
/// them.
fn find<T: Element>(row: &[T], holds: impl Fn(T) -> bool) -> Option<usize> {
    let part = row.chunks(WIDTH).position(|part| part.iter().fold(false, |any, &x| any | holds(x)));
    part.map(|part| {
        let start = part * WIDTH;
        start + row[start..].iter().take_while(|&&x| !holds(x)).count()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reduce::tests::{SHAPES, kept, numbers, positions, sets};
    use crate::shape::elements;

    #[test]
    fn extrema_over_every_set_of_axes() {
        for &shape in SHAPES {
            for axes in sets(shape.len()).filter(|axes| axes.iter().all(|&axis| shape[axis] != 0)) {
                // Few different values, so that there are ties.
                let mut data: Vec<f64> = numbers(elements(shape).unwrap()).iter().map(|x| x % 3.0).collect();
                if data.len() > 4 {
                    data[4] = f64::NAN;
                }
                let places = positions(shape, &axes);
                let mut want = vec![usize::MAX; elements(&kept(shape, &axes, None)).unwrap()];
                for (k, &p) in places.iter().enumerate() {
                    let wins = |best: f64| data[k] > best || (data[k].is_nan() && !best.is_nan());
                    if want[p] == usize::MAX || wins(data[want[p]]) {
                        want[p] = k;
                    }
                }
                let (mut out, mut index) = (vec![0.0; want.len()], vec![usize::MAX; want.len()]);
                over_axes::<_, false>(&data, shape, &axes, &mut out, |position, k| index[position] = k);
                assert_eq!(index, want, "{shape:?} over {axes:?}");
                assert!(out.iter().zip(&want).all(|(x, &k)| x.to_bits() == data[k].to_bits()));
                let same = |out: &[f64], data: &[f64]| {
                    out.iter().zip(&want).all(|(x, &k)| *x == data[k] || x.is_nan() && data[k].is_nan())
                };
                out.fill(7.0);
                values::<_, false>(&data, shape, &axes, &mut out);
                assert!(same(&out, &data), "{shape:?} over {axes:?}");

                data.iter_mut().for_each(|x| *x = -*x);
                over_axes::<_, true>(&data, shape, &axes, &mut out, |position, k| index[position] = k);
                assert_eq!(index, want, "the smallest, {shape:?} over {axes:?}");
                assert!(out.iter().zip(&want).all(|(x, &k)| x.to_bits() == data[k].to_bits()));
                out.fill(7.0);
                values::<_, true>(&data, shape, &axes, &mut out);
                assert!(same(&out, &data), "the smallest, {shape:?} over {axes:?}");
            }
        }
    }

    #[test]
    fn the_first_of_a_row_of_several_parts() {
        let mut row: Vec<f32> = (0..300).map(|k| (k % 100) as f32).collect();
        assert_eq!(first_of_row::<_, false>(&row), 99);
        row[250] = f32::INFINITY;
        assert_eq!(first_of_row::<_, false>(&row), 250);
        row[130] = f32::NAN;
        assert_eq!(first_of_row::<_, false>(&row), 130);
        assert_eq!(first_of_row::<_, false>(&[f32::NEG_INFINITY; 3]), 0);
        assert_eq!(first_of_row::<_, false>(&[-0.0, 0.0]), 0);
        assert_eq!(first_of_row::<_, true>(&[f32::INFINITY; 40]), 0);
        assert_eq!(first_of_row::<_, true>(&[2.0, 1.0, 1.0]), 1);
    }
}
