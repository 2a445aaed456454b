//! What makes a type a number that formulas can be written in: the traits of `num_traits`, the operators, and a method
//! for each rule. Two types are made so, [`Scalar`](crate::Scalar) and [`Dual`](crate::Dual), and a formula reads the
//! same on both.
//!
//! Such a type has a field `value`, a function `constant`, and two functions that apply a [`Rule`](crate::Rule):
//! `unary(self, rule)` and `binary(rule, a, b)`. Everything here goes through these.

/// The traits of `num_traits`, so that code written for `Float` runs unchanged.
macro_rules! float_traits {
    ([$($generics:tt)*] $Number:ty) => {
        impl<$($generics)*> num_traits::Zero for $Number {
            fn zero() -> Self {
                Self::constant(T::zero())
            }
            /// Asks the value.
            fn is_zero(&self) -> bool {
                self.value.is_zero()
            }
        }

        impl<$($generics)*> num_traits::One for $Number {
            fn one() -> Self {
                Self::constant(T::one())
            }
        }

        impl<$($generics)*> num_traits::Num for $Number {
            type FromStrRadixErr = T::FromStrRadixErr;
            fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
                T::from_str_radix(text, radix).map(Self::constant)
            }
        }

        impl<$($generics)*> num_traits::ToPrimitive for $Number {
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

        impl<$($generics)*> num_traits::NumCast for $Number {
            fn from<N: num_traits::ToPrimitive>(n: N) -> Option<Self> {
                <T as num_traits::NumCast>::from(n).map(Self::constant)
            }
        }

        impl<$($generics)*> num_traits::FloatConst for $Number {
            constants! {
                E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8
                LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2 TAU LOG10_2 LOG2_10
            }
        }

        impl<$($generics)*> num_traits::Float for $Number {
            constants! { nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon }
            questions! { is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative }
            methods! {
                floor ceil round trunc fract abs signum recip sqrt exp exp2 ln log2 log10 cbrt sin cos tan asin acos
                atan exp_m1 ln_1p sinh cosh tanh asinh acosh atanh
            }

            fn classify(self) -> std::num::FpCategory {
                self.value.classify()
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                self.value.integer_decode()
            }
            #[track_caller]
            fn mul_add(self, a: Self, b: Self) -> Self {
                Self::mul_add(self, a, b)
            }
            #[track_caller]
            fn powi(self, n: i32) -> Self {
                Self::powi(self, n)
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
                Self::max(self, other)
            }
            #[track_caller]
            fn min(self, other: Self) -> Self {
                Self::min(self, other)
            }
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                Self::max(self - other, T::zero())
            }
            #[track_caller]
            fn hypot(self, other: Self) -> Self {
                Self::hypot(self, other)
            }
            #[track_caller]
            fn atan2(self, other: Self) -> Self {
                Self::atan2(self, other)
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
    };
}

/// Constants of the element type.
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
        fn $name(self) -> Self { Self::$name(self) }
    )* };
}

/// `+ − × ÷ %` with each other, with a number of the element type on the right and with an `f64` on the left, sums and
/// products, and comparison by value.
macro_rules! operator_traits {
    ([$($generics:tt)*] $Number:ty) => {
        operator_traits! { @each [$($generics)*] $Number:
            Add add AddAssign add_assign, Sub sub SubAssign sub_assign, Mul mul MulAssign mul_assign,
            Div div DivAssign div_assign, Rem rem RemAssign rem_assign
        }

        impl<$($generics)*> std::ops::Neg for $Number {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn neg(self) -> Self {
                self.unary($crate::Rule::Neg)
            }
        }

        impl<$($generics)*> std::iter::Sum for $Number {
            #[track_caller]
            fn sum<I: Iterator<Item = Self>>(mut items: I) -> Self {
                let first = items.next().unwrap_or_else(|| Self::constant(T::zero()));
                items.fold(first, |sum, item| sum + item)
            }
        }

        impl<$($generics)*> std::iter::Product for $Number {
            #[track_caller]
            fn product<I: Iterator<Item = Self>>(mut items: I) -> Self {
                let first = items.next().unwrap_or_else(|| Self::constant(T::one()));
                items.fold(first, |product, item| product * item)
            }
        }

        impl<$($generics)*> PartialEq for $Number {
            /// Compares values.
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.value == other.value
            }
        }

        impl<$($generics)*> PartialEq<T> for $Number {
            /// Compares values.
            #[inline]
            fn eq(&self, other: &T) -> bool {
                self.value == *other
            }
        }

        impl<$($generics)*> PartialOrd for $Number {
            /// Compares values.
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                self.value.partial_cmp(&other.value)
            }
        }

        impl<$($generics)*> PartialOrd<T> for $Number {
            /// Compares values.
            #[inline]
            fn partial_cmp(&self, other: &T) -> Option<std::cmp::Ordering> {
                self.value.partial_cmp(other)
            }
        }
    };
    (@each $generics:tt $Number:ty: $($Trait:ident $method:ident $Assign:ident $assign:ident),*) => {
        $(operator_traits! { @one $generics $Number: $Trait $method $Assign $assign })*
    };
    (@one [$($generics:tt)*] $Number:ty: $Trait:ident $method:ident $Assign:ident $assign:ident) => {
        impl<$($generics)*> std::ops::$Trait for $Number {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self::binary($crate::Rule::$Trait, self, other)
            }
        }

        impl<$($generics)*> std::ops::$Trait<T> for $Number {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: T) -> Self {
                Self::binary($crate::Rule::$Trait, self, Self::constant(other))
            }
        }

        impl<$($generics)*> std::ops::$Trait<$Number> for f64 {
            type Output = $Number;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: $Number) -> $Number {
                <$Number>::binary($crate::Rule::$Trait, <$Number>::constant(T::of(self)), other)
            }
        }

        impl<$($generics)*> std::ops::$Assign for $Number {
            #[track_caller]
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                *self = Self::binary($crate::Rule::$Trait, *self, other);
            }
        }

        impl<$($generics)*> std::ops::$Assign<T> for $Number {
            #[track_caller]
            #[inline(always)]
            fn $assign(&mut self, other: T) {
                *self = Self::binary($crate::Rule::$Trait, *self, Self::constant(other));
            }
        }
    };
}

/// Operators with an `f64` on the right, for numbers made of numbers, and tensors of them: of those `2.0` is no element.
macro_rules! literal_operators {
    (@numbers [$($generics:tt)*] $Number:ty, $Element:ty) => {
        literal_operators! { @each [$($generics)*] $Number, $Element }
        literal_operators! { @assign [$($generics)*] $Number, $Element: AddAssign add_assign }
        literal_operators! { @assign [$($generics)*] $Number, $Element: SubAssign sub_assign }
        literal_operators! { @assign [$($generics)*] $Number, $Element: MulAssign mul_assign }
        literal_operators! { @assign [$($generics)*] $Number, $Element: DivAssign div_assign }
        literal_operators! { @assign [$($generics)*] $Number, $Element: RemAssign rem_assign }

        impl<$($generics)*> PartialEq<f64> for $Number {
            /// Compares values.
            #[inline]
            fn eq(&self, other: &f64) -> bool {
                self.value == <$Element>::of(*other)
            }
        }

        impl<$($generics)*> PartialOrd<f64> for $Number {
            /// Compares values.
            #[inline]
            fn partial_cmp(&self, other: &f64) -> Option<std::cmp::Ordering> {
                self.value.partial_cmp(&<$Element>::of(*other))
            }
        }
    };
    (@each [$($generics:tt)*] $Left:ty, $Element:ty) => {
        literal_operators! { @one [$($generics)*] $Left, $Element: Add add }
        literal_operators! { @one [$($generics)*] $Left, $Element: Sub sub }
        literal_operators! { @one [$($generics)*] $Left, $Element: Mul mul }
        literal_operators! { @one [$($generics)*] $Left, $Element: Div div }
        literal_operators! { @one [$($generics)*] $Left, $Element: Rem rem }
    };
    (@one [$($generics:tt)*] $Left:ty, $Element:ty: $Trait:ident $method:ident) => {
        impl<$($generics)*> std::ops::$Trait<f64> for $Left {
            type Output = Self;
            #[track_caller]
            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                std::ops::$Trait::$method(self, <$Element>::of(other))
            }
        }
    };
    (@assign [$($generics:tt)*] $Number:ty, $Element:ty: $Assign:ident $assign:ident) => {
        impl<$($generics)*> std::ops::$Assign<f64> for $Number {
            #[track_caller]
            #[inline(always)]
            fn $assign(&mut self, other: f64) {
                std::ops::$Assign::$assign(self, <$Element>::of(other));
            }
        }
    };
}

/// The method of one rule. `Operand` and `into` say what can stand beside the number and how it becomes one.
macro_rules! rule_method {
    (@unary $operand:tt $into:ident $(#[$doc:meta])* $Name:ident $name:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[inline(always)]
        #[must_use]
        #[allow(clippy::should_implement_trait, reason = "`neg` is there as an operator too")]
        pub fn $name(self) -> Self {
            self.unary($crate::Rule::$Name)
        }
    };
    (@parameter $operand:tt $into:ident $(#[$doc:meta])* $Name:ident $name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[inline(always)]
        #[must_use]
        pub fn $name(self, $b: impl $crate::Literal<T>) -> Self {
            Self::binary($crate::Rule::$Name, self, Self::constant($b.literal()))
        }
    };
    (@integer $operand:tt $into:ident $(#[$doc:meta])* $Name:ident $name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[inline(always)]
        #[must_use]
        pub fn $name(self, $b: i32) -> Self {
            let exponent = $crate::error::or_panic($crate::rules::integer($b));
            Self::binary($crate::Rule::$Name, self, Self::constant(exponent))
        }
    };
    (@binary {$($Operand:tt)*} $into:ident $(#[$doc:meta])* $Name:ident $name:ident $b:ident) => {
        $(#[$doc])*
        #[track_caller]
        #[inline(always)]
        #[must_use]
        pub fn $name(self, $b: impl $($Operand)*) -> Self {
            Self::binary($crate::Rule::$Name, self, $b.$into())
        }
    };
    (@$without_method:ident $($rest:tt)*) => {};
}
