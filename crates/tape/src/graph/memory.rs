//! Buffers that are used again: after the first steps of a loop the engine asks the allocator for nothing.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::element::Element;
use crate::error::{Error, ErrorKind};

/// Numbers in memory that goes back to [`Memory`].
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    storage: Vec<T>,
    len: usize,
}

impl<T> Default for Buffer<T> {
    /// A buffer of nothing.
    fn default() -> Self {
        Self { storage: Vec::new(), len: 0 }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.storage[..self.len]
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.storage[..self.len]
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
    storage: Vec<T>,
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
        let k = self.free.partition_point(|free| free.storage.len() < len);
        if k < self.free.len() && fits(self.free[k].storage.len(), len) {
            return Ok(Buffer { storage: self.free.remove(k).storage, len });
        }
        let mut storage = Vec::new();
        storage.try_reserve_exact(len).map_err(|_| {
            let bytes = len.saturating_mul(size_of::<T>());
            Error::new(ErrorKind::Memory, format!("no memory for {len} elements ({bytes} bytes)"))
        })?;
        storage.resize(len, T::zero());
        Ok(Buffer { storage, len })
    }

    /// Makes a buffer one of `len` numbers, whose content is arbitrary: the same memory if that fits.
    #[inline]
    pub(crate) fn fit(&mut self, buffer: &mut Buffer<T>, len: usize) -> Result<(), Error> {
        if fits(buffer.storage.len(), len) {
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
            self.keep(buffer.storage);
        }
    }

    #[inline(never)]
    fn keep(&mut self, storage: Vec<T>) {
        let k = self.free.partition_point(|free| free.storage.len() < storage.len());
        self.free.insert(k, Free { storage, since: self.resets });
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
