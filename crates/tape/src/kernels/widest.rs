//! Loops compiled for the widest vectors that the machine has.

/// A loop over slices, for [`widest`].
///
/// Its `run` must be `#[inline(always)]`, and so must what it calls in the loop: only then is it compiled again for each
/// set of instructions.
pub trait Loop {
    /// Runs over the slices.
    fn run(self);
}

/// Runs a loop in the form that was compiled for the widest vectors of this machine. Nothing else changes: the
/// compiler neither reorders additions nor fuses a product with a sum, so that the numbers are the same on every machine.
///
/// ```
/// struct Halve<'a>(&'a mut [f32]);
/// impl tape::Loop for Halve<'_> {
///     #[inline(always)]
///     fn run(self) {
///         self.0.iter_mut().for_each(|x| *x *= 0.5);
///     }
/// }
/// let mut x = [2.0, 3.0];
/// tape::widest(Halve(&mut x));
/// assert_eq!(x, [1.0, 1.5]);
/// ```
#[inline]
pub fn widest(work: impl Loop) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe { avx512(work) };
        }
        if has_avx2() {
            // SAFETY: the machine has the instructions that the function is compiled for.
            return unsafe { avx2(work) };
        }
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && has_avx2()
}

#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
pub(crate) fn avx512(work: impl Loop) {
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
pub(crate) fn avx2(work: impl Loop) {
    work.run();
}
