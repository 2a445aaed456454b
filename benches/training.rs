//! N1 to N6 and an inference of N3: on the tape, next to the bare matrix products and, for the smaller ones, the step by
//! hand, in one run. With one thread and with two.
#![allow(missing_docs, reason = "a benchmark")]

mod networks;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use networks::convolutional::N6;
use networks::floor::Floor;
use networks::on_tape::set_threads;
use networks::{Network, RATE};

fn training(c: &mut Criterion) {
    let networks = Network::NAMES.map(Network::named);
    for network in &networks {
        network.verify();
    }
    let images = N6::default();
    images.verify();
    for threads in [1, 2] {
        set_threads(threads);
        for network in &networks {
            let mut group = c.benchmark_group(format!("{} threads {threads}", network.name));
            let large = matches!(network.name, "N4" | "N5");
            group.sample_size(if large { 10 } else { 20 }).nresamples(10_000);
            if !large && threads == 1 {
                let mut by_hand = network.by_hand();
                group.bench_function("by hand", |b| b.iter(|| by_hand.step(black_box(RATE))));
            }
            let mut floor = Floor::new(network);
            group.bench_function("products alone", |b| b.iter(|| floor.step()));
            let mut on_tape = network.on_tape();
            group.bench_function("tape", |b| b.iter(|| on_tape.step()));
            if network.name == "N3" {
                group.bench_function("inference, products alone", |b| b.iter(|| floor.forward()));
                group.bench_function("inference", |b| b.iter(|| on_tape.infer()));
            }
            group.finish();
        }
        let mut group = c.benchmark_group(format!("N6 threads {threads}"));
        let mut on_tape = images.on_tape();
        group.sample_size(20).nresamples(10_000).bench_function("tape", |b| b.iter(|| on_tape.step()));
        group.finish();
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
