//! The crate `RustQuant_autodiff`.

use std::rc::Rc;

use RustQuant_autodiff::{Accumulate, Gradient, Graph};

use super::folded::{Folded, Recorded};
use crate::serve::{Work, work};
use crate::workloads::Workload;

pub fn prepare(workload: Rc<Workload>) -> Work {
    let graph = Graph::new();
    let gradient = move |workload: &Workload| {
        graph.clear();
        let x = graph.vars(&workload.x);
        let inputs: Vec<_> = x.iter().map(|&x| Folded::Variable(x)).collect();
        let f = workload.primal(&inputs).variable();
        (f.value(), f.accumulate().wrt(&x))
    };
    let (value, checked) = gradient(&workload);
    workload.check("RustQuant_autodiff", value, &checked);
    work(move || gradient(&workload))
}

impl Recorded for RustQuant_autodiff::Variable<'_> {
    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }
    #[inline(always)]
    fn subtracted_from(self, c: f64) -> Self {
        c - self
    }
    #[inline(always)]
    fn exp(self) -> Self {
        <RustQuant_autodiff::Variable<'_>>::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        <RustQuant_autodiff::Variable<'_>>::ln(self)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        <RustQuant_autodiff::Variable<'_>>::tanh(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        <RustQuant_autodiff::Variable<'_>>::sqrt(self)
    }
}
