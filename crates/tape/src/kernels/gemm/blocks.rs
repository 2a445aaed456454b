//! The product, block by block, strip by strip, tile by tile.
//!
//! It is the usual scheme (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008), cut down to
//! what the sizes of networks need. Tiles of `c` stay in registers. The strip of `b` below them is copied so that it
//! lies without gaps in the first-level cache; where its rows can be read as they are, the first tile copies them while
//! it multiplies. Of `a`, only columns are copied: rows are read as they are.

use super::pack;
use super::product::{Operand, Product};
use super::tile::{Tile, tile_of};
use super::vector::Vector;

/// Depth of a block. A strip of `b` is two vectors wide and this deep, 32 KiB with vectors of 64 bytes, and stays in the
/// first-level cache; sums of more than so many products are added by parts.
pub(super) const DEPTH: usize = 256;
/// Rows of a block of `a`: it stays in the second-level cache, at most 512 KiB.
const ROWS: usize = 256;
/// Vectors in a row of a strip.
const VECTORS: usize = 2;
/// Numbers of strips that lie side by side: one of full depth, or several shallow ones.
const STRIPS: usize = DEPTH * VECTORS * super::vector::MOST_LANES;
/// Room for the copies of strips and of a block of `a`.
pub(super) const ROOM: usize = STRIPS + DEPTH * ROWS;
/// Rows of `c` from which on a copy of `b` is worth it.
const COPY_FROM: usize = 16;
/// Columns of `c` from which on a copy of the columns of `a` is worth it.
const TURN_FROM: usize = 128;

/// # Safety
/// As [`Vector`] says; the pointers of the product reach as far as its extents; `room` has place for [`ROOM`] numbers.
#[inline(always)]
pub(super) unsafe fn blocks<V: Vector>(p: &Product<V::Number>, room: *mut V::Number) {
    let width = VECTORS * V::LANES;
    for k in (0..p.depth).step_by(DEPTH) {
        let depth = DEPTH.min(p.depth - k);
        let addend = if k == 0 { p.addend } else { Some((p.c.cast_const(), p.c_row)) };
        let abreast = width * (STRIPS / (width * depth));
        for i in (0..p.rows).step_by(ROWS) {
            let rows = ROWS.min(p.rows - i);
            for j in (0..p.columns).step_by(abreast) {
                let columns = abreast.min(p.columns - j);
                let part = Product {
                    rows,
                    columns,
                    depth,
                    a: p.a.at(i, k),
                    b: p.b.at(k, j),
                    c: p.c.wrapping_add(i * p.c_row + j),
                    c_row: p.c_row,
                    addend: addend.map(|(addend, row)| (addend.wrapping_add(i * row + j), row)),
                };
                // SAFETY: as promised by the caller, for a part of the product.
                unsafe { block::<V>(&part, p.columns, j == 0, room) };
            }
        }
    }
}

/// The product of a block of `a` and a few strips of `b`.
///
/// # Safety
/// As [`blocks`].
#[inline(always)]
unsafe fn block<V: Vector>(p: &Product<V::Number>, all_columns: usize, first: bool, room: *mut V::Number) {
    let width = VECTORS * V::LANES;
    let (strips, block) = (room, room.wrapping_add(STRIPS));
    let tiles = p.rows.div_ceil(V::ROWS);
    let (least, longer) = if tiles == 1 { (p.rows, 0) } else { (p.rows / tiles, p.rows % tiles) };
    let turn = p.a.row == 1 && all_columns > TURN_FROM;
    let across = p.b.column != 1;
    let copy = !across && p.rows > COPY_FROM;
    // SAFETY: as promised by the caller; `block` has room for the rows of a block, `strips` for the strips.
    unsafe {
        if across {
            for j in (0..p.columns).step_by(width) {
                pack::strip::<V>(p.b.at(0, j), p.depth, width.min(p.columns - j), strips.add(j * p.depth));
            }
        }
        let mut i = 0;
        for t in 0..tiles {
            let rows = least + usize::from(t < longer);
            let mut a = p.a.at(i, 0);
            if turn {
                let to = block.add(i * p.depth);
                if first {
                    pack::columns(a, rows, p.depth, to);
                }
                a = Operand { data: to, row: 1, column: rows };
            }
            for j in (0..p.columns).step_by(width) {
                let columns = width.min(p.columns - j);
                let strip = strips.add(j * p.depth);
                let (b, b_row) = if across || copy && t > 0 && columns == width {
                    (strip.cast_const(), width)
                } else {
                    (p.b.at(0, j).data, p.b.row)
                };
                let tile = Tile {
                    depth: p.depth,
                    a: a.data,
                    a_row: a.row,
                    a_column: a.column,
                    b,
                    b_row,
                    copy: strip,
                    c: p.c.add(i * p.c_row + j),
                    c_row: p.c_row,
                    addend: p.addend.map(|(addend, row)| addend.add(i * row + j)),
                    addend_row: p.addend.map_or(0, |(_, row)| row),
                };
                if columns == width {
                    if copy && t == 0 {
                        tile_of::<V, VECTORS, true, true>(rows, tile, V::LANES);
                    } else {
                        tile_of::<V, VECTORS, true, false>(rows, tile, V::LANES);
                    }
                } else if columns > V::LANES {
                    tile_of::<V, VECTORS, false, false>(rows, tile, columns - V::LANES);
                } else {
                    tile_of::<V, 1, false, false>(rows, tile, columns);
                }
            }
            i += rows;
        }
    }
}
