//! Moments and ends of the distributions, and what cannot be drawn.

use super::*;

fn fill(init: Init, shape: &[usize]) -> Vec<f64> {
    init.fill(shape, &mut Generator::seeded(42)).unwrap()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// Mean 0 and the deviation of the formula within four standard errors; `bound` where the values are uniform.
fn assert_distribution(init: Init, std: f64, bound: Option<f64>) {
    let values = fill(init, &[400, 100]);
    let (mean, deviation) = mean_and_deviation(&values);
    assert!(mean.abs() < 4.0 * std / 200.0, "{init:?}: mean {mean}");
    assert!(
        (deviation / std - 1.0).abs() < 4.0 / (2.0f64 * 40_000.0).sqrt(),
        "{init:?}: {deviation}, not {std}"
    );
    let greatest = values.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    match bound {
        Some(bound) => assert!(greatest <= bound && greatest > 0.999 * bound, "{init:?}: {greatest}"),
        None => assert!(greatest > 3.5 * std, "{init:?}: {greatest} is no tail of a normal distribution"),
    }
}

#[test]
fn distributions_have_the_moments_of_their_formulas() {
    let variance: f64 = 2.0 / 500.0;
    assert_distribution(Init::GlorotNormal, variance.sqrt(), None);
    assert_distribution(Init::GlorotUniform, variance.sqrt(), Some((3.0 * variance).sqrt()));
    let variance: f64 = 2.0 / 400.0;
    assert_distribution(Init::HeNormal, variance.sqrt(), None);
    assert_distribution(Init::HeUniform, variance.sqrt(), Some((3.0 * variance).sqrt()));
    assert_distribution(Init::Uniform { low: -0.5, high: 0.5 }, 12f64.sqrt().recip(), Some(0.5));
    assert_distribution(Init::Normal { mean: 0.0, std: 3.0 }, 3.0, None);
}

#[test]
fn ends_and_means_are_kept() {
    assert_eq!(fill(Init::Constant(0.1), &[2]), [0.1; 2]);
    assert_eq!(fill(Init::Zeros, &[]), [0.0]);
    assert_eq!(fill(Init::Normal { mean: 2.0, std: 0.0 }, &[3]), [2.0; 3]);
    assert_eq!(fill(Init::Uniform { low: 1.5, high: 1.5 }, &[3]), [1.5; 3]);
    let uniform = fill(Init::Uniform { low: 2.0, high: 3.0 }, &[1000]);
    assert!(uniform.iter().all(|x| (2.0..=3.0).contains(x)));
    let (mean, _) = mean_and_deviation(&fill(Init::Normal { mean: -7.0, std: 0.1 }, &[1000]));
    assert!((mean + 7.0).abs() < 0.013);
}

#[test]
#[allow(clippy::unreadable_literal)] // to be pasted from an assertion that failed
fn the_first_numbers_of_seed_42() {
    let first = |init: Init| <[f64; 3]>::try_from(&fill(init, &[64, 32])[..3]).unwrap();
    assert_eq!(first(Init::GlorotUniform), [0.09094809615333571, 0.225137703836242, -0.03624179857174015]);
    assert_eq!(first(Init::HeNormal), [0.08449594372948774, 0.23583259376914673, -0.03727631541681536]);
}

#[test]
fn f32_is_f64_rounded() {
    let single: Vec<f32> = Init::HeNormal.fill(&[5, 7], &mut Generator::seeded(42)).unwrap();
    let double = fill(Init::HeNormal, &[5, 7]);
    assert!(single.iter().zip(&double).all(|(&s, &d)| s == d as f32));
}

#[test]
fn fans_of_shapes() {
    assert_eq!(fans(&[]), (1.0, 1.0));
    assert_eq!(fans(&[5]), (5.0, 5.0));
    assert_eq!(fans(&[5, 2]), (5.0, 2.0));
    assert_eq!(fans(&[5, 3, 3, 2]), (45.0, 18.0));
    let mut generator = Generator::seeded(42);
    let stated: Vec<f64> = Init::HeNormal.fill_with_fans(&[2, 5], 5, 2, &mut generator).unwrap();
    assert_eq!(stated, fill(Init::HeNormal, &[5, 2]));
}

#[test]
fn shapes_that_cannot_be_are_errors() {
    let error = |shape: &[usize]| Init::HeNormal.fill::<f32>(shape, &mut Generator::seeded(0)).unwrap_err();
    let overflow = error(&[usize::MAX, 2]);
    assert_eq!(overflow.kind(), ErrorKind::Memory);
    let text = overflow.to_string();
    assert!(
        text.starts_with("init: [18446744073709551615, 2]: the number of elements overflows (at "),
        "{text}"
    );
    assert!(text.contains("tests.rs"), "{text}");
    assert_eq!(error(&[1 << 61, 1]).kind(), ErrorKind::Memory);
    assert!(error(&[1 << 61, 1]).to_string().contains("no memory for 2305843009213693952 elements"));
    assert!(fill(Init::GlorotUniform, &[0, 3]).is_empty());
}

#[test]
fn numbers_that_cannot_be_are_errors() {
    let fails = |init: Init| {
        let error = init.fill::<f32>(&[2], &mut Generator::seeded(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().contains("is no distribution of finite numbers"), "{error}");
    };
    fails(Init::Constant(f64::NAN));
    fails(Init::Constant(1e39));
    fails(Init::Uniform { low: 1.0, high: 0.0 });
    fails(Init::Uniform { low: f64::NAN, high: 0.0 });
    fails(Init::Normal { mean: 0.0, std: -1.0 });
    fails(Init::Normal { mean: f64::INFINITY, std: 1.0 });
    let error = Init::HeNormal.fill_with_fans::<f64>(&[2], 0, 1, &mut Generator::seeded(0)).unwrap_err();
    assert!(error.to_string().contains("HeNormal with fan_in 0 and fan_out 1 divides by 0"), "{error}");
    let span = Init::Uniform { low: -1.5e308, high: 1.5e308 };
    assert!(span.fill::<f64>(&[2], &mut Generator::seeded(0)).is_err(), "the width overflows");
}

#[test]
fn truncated_normal_numbers_stay_within_two_deviations() {
    let values = fill(Init::TruncatedNormal { mean: 1.0, std: 0.5 }, &[200, 200]);
    let greatest = values.iter().fold(0.0, |m: f64, x| m.max((x - 1.0).abs()));
    assert!(greatest <= 1.0 && greatest > 0.999, "{greatest}");
    let (mean, deviation) = mean_and_deviation(&values);
    // A normal distribution that is cut off at two deviations has 0.8796 of its own.
    assert!((mean - 1.0).abs() < 0.01 && (deviation / 0.5 - 0.879_626).abs() < 0.01, "{mean} {deviation}");
}

#[test]
fn orthogonal_matrices_are() {
    for shape in [&[3, 5][..], &[5, 3], &[4, 4], &[2, 3, 2], &[1, 1], &[3]] {
        let values = fill(Init::Orthogonal, shape);
        let (rows, columns) = (shape[0], values.len() / shape[0]);
        let at = |i: usize, j: usize| {
            if rows <= columns { values[i * columns + j] } else { values[j * columns + i] }
        };
        for (a, b) in (0..rows.min(columns)).flat_map(|a| (0..=a).map(move |b| (a, b))) {
            let dot: f64 = (0..rows.max(columns)).map(|k| at(a, k) * at(b, k)).sum();
            assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-14, "{shape:?}: {a} · {b} is {dot}");
        }
    }
}
