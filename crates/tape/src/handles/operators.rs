//! `+ − × ÷ %` where one side is a tensor at least.
//!
//! A number on the left is an `f64` for every element type: with one implementation a literal needs no annotation,
//! `1.0 / y`, even where the type of the tape is not settled yet. On the right it is the element type itself.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use super::scalar::Scalar;
use super::tensor::Tensor;
use crate::element::Element;
use crate::error::or_panic;
use crate::rules::Rule;

macro_rules! operators {
    ($($Trait:ident $method:ident;)*) => {$(
        impl<'t, T: Element> $Trait for Tensor<'t, T> {
            type Output = Self;
            #[track_caller]
            fn $method(self, other: Self) -> Self {
                or_panic(Tensor::binary(Rule::$Trait, self.into(), other.into()))
            }
        }

        impl<'t, T: Element> $Trait<Scalar<'t, T>> for Tensor<'t, T> {
            type Output = Self;
            #[track_caller]
            fn $method(self, other: Scalar<'t, T>) -> Self {
                or_panic(Tensor::binary(Rule::$Trait, self.into(), other.into()))
            }
        }

        impl<'t, T: Element> $Trait<Tensor<'t, T>> for Scalar<'t, T> {
            type Output = Tensor<'t, T>;
            #[track_caller]
            fn $method(self, other: Tensor<'t, T>) -> Tensor<'t, T> {
                or_panic(Tensor::binary(Rule::$Trait, self.into(), other.into()))
            }
        }

        impl<'t, T: Element> $Trait<T> for Tensor<'t, T> {
            type Output = Self;
            #[track_caller]
            fn $method(self, other: T) -> Self {
                or_panic(Tensor::binary(Rule::$Trait, self.into(), other.into()))
            }
        }

        impl<'t, T: Element> $Trait<Tensor<'t, T>> for f64 {
            type Output = Tensor<'t, T>;
            #[track_caller]
            fn $method(self, other: Tensor<'t, T>) -> Tensor<'t, T> {
                or_panic(Tensor::binary(Rule::$Trait, T::of(self).into(), other.into()))
            }
        }
    )*};
}

operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
    Rem rem;
}

impl<T: Element> Neg for Tensor<'_, T> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        Tensor::neg(self)
    }
}
