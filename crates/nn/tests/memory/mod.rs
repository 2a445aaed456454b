//! An allocator that says what was asked of it. A test file that wants to know has `mod memory;`.
#![allow(dead_code, reason = "each test file asks for its part")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

struct Watched;

#[global_allocator]
static ALLOCATOR: Watched = Watched;

thread_local! {
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

static ALL_REQUESTS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// Requests of this thread so far.
pub(crate) fn requests() -> usize {
    REQUESTS.get()
}

/// Requests of all threads so far.
pub(crate) fn all_requests() -> usize {
    ALL_REQUESTS.load(SeqCst)
}

/// Requests of this thread while `work` runs.
pub(crate) fn allocations(work: impl FnOnce()) -> usize {
    let before = requests();
    work();
    requests() - before
}

/// The largest request of this thread while `work` runs.
pub(crate) fn largest(work: impl FnOnce()) -> usize {
    LARGEST.set(0);
    work();
    LARGEST.get()
}

/// The most bytes that all threads held at once while `work` ran, beside those that were held before.
pub(crate) fn most(work: impl FnOnce()) -> usize {
    let before = BYTES.load(SeqCst);
    MOST.store(before, SeqCst);
    work();
    MOST.load(SeqCst) - before
}

fn note(bytes: usize) {
    // The thread may be ending: then nobody asks any more.
    let _ = REQUESTS.try_with(|requests| requests.set(requests.get() + 1));
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(bytes)));
    ALL_REQUESTS.fetch_add(1, SeqCst);
    MOST.fetch_max(BYTES.fetch_add(bytes, SeqCst) + bytes, SeqCst);
}

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        BYTES.fetch_sub(layout.size(), SeqCst);
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), SeqCst);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(at, layout) }
    }
}
