//! W1 to W5: the plain function, the gradient by hand, and the tape, in one run.
#![allow(missing_docs, reason = "a benchmark")]

mod workloads;

use std::hint::black_box;

use chainrule::prelude::*;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use workloads::Workload;

/// A gradient is looked at, so that it has to be there.
fn read(_: usize, gradient: f64) {
    black_box(gradient);
}

fn scalars(c: &mut Criterion) {
    let workloads = [
        Workload::w1(100),
        Workload::w1(10_000),
        Workload::w2(),
        Workload::w3(),
        Workload::w4(),
        Workload::w5(),
    ];
    for workload in workloads {
        workload.verify();
        let mut group = c.benchmark_group(workload.name);
        group.sample_size(30).throughput(Throughput::Elements(workload.operations as u64));
        group.bench_function("primal", |b| b.iter(|| workload.primal(black_box(&workload.x[..]))));
        let mut gradient = Vec::new();
        group.bench_function("by hand", |b| b.iter(|| workload.by_hand(black_box(&mut gradient))));
        let mut tape = Tape::new();
        group.bench_function("tape", |b| b.iter(|| workload.record_and_reverse(&mut tape, read)));
        group.finish();
    }
}

criterion_group!(benches, scalars);
criterion_main!(benches);
