//! Buffers that are used again: after the first steps of a loop the engine asks the allocator for nothing.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::element::Element;
use crate::error::{Error, ErrorKind};

/// Where the numbers of a buffer begin: on a line of the cache, so that no vector lies across two of them.
const LINE: usize = 64;

/// Numbers in memory that goes back to [`Memory`].
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    storage: Vec<T>,
    start: usize,
    len: usize,
}

impl<T> Buffer<T> {
    /// How much longer than the numbers the storage is, to begin where it should.
    const SLACK: usize = LINE / size_of::<T>();

    /// For how many numbers there is room.
    #[inline]
    fn room(&self) -> usize {
        self.storage.len().saturating_sub(Self::SLACK)
    }
}

impl<T> Default for Buffer<T> {
    /// A buffer of nothing.
    fn default() -> Self {
        Self { storage: Vec::new(), start: 0, len: 0 }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        &self.storage[self.start..][..self.len]
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.storage[self.start..][..self.len]
    }
}

/// The numbers of a recorded tensor. None of them changes or moves before the tape is reset.
#[derive(Debug)]
pub(crate) enum Values<T> {
    /// Computed by an operation, or copied from the user.
    Pooled(Buffer<T>),
    /// Handed over by the user; given back to the allocator at reset, since the next step brings its own.
    Adopted(Vec<T>),
    /// Looked at by somebody else too: a parameter.
    Shared(Arc<Vec<T>>),
    /// Those of another tensor, under another shape.
    Same(u32),
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self::Pooled(Buffer::default())
    }
}

impl<T> Values<T> {
    /// The tape's own memory, to be written; what belongs to others is let go.
    #[inline]
    pub(crate) fn own(&mut self) -> &mut Buffer<T> {
        if !matches!(self, Self::Pooled(_)) {
            *self = Self::default();
        }
        let Self::Pooled(buffer) = self else { unreachable!("it was just made so") };
        buffer
    }
}

/// Free buffers, smallest first.
#[derive(Debug)]
pub(crate) struct Memory<T> {
    free: Vec<Free<T>>,
    resets: u64,
    pub(crate) scratch: Vec<T>,
}

#[derive(Debug)]
struct Free<T> {
    buffer: Buffer<T>,
    since: u64,
}

/// After so many resets without use, a buffer goes back to the allocator: shapes have changed for good.
const PATIENCE: u64 = 64;

impl<T: Element> Memory<T> {
    pub(crate) fn new() -> Self {
        Self { free: Vec::new(), resets: 0, scratch: Vec::new() }
    }

    /// A buffer of `len` numbers of arbitrary content: the smallest free one that is at most twice too large.
    pub(crate) fn take(&mut self, len: usize) -> Result<Buffer<T>, Error> {
        if len == 0 {
            return Ok(Buffer::default());
        }
        let k = self.free.partition_point(|free| free.buffer.room() < len);
        if k < self.free.len() && fits(self.free[k].buffer.room(), len) {
            return Ok(Buffer { len, ..self.free.remove(k).buffer });
        }
        let whole = len.saturating_add(Buffer::<T>::SLACK);
        let mut storage = Vec::new();
        storage.try_reserve_exact(whole).map_err(|_| {
            let bytes = len.saturating_mul(size_of::<T>());
            Error::new(ErrorKind::Memory, format!("no memory for {len} elements ({bytes} bytes)"))
        })?;
        storage.resize(whole, T::zero());
        // An element that no line is a multiple of begins where it can.
        let start = storage.as_ptr().align_offset(LINE);
        let start = if start <= Buffer::<T>::SLACK { start } else { 0 };
        Ok(Buffer { storage, start, len })
    }

    /// Makes a buffer one of `len` numbers, whose content is arbitrary: the same memory if that fits.
    #[inline]
    pub(crate) fn fit(&mut self, buffer: &mut Buffer<T>, len: usize) -> Result<(), Error> {
        if fits(buffer.room(), len) {
            buffer.len = len;
            return Ok(());
        }
        self.swap(buffer, len)
    }

    #[inline(never)]
    fn swap(&mut self, buffer: &mut Buffer<T>, len: usize) -> Result<(), Error> {
        self.give(std::mem::take(buffer));
        *buffer = self.take(len)?;
        Ok(())
    }

    /// Takes a buffer back.
    #[inline]
    pub(crate) fn give(&mut self, buffer: Buffer<T>) {
        if !buffer.storage.is_empty() {
            self.keep(buffer);
        }
    }

    #[inline(never)]
    fn keep(&mut self, buffer: Buffer<T>) {
        let k = self.free.partition_point(|free| free.buffer.room() < buffer.room());
        self.free.insert(k, Free { buffer, since: self.resets });
    }

    /// How many buffers are free.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.free.len()
    }

    /// Counts a reset of the tape, and lets go of what has lain unused for long.
    pub(crate) fn tick(&mut self) {
        self.resets += 1;
        let resets = self.resets;
        self.free.retain(|free| resets - free.since <= PATIENCE);
    }
}

/// Whether a buffer is large enough for `len` numbers, and not more than twice too large.
#[inline]
fn fits(buffer: usize, len: usize) -> bool {
    (len..=2 * len.max(8)).contains(&buffer)
}

/// Lends numbers (or a shape, or a name) of a recorded node for as long as the tape is borrowed.
///
/// # Safety
/// `owned` must lie in storage of its own on the heap that a tape neither changes, moves nor frees before `reset` or
/// drop, and `'t` must be a borrow of that tape: both need the tape exclusively, so they cannot happen within `'t`.
pub(crate) unsafe fn lend<'t, X: ?Sized>(owned: &X) -> &'t X {
    // SAFETY: as promised by the caller, the pointee lives, unchanged, for all of `'t`.
    unsafe { &*std::ptr::from_ref(owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_and_is_not_given_for_a_much_smaller_one() {
        let mut memory = Memory::<f32>::new();
        let buffer = memory.take(100).unwrap();
        let at = buffer.as_ptr();
        memory.give(buffer);
        assert_ne!(memory.take(40).unwrap().as_ptr(), at);
        let again = memory.take(60).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (at, 60));
    }

    #[test]
    fn buffers_begin_on_a_line_of_the_cache() {
        for len in [1, 3, 16, 1000, 100_000] {
            let (mut f32s, mut f64s) = (Memory::<f32>::new(), Memory::<f64>::new());
            let (a, b) = (f32s.take(len).unwrap(), f64s.take(len).unwrap());
            assert_eq!((a.len(), b.len()), (len, len));
            assert_eq!((a.as_ptr().addr() % LINE, b.as_ptr().addr() % LINE), (0, 0));
        }
        // Numbers of 24 bytes, as of a tape whose elements are recorded themselves, begin where they can.
        let tape = crate::Tape::<f64>::new();
        let mut memory = Memory::new();
        let mut c = memory.take(7).unwrap();
        c[6] = tape.scalar(2.0);
        assert_eq!(c.len(), 7);
    }

    #[test]
    fn what_lies_unused_is_let_go() {
        let mut memory = Memory::<f32>::new();
        let buffer = memory.take(100).unwrap();
        memory.give(buffer);
        (0..PATIENCE).for_each(|_| memory.tick());
        assert_eq!(memory.free.len(), 1);
        memory.tick();
        assert!(memory.free.is_empty());
    }

    #[test]
    fn a_request_beyond_the_machine_is_an_error() {
        let error = Memory::<f64>::new().take(usize::MAX / 64).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory);
    }
}
