//! The crate `reverse`.

use std::rc::Rc;

use reverse::{Gradient, Tape};

use super::folded::{Folded, Recorded};
use crate::serve::{Work, work};
use crate::workloads::Workload;

pub fn prepare(workload: Rc<Workload>) -> Work {
    let tape = Tape::new();
    let gradient = move |workload: &Workload| {
        tape.clear();
        let x = tape.add_vars(&workload.x);
        let inputs: Vec<_> = x.iter().map(|&x| Folded::Variable(x)).collect();
        let f = workload.primal(&inputs).variable();
        (f.val, f.grad().wrt(&x))
    };
    let (value, checked) = gradient(&workload);
    workload.check("reverse", value, &checked);
    work(move || gradient(&workload))
}

impl Recorded for reverse::Var<'_> {
    #[inline(always)]
    fn value(self) -> f64 {
        self.val
    }
    #[inline(always)]
    fn subtracted_from(self, c: f64) -> Self {
        c - self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        <reverse::Var<'_>>::exp(&self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        <reverse::Var<'_>>::ln(&self)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        <reverse::Var<'_>>::tanh(&self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        <reverse::Var<'_>>::sqrt(&self)
    }
}
