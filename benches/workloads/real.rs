//! What the workloads ask of a number, so that the same text runs on `f64` and on every tape.

use std::ops::{Add, Mul, Sub};

use chainrule::prelude::*;

/// What the workloads need of a number.
pub trait Real:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn constant(value: f64) -> Self;
    /// `c − self`.
    fn subtracted_from(self, c: f64) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn tanh(self) -> Self;
    fn sqrt(self) -> Self;
}

macro_rules! real {
    ($Type:ty, $constant:expr) => {
        impl Real for $Type {
            #[inline(always)]
            fn constant(value: f64) -> Self {
                $constant(value)
            }
            #[inline(always)]
            fn subtracted_from(self, c: f64) -> Self {
                c - self
            }
            #[inline(always)]
            fn exp(self) -> Self {
                <$Type>::exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                <$Type>::ln(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                <$Type>::tanh(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$Type>::sqrt(self)
            }
        }
    };
}

real!(f64, |value| value);
real!(Scalar<'_, f64>, Scalar::constant);
