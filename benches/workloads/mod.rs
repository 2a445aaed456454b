//! The scalar workloads W1 to W5: inputs, the function over any number, the gradient by hand, checksums.

#![allow(
    clippy::excessive_precision,
    clippy::inconsistent_digit_grouping,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "the checksums stand as they were printed; each benchmark uses its part of this module"
)]

pub mod by_hand;
pub mod functions;
pub mod lcg;
pub mod on_tape;
pub mod real;

use lcg::Lcg;
use real::Real;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    /// The Rosenbrock chain.
    W1,
    /// Speelpenning's product.
    W2,
    /// The logarithm of a sum of exponentials.
    W3,
    /// A multilayer perceptron of scalars, 2-16-16-1.
    W4,
    /// An option's price, Monte-Carlo.
    W5,
}

/// A workload: its inputs, and what it reads beside them.
pub struct Workload {
    pub name: &'static str,
    pub what: &'static str,
    function: Function,
    pub x: Vec<f64>,
    pub data: Vec<f64>,
    /// Scalar operations in one evaluation.
    pub operations: usize,
    /// `f`, `Σ g[i]`, `Σ g[i] cos i`.
    pub checksums: [f64; 3],
}

impl Workload {
    /// All seven, in the order of the tables.
    pub fn all() -> [Self; 7] {
        [Self::w1(100), Self::w1(10_000), Self::w1(1_000_000), Self::w2(), Self::w3(), Self::w4(), Self::w5()]
    }

    pub fn w1(n: usize) -> Self {
        let mut lcg = Lcg::new(1);
        let x = (0..n).map(|_| 0.5 + lcg.uniform()).collect();
        let (name, checksums) = match n {
            100 => ("W1/100", [4229.834_355_143_498_2, 7816.342_463_179_949, -1_203.186_230_393_918_3]),
            10_000 => ("W1/10k", [423_638.000_289_055_34, 826_458.024_974_397_97, 21_437.770_519_230_031]),
            1_000_000 => ("W1/1M", [42_984_745.598_438_591, 83_288_302.242_573_38, 266_969.838_005_317_84]),
            _ => panic!("there are no checksums for n = {n}"),
        };
        let what = "Rosenbrock chain";
        Self { name, what, function: Function::W1, x, data: Vec::new(), operations: 8 * (n - 1), checksums }
    }

    pub fn w2() -> Self {
        let x = (0..1000).map(|i| 1.0 + 1.0 / (f64::from(i) + 2.0)).collect();
        let checksums = [500.999_999_999_997_39, 498_000.278_599_362_53, 360.532_543_794_645_9];
        let what = "product of 1000";
        Self { name: "W2", what, function: Function::W2, x, data: Vec::new(), operations: 999, checksums }
    }

    pub fn w3() -> Self {
        let mut lcg = Lcg::new(3);
        let x = (0..10_000).map(|_| 10.0 * lcg.uniform() - 5.0).collect();
        let checksums = [11.913_893_989_902_157, 1.000_000_000_000_002_7, 0.019_244_172_166_081_715];
        let what = "log-sum-exp of 10,000";
        Self { name: "W3", what, function: Function::W3, x, data: Vec::new(), operations: 30_002, checksums }
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
        let what = "scalar MLP 2-16-16-1, batch 100";
        Self { name: "W4", what, function: Function::W4, x, data, operations: 64_301, checksums }
    }

    pub fn w5() -> Self {
        let mut lcg = Lcg::new(5);
        let data = (0..120_000).map(|_| lcg.normal()).collect();
        let x = vec![100.0, 0.05, 0.2, 1.0, 100.0];
        let checksums = [10.302_346_348_030_243, 95.956_255_172_476_787, 7.701_067_850_017_407_7];
        let what = "Black-Scholes Monte-Carlo, 10,000 paths";
        Self { name: "W5", what, function: Function::W5, x, data, operations: 491_058, checksums }
    }

    /// The function, over any number type.
    #[inline(always)]
    pub fn primal<R: Real>(&self, x: &[R]) -> R {
        match self.function {
            Function::W1 => functions::w1(x),
            Function::W2 => functions::w2(x),
            Function::W3 => functions::w3(x),
            Function::W4 => functions::w4(x, &self.data),
            Function::W5 => functions::w5(x, &self.data),
        }
    }

    /// The gradient by hand; returns the value.
    pub fn by_hand(&self, gradient: &mut Vec<f64>) -> f64 {
        gradient.clear();
        gradient.resize(self.x.len(), 0.0);
        match self.function {
            Function::W1 => by_hand::w1(&self.x, gradient),
            Function::W2 => by_hand::w2(&self.x, gradient),
            Function::W3 => by_hand::w3(&self.x, gradient),
            Function::W4 => by_hand::w4(&self.x, &self.data, gradient),
            Function::W5 => by_hand::w5(&self.x, &self.data, gradient),
        }
    }

    /// Value and gradient agree with the checksums: to 1e-10 of the value, and of the sum of the gradient's absolute
    /// values, since the sums of W3 cancel.
    ///
    /// # Panics
    /// They do not; the message says which, and what they are.
    pub fn check(&self, tool: &str, f: f64, gradient: &[f64]) {
        assert_eq!(gradient.len(), self.x.len(), "{} {tool}: entries of the gradient", self.name);
        let weigh = |weight: &dyn Fn(usize) -> f64| {
            gradient.iter().enumerate().map(|(i, g)| g * weight(i)).sum::<f64>()
        };
        let got = [f, weigh(&|_| 1.0), weigh(&|i| (i as f64).cos())];
        let scale = gradient.iter().map(|g| g.abs()).sum::<f64>();
        for ((what, got), wanted) in ["f", "Σ g", "Σ g cos"].iter().zip(got).zip(self.checksums) {
            let tolerance = 1e-10 * if *what == "f" { wanted.abs() } else { scale };
            assert!(
                (got - wanted).abs() <= tolerance,
                "{} {tool}: {what} is {got}, wanted {wanted}",
                self.name
            );
        }
    }

    /// The gradient by hand and that of the tape agree with the checksums: before anything is timed.
    pub fn verify(&self) {
        let mut gradient = Vec::new();
        let value = self.by_hand(&mut gradient);
        self.check("by hand", value, &gradient);
        let mut tape = chainrule::prelude::Tape::new();
        for round in ["first round", "second round"] {
            let value = self.record_and_reverse(&mut tape, &mut gradient);
            self.check(round, value, &gradient);
        }
    }
}
