//! The crate `echidna`: its tape of operations that is recorded anew each time.

use std::cell::Cell;
use std::rc::Rc;

use echidna::Reverse;
use num_traits::{Float, ToPrimitive};

use crate::serve::{Work, work};
use crate::workloads::Workload;
use crate::workloads::real::Real;

pub fn prepare(workload: Rc<Workload>) -> Work {
    let value = Cell::new(0.0);
    let checked = echidna::grad(
        |x| {
            let f = workload.primal(x);
            value.set(f.to_f64().unwrap_or(f64::NAN));
            f
        },
        &workload.x,
    );
    workload.check("echidna", value.get(), &checked);
    work(move || echidna::grad(|x| workload.primal(x), &workload.x))
}

impl Real for Reverse<f64> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Reverse::constant(value)
    }
    #[inline(always)]
    fn subtracted_from(self, c: f64) -> Self {
        c - self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        Float::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        Float::ln(self)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        Float::tanh(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Float::sqrt(self)
    }
}
