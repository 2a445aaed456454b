//! The choice of instructions: one loop, compiled for several instruction sets, the best chosen at run time.
//!
//! A [`Loop`] is written once over a number type `N`. For most element types `N` is the element itself. Of `f32` and
//! `f64`, where the machine multiplies and adds in one instruction, `N` is [`Lane`](super::lane::Lane): the
//! same numbers, whose functions are free of branches and calls, so that the compiler turns the loop into vectors.

use crate::element::Element;

/// A loop over slices of `T`.
pub trait Loop<T> {
    /// What the loop answers.
    type Output;

    /// The loop over numbers that are kept as `T`. Implementations are to be inlined into the functions that name the
    /// instructions.
    fn run<N: Stored<T>>(self) -> Self::Output;
}

/// A number type that is stored as `T`.
pub trait Stored<T>: Element {
    /// Whether its functions are those that become vectors.
    const VECTORS: bool;
    /// The number as it is stored.
    fn stored(self) -> T;
    /// The same numbers, seen as this type.
    fn numbers(stored: &[T]) -> &[Self];
    /// The same numbers, seen as this type.
    fn numbers_mut(stored: &mut [T]) -> &mut [Self];
}

impl<T: Element> Stored<T> for T {
    const VECTORS: bool = false;

    #[inline(always)]
    fn stored(self) -> T {
        self
    }

    #[inline(always)]
    fn numbers(stored: &[T]) -> &[T] {
        stored
    }

    #[inline(always)]
    fn numbers_mut(stored: &mut [T]) -> &mut [T] {
        stored
    }
}

/// Runs the loop of `f32` or `f64` with the best instructions of the machine.
#[inline]
pub(crate) fn run<T: super::functions::Digits, L: Loop<T>>(job: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("fma")
        {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe { avx512(job) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe { avx2(job) };
        }
        job.run::<T>()
    }
    #[cfg(target_arch = "aarch64")]
    {
        job.run::<super::lane::Lane<T>>()
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        job.run::<T>()
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn avx512<T: super::functions::Digits, L: Loop<T>>(job: L) -> L::Output {
    job.run::<super::lane::Lane<T>>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<T: super::functions::Digits, L: Loop<T>>(job: L) -> L::Output {
    job.run::<super::lane::Lane<T>>()
}
