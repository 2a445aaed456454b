//! Loops over the vectors of an instruction set, for what the compiler does not turn into vectors by itself.

use crate::element::Element;
use crate::kernels::gemm::arch::Instructions;
use crate::kernels::gemm::portable;
use crate::kernels::gemm::vector::Vector;

/// Work that is compiled for the vectors of every set of instructions. Nothing on the way to the vectors may be a
/// closure: that would be a function of its own, without the instructions.
pub(crate) trait Work<T> {
    /// # Safety
    /// As [`Vector`] says.
    unsafe fn run<V: Vector<Number = T>>(self);
}

/// A number type with vectors.
pub(crate) trait Vectors: Element + Send + Sync {
    /// # Safety
    /// The machine has the instructions, and what the work promises of its pointers is true.
    unsafe fn with(instructions: Instructions, work: impl Work<Self>);
}

macro_rules! vectors {
    ($number:ident, $wide:ident, $narrow:ident) => {
        impl Vectors for $number {
            unsafe fn with(instructions: Instructions, work: impl Work<Self>) {
                // SAFETY: as promised by the caller.
                unsafe {
                    match instructions {
                        #[cfg(target_arch = "x86_64")]
                        Instructions::Avx512 => x86::$wide(work),
                        #[cfg(target_arch = "x86_64")]
                        Instructions::Avx2 => x86::$narrow(work),
                        Instructions::Portable => work.run::<portable::Few<$number>>(),
                    }
                }
            }
        }
    };
}

vectors!(f32, wide_f32, narrow_f32);
vectors!(f64, wide_f64, narrow_f64);

/// Work, compiled once for each set of instructions.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};

    use super::Work;

    macro_rules! compiled {
        ($name:ident, $features:literal, $vector:ty, $number:ty) => {
            /// # Safety
            /// The machine has the instructions; the rest is as [`Work::run`] says.
            #[target_feature(enable = $features)]
            pub(super) unsafe fn $name(work: impl Work<$number>) {
                // SAFETY: as promised by the caller.
                unsafe { work.run::<$vector>() }
            }
        };
    }

    compiled!(wide_f32, "avx512f", __m512, f32);
    compiled!(wide_f64, "avx512f", __m512d, f64);
    compiled!(narrow_f32, "avx2,fma", __m256, f32);
    compiled!(narrow_f64, "avx2,fma", __m256d, f64);
}
