//! The workloads on the tape of chainrule, its phases apart and together.

use chainrule::prelude::*;

use super::Workload;

impl Workload {
    /// Records the inputs and the function.
    #[inline(always)]
    pub fn record<'t>(&self, tape: &'t Tape<f64>) -> (Vec<Scalar<'t>>, Scalar<'t>) {
        let x: Vec<_> = self.x.iter().map(|&x| tape.scalar(x)).collect();
        let f = self.primal(&x);
        (x, f)
    }

    /// Records and reverses once on a tape that is kept, and reads the gradient of all inputs; returns the value.
    #[inline(always)]
    pub fn record_and_reverse(&self, tape: &mut Tape<f64>, gradient: &mut Vec<f64>) -> f64 {
        tape.reset();
        let (x, f) = self.record(tape);
        read(&f.backward(), &x, gradient);
        f.value()
    }
}

/// The gradient of all inputs, in one go.
#[inline(always)]
pub fn read(gradients: &Gradients<f64>, x: &[Scalar<'_>], into: &mut Vec<f64>) {
    into.clear();
    into.extend(x.iter().map(|&x| gradients[x]));
}
