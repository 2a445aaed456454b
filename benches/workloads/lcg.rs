//! The generator of all inputs.

/// A linear congruential generator of 64 bits, so that every tool in every language makes the same inputs.
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
