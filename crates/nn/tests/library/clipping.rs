//! Gradients that are limited, and gradients that are added up.

use ndarray::{Array2, Axis};
use nn::prelude::*;
use tape::{Element, Tape};

/// Gradients that are these numbers: of `w · g` by `w`.
fn gradients<T: Element>(numbers: &[T]) -> (ParamGradients<T>, ParamId) {
    let mut params = Params::seeded(0);
    let id = params.insert("w", ([numbers.len()], vec![T::one(); numbers.len()]));
    params.insert("idle", ([2], vec![T::one(); 2]));
    let tape = Tape::new();
    let net = params.on(&tape);
    (net.backward((net.param(id) * tape.constant(([numbers.len()], numbers))).sum()), id)
}

fn numbers<T: Element>(grads: &ParamGradients<T>, id: ParamId) -> Vec<T> {
    grads.wrt(id).iter().copied().collect()
}

#[test]
fn norms_of_the_largest_and_the_smallest_numbers() {
    for scale in [1.0f32, 1e30, 1e19, 3e-20, 1e-30, 1e-38] {
        let norm = gradients(&[3.0 * scale, -4.0 * scale]).0.norm();
        assert!((norm / (5.0 * scale) - 1.0).abs() < 1e-6, "{scale:e}: {norm:e}");
    }
    assert_eq!(gradients(&[1e-45f32, 0.0]).0.norm(), 1e-45);
    assert_eq!(gradients(&[0.0f32, -0.0]).0.norm(), 0.0);
    assert_eq!(gradients::<f32>(&[]).0.norm(), 0.0);
    assert_eq!(gradients(&[f32::NEG_INFINITY, 1e30]).0.norm(), f32::INFINITY);
    assert!(gradients(&[f32::NAN, f32::INFINITY]).0.norm().is_nan());
}

#[test]
fn a_norm_is_clipped_or_told() {
    let (mut grads, id) = gradients(&[3.0f64, -4.0]);
    assert_eq!(grads.clip_norm(5.1), 5.0);
    assert_eq!(numbers(&grads, id), [3.0, -4.0]);
    assert_eq!(grads.clip_norm(f64::INFINITY), 5.0);
    assert_eq!(numbers(&grads, id), [3.0, -4.0]);
    assert_eq!(grads.clip_norm(0.5), 5.0);
    let factor = 0.5 / (5.0 + 1e-6);
    assert_eq!(numbers(&grads, id), [3.0 * factor, -4.0 * factor]);
    grads.clip_norm(0.0);
    assert_eq!(numbers(&grads, id), [0.0, 0.0]);
    for wrong in [f64::INFINITY, f64::NAN] {
        let (mut grads, id) = gradients(&[3.0, wrong]);
        assert!(!grads.clip_norm(1.0).is_finite());
        assert_eq!(grads.wrt(id)[0], 3.0, "with a norm of {wrong} nothing is changed");
    }
}

#[test]
fn values_are_clipped_and_nan_stays() {
    let (mut grads, id) = gradients(&[3.0f32, f32::NEG_INFINITY, 0.5, f32::NAN, -0.0]);
    grads.clip_value(2.0);
    let got = numbers(&grads, id);
    assert_eq!(got[..3], [2.0, -2.0, 0.5]);
    assert!(got[3].is_nan() && got[4].is_sign_negative());
}

#[test]
#[should_panic(expected = "a norm is limited to a number from 0, not -1")]
fn a_negative_norm() {
    gradients(&[1.0f32]).0.clip_norm(-1.0);
}

#[test]
#[should_panic(expected = "a gradient is limited to a number from 0, not NaN")]
fn a_limit_that_is_no_number() {
    gradients(&[1.0f32]).0.clip_value(f32::NAN);
}

/// `k` parts of as many rows each, each with the mean over its rows: their sum times `1/k` is the whole.
#[test]
fn parts_of_a_batch_make_the_whole() {
    let mut params = Params::<f64>::seeded(42);
    let model = Mlp::new(&mut params, &[3, 5, 4], Activation::Tanh);
    let x = Array2::from_shape_fn((24, 3), |(i, j)| (1.3 * i as f64 + 2.1 * j as f64).sin());
    let labels: Vec<usize> = (0..24).map(|i| i % 4).collect();
    let mut tape = Tape::new();
    let mut added = |parts: usize| {
        let rows = 24 / parts;
        let mut sum: Option<ParamGradients<f64>> = None;
        for (x, labels) in x.axis_chunks_iter(Axis(0), rows).zip(labels.chunks(rows)) {
            let net = params.on(&tape);
            let grads = net.backward(model.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
            tape.reset();
            match &mut sum {
                Some(sum) => sum.add(grads),
                None => sum = Some(grads),
            }
        }
        let mut sum = sum.unwrap();
        sum.scale(1.0 / parts as f64);
        sum
    };
    let whole = added(1);
    for parts in [2, 3, 8, 24] {
        let sum = added(parts);
        for ((_, a), (_, b)) in sum.iter().zip(whole.iter()) {
            assert!(a.unwrap().iter().zip(b.unwrap()).all(|(a, b)| (a - b).abs() < 1e-15), "{parts} parts");
        }
    }
}
