//! Elementwise and reduction kernels through the tensors of the tape, next to a copy of the same bytes, at 1e3 and 1e6
//! elements. An operation is recorded on a tape that is kept; its operands lie there without a copy.
#![allow(missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::sync::Arc;

use chainrule::prelude::*;
use chainrule::tape::Element;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

type Unary<T> = for<'t> fn(Tensor<'t, T>) -> Tensor<'t, T>;
type Binary<T> = for<'t> fn(Tensor<'t, T>, Tensor<'t, T>) -> Tensor<'t, T>;

/// Elementwise, over `[n]`.
fn unary<T: Element>() -> [(&'static str, Unary<T>); 11] {
    [
        ("relu", |x| x.relu()),
        ("exp", |x| x.exp()),
        ("ln", |x| x.ln()),
        ("tanh", |x| x.tanh()),
        ("sigmoid", |x| x.sigmoid()),
        ("sin", |x| x.sin()),
        ("cos", |x| x.cos()),
        ("erf", |x| x.erf()),
        ("gelu", |x| x.gelu()),
        ("softplus", |x| x.softplus()),
        ("chain (x·x + x)·x", |x| (x * x + x) * x),
    ]
}

fn binary<T: Element>() -> [(&'static str, Binary<T>); 2] {
    [("add", |x, y| x + y), ("mul", |x, y| x * y)]
}

/// Along rows: as the softmax of a layer of so many classes.
fn rows<T: Element>() -> [(&'static str, Unary<T>); 2] {
    [("softmax", |x| x.softmax(-1)), ("log_softmax", |x| x.log_softmax(-1))]
}

fn kernels<T: Element + 'static>(c: &mut Criterion, precision: &str) {
    for n in [1_000usize, 1_000_000] {
        let mut group = c.benchmark_group(format!("{precision} {n}"));
        let bytes = 2 * n * size_of::<T>();
        group.sample_size(20).nresamples(10_000).throughput(Throughput::Bytes(bytes as u64));
        // Between 0.01 and 4: where all of these functions have work to do and the logarithm is defined.
        let x: Vec<T> = (0..n).map(|k| T::of(0.01 + 3.99 * (k * 7919 % n) as f64 / n as f64)).collect();
        let mut copy = x.clone();
        group.bench_function("copy", |b| b.iter(|| copy.copy_from_slice(black_box(&x))));
        let x = Arc::new(x);
        let mut tape = Tape::<T>::new();
        for (name, f) in unary() {
            group.bench_function(name, |b| {
                b.iter(|| {
                    tape.reset();
                    let x = tape.tensor(([n], Arc::clone(&x)));
                    black_box(f(x).value().as_ptr());
                });
            });
        }
        for (name, f) in binary() {
            group.bench_function(name, |b| {
                b.iter(|| {
                    tape.reset();
                    let (x, y) = (tape.tensor(([n], Arc::clone(&x))), tape.tensor(([n], Arc::clone(&x))));
                    black_box(f(x, y).value().as_ptr());
                });
            });
        }
        group.bench_function("sum", |b| {
            b.iter(|| {
                tape.reset();
                tape.tensor(([n], Arc::clone(&x))).sum().value()
            });
        });
        let columns = 1_000.min(n / 10);
        for (name, f) in rows() {
            group.bench_function(name, |b| {
                b.iter(|| {
                    tape.reset();
                    let x = tape.tensor(([n / columns, columns], Arc::clone(&x)));
                    black_box(f(x).value().as_ptr());
                });
            });
        }
        group.finish();
    }
}

fn both(c: &mut Criterion) {
    verify();
    kernels::<f32>(c, "f32");
    kernels::<f64>(c, "f64");
}

/// The operations that are timed are those of the standard library: before anything is timed.
fn verify() {
    let tape = Tape::<f64>::new();
    let numbers = [0.01, 0.3, 1.0, 2.5, 3.9];
    let x = tape.tensor(([5], numbers.to_vec()));
    let softplus = |x: f64| x.exp().ln_1p();
    let wanted: [fn(f64) -> f64; 7] =
        [|x| x.max(0.0), f64::exp, f64::ln, f64::tanh, |x| 1.0 / (1.0 + (-x).exp()), f64::sin, f64::cos];
    for ((name, f), wanted) in unary().iter().zip(wanted) {
        for (got, x) in f(x).value().iter().zip(numbers) {
            assert!((got - wanted(x)).abs() <= 1e-14 * wanted(x).abs(), "{name}({x}) is {got}");
        }
    }
    for (got, x) in x.softplus().value().iter().zip(numbers) {
        assert!((got - softplus(x)).abs() <= 1e-14 * got, "softplus({x}) is {got}");
    }
    assert!((x.softmax(-1).sum().value() - 1.0).abs() <= 1e-14, "the softmax does not add up to 1");
}

criterion_group!(benches, both);
criterion_main!(benches);
