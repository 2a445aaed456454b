//! Vectors of 256 bits.

use std::arch::x86_64::{
    __m256, __m256d, _CMP_EQ_OQ, _CMP_NLE_UQ, _CMP_ORD_Q, _MM_HINT_T0, _mm_prefetch, _mm256_add_pd,
    _mm256_add_ps, _mm256_and_pd, _mm256_and_ps, _mm256_blendv_pd, _mm256_blendv_ps, _mm256_castpd_ps,
    _mm256_castps_pd, _mm256_cmp_pd, _mm256_cmp_ps, _mm256_fmadd_pd, _mm256_fmadd_ps, _mm256_loadu_pd,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_maskload_pd, _mm256_maskload_ps, _mm256_maskstore_pd,
    _mm256_maskstore_ps, _mm256_permute2f128_pd, _mm256_permute2f128_ps, _mm256_permute4x64_pd,
    _mm256_set1_pd, _mm256_set1_ps, _mm256_setzero_pd, _mm256_setzero_ps, _mm256_shuffle_ps,
    _mm256_storeu_pd, _mm256_storeu_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd,
    _mm256_unpacklo_ps,
};

use super::vector::Vector;

/// Ones, then zeros: eight of them from `8 − lanes` on are the mask of so many lanes.
static LANES_OF_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// As [`LANES_OF_32`], four from `4 − lanes` on.
static LANES_OF_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

/// # Safety
/// As [`Vector`] says.
#[inline(always)]
unsafe fn evens_of_32(a: __m256, b: __m256) -> __m256 {
    // SAFETY: as promised by the caller. Evens of each half in turn, then the pairs in their order.
    unsafe {
        let pairs = _mm256_castps_pd(_mm256_shuffle_ps::<0b10_00_10_00>(a, b));
        _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(pairs))
    }
}

/// # Safety
/// As [`Vector`] says.
#[inline(always)]
unsafe fn evens_of_64(a: __m256d, b: __m256d) -> __m256d {
    // SAFETY: as promised by the caller. Evens of each half in turn, then in their order.
    unsafe { _mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_unpacklo_pd(a, b)) }
}

macro_rules! vector {
    ($vector:ty, $number:ty, $lanes:literal, $masks:ident, $zero:ident $splat:ident $load:ident $load_some:ident
     $store:ident $store_some:ident $add:ident $mul_add:ident $low:ident $high:ident $halves:ident
     $compare:ident $blend:ident $and:ident, $evens:expr) => {
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
            #[inline(always)]
            unsafe fn evens(self, other: Self) -> Self {
                unsafe { $evens(self, other) }
            }
            #[inline(always)]
            unsafe fn greater(self, other: Self, mine: Self, theirs: Self) -> (Self, Self) {
                // Not less and not equal is greater, or of a NaN, which the other one must not be.
                unsafe {
                    let wins =
                        $and($compare::<_CMP_NLE_UQ>(self, other), $compare::<_CMP_ORD_Q>(other, other));
                    ($blend(other, self, wins), $blend(theirs, mine, wins))
                }
            }
            #[inline(always)]
            unsafe fn where_equal(self, a: Self, b: Self) -> Self {
                unsafe { $and($compare::<_CMP_EQ_OQ>(a, b), self) }
            }
        }
    };
}

vector!(__m256, f32, 8, LANES_OF_32, _mm256_setzero_ps _mm256_set1_ps _mm256_loadu_ps _mm256_maskload_ps
    _mm256_storeu_ps _mm256_maskstore_ps _mm256_add_ps _mm256_fmadd_ps
    _mm256_unpacklo_ps _mm256_unpackhi_ps _mm256_permute2f128_ps
    _mm256_cmp_ps _mm256_blendv_ps _mm256_and_ps, evens_of_32);
vector!(__m256d, f64, 4, LANES_OF_64, _mm256_setzero_pd _mm256_set1_pd _mm256_loadu_pd _mm256_maskload_pd
    _mm256_storeu_pd _mm256_maskstore_pd _mm256_add_pd _mm256_fmadd_pd
    _mm256_unpacklo_pd _mm256_unpackhi_pd _mm256_permute2f128_pd
    _mm256_cmp_pd _mm256_blendv_pd _mm256_and_pd, evens_of_64);
