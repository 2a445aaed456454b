//! Vectors of 512 bits.

use std::arch::x86_64::{
    __m512, __m512d, __mmask8, __mmask16, _CMP_EQ_OQ, _CMP_NLE_UQ, _CMP_ORD_Q, _MM_HINT_T0, _mm_prefetch,
    _mm512_add_pd, _mm512_add_ps, _mm512_cmp_pd_mask, _mm512_cmp_ps_mask, _mm512_fmadd_pd, _mm512_fmadd_ps,
    _mm512_loadu_pd, _mm512_loadu_ps, _mm512_mask_blend_pd, _mm512_mask_blend_ps, _mm512_mask_storeu_pd,
    _mm512_mask_storeu_ps, _mm512_maskz_loadu_pd, _mm512_maskz_loadu_ps, _mm512_maskz_mov_pd,
    _mm512_maskz_mov_ps, _mm512_permutex2var_pd, _mm512_permutex2var_ps, _mm512_set1_pd, _mm512_set1_ps,
    _mm512_setr_epi32, _mm512_setr_epi64, _mm512_setzero_pd, _mm512_setzero_ps, _mm512_storeu_pd,
    _mm512_storeu_ps,
};

use super::vector::Vector;

macro_rules! vector {
    ($vector:ty, $number:ty, $lanes:literal, $mask:ty, $zero:ident $splat:ident $load:ident $load_some:ident
     $store:ident $store_some:ident $add:ident $mul_add:ident $permute:ident $compare:ident $blend:ident $keep:ident,
     $low:expr, $high:expr, $evens:expr) => {
        // The blocks share one reason. SAFETY: the caller promises the instructions and the pointers.
        #[allow(clippy::undocumented_unsafe_blocks, reason = "one reason for all: above")]
        impl Vector for $vector {
            type Number = $number;
            const LANES: usize = $lanes;
            const ROWS: usize = 8;

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
                unsafe { $load_some(((1u32 << lanes) - 1) as $mask, from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $number) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $number, lanes: usize) {
                unsafe { $store_some(to, ((1u32 << lanes) - 1) as $mask, self) }
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
                unsafe { ($permute(self, $low, other), $permute(self, $high, other)) }
            }
            #[inline(always)]
            unsafe fn evens(self, other: Self) -> Self {
                unsafe { $permute(self, $evens, other) }
            }
            #[inline(always)]
            unsafe fn greater(self, other: Self, mine: Self, theirs: Self) -> (Self, Self) {
                // Not less and not equal is greater, or of a NaN, which the other one must not be.
                unsafe {
                    let wins = $compare::<_CMP_NLE_UQ>(self, other) & $compare::<_CMP_ORD_Q>(other, other);
                    ($blend(wins, other, self), $blend(wins, theirs, mine))
                }
            }
            #[inline(always)]
            unsafe fn where_equal(self, a: Self, b: Self) -> Self {
                unsafe { $keep($compare::<_CMP_EQ_OQ>(a, b), self) }
            }
        }
    };
}

vector!(__m512, f32, 16, __mmask16, _mm512_setzero_ps _mm512_set1_ps _mm512_loadu_ps _mm512_maskz_loadu_ps
    _mm512_storeu_ps _mm512_mask_storeu_ps _mm512_add_ps _mm512_fmadd_ps _mm512_permutex2var_ps _mm512_cmp_ps_mask
    _mm512_mask_blend_ps _mm512_maskz_mov_ps,
    _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
    _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
    _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
vector!(__m512d, f64, 8, __mmask8, _mm512_setzero_pd _mm512_set1_pd _mm512_loadu_pd _mm512_maskz_loadu_pd
    _mm512_storeu_pd _mm512_mask_storeu_pd _mm512_add_pd _mm512_fmadd_pd _mm512_permutex2var_pd _mm512_cmp_pd_mask
    _mm512_mask_blend_pd _mm512_maskz_mov_pd,
    _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15),
    _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14));
