//! Activation functions of networks.

use super::special::bell;
use crate::element::Element;

macro_rules! activation_rules {
    ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*

/// The logistic function, `1/(1 + e⁻ˣ)`; no finite `x` overflows.
///
/// # Derivative
/// `y(1 − y)`: from the output up to y = ½, above, where `1 − y` has no digits left,
/// from the input as `e/(1 + e)²` with `e = e⁻ˣ`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.sigmoid();
/// assert_eq!((y.value(), y.backward()[x]), (0.5, 0.25));
/// ```
unary Sigmoid sigmoid(x) -> y {
    value: activation::logistic(x),
    local: activation::logistic_slope(x, y),
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The rectifier, `max(x, 0)`.
///
/// # Derivative
/// `1` for positive `x`, nothing flows for negative `x`.
///
/// # At kinks
/// `0` at 0, as in `PyTorch`, JAX and `TensorFlow`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.relu();
/// assert_eq!((y.value(), y.backward()[x]), (2.0, 1.0));
/// ```
unary Relu relu(x) -> y {
    // Written so that NaN stays NaN, and open: it is not hidden.
    value: if x <= T::zero() { T::zero() } else { x },
    local: gate(y != T::zero(), T::one()),
    domain: [-5.0..=5.0],
    kinks: [(&[0.0], &[0.0])],
}

/// The leaky rectifier: `x` for positive, `slope · x` for negative `x`.
///
/// # Derivative
/// `1` for positive, `slope` for negative `x`.
///
/// # At kinks
/// `slope` at 0, as in `PyTorch`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-2.0);
/// let y = x.leaky_relu(0.01);
/// assert_eq!((y.value(), y.backward()[x]), (-0.02, 0.01));
/// ```
///
/// Source: Maas, Hannun and Ng, “Rectifier nonlinearities improve neural network acoustic models”, 2013.
parameter LeakyRelu leaky_relu(x, slope) -> y {
    value: if x > T::zero() { x } else { slope * x },
    local: if x > T::zero() { T::one() } else { slope },
    domain: [-5.0..=5.0, 0.01..=0.5],
    kinks: [(&[0.0, 0.01], &[0.01])],
}

/// The exponential linear unit: `x` for positive, `alpha (eˣ − 1)` for negative `x`.
///
/// # Derivative
/// `1` for positive, `alpha eˣ` for negative `x`.
///
/// # At kinks
/// `alpha` at 0, as in `PyTorch`; with `alpha = 1` there is no kink.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-2.0);
/// let y = x.elu(1.0);
/// assert_eq!((y.value(), y.backward()[x]), ((-2f64).exp_m1(), (-2f64).exp()));
/// ```
///
/// Source: Clevert, Unterthiner and Hochreiter, “Fast and accurate deep network learning by exponential linear
/// units (ELUs)”, 2016.
parameter Elu elu(x, alpha) -> y {
    value: if x > T::zero() { x } else { alpha * x.exp_m1() },
    local: if x > T::zero() { T::one() } else { alpha * x.exp() },
    domain: [-5.0..=5.0, 0.5..=2.0],
    kinks: [(&[0.0, 1.0], &[1.0]), (&[0.0, 0.5], &[0.5])],
}

/// The Gaussian error linear unit, `x Φ(x)`, with `Φ` the distribution function of the normal distribution.
///
/// # Derivative
/// `Φ(x) + x φ(x)`, with `φ` the normal density. It crosses 0 near −0.75; there the two terms cancel, and the error is
/// a rounding of each.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.gelu();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 0.5));
/// ```
///
/// Source: Hendrycks and Gimpel, “Gaussian error linear units (GELUs)”, 2016.
unary Gelu gelu(x) -> y {
    value: activation::gelu(x),
    local: activation::gelu_slope(x),
    apart: activation::is_far(x),
    domain: [-4.0..=4.0],
    kinks: [],
}

/// The approximation of [`gelu`](crate::Scalar::gelu) by `½x(1 + tanh u)`, `u = √(2/π)(x + 0.044715x³)`.
///
/// # Derivative
/// That of `x σ(2u)`, which the formula is. It crosses 0 near −0.75, where the sum cancels.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.gelu_tanh();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 0.5));
/// ```
///
/// Source: Hendrycks and Gimpel, “Gaussian error linear units (GELUs)”, 2016.
unary GeluTanh gelu_tanh(x) -> y {
    value: activation::Gated::gelu_tanh(x).value(),
    local: activation::Gated::gelu_tanh(x).slope(),
    apart: activation::Gated::gelu_tanh(x).is_far(),
    domain: [-4.0..=4.0],
    kinks: [],
}

/// The sigmoid linear unit or swish, `x σ(x)`.
///
/// # Derivative
/// `σ(x)(1 + x σ(−x))`, or `e(1 + x + e)/(1 + e)²` with `e = eˣ`. It crosses 0 near −1.28, where the sum cancels.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.silu();
/// assert_eq!((y.value(), y.backward()[x]), (0.0, 0.5));
/// ```
///
/// Source: Elfwing, Uchibe and Doya, “Sigmoid-weighted linear units for neural network function approximation in
/// reinforcement learning”, 2018.
unary Silu silu(x) -> y {
    value: activation::Gated::silu(x).value(),
    local: activation::Gated::silu(x).slope(),
    apart: activation::Gated::silu(x).is_far(),
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The smooth rectifier, `ln(1 + eˣ)`, as `max(x, 0) + ln(1 + e^(−|x|))`.
///
/// # Derivative
/// The logistic function of `x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(0.0);
/// let y = x.softplus();
/// assert_eq!((y.value(), y.backward()[x]), (2f64.ln(), 0.5));
/// ```
unary Softplus softplus(x) -> y {
    value: activation::softplus(x),
    local: activation::logistic(x),
    domain: [-5.0..=5.0],
    kinks: [],
}

/// The step, the first activation of the textbooks: 0 for `x ≤ 0`, else 1.
///
/// # Derivative
/// `0` everywhere: nothing propagates, and nothing can be learnt through it.
///
/// # At kinks
/// `0` at 0 too, where the value jumps.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(2.0);
/// let y = x.step();
/// assert_eq!((y.value(), y.backward()[x]), (1.0, 0.0));
/// ```
unary Step step(x) -> y {
    value: if x > T::zero() { T::one() } else if x <= T::zero() { T::zero() } else { x },
    local: None::<T>,
    domain: [-5.0..=5.0],
    kinks: [(&[0.0], &[0.0])],
}

/// The logarithm of the logistic function, `ln σ(x) = −ln(1 + e⁻ˣ)`, without overflow.
///
/// # Derivative
/// `1 − σ(x)`, the logistic function of `−x`.
///
/// # Example
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let x = tape.scalar(-1e4);
/// let y = x.log_sigmoid();
/// assert_eq!((y.value(), y.backward()[x]), (-1e4, 1.0));
/// ```
unary LogSigmoid log_sigmoid(x) -> y {
    // As of softplus: two branches without a kink between them.
    value: if x > T::zero() { -(-x).exp().ln_1p() } else { x - x.exp().ln_1p() },
    local: activation::logistic(-x),
    domain: [-5.0..=5.0],
    kinks: [],
}

    ] $($rest)* } };
}

#[inline(always)]
pub(crate) fn logistic<T: Element>(x: T) -> T {
    let e = (if x < T::zero() { x } else { -x }).exp();
    (if x < T::zero() { e } else { T::one() }) / (T::one() + e)
}

/// Not by `max` and `abs`: those have kinks at 0, and this has none.
#[inline(always)]
pub(super) fn softplus<T: Element>(x: T) -> T {
    let rest = (if x > T::zero() { -x } else { x }).exp().ln_1p();
    if x > T::zero() { x + rest } else { rest }
}

#[inline(always)]
pub(super) fn logistic_slope<T: Element>(x: T, y: T) -> T {
    if y <= T::of(0.5) {
        y * (T::one() - y)
    } else {
        let e = (-x).exp();
        let sum = T::one() + e;
        e / (sum * sum)
    }
}

/// `x σ(v)` for a `v` that depends on `x`: silu and the tanh form of gelu are two of them.
pub(super) struct Gated<T> {
    x: T,
    /// The argument, as a rounded number and the rest: an exponential makes a relative error of what is absolute here.
    v: T,
    rest: T,
    /// The derivative of the argument.
    dv: T,
}

impl<T: Element> Gated<T> {
    #[inline(always)]
    pub(super) fn silu(x: T) -> Self {
        Self { x, v: x, rest: T::zero(), dv: T::one() }
    }

    /// `v = x (c + d x²)`, `c = 2√(2/π)`, `d = 0.044715 c` (of the `f64` nearest to it), everything to twice the digits.
    #[inline(always)]
    pub(super) fn gelu_tanh(x: T) -> Self {
        let (c, c_rest) = split(1.595_769_121_605_730_8, -9.969_308_809_110_92e-17);
        let (d, d_rest): (T, T) = split(0.071_354_816_272_600_25, -4.121_857_721_743_182_5e-18);
        let square = x * x;
        let square_rest = x.mul_add(x, -square);
        let product = d * square;
        let product_rest = d.mul_add(square, -product) + d * square_rest + d_rest * square;
        let sum = c + product;
        let part = sum - c;
        let sum_rest = (c - (sum - part)) + (product - part) + (c_rest + product_rest);
        let v = x * sum;
        let dv = (sum + (product + product)) + (sum_rest + (product_rest + product_rest));
        Self { x, v, rest: x.mul_add(sum, -v) + x * sum_rest, dv }
    }

    /// `e^(share · −|v|)`
    #[inline(always)]
    fn decay(&self, share: T) -> T {
        let scale = if self.v < T::zero() { share } else { -share };
        let e = (scale * self.v).exp();
        if e > T::zero() { e + e * (scale * self.rest) } else { e }
    }

    #[inline(always)]
    pub(super) fn value(&self) -> T {
        let e = self.decay(T::one());
        let positive = self.v >= T::zero();
        if !positive && e < T::min_positive_value() {
            // The factor lifts a subnormal exponential: half of it on either side.
            T::seldom(|| {
                let half = self.decay(T::of(0.5));
                half * self.x * half
            })
        } else {
            (if positive { self.x } else { self.x * e }) / (T::one() + e)
        }
    }

    #[inline(always)]
    pub(super) fn slope(&self) -> T {
        let e = self.decay(T::one());
        let (sum, lift) = (T::one() + e, self.x * self.dv);
        let positive = self.v >= T::zero();
        if positive && e == T::zero() && self.x.is_finite() {
            // Far out dv may be infinite, but x is not.
            T::one()
        } else if !positive && e < T::min_positive_value() {
            T::seldom(|| {
                let half = self.decay(T::of(0.5));
                if half == T::zero() && self.x.is_finite() { -half } else { half * (T::one() + lift) * half }
            })
        } else {
            // In this order, as 1 + lift is exact where silu crosses 0.
            (if positive { sum + lift * e } else { e * (T::one() + lift + e) }) / (sum * sum)
        }
    }

    /// Whether `e^v` may be subnormal.
    #[inline(always)]
    pub(super) fn is_far(&self) -> bool {
        self.v < T::min_positive_value().ln() + T::one()
    }
}

/// A constant, given as its nearest `f64` and the rest, as its nearest `T` and the rest.
#[inline(always)]
fn split<T: Element>(constant: f64, rest: f64) -> (T, T) {
    let nearest = T::of(constant);
    (nearest, T::of(constant - nearest.to_f64().unwrap_or(constant) + rest))
}

/// Whether `Φ(x)` may be subnormal: it is below `φ(x)`, and close to `φ(x)/|x|`.
#[inline(always)]
pub(super) fn is_far<T: Element>(x: T) -> bool {
    x < T::one() - (T::of(-2.0) * T::min_positive_value().ln()).sqrt()
}

/// `Φ(x)`
#[inline(always)]
fn normal_cdf<T: Element>(x: T) -> T {
    let t = -x * T::FRAC_1_SQRT_2();
    let tail = T::of(0.5) * t.erfc();
    if t > T::one() && tail > T::zero() {
        // erfc multiplies a relative error of t by 2t². What was lost in the rounding of t, t² − x²/2, is put right.
        let half = T::of(0.5);
        let (used, square) = (t * t, x * x);
        let lost = (used - half * square) + (t.mul_add(t, -used) - half * x.mul_add(x, -square));
        // 2t² is the larger part of −t erfc′/erfc, the rest is close to 2t²/(2t² + 1).
        tail + tail * (lost + lost / (used + used + T::one()))
    } else {
        tail
    }
}

/// Where `Φ` is subnormal or 0 its product with `x` need not be: the two ratios to the density, `xΦ/φ` and `Φ/φ + x`,
/// are by the continued fraction of Mills' ratio, and half of the density is multiplied on either side.
#[cold]
fn far_tail<T: Element>(x: T, ratio: impl Fn(T) -> T) -> T {
    let z = -x;
    let fraction = (1..=8).rev().fold(z, |fraction, k| z + T::of(f64::from(k)) / fraction);
    let half = bell(x, T::of(0.25));
    if half > T::zero() { half * (T::of(INV_SQRT_2_PI) * ratio(fraction)) * half } else { -half }
}

const INV_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

#[inline(always)]
pub(super) fn gelu<T: Element>(x: T) -> T {
    let cdf = normal_cdf(x);
    if cdf < T::min_positive_value() && x.is_finite() {
        T::seldom(|| far_tail(x, |fraction| x / fraction))
    } else {
        x * cdf
    }
}

#[inline(always)]
pub(super) fn gelu_slope<T: Element>(x: T) -> T {
    let cdf = normal_cdf(x);
    if cdf < T::min_positive_value() && x.is_finite() {
        T::seldom(|| far_tail(x, |fraction| fraction.recip() + x))
    } else {
        (x * T::of(INV_SQRT_2_PI)).mul_add(bell(x, T::of(0.5)), cdf)
    }
}
