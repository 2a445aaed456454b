//! Numbers of twice the digits of `f64`, to tell how far a result in `f64` is from the true one.
//!
//! Source: T. J. Dekker, *A floating-point technique for extending the available precision* (1971).

mod functions;

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

/// An `f64`, and what rounding took from it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Twofold {
    high: f64,
    low: f64,
}

const PI: Twofold = Twofold { high: std::f64::consts::PI, low: 1.224_646_799_147_353_2e-16 };
const LN_2: Twofold = Twofold { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

/// `a + b` and what its rounding took.
fn sum(a: f64, b: f64) -> Twofold {
    let high = a + b;
    let part = high - a;
    Twofold { high, low: (a - (high - part)) + (b - part) }
}

impl Twofold {
    fn of_one(high: f64) -> Self {
        Self { high, low: 0.0 }
    }

    /// A number with something small added. Of infinities and NaN there is no rounding to keep.
    fn with(high: f64, low: f64) -> Self {
        if high.is_finite() { sum(high, low) } else { Self::of_one(high) }
    }

    /// Times a power of two.
    fn scaled(self, power: i32) -> Self {
        let factor = 2f64.powi(power);
        Self { high: self.high * factor, low: self.low * factor }
    }

    /// `Σ xᵏ/k!` from `first` on in steps of `stride`, with alternating signs if the stride is 2.
    fn taylor(self, first: u32, stride: u32) -> Self {
        let mut term = (1..=first).fold(Self::one(), |term, k| term * self / Self::of_one(k.into()));
        let (mut total, mut k) = (Self::zero(), first);
        while total.high + term.high * 1e20 != total.high {
            total = total + term;
            for _ in 0..stride {
                k += 1;
                term = term * self / Self::of_one(k.into());
            }
            if stride == 2 {
                term = -term;
            }
        }
        total
    }

    /// `e^r − 1` for a small `r`.
    fn small_exp_m1(self) -> Self {
        (0..8).fold(self.scaled(-8).taylor(1, 1), |m, _| m * (m + Self::of_one(2.0)))
    }

    /// Sign and size.
    fn odd(self, f: impl Fn(Self) -> Self) -> Self {
        if self.high < 0.0 { -f(-self) } else { f(self) }
    }
}

impl Add for Twofold {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, low) = (sum(self.high, other.high), sum(self.low, other.low));
        let rest = Self::with(high.high, high.low + low.high);
        Self::with(rest.high, rest.low + low.low)
    }
}

impl Neg for Twofold {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Sub for Twofold {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Twofold {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let high = self.high * other.high;
        let rest = self.high.mul_add(other.high, -high);
        Self::with(high, rest + self.high.mul_add(other.low, self.low * other.high))
    }
}

impl Div for Twofold {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        if !first.is_finite() || other.high.is_infinite() {
            return Self::of_one(first);
        }
        let rest = self - other * Self::of_one(first);
        let second = rest.high / other.high;
        let third = (rest - other * Self::of_one(second)).high / other.high;
        Self::with(first, second) + Self::of_one(third)
    }
}

impl Rem for Twofold {
    type Output = Self;

    fn rem(self, other: Self) -> Self {
        self - other * (self / other).trunc()
    }
}

impl Zero for Twofold {
    fn zero() -> Self {
        Self::of_one(0.0)
    }

    fn is_zero(&self) -> bool {
        self.high == 0.0
    }
}

impl One for Twofold {
    fn one() -> Self {
        Self::of_one(1.0)
    }
}

impl Num for Twofold {
    type FromStrRadixErr = num_traits::ParseFloatError;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(Self::of_one)
    }
}

impl ToPrimitive for Twofold {
    fn to_i64(&self) -> Option<i64> {
        self.high.to_i64()
    }

    fn to_u64(&self) -> Option<u64> {
        self.high.to_u64()
    }

    fn to_f64(&self) -> Option<f64> {
        Some(self.high)
    }
}

impl NumCast for Twofold {
    fn from<N: ToPrimitive>(number: N) -> Option<Self> {
        number.to_f64().map(Self::of_one)
    }
}

impl fmt::Display for Twofold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.high, f)
    }
}
