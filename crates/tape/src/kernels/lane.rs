//! A number of `f32` or `f64` whose functions the compiler can turn into vectors.

use std::fmt::{Display, Formatter};
use std::num::FpCategory;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use num_traits::{Float, FloatConst, Num, NumCast, One, ToPrimitive, Zero};

use crate::element::Element;
use crate::kernels::dispatch::Stored;
use crate::kernels::functions::{self, Digits};

/// The same number as `T`, with the elementary functions of [`functions`] in place of those of the standard library.
/// What has no entry there is left to `T`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[repr(transparent)]
pub(crate) struct Lane<T>(T);

impl<T: Digits> Stored<T> for Lane<T> {
    const VECTORS: bool = true;

    #[inline(always)]
    fn stored(self) -> T {
        self.0
    }

    #[inline(always)]
    fn numbers(stored: &[T]) -> &[Self] {
        // SAFETY: a lane is a transparent wrapper, so that a slice of one is a slice of the other.
        unsafe { std::slice::from_raw_parts(stored.as_ptr().cast(), stored.len()) }
    }

    #[inline(always)]
    fn numbers_mut(stored: &mut [T]) -> &mut [Self] {
        // SAFETY: as above; the borrow is exclusive and passes on.
        unsafe { std::slice::from_raw_parts_mut(stored.as_mut_ptr().cast(), stored.len()) }
    }
}

impl<T: Digits> Element for Lane<T> {
    #[inline(always)]
    fn of(literal: f64) -> Self {
        Self(T::of(literal))
    }

    #[inline(always)]
    fn erf(self) -> Self {
        Self(functions::erf(self.0))
    }

    #[inline(always)]
    fn erfc(self) -> Self {
        Self(functions::erfc(self.0))
    }

    /// The loop computes such values apart, as numbers of type `T`.
    #[inline(always)]
    fn seldom(_: impl FnOnce() -> Self) -> Self {
        Self(T::nan())
    }
}

macro_rules! operators {
    ($($Op:ident $op:ident),*) => {$(
        impl<T: Digits> $Op for Lane<T> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: Self) -> Self {
                Self(self.0.$op(other.0))
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div, Rem rem);

impl<T: Digits> Neg for Lane<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl<T: Digits> Zero for Lane<T> {
    #[inline(always)]
    fn zero() -> Self {
        Self(T::zero())
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

impl<T: Digits> One for Lane<T> {
    #[inline(always)]
    fn one() -> Self {
        Self(T::one())
    }
}

impl<T: Digits> Num for Lane<T> {
    type FromStrRadixErr = T::FromStrRadixErr;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        T::from_str_radix(text, radix).map(Self)
    }
}

impl<T: Digits> ToPrimitive for Lane<T> {
    #[inline(always)]
    fn to_i64(&self) -> Option<i64> {
        self.0.to_i64()
    }

    #[inline(always)]
    fn to_u64(&self) -> Option<u64> {
        self.0.to_u64()
    }

    #[inline(always)]
    fn to_f64(&self) -> Option<f64> {
        self.0.to_f64()
    }
}

impl<T: Digits> NumCast for Lane<T> {
    #[inline(always)]
    fn from<N: ToPrimitive>(n: N) -> Option<Self> {
        <T as NumCast>::from(n).map(Self)
    }
}

impl<T: Digits> Display for Lane<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(&self.0, f)
    }
}

macro_rules! constants {
    ($Trait:ident: $($name:ident)*) => {
        impl<T: Digits> $Trait for Lane<T> {$(
            #[inline(always)]
            fn $name() -> Self {
                Self(T::$name())
            }
        )*}
    };
}

constants!(FloatConst: E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6
    FRAC_PI_8 LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2);

/// Methods of [`Float`] by what they take and give, and those for which there is a function here.
macro_rules! float {
    (
        numbers: $($number:ident)*;
        questions: $($question:ident)*;
        unary: $($unary:ident)*;
        binary: $($binary:ident)*;
        ours: $($ours:ident)*;
    ) => {
        impl<T: Digits> Float for Lane<T> {
            $(#[inline(always)] fn $number() -> Self { Self(T::$number()) })*
            $(#[inline(always)] fn $question(self) -> bool { self.0.$question() })*
            $(#[inline(always)] fn $unary(self) -> Self { Self(self.0.$unary()) })*
            $(#[inline(always)] fn $binary(self, other: Self) -> Self { Self(self.0.$binary(other.0)) })*
            $(#[inline(always)] fn $ours(self) -> Self { Self(functions::$ours(self.0)) })*

            #[inline(always)]
            fn classify(self) -> FpCategory {
                self.0.classify()
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, summand: Self) -> Self {
                Self(self.0.mul_add(factor.0, summand.0))
            }

            #[inline(always)]
            fn powi(self, n: i32) -> Self {
                Self(self.0.powi(n))
            }

            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                (self.sin(), self.cos())
            }

            fn integer_decode(self) -> (u64, i16, i8) {
                self.0.integer_decode()
            }
        }
    };
}

float! {
    numbers: nan infinity neg_infinity neg_zero min_value min_positive_value epsilon max_value;
    questions: is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative;
    unary: floor ceil round trunc fract abs signum recip sqrt cbrt asin acos atan sinh cosh asinh acosh atanh;
    binary: powf log max min abs_sub hypot atan2 copysign;
    ours: exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan tanh;
}
