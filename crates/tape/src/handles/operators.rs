//! `+ − × ÷ %` between scalars, tensors and numbers.
//!
//! A number on the left is an `f64` for every element type: with one implementation a literal needs no annotation,
//! `1.0 / y`, even where the type of the tape is not settled yet. On the right it is the element type itself.

use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

use super::scalar::Scalar;
use super::tensor::Tensor;
use crate::element::Element;
use crate::error::or_panic;
use crate::rules::Rule;

macro_rules! operators {
    ($($Trait:ident $method:ident, $Assign:ident $assign:ident;)*) => {$(
        impl<'t, T: Element> $Trait for Scalar<'t, T> {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self::binary(Rule::$Trait, self, other)
            }
        }

        impl<'t, T: Element> $Trait<T> for Scalar<'t, T> {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: T) -> Self {
                Self::binary(Rule::$Trait, self, Self::constant(other))
            }
        }

        impl<'t, T: Element> $Trait<Scalar<'t, T>> for f64 {
            type Output = Scalar<'t, T>;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: Scalar<'t, T>) -> Scalar<'t, T> {
                Scalar::binary(Rule::$Trait, Scalar::constant(T::of(self)), other)
            }
        }

        impl<'t, T: Element> $Assign for Scalar<'t, T> {
            #[track_caller]
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                *self = Self::binary(Rule::$Trait, *self, other);
            }
        }

        impl<'t, T: Element> $Assign<T> for Scalar<'t, T> {
            #[track_caller]
            #[inline(always)]
            fn $assign(&mut self, other: T) {
                *self = Self::binary(Rule::$Trait, *self, Self::constant(other));
            }
        }

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
    Add add, AddAssign add_assign;
    Sub sub, SubAssign sub_assign;
    Mul mul, MulAssign mul_assign;
    Div div, DivAssign div_assign;
    Rem rem, RemAssign rem_assign;
}

impl<T: Element> Neg for Scalar<'_, T> {
    type Output = Self;
    #[track_caller]
    #[inline(always)]
    fn neg(self) -> Self {
        self.unary(Rule::Neg)
    }
}

impl<T: Element> Neg for Tensor<'_, T> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        Tensor::neg(self)
    }
}

impl<T: Element> Sum for Scalar<'_, T> {
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(mut items: I) -> Self {
        let first = items.next().unwrap_or_else(|| Self::constant(T::zero()));
        items.fold(first, |sum, item| sum + item)
    }
}

impl<T: Element> Product for Scalar<'_, T> {
    #[track_caller]
    fn product<I: Iterator<Item = Self>>(mut items: I) -> Self {
        let first = items.next().unwrap_or_else(|| Self::constant(T::one()));
        items.fold(first, |product, item| product * item)
    }
}

impl<T: Element> PartialEq for Scalar<'_, T> {
    /// Compares values.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Element> PartialEq<T> for Scalar<'_, T> {
    /// Compares values.
    fn eq(&self, other: &T) -> bool {
        self.value == *other
    }
}

impl<T: Element> PartialOrd for Scalar<'_, T> {
    /// Compares values.
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Element> PartialOrd<T> for Scalar<'_, T> {
    /// Compares values.
    fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(other)
    }
}
