//! The [plain tape](crate::plain_tape).

use std::hint::black_box;
use std::rc::Rc;

use crate::plain_tape::{PlainTape, Variable};
use crate::serve::Work;
use crate::workloads::Workload;

pub fn prepare(workload: Rc<Workload>) -> Work {
    let inputs = workload.x.len();
    let mut tape = PlainTape::new(workload.operations + inputs + 64);
    let mut adjoints = Vec::new();
    let mut run = move |workload: &Workload, tell: &mut dyn FnMut(f64, &[f64])| {
        tape.clear();
        let x: Vec<Variable> = workload.x.iter().map(|&x| tape.variable(x)).collect();
        let f = workload.primal(&x);
        tape.reverse(f, &mut adjoints);
        tell(f.value(), &adjoints[..inputs]);
    };
    run(&workload, &mut |f, gradient| workload.check("plain tape", f, gradient));
    Box::new(move || {
        run(&workload, &mut |f, gradient| {
            black_box((f, gradient));
        });
    })
}
