//! W1 to W5 in one run: the plain function, the gradient by hand, and the tape, its phases apart and together.
#![allow(missing_docs, reason = "a benchmark")]

mod allocated;
mod workloads;

use std::hint::black_box;

use allocated::{Counting, live};
use chainrule::prelude::*;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use workloads::Workload;
use workloads::on_tape::read;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that one recording takes on a tape that is just large enough, and its gradients besides.
fn report_memory(workload: &Workload) {
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
    let (recorded, reversed, operations) = (recorded as f64, reversed as f64, workload.operations);
    println!(
        "{}: {operations} operations, {nodes} nodes; the tape {:.1} bytes an operation, {:.1} a node; gradients {:.1} a node",
        workload.name,
        recorded / operations as f64,
        recorded / nodes as f64,
        reversed / nodes as f64
    );
}

fn scalars(c: &mut Criterion) {
    for workload in Workload::all() {
        workload.verify();
        report_memory(&workload);
        let mut group = c.benchmark_group(workload.name);
        let large = workload.operations > 1_000_000;
        group.sample_size(if large { 10 } else { 30 });
        group.throughput(Throughput::Elements(workload.operations as u64));
        let mut gradient = Vec::new();
        group.bench_function("primal", |b| b.iter(|| workload.primal(black_box(&workload.x[..]))));
        group.bench_function("by hand", |b| b.iter(|| workload.by_hand(black_box(&mut gradient))));
        let mut tape = Tape::new();
        group.bench_function("record", |b| {
            b.iter(|| {
                tape.reset();
                black_box(workload.record(&tape));
            });
        });
        tape.reset();
        let (x, f) = workload.record(&tape);
        group.bench_function("reverse", |b| b.iter(|| f.backward()));
        let gradients = f.backward();
        group.bench_function("read", |b| b.iter(|| read(black_box(&gradients), &x, &mut gradient)));
        drop((x, gradients));
        group.bench_function("record + reverse", |b| {
            b.iter(|| workload.record_and_reverse(&mut tape, black_box(&mut gradient)));
        });
        group.finish();
    }
}

criterion_group!(benches, scalars);
criterion_main!(benches);
