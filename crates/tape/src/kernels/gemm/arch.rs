//! The choice of instructions.

use num_traits::Float;

use super::product::{Kind, Product};
use super::vector::Vector;
use super::{blocks, portable, thin};

/// A set of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instructions {
    /// Vectors of 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// Vectors of 256 bits, and fused multiply-adds.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// What every machine has for which this was compiled.
    Portable,
}

impl Instructions {
    /// From the best to the least.
    const ALL: &[Self] = &[
        #[cfg(target_arch = "x86_64")]
        Self::Avx512,
        #[cfg(target_arch = "x86_64")]
        Self::Avx2,
        Self::Portable,
    ];

    /// What this machine has.
    pub(crate) fn here() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|instructions| instructions.are_here())
    }

    #[inline]
    fn are_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Self::Portable => true,
        }
    }

    /// The best that this machine has.
    #[inline]
    pub(crate) fn best() -> Self {
        Self::here().next().unwrap_or(Self::Portable)
    }
}

/// A number type with vectors.
pub(crate) trait Fast: Float + Send + Sync {
    /// The product.
    ///
    /// # Safety
    /// The machine has the instructions. The pointers of the product reach as far as its extents, and nobody else reads
    /// or writes `c` meanwhile. There is room for [`blocks::ROOM`] numbers where the kind is blocks.
    unsafe fn product(instructions: Instructions, p: &Product<Self>, kind: Kind, room: *mut Self);
}

/// The product, for a function that is compiled for the instructions of `V`. There must be no closure on the way from
/// there to the vectors: it would be a function of its own, without the instructions.
///
/// # Safety
/// As [`Vector`] and [`Fast::product`] say.
#[inline(always)]
unsafe fn product<V: Vector>(p: &Product<V::Number>, kind: Kind, room: *mut V::Number) {
    // SAFETY: as promised by the caller.
    unsafe {
        match kind {
            Kind::Blocks => blocks::blocks::<V>(p, room),
            Kind::AlongRows => thin::along_rows::<V>(p),
            Kind::AlongColumns => thin::along_columns::<V>(p),
        }
    }
}

macro_rules! fast {
    ($number:ident, $wide:ident, $narrow:ident) => {
        impl Fast for $number {
            unsafe fn product(instructions: Instructions, p: &Product<Self>, kind: Kind, room: *mut Self) {
                // SAFETY: as promised by the caller.
                unsafe {
                    match instructions {
                        #[cfg(target_arch = "x86_64")]
                        Instructions::Avx512 => x86::$wide(p, kind, room),
                        #[cfg(target_arch = "x86_64")]
                        Instructions::Avx2 => x86::$narrow(p, kind, room),
                        Instructions::Portable => product::<portable::Few<$number>>(p, kind, room),
                    }
                }
            }
        }
    };
}

fast!(f32, wide_f32, narrow_f32);
fast!(f64, wide_f64, narrow_f64);

/// The product, compiled once for each set of instructions.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};

    use super::{Kind, Product, product};

    macro_rules! compiled {
        ($name:ident, $features:literal, $vector:ty, $number:ty) => {
            /// # Safety
            /// The machine has the instructions; the rest is as [`Fast::product`](super::Fast::product) says.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name(p: &Product<$number>, kind: Kind, room: *mut $number) {
                // SAFETY: as promised by the caller.
                unsafe { product::<$vector>(p, kind, room) }
            }
        };
    }

    compiled!(wide_f32, "avx512f", __m512, f32);
    compiled!(wide_f64, "avx512f", __m512d, f64);
    compiled!(narrow_f32, "avx2,fma", __m256, f32);
    compiled!(narrow_f64, "avx2,fma", __m256d, f64);
}
