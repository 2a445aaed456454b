//! The traits of `num_traits`, so that code written for `Float` runs on scalars unchanged.

use std::num::FpCategory;

use num_traits::{Float, FloatConst, Num, NumCast, One, ToPrimitive, Zero};

use super::scalar::Scalar;
use crate::element::Element;

impl<T: Element> Zero for Scalar<'_, T> {
    fn zero() -> Self {
        Self::constant(T::zero())
    }
    fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

impl<T: Element> One for Scalar<'_, T> {
    fn one() -> Self {
        Self::constant(T::one())
    }
}

impl<T: Element> Num for Scalar<'_, T> {
    type FromStrRadixErr = T::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        T::from_str_radix(text, radix).map(Self::constant)
    }
}

impl<T: Element> ToPrimitive for Scalar<'_, T> {
    fn to_i64(&self) -> Option<i64> {
        self.value.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.value.to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        self.value.to_f64()
    }
}

impl<T: Element> NumCast for Scalar<'_, T> {
    fn from<N: ToPrimitive>(n: N) -> Option<Self> {
        <T as NumCast>::from(n).map(Self::constant)
    }
}

/// Constants of the element type, as constants of the graph.
macro_rules! constants {
    ($($name:ident)*) => { $(fn $name() -> Self { Self::constant(T::$name()) })* };
}

/// Questions about the value.
macro_rules! questions {
    ($($name:ident)*) => { $(fn $name(self) -> bool { self.value.$name() })* };
}

/// Methods that the rules give.
macro_rules! methods {
    ($($name:ident)*) => { $(
        #[track_caller]
        #[inline]
        fn $name(self) -> Self { Scalar::$name(self) }
    )* };
}

impl<T: Element> Float for Scalar<'_, T> {
    constants! { nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon }
    questions! { is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative }
    methods! {
        floor ceil round trunc fract abs signum recip sqrt exp exp2 ln log2 log10 cbrt sin cos tan asin acos atan
        exp_m1 ln_1p sinh cosh tanh asinh acosh atanh
    }

    fn classify(self) -> FpCategory {
        self.value.classify()
    }
    fn integer_decode(self) -> (u64, i16, i8) {
        self.value.integer_decode()
    }
    #[track_caller]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
    #[track_caller]
    fn powi(self, n: i32) -> Self {
        Scalar::powi(self, n)
    }
    #[track_caller]
    fn powf(self, exponent: Self) -> Self {
        self.pow(exponent)
    }
    #[track_caller]
    fn log(self, base: Self) -> Self {
        self.ln() / base.ln()
    }
    #[track_caller]
    fn max(self, other: Self) -> Self {
        Scalar::max(self, other)
    }
    #[track_caller]
    fn min(self, other: Self) -> Self {
        Scalar::min(self, other)
    }
    #[track_caller]
    fn abs_sub(self, other: Self) -> Self {
        Scalar::max(self - other, T::zero())
    }
    #[track_caller]
    fn hypot(self, other: Self) -> Self {
        Scalar::hypot(self, other)
    }
    #[track_caller]
    fn atan2(self, other: Self) -> Self {
        Scalar::atan2(self, other)
    }
    #[track_caller]
    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
    #[track_caller]
    fn to_degrees(self) -> Self {
        self * T::of(180.0 / std::f64::consts::PI)
    }
    #[track_caller]
    fn to_radians(self) -> Self {
        self * T::of(std::f64::consts::PI / 180.0)
    }
}

impl<T: Element> FloatConst for Scalar<'_, T> {
    constants! {
        E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 LN_10
        LN_2 LOG10_E LOG2_E PI SQRT_2 TAU LOG10_2 LOG2_10
    }
}

/// A scalar can be recorded in its turn: `Tape<Scalar<'_, f64>>` differentiates a gradient.
impl<T: Element> Element for Scalar<'_, T> {
    #[track_caller]
    fn erf(self) -> Self {
        Scalar::erf(self)
    }
    #[track_caller]
    fn erfc(self) -> Self {
        Scalar::erfc(self)
    }
}
