//! Elementary functions: by Taylor series, and by one step of Newton's method from the value in `f64`.

use std::num::FpCategory;
use std::ops::Neg;

use chainrule::tape::Element;
use num_traits::{Float, FloatConst, One, Zero};

use super::{LN_2, PI, Twofold};

macro_rules! constants {
    ($($name:ident: $value:expr),* $(,)?) => {
        impl FloatConst for Twofold {
            $(fn $name() -> Self { $value })*
        }
    };
}

constants! {
    E: Self::one().exp(),
    FRAC_1_PI: PI.recip(),
    FRAC_1_SQRT_2: Self::of_one(0.5).sqrt(),
    FRAC_2_PI: PI.recip().scaled(1),
    FRAC_2_SQRT_PI: PI.sqrt().recip().scaled(1),
    FRAC_PI_2: PI.scaled(-1),
    FRAC_PI_3: PI / Self::of_one(3.0),
    FRAC_PI_4: PI.scaled(-2),
    FRAC_PI_6: PI / Self::of_one(6.0),
    FRAC_PI_8: PI.scaled(-3),
    LN_10: Self::of_one(10.0).ln(),
    LN_2: LN_2,
    LOG10_E: Self::of_one(10.0).ln().recip(),
    LOG2_E: LN_2.recip(),
    PI: PI,
    SQRT_2: Self::of_one(2.0).sqrt(),
}

/// What is asked of the leading `f64` alone.
macro_rules! of_high {
    ($($name:ident -> $output:ty),* $(,)?) => {
        $(fn $name(self) -> $output { self.high.$name() })*
    };
}

impl Float for Twofold {
    of_high! {
        is_nan -> bool, is_infinite -> bool, is_finite -> bool, is_normal -> bool, classify -> FpCategory,
        is_sign_positive -> bool, is_sign_negative -> bool, integer_decode -> (u64, i16, i8),
    }

    fn nan() -> Self {
        Self::of_one(f64::NAN)
    }

    fn infinity() -> Self {
        Self::of_one(f64::INFINITY)
    }

    fn neg_infinity() -> Self {
        Self::of_one(f64::NEG_INFINITY)
    }

    fn neg_zero() -> Self {
        Self::of_one(-0.0)
    }

    fn min_value() -> Self {
        Self::of_one(f64::MIN)
    }

    fn min_positive_value() -> Self {
        Self::of_one(f64::MIN_POSITIVE)
    }

    fn max_value() -> Self {
        Self::of_one(f64::MAX)
    }

    fn floor(self) -> Self {
        let whole = self.high.floor();
        Self::with(whole, if whole == self.high { self.low.floor() } else { 0.0 })
    }

    fn ceil(self) -> Self {
        -(-self).floor()
    }

    fn round(self) -> Self {
        self.odd(|x| (x + Self::of_one(0.5)).floor())
    }

    fn trunc(self) -> Self {
        self.odd(Self::floor)
    }

    fn fract(self) -> Self {
        self - self.trunc()
    }

    fn abs(self) -> Self {
        if self.is_sign_negative() { -self } else { self }
    }

    fn signum(self) -> Self {
        Self::of_one(self.high.signum())
    }

    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    fn recip(self) -> Self {
        Self::one() / self
    }

    fn powi(self, n: i32) -> Self {
        let power = (0..n.unsigned_abs()).fold(Self::one(), |power, _| power * self);
        if n < 0 { power.recip() } else { power }
    }

    fn powf(self, exponent: Self) -> Self {
        let plain = self.high.powf(exponent.high);
        if plain == 0.0 || !plain.is_finite() || exponent.is_zero() {
            return Self::of_one(plain);
        }
        let size = (self.abs().ln() * exponent).exp();
        if plain < 0.0 { -size } else { size }
    }

    fn sqrt(self) -> Self {
        let root = self.high.sqrt();
        if root == 0.0 || !root.is_finite() {
            return Self::of_one(root);
        }
        let root = Self::of_one(root);
        root + (self - root * root) / root.scaled(1)
    }

    fn exp(self) -> Self {
        let halvings = (self.high / LN_2.high).round();
        let value = self.high.exp();
        if value == 0.0 || !value.is_finite() {
            return Self::of_one(value);
        }
        let rest = self - LN_2 * Self::of_one(halvings);
        (rest.small_exp_m1() + Self::one()).scaled(halvings as i32)
    }

    fn exp2(self) -> Self {
        (self * LN_2).exp()
    }

    fn exp_m1(self) -> Self {
        if self.high.abs() < 0.4 { self.small_exp_m1() } else { self.exp() - Self::one() }
    }

    fn ln(self) -> Self {
        let near = self.high.ln();
        if !near.is_finite() {
            return Self::of_one(near);
        }
        let power = Self::of_one(near).exp();
        Self::of_one(near) + ((self - power) / (self + power)).scaled(1)
    }

    fn ln_1p(self) -> Self {
        let near = self.high.ln_1p();
        if !near.is_finite() || self.high.abs() > 0.4 {
            return (Self::one() + self).ln();
        }
        let power = Self::of_one(near).exp_m1();
        Self::of_one(near) + (self - power) / (power + Self::one())
    }

    fn log(self, base: Self) -> Self {
        self.ln() / base.ln()
    }

    fn log2(self) -> Self {
        self.ln() / LN_2
    }

    fn log10(self) -> Self {
        self.ln() / Self::LN_10()
    }

    fn max(self, other: Self) -> Self {
        if self >= other || other.is_nan() { self } else { other }
    }

    fn min(self, other: Self) -> Self {
        if self <= other || other.is_nan() { self } else { other }
    }

    fn abs_sub(self, other: Self) -> Self {
        (self - other).max(Self::zero())
    }

    fn cbrt(self) -> Self {
        let near = self.high.cbrt();
        if near == 0.0 || !near.is_finite() {
            return Self::of_one(near);
        }
        let near = Self::of_one(near);
        near - (near * near * near - self) / (near * near * Self::of_one(3.0))
    }

    fn hypot(self, other: Self) -> Self {
        (self * self + other * other).sqrt()
    }

    fn sin_cos(self) -> (Self, Self) {
        let quarters = (self.high / PI.high * 2.0).round();
        let rest = self - PI.scaled(-1) * Self::of_one(quarters);
        let (sin, cos) = (rest.taylor(1, 2), rest.taylor(0, 2));
        match quarters.rem_euclid(4.0) as u8 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        }
    }

    fn sin(self) -> Self {
        self.sin_cos().0
    }

    fn cos(self) -> Self {
        self.sin_cos().1
    }

    fn tan(self) -> Self {
        let (sin, cos) = self.sin_cos();
        sin / cos
    }

    fn asin(self) -> Self {
        self.atan2(((Self::one() - self) * (Self::one() + self)).sqrt())
    }

    fn acos(self) -> Self {
        ((Self::one() - self) * (Self::one() + self)).sqrt().atan2(self)
    }

    fn atan(self) -> Self {
        self.atan2(Self::one())
    }

    fn atan2(self, other: Self) -> Self {
        let near = Self::of_one(self.high.atan2(other.high));
        if self.is_zero() && other.is_zero() || !(self.high + other.high).is_finite() {
            return near;
        }
        let (sin, cos) = near.sin_cos();
        near + (self * cos - other * sin) / (other * cos + self * sin)
    }

    fn sinh(self) -> Self {
        self.odd(|x| {
            let grown = x.exp_m1();
            (grown + grown / (grown + Self::one())).scaled(-1)
        })
    }

    fn cosh(self) -> Self {
        let power = self.exp();
        (power + power.recip()).scaled(-1)
    }

    fn tanh(self) -> Self {
        self.odd(|x| {
            let shrunk = x.scaled(1).neg().exp_m1();
            -shrunk / (shrunk + Self::of_one(2.0))
        })
    }

    fn asinh(self) -> Self {
        self.odd(|x| {
            let square = x * x;
            (x + square / (Self::one() + (Self::one() + square).sqrt())).ln_1p()
        })
    }

    fn acosh(self) -> Self {
        (self + ((self - Self::one()) * (self + Self::one())).sqrt()).ln()
    }

    fn atanh(self) -> Self {
        self.odd(|x| (x.scaled(1) / (Self::one() - x)).ln_1p().scaled(-1))
    }
}

impl Element for Twofold {
    /// `2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n + 1))`: all terms have one sign.
    fn erf(self) -> Self {
        self.odd(|x| {
            if x.high > 6.0 {
                return Self::of_one(x.high.signum());
            }
            let (mut term, mut total, mut odd) = (x, x, 1.0);
            while term.high > total.high * 1e-34 {
                odd += 2.0;
                term = term * x * x.scaled(1) / Self::of_one(odd);
                total = total + term;
            }
            Self::FRAC_2_SQRT_PI() * (-(x * x)).exp() * total
        })
    }

    fn erfc(self) -> Self {
        Self::one() - Element::erf(self)
    }
}

#[test]
fn functions_have_twice_the_digits() {
    let of = Twofold::of_one;
    let near = |value: Twofold, wanted: Twofold| {
        let difference = (value - wanted).abs().high;
        assert!(difference <= 1e-29 * wanted.abs().high, "{value:?}, not {wanted:?}: {difference:e}");
    };
    // Each function against another way to the same number, at arguments that share no code with it.
    for x in [0.1, 0.37, 0.9, 1.3, 2.2].map(of) {
        let (sin, cos) = x.sin_cos();
        near(sin * sin + cos * cos, of(1.0));
        near(x.scaled(1).sin(), (sin * cos).scaled(1));
        near(x.exp().ln(), x);
        near(x.exp_m1().ln_1p(), x);
        near(x.exp() * (-x).exp(), of(1.0));
        near(x.sinh().asinh(), x);
        near((x + of(1.0)).acosh().cosh(), x + of(1.0));
        near(x.tanh(), x.sinh() / x.cosh());
        near(x.atan().tan(), x);
        near(x.sqrt() * x.sqrt(), x);
        near(x.cbrt().powi(3), x);
        near(x.powf(of(3.0)), x * x * x);
        near((x.scaled(-2)).asin() + (x.scaled(-2)).acos(), PI.scaled(-1));
        near((x.scaled(-2)).atanh().tanh(), x.scaled(-2));
        near(x / of(3.0) * of(3.0), x);
    }
    // Machin's formula, the series of ln 2, and erf 1 in 33 digits.
    near((of(5.0).recip().atan().scaled(2) - of(239.0).recip().atan()).scaled(2), PI);
    near(of(3.0).recip().atanh().scaled(1), LN_2);
    near(Element::erf(of(1.0)), Twofold { high: 0.842_700_792_949_714_9, low: -2.480_101_178_911_86e-17 });
}
