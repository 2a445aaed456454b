//! Vectors of 256 bits.

use std::arch::x86_64::{
    __m256, __m256d, _MM_HINT_T0, _mm_prefetch, _mm256_add_pd, _mm256_add_ps, _mm256_fmadd_pd,
    _mm256_fmadd_ps, _mm256_loadu_pd, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_maskload_pd,
    _mm256_maskload_ps, _mm256_maskstore_pd, _mm256_maskstore_ps, _mm256_permute2f128_pd,
    _mm256_permute2f128_ps, _mm256_set1_pd, _mm256_set1_ps, _mm256_setzero_pd, _mm256_setzero_ps,
    _mm256_storeu_pd, _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd,
    _mm256_unpacklo_ps,
};

use super::vector::Vector;

/// Ones, then zeros: eight of them from `8 − lanes` on are the mask of so many lanes.
static LANES_OF_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// As [`LANES_OF_32`], four from `4 − lanes` on.
static LANES_OF_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

macro_rules! vector {
    ($vector:ty, $number:ty, $lanes:literal, $masks:ident, $zero:ident $splat:ident $load:ident $load_some:ident
     $store:ident $store_some:ident $add:ident $mul_add:ident $low:ident $high:ident $halves:ident) => {
        // The blocks share one reason. SAFETY: the caller promises the instructions and the pointers, and `lanes` is at
        // most `LANES`.
        #[allow(clippy::undocumented_unsafe_blocks, reason = "one reason for all: above")]
        impl Vector for $vector {
            type Number = $number;
            const LANES: usize = $lanes;
            const ROWS: usize = 6;

            #[inline(always)]
            unsafe fn zero() -> Self {
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(x: $number) -> Self {
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $number) -> Self {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn load_some(from: *const $number, lanes: usize) -> Self {
                unsafe { $load_some(from, _mm256_loadu_si256($masks.as_ptr().add($lanes - lanes).cast())) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $number) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $number, lanes: usize) {
                unsafe {
                    $store_some(to, _mm256_loadu_si256($masks.as_ptr().add($lanes - lanes).cast()), self)
                }
            }
            #[inline(always)]
            unsafe fn prefetch(from: *const $number) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                unsafe { $mul_add(self, b, c) }
            }
            #[inline(always)]
            unsafe fn interleave(self, other: Self) -> (Self, Self) {
                unsafe {
                    let (low, high) = ($low(self, other), $high(self, other));
                    ($halves::<0x20>(low, high), $halves::<0x31>(low, high))
                }
            }
        }
    };
}

vector!(__m256, f32, 8, LANES_OF_32, _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_maskload_ps
    _mm256_storeu_ps _mm256_maskstore_ps _mm256_add_ps _mm256_fmadd_ps
    _mm256_unpacklo_ps _mm256_unpackhi_ps _mm256_permute2f128_ps);
vector!(__m256d, f64, 4, LANES_OF_64, _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_maskload_pd
    _mm256_storeu_pd _mm256_maskstore_pd _mm256_add_pd _mm256_fmadd_pd
    _mm256_unpacklo_pd _mm256_unpackhi_pd _mm256_permute2f128_pd);
