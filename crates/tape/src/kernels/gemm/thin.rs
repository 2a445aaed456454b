//! Products with few rows: a sample, or a column that lies down. There is nothing to gain from copies of `b`.

use super::blocks::DEPTH;
use super::product::Product;
use super::tile::{Tile, tile};
use super::vector::{MOST_LANES, Vector, transpose};

/// The product, where rows of `b` lie without gaps: by tiles as wide as registers allow.
///
/// # Safety
/// As [`Vector`] says; the pointers of the product reach as far as its extents.
#[inline(always)]
pub(super) unsafe fn along_rows<V: Vector>(p: &Product<V::Number>) {
    for k in (0..p.depth).step_by(DEPTH) {
        let depth = DEPTH.min(p.depth - k);
        let addend = if k == 0 { p.addend } else { Some((p.c.cast_const(), p.c_row)) };
        let mut j = 0;
        while j < p.columns {
            let columns = p.columns - j;
            let (a, b) = (p.a.at(0, k), p.b.at(k, j));
            let tile_at = |row: usize| Tile {
                depth,
                a: a.at(row, 0).data,
                a_row: a.row,
                a_column: a.column,
                b: b.data,
                b_row: b.row,
                copy: std::ptr::null_mut(),
                c: p.c.wrapping_add(row * p.c_row + j),
                c_row: p.c_row,
                addend: addend.map(|(addend, to_row)| addend.wrapping_add(row * to_row + j)),
                addend_row: addend.map_or(0, |(_, row)| row),
            };
            let mut done = 0;
            // SAFETY: as promised by the caller, for a part of the product.
            unsafe {
                for row in 0..p.rows {
                    let t = tile_at(row);
                    if columns >= 8 * V::LANES {
                        tile::<V, 1, 8, true, false>(t, V::LANES);
                        done = 8 * V::LANES;
                    } else if columns >= 2 * V::LANES {
                        tile::<V, 1, 2, true, false>(t, V::LANES);
                        done = 2 * V::LANES;
                    } else {
                        done = columns.min(V::LANES);
                        tile::<V, 1, 1, false, false>(t, done);
                    }
                }
            }
            j += done;
        }
    }
}

/// The product, where columns of `b` lie without gaps, and rows of `a` too: as many dot products abreast as a vector
/// has lanes.
///
/// # Safety
/// As [`along_rows`].
#[inline(always)]
pub(super) unsafe fn along_columns<V: Vector>(p: &Product<V::Number>) {
    // SAFETY: as promised by the caller: no more than `lanes` columns and `rest` numbers of a part are touched.
    unsafe {
        for i in 0..p.rows {
            for j in (0..p.columns).step_by(V::LANES) {
                let lanes = V::LANES.min(p.columns - j);
                let to = p.c.add(i * p.c_row + j);
                let mut total = match p.addend {
                    Some((addend, row)) => V::load_some(addend.add(i * row + j), lanes),
                    None => V::zero(),
                };
                for k in (0..p.depth).step_by(DEPTH) {
                    let depth = DEPTH.min(p.depth - k);
                    let (a, b) = (p.a.at(i, k).data, p.b.at(k, j));
                    let mut sums = [V::zero(); MOST_LANES];
                    let mut d = 0;
                    while d < depth {
                        let rest = depth - d;
                        let x =
                            if rest >= V::LANES { V::load(a.add(d)) } else { V::load_some(a.add(d), rest) };
                        for (column, sum) in sums.iter_mut().enumerate().take(V::LANES) {
                            if column < lanes {
                                let from = b.data.wrapping_add(column * b.column + d);
                                let y =
                                    if rest >= V::LANES { V::load(from) } else { V::load_some(from, rest) };
                                *sum = x.mul_add(y, *sum);
                            }
                        }
                        d += V::LANES;
                    }
                    let mut square = transpose(sums);
                    let mut half = V::LANES / 2;
                    while half > 0 {
                        for lane in 0..half {
                            square[lane] = square[lane].add(square[lane + half]);
                        }
                        half /= 2;
                    }
                    total = total.add(square[0]);
                }
                total.store_some(to, lanes);
            }
        }
    }
}
