//! The function alone, the gradient by hand, and chainrule.

use std::hint::black_box;
use std::rc::Rc;

use chainrule::prelude::Tape;

use crate::allocated::live;
use crate::serve::{Work, work};
use crate::workloads::Workload;

pub fn primal(workload: Rc<Workload>) -> Work {
    work(move || workload.primal(black_box(&workload.x[..])))
}

pub fn by_hand(workload: Rc<Workload>) -> Work {
    let mut gradient = Vec::new();
    let value = workload.by_hand(&mut gradient);
    workload.check("by hand", value, &gradient);
    work(move || workload.by_hand(black_box(&mut gradient)))
}

pub fn chainrule(workload: Rc<Workload>) -> Work {
    workload.verify();
    let (mut tape, mut gradient) = (Tape::new(), Vec::new());
    work(move || workload.record_and_reverse(&mut tape, black_box(&mut gradient)))
}

pub fn record(workload: Rc<Workload>) -> Work {
    let mut tape = Tape::new();
    Box::new(move || {
        tape.reset();
        black_box(workload.record(&tape));
    })
}

pub fn reverse(workload: Rc<Workload>) -> Work {
    // The process ends with the work: what the handles borrow may stay.
    let tape: &'static Tape = Box::leak(Box::new(Tape::new()));
    let (_, f) = workload.record(tape);
    work(move || f.backward())
}

/// What one recording and its gradients take, on a tape that is just large enough.
pub struct Bytes {
    pub nodes: usize,
    /// On the tape.
    pub recorded: isize,
    /// In the gradients, besides.
    pub reversed: isize,
}

/// Counted by the allocator.
pub fn bytes(workload: &Workload) -> Bytes {
    let nodes = {
        let tape = Tape::new();
        let _handles = workload.record(&tape);
        tape.len()
    };
    let before = live();
    let tape = Tape::with_capacity(nodes);
    let (x, f) = workload.record(&tape);
    drop(x);
    let recorded = live() - before;
    let gradients = f.backward();
    let reversed = live() - before - recorded;
    drop(gradients);
    Bytes { nodes, recorded, reversed }
}
