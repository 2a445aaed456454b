//! Literals beside numbers that are made of numbers.
//!
//! On a `Tape<Dual<f64>>` an element is a dual number, and `2.0` is none. That a formula reads the same there, an `f64`
//! can stand wherever an element can.

use super::scalar::{IntoScalar, Scalar};
use super::tensor::{Tensor, TensorOperand};
use crate::dual::Dual;
use crate::element::{Element, Literal};

macro_rules! literals {
    ($([$($generics:tt)*] $Inner:ty;)*) => {$(
        impl<$($generics)*> Literal<$Inner> for f64 {
            #[inline(always)]
            fn literal(self) -> $Inner {
                <$Inner>::of(self)
            }
        }

        impl<'t, $($generics)*> IntoScalar<'t, $Inner> for f64 {
            #[inline(always)]
            fn into_scalar(self) -> Scalar<'t, $Inner> {
                Scalar::constant(<$Inner>::of(self))
            }
        }

        impl<$($generics)*> From<f64> for Dual<$Inner> {
            #[inline(always)]
            fn from(literal: f64) -> Self {
                Self::constant(<$Inner>::of(literal))
            }
        }

        impl<$($generics)*> From<f64> for TensorOperand<'_, $Inner> {
            fn from(literal: f64) -> Self {
                <$Inner>::of(literal).into()
            }
        }

        literal_operators! { @numbers ['t, $($generics)*] Scalar<'t, $Inner>, $Inner }
        literal_operators! { @numbers [$($generics)*] Dual<$Inner>, $Inner }
        literal_operators! { @each ['t, $($generics)*] Tensor<'t, $Inner>, $Inner }
    )*};
}

literals! {
    [U: Element] Dual<U>;
    ['s, U: Element] Scalar<'s, U>;
}
