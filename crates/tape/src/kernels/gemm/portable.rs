//! Vectors for machines of which nothing is known: arrays, which the compiler puts into registers where it can.

use num_traits::Float;

use super::vector::Vector;

/// Whether to multiply and add in one: on ARM that is always there, elsewhere it might be a call of a library.
const FUSED: bool = cfg!(target_arch = "aarch64");
/// Numbers of an array.
const LANES: usize = 4;

/// A few numbers.
#[derive(Clone, Copy)]
pub(crate) struct Few<T>([T; LANES]);

// The blocks share one reason. SAFETY: the caller promises the pointers.
#[allow(clippy::undocumented_unsafe_blocks, reason = "one reason for all: above")]
impl<T: Float + Send + Sync> Vector for Few<T> {
    type Number = T;
    const LANES: usize = LANES;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([T::zero(); LANES])
    }
    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        Self([x; LANES])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        Self(unsafe { from.cast::<[T; LANES]>().read() })
    }
    #[inline(always)]
    unsafe fn load_some(from: *const T, lanes: usize) -> Self {
        let mut few = [T::zero(); LANES];
        (0..lanes).for_each(|k| few[k] = unsafe { *from.add(k) });
        Self(few)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        unsafe { to.cast::<[T; LANES]>().write(self.0) }
    }
    #[inline(always)]
    unsafe fn store_some(self, to: *mut T, lanes: usize) {
        (0..lanes).for_each(|k| unsafe { *to.add(k) = self.0[k] });
    }
    #[inline(always)]
    unsafe fn prefetch(_from: *const T) {}
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|k| self.0[k] + other.0[k]))
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|k| {
            if FUSED { self.0[k].mul_add(b.0[k], c.0[k]) } else { self.0[k] * b.0[k] + c.0[k] }
        }))
    }
    #[inline(always)]
    unsafe fn interleave(self, other: Self) -> (Self, Self) {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        (Self([a, e, b, f]), Self([c, g, d, h]))
    }
    #[inline(always)]
    unsafe fn evens(self, other: Self) -> Self {
        Self([self.0[0], self.0[2], other.0[0], other.0[2]])
    }
    #[inline(always)]
    unsafe fn greater(self, other: Self, mine: Self, theirs: Self) -> (Self, Self) {
        let wins = |k: usize| (self.0[k] > other.0[k]) | (self.0[k].is_nan() & !other.0[k].is_nan());
        (
            Self(std::array::from_fn(|k| if wins(k) { self.0[k] } else { other.0[k] })),
            Self(std::array::from_fn(|k| if wins(k) { mine.0[k] } else { theirs.0[k] })),
        )
    }
    #[inline(always)]
    unsafe fn where_equal(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|k| if a.0[k] == b.0[k] { self.0[k] } else { T::zero() }))
    }
}
