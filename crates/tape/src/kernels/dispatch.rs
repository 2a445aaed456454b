//! The choice of instructions: one loop, compiled for several instruction sets, the best chosen at run time.
//!
//! A [`Loop`] is written once over a number type `N`. For most element types `N` is the element itself. Of `f32` and
//! `f64`, where the machine multiplies and adds in one instruction, `N` is [`Lane`](super::lane::Lane): the
//! same numbers, whose functions are free of branches and calls, so that the compiler turns the loop into vectors.

#[cfg(target_arch = "x86_64")]
use std::marker::PhantomData;

use crate::element::Element;
use crate::kernels::functions::Digits;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::kernels::lane::Lane;
#[cfg(target_arch = "x86_64")]
use crate::kernels::widest;

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
pub(crate) fn run<T: Digits, L: Loop<T>>(job: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    if widest::has_avx2() {
        let mut output = None;
        widest::widest(fused::<T, L>(job, &mut output));
        return output.expect("the loop has run");
    }
    #[cfg(target_arch = "aarch64")]
    return job.run::<Lane<T>>();
    #[cfg(not(target_arch = "aarch64"))]
    job.run::<T>()
}

/// The loop over numbers whose functions become vectors.
#[cfg(target_arch = "x86_64")]
struct Fused<'o, T, L, O> {
    job: L,
    output: &'o mut Option<O>,
    number: PhantomData<T>,
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn fused<T, L: Loop<T>>(job: L, output: &mut Option<L::Output>) -> Fused<'_, T, L, L::Output> {
    Fused { job, output, number: PhantomData }
}

#[cfg(target_arch = "x86_64")]
impl<T: Digits, L: Loop<T>> widest::Loop for Fused<'_, T, L, L::Output> {
    #[inline(always)]
    fn run(self) {
        *self.output = Some(self.job.run::<Lane<T>>());
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// A sum of many functions, of each number.
    struct Functions<'a, T> {
        x: &'a [T],
        out: &'a mut [T],
    }

    impl<T: Element> Loop<T> for Functions<'_, T> {
        type Output = ();

        #[inline(always)]
        fn run<N: Stored<T>>(self) {
            for (out, &x) in N::numbers_mut(self.out).iter_mut().zip(N::numbers(self.x)) {
                let (a, b) = (x.exp_m1() + x.sin() + x.abs().ln(), x.erfc() + x.tan() + x.abs().ln_1p());
                *out = a + b + x.tanh() + x.exp2() + x.abs().log2() + x.abs().log10();
            }
        }
    }

    fn every_set_gives_the_same_bits<T: Digits>() {
        let x: Vec<T> = (0..1000).map(|k| T::of(f64::from(k) * 0.037 - 17.0)).collect();
        let results = |run: &dyn Fn(Functions<'_, T>)| {
            let mut out = vec![T::nan(); x.len()];
            run(Functions { x: &x, out: &mut out });
            out
        };
        // Without the instructions, by a call for each multiplication with addition.
        let want = results(&|job| job.run::<Lane<T>>());
        assert!(want.iter().all(|y| y.is_finite()));
        if widest::has_avx2() {
            // SAFETY: the machine has the instructions.
            assert_eq!(results(&|job| unsafe { widest::avx2(fused::<T, _>(job, &mut None)) }), want);
        }
        if widest::has_avx512() {
            // SAFETY: the machine has the instructions.
            assert_eq!(results(&|job| unsafe { widest::avx512(fused::<T, _>(job, &mut None)) }), want);
        }
        // By the standard library: close, but not the same.
        for (a, b) in want.into_iter().zip(results(&|job| job.run::<T>())) {
            assert!((a - b).abs() <= T::epsilon() * T::of(64.0) * b.abs().max(T::one()), "{a} and {b}");
        }
    }

    #[test]
    fn instruction_sets_agree() {
        every_set_gives_the_same_bits::<f32>();
        every_set_gives_the_same_bits::<f64>();
    }
}
