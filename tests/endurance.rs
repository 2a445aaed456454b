//! A training loop runs for as long as one likes in the memory of its first steps: resident memory stays flat, and so does
//! the number of nodes.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::{Mutex, PoisonError};

use chainrule::prelude::*;
use ndarray::Array2;

/// Resident memory belongs to the process: one loop at a time.
static ALONE: Mutex<()> = Mutex::new(());

const PAGE: usize = 4096;

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").expect("the kernel says how large a process is");
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.expect("its second number counts resident pages") * PAGE
}

/// Runs `step` so many times. A tenth in, memory is what it will be: at no time after that may it be larger by more than
/// `allowed` bytes. `step` returns the number of nodes it recorded, the same each time.
fn flat(name: &str, steps: usize, allowed: usize, mut step: impl FnMut() -> usize) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let nodes = step();
    let (mut warm, mut most) = (0, 0);
    for k in 1..steps {
        assert_eq!(step(), nodes, "{name}: nodes in step {k}");
        if k == steps / 10 {
            warm = resident();
        }
        if k > steps / 10 && k % (steps / 100) == 0 {
            most = most.max(resident());
        }
    }
    most = most.max(resident());
    println!(
        "{name}: {nodes} nodes a step, {} KiB after {} steps, at most {} KiB until {steps}",
        warm / 1024,
        steps / 10,
        most / 1024
    );
    assert!(most <= warm + allowed, "{name}: {warm} bytes after {} steps, {most} until {steps}", steps / 10);
}

/// 64-64-32-10 in batches of 32, the last of each epoch smaller. The data is made here, so that nothing is freed before the
/// loop: memory that lies free would hide what a loop takes.
fn training(steps: usize, allowed: usize) {
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 64, 32, 10], Activation::Relu);
    let mut sgd = Sgd::new(0.01);
    let batch = |rows: usize| {
        let x = Array2::from_shape_fn((rows, 64), |(i, j)| ((7 * i + 3 * j) % 16) as f32 / 16.0);
        (x, (0..rows).map(|i| i % 10).collect::<Vec<_>>())
    };
    let epoch = [32, 32, 32, 32, 29].map(batch);
    let mut batches = epoch.iter().cycle();
    let mut tape = Tape::new();
    flat("training", steps, allowed, || {
        let (x, labels) = batches.next().expect("a cycle has no end");
        let net = params.on(&tape);
        let loss = model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels);
        let (grads, nodes) = (net.backward(loss), tape.len());
        tape.reset();
        sgd.step(&mut params, &grads);
        nodes
    });
}

/// Gradient descent on an expression of scalars.
fn scalars(steps: usize, allowed: usize) {
    let mut at = [-1.2, 1.0, -0.5, 0.8];
    let mut tape = Tape::new();
    flat("scalars", steps, allowed, || {
        let x = at.map(|x| tape.scalar(x));
        let terms = x.windows(2).map(|p| (p[1] - p[0] * p[0]).square() * 100.0 + (1.0 - p[0]).square());
        let f = terms.fold(Scalar::constant(0.0), |sum, term| sum + term);
        let grads = f.backward();
        for (at, x) in at.iter_mut().zip(x) {
            *at -= 1e-4 * grads[x];
        }
        let nodes = tape.len();
        drop(grads);
        tape.reset();
        nodes
    });
}

#[test]
fn two_thousand_steps() {
    training(2_000, 256 * 1024);
    scalars(2_000, 256 * 1024);
}

#[test]
#[ignore = "100,000 steps take some seconds; run before a release"]
fn a_hundred_thousand_steps() {
    training(100_000, 1024 * 1024);
    scalars(100_000, 1024 * 1024);
}
