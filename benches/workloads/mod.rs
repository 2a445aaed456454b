//! The scalar workloads W1 to W5: inputs, primals written once for every number type, hand-written gradients, checksums.

#![allow(
    clippy::excessive_precision,
    clippy::inconsistent_digit_grouping,
    unreachable_pub,
    reason = "the checksums stand as they were printed; a benchmark's module has no other users"
)]

use std::ops::{Add, Mul, Sub};

use chainrule::prelude::*;

/// What the workloads need of a number: so that the same text runs on `f64` and on the tape.
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

/// The generator of all inputs.
pub struct Lcg {
    state: u64,
    second: Option<f64>,
}

impl Lcg {
    pub fn new(seed: u64) -> Self {
        Self { state: seed, second: None }
    }

    pub fn uniform(&mut self) -> f64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 * 2f64.powi(-53)
    }

    /// Box and Muller's, both of a pair used.
    pub fn normal(&mut self) -> f64 {
        if let Some(second) = self.second.take() {
            return second;
        }
        let (u1, u2) = (self.uniform(), self.uniform());
        let (r, t) = ((-2.0 * (1.0 - u1).ln()).sqrt(), std::f64::consts::TAU * u2);
        self.second = Some(r * t.sin());
        r * t.cos()
    }
}

/// A workload: its inputs, and what it reads beside them.
pub struct Workload {
    pub name: &'static str,
    pub x: Vec<f64>,
    pub data: Vec<f64>,
    /// Scalar operations in one evaluation.
    pub operations: usize,
    /// `f`, `Σ g[i]`, `Σ g[i] cos i`.
    pub checksums: [f64; 3],
}

impl Workload {
    pub fn w1(n: usize) -> Self {
        let mut lcg = Lcg::new(1);
        let x = (0..n).map(|_| 0.5 + lcg.uniform()).collect();
        let (name, checksums) = match n {
            100 => ("W1/100", [4229.834_355_143_498_2, 7816.342_463_179_949, -1_203.186_230_393_918_3]),
            10_000 => ("W1/10000", [423_638.000_289_055_34, 826_458.024_974_397_97, 21_437.770_519_230_031]),
            _ => ("W1/1000000", [42_984_745.598_438_591, 83_288_302.242_573_38, 266_969.838_005_317_84]),
        };
        Self { name, x, data: Vec::new(), operations: 8 * (n - 1), checksums }
    }

    pub fn w2() -> Self {
        let x = (0..1000).map(|i| 1.0 + 1.0 / (f64::from(i) + 2.0)).collect();
        let checksums = [500.999_999_999_997_39, 498_000.278_599_362_53, 360.532_543_794_645_9];
        Self { name: "W2", x, data: Vec::new(), operations: 999, checksums }
    }

    pub fn w3() -> Self {
        let mut lcg = Lcg::new(3);
        let x = (0..10_000).map(|_| 10.0 * lcg.uniform() - 5.0).collect();
        let checksums = [11.913_893_989_902_157, 1.000_000_000_000_002_7, 0.019_244_172_166_081_715];
        Self { name: "W3", x, data: Vec::new(), operations: 30_002, checksums }
    }

    pub fn w4() -> Self {
        let mut lcg = Lcg::new(4);
        let mut x = Vec::new();
        for (n, scale) in [(32, 1.0 / 2f64.sqrt()), (16, 0.1), (256, 0.25), (16, 0.1), (16, 0.25), (1, 0.1)] {
            x.extend((0..n).map(|_| scale * (2.0 * lcg.uniform() - 1.0)));
        }
        let mut data = Vec::new();
        for _ in 0..100 {
            let (a, b) = (2.0 * lcg.uniform() - 1.0, 2.0 * lcg.uniform() - 1.0);
            data.extend([a, b, a * b]);
        }
        let checksums = [0.108_118_157_207_812_77, -0.156_123_792_104_489_84, 0.060_717_689_862_419_53];
        Self { name: "W4", x, data, operations: 64_301, checksums }
    }

    pub fn w5() -> Self {
        let mut lcg = Lcg::new(5);
        let data = (0..120_000).map(|_| lcg.normal()).collect();
        let checksums = [10.302_346_348_030_243, 95.956_255_172_476_787, 7.701_067_850_017_407_7];
        Self { name: "W5", x: vec![100.0, 0.05, 0.2, 1.0, 100.0], data, operations: 491_000, checksums }
    }

    /// The function, over any number type.
    #[inline(always)]
    pub fn primal<R: Real>(&self, x: &[R]) -> R {
        match self.name {
            "W2" => w2(x),
            "W3" => w3(x),
            "W4" => w4(x, &self.data),
            "W5" => w5(x, &self.data),
            _ => w1(x),
        }
    }

    /// The gradient, by hand.
    pub fn by_hand(&self, gradient: &mut Vec<f64>) -> f64 {
        gradient.clear();
        gradient.resize(self.x.len(), 0.0);
        match self.name {
            "W2" => w2_by_hand(&self.x, gradient),
            "W3" => w3_by_hand(&self.x, gradient),
            "W4" => w4_by_hand(&self.x, &self.data, gradient),
            "W5" => w5_by_hand(&self.x, &self.data, gradient),
            _ => w1_by_hand(&self.x, gradient),
        }
    }

    /// Records and reverses once on a tape that is kept.
    pub fn record_and_reverse(&self, tape: &mut Tape<f64>, mut read: impl FnMut(usize, f64)) -> f64 {
        let x: Vec<_> = self.x.iter().map(|&x| tape.scalar(x)).collect();
        let f = self.primal(&x);
        let grads = f.backward();
        x.iter().enumerate().for_each(|(i, &x)| read(i, grads[x]));
        let value = f.value();
        drop((x, grads));
        tape.reset();
        value
    }

    /// Both gradients agree with the checksums, before anything is timed.
    pub fn verify(&self) {
        let mut gradient = Vec::new();
        let value = self.by_hand(&mut gradient);
        self.check("by hand", value, &gradient);
        let mut tape = Tape::new();
        for round in ["first round", "second round"] {
            gradient.clear();
            let value = self.record_and_reverse(&mut tape, |_, g| gradient.push(g));
            self.check(round, value, &gradient);
        }
    }

    fn check(&self, how: &str, f: f64, gradient: &[f64]) {
        let weigh = |weight: &dyn Fn(usize) -> f64| {
            gradient.iter().enumerate().map(|(i, g)| g * weight(i)).sum::<f64>()
        };
        let got = [f, weigh(&|_| 1.0), weigh(&|i| (i as f64).cos())];
        let scale = gradient.iter().map(|g| g.abs()).sum::<f64>();
        for ((what, got), wanted) in ["f", "Σ g", "Σ g cos"].iter().zip(got).zip(self.checksums) {
            let tolerance = 1e-10 * if *what == "f" { wanted.abs() } else { scale };
            assert!(
                (got - wanted).abs() <= tolerance,
                "{} {how}: {what} is {got}, wanted {wanted}",
                self.name
            );
        }
    }
}

#[inline(never)]
fn w1<R: Real>(x: &[R]) -> R {
    let mut f = R::constant(0.0);
    for pair in x.windows(2) {
        let a = pair[1] - pair[0] * pair[0];
        let b = pair[0].subtracted_from(1.0);
        f = f + (a * 100.0 * a + b * b);
    }
    f
}

fn w1_by_hand(x: &[f64], gradient: &mut [f64]) -> f64 {
    let mut f = 0.0;
    for i in 0..x.len() - 1 {
        let a = x[i + 1] - x[i] * x[i];
        let b = 1.0 - x[i];
        f += 100.0 * a * a + b * b;
        gradient[i + 1] += 200.0 * a;
        gradient[i] -= 400.0 * a * x[i] + 2.0 * b;
    }
    f
}

#[inline(never)]
fn w2<R: Real>(x: &[R]) -> R {
    x[1..].iter().fold(x[0], |p, &x| p * x)
}

fn w2_by_hand(x: &[f64], gradient: &mut [f64]) -> f64 {
    let mut before = 1.0;
    for (g, x) in gradient.iter_mut().zip(x) {
        *g = before;
        before *= x;
    }
    let mut behind = 1.0;
    for (g, x) in gradient.iter_mut().zip(x).rev() {
        *g *= behind;
        behind *= x;
    }
    before
}

#[inline(never)]
fn w3<R: Real>(x: &[R]) -> R {
    let m = x[1..].iter().fold(x[0], |m, &x| if x > m { x } else { m });
    let s = x.iter().fold(R::constant(0.0), |s, &x| s + (x - m).exp());
    m + s.ln()
}

fn w3_by_hand(x: &[f64], gradient: &mut [f64]) -> f64 {
    let m = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut s = 0.0;
    for (g, x) in gradient.iter_mut().zip(x) {
        *g = (x - m).exp();
        s += *g;
    }
    gradient.iter_mut().for_each(|g| *g /= s);
    m + s.ln()
}

#[inline(never)]
fn w4<R: Real>(p: &[R], data: &[f64]) -> R {
    let mut loss = R::constant(0.0);
    for sample in data.chunks_exact(3) {
        let (mut h1, mut h2) = ([R::constant(0.0); 16], [R::constant(0.0); 16]);
        for i in 0..16 {
            let mut sum = p[32 + i];
            for j in 0..2 {
                sum = sum + p[2 * i + j] * sample[j];
            }
            h1[i] = sum.tanh();
        }
        for i in 0..16 {
            let mut sum = p[304 + i];
            for j in 0..16 {
                sum = sum + p[48 + 16 * i + j] * h1[j];
            }
            h2[i] = sum.tanh();
        }
        let mut o = p[336];
        for j in 0..16 {
            o = o + p[320 + j] * h2[j];
        }
        let e = o - sample[2];
        loss = loss + e * e;
    }
    loss * (1.0 / (data.len() / 3) as f64)
}

fn w4_by_hand(p: &[f64], data: &[f64], g: &mut [f64]) -> f64 {
    let samples = (data.len() / 3) as f64;
    let mut loss = 0.0;
    for sample in data.chunks_exact(3) {
        let (mut h1, mut h2, mut d1) = ([0.0; 16], [0.0; 16], [0.0; 16]);
        for i in 0..16 {
            h1[i] = (p[32 + i] + p[2 * i] * sample[0] + p[2 * i + 1] * sample[1]).tanh();
        }
        for i in 0..16 {
            let row = &p[48 + 16 * i..][..16];
            h2[i] = row.iter().zip(&h1).fold(p[304 + i], |sum, (w, h)| sum + w * h).tanh();
        }
        let e = h2.iter().zip(&p[320..336]).fold(p[336], |sum, (h, w)| sum + h * w) - sample[2];
        loss += e * e;
        let de = 2.0 * e / samples;
        g[336] += de;
        for i in 0..16 {
            g[320 + i] += de * h2[i];
            let d2 = de * p[320 + i] * (1.0 - h2[i] * h2[i]);
            g[304 + i] += d2;
            for j in 0..16 {
                g[48 + 16 * i + j] += d2 * h1[j];
                d1[j] += d2 * p[48 + 16 * i + j];
            }
        }
        for i in 0..16 {
            let d = d1[i] * (1.0 - h1[i] * h1[i]);
            g[32 + i] += d;
            g[2 * i] += d * sample[0];
            g[2 * i + 1] += d * sample[1];
        }
    }
    loss / samples
}

#[inline(never)]
fn w5<R: Real>(p: &[R], z: &[f64]) -> R {
    let [s0, r, sigma, t, k] = [p[0], p[1], p[2], p[3], p[4]];
    let dt = t * (1.0 / 12.0);
    let drift = (r - sigma * 0.5 * sigma) * dt;
    let vol = sigma * dt.sqrt();
    let mut sum = R::constant(0.0);
    for path in z.chunks_exact(12) {
        let s = path.iter().fold(s0, |s, &z| s * (drift + vol * z).exp());
        if s > k {
            sum = sum + (s - k);
        }
    }
    (r.subtracted_from(0.0) * t).exp() * sum * (1.0 / 10_000.0)
}

fn w5_by_hand(p: &[f64], z: &[f64], g: &mut [f64]) -> f64 {
    let [s0, r, sigma, t, k] = [p[0], p[1], p[2], p[3], p[4]];
    let dt = t / 12.0;
    let (rate, root) = (r - 0.5 * sigma * sigma, dt.sqrt());
    let (drift, vol) = (rate * dt, sigma * root);
    let (mut sum, mut d_s0, mut d_k, mut d_drift, mut d_vol) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for path in z.chunks_exact(12) {
        let s = path.iter().fold(s0, |s, &z| s * (drift + vol * z).exp());
        if s > k {
            sum += s - k;
            d_s0 += s / s0;
            d_k -= 1.0;
            d_drift += 12.0 * s;
            d_vol += s * path.iter().sum::<f64>();
        }
    }
    let scale = (-r * t).exp() / 10_000.0;
    let f = scale * sum;
    g[0] = scale * d_s0;
    g[1] = scale * d_drift * dt - t * f;
    g[2] = scale * (d_vol * root - d_drift * sigma * dt);
    g[3] = scale * (d_drift * rate / 12.0 + d_vol * sigma / (24.0 * root)) - r * f;
    g[4] = scale * d_k;
    f
}
