//! Room for copies of operands: each thread keeps its own, so that a product asks the allocator for nothing.

use std::cell::RefCell;

/// A line of the cache, at which copies begin.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    _bytes: [u8; 64],
}

thread_local! {
    static ROOM: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with room for `len` numbers of any content. Calls do not nest.
#[inline(always)]
pub(crate) fn with<T>(len: usize, work: impl FnOnce(*mut T)) {
    let lines = (len * size_of::<T>()).div_ceil(size_of::<Line>());
    ROOM.with_borrow_mut(|room| {
        if room.len() < lines {
            room.resize(lines, Line { _bytes: [0; 64] });
        }
        work(room.as_mut_ptr().cast());
    });
}
