//! Derivatives from values alone.

/// How many steps are tried, each half of the one before.
const STEPS: usize = 9;
/// How many powers of the step are removed from the error.
const DEPTH: usize = 5;

/// The derivative of `f` at 0, number by number, from central differences: see [`combine`].
///
/// `start` is the largest step. It is to be small enough for `f` to be defined there.
pub(crate) fn derivative(mut f: impl FnMut(f64) -> Vec<f64>, start: f64) -> Vec<f64> {
    let mut step = start;
    let quotients: Vec<Vec<f64>> = (0..STEPS)
        .map(|_| {
            let (above, below) = (f(step), f(-step));
            let quotient = above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect();
            step /= 2.0;
            quotient
        })
        .collect();
    (0..quotients[0].len()).map(|k| combine(quotients.iter().map(|quotient| quotient[k]))).collect()
}

/// The limit of central differences whose steps halve: of all extrapolations the one that differs least from the two it
/// was made of. So the step is chosen by what it gives: a kink within the larger steps, or rounding in the smaller ones,
/// rules out those and no others.
///
/// Source: C. J. F. Ridders, *Accurate computation of F′(x) and F′(x) F″(x)* (1982).
fn combine(quotients: impl Iterator<Item = f64>) -> f64 {
    let (mut before, mut best, mut error) = (Vec::<f64>::new(), f64::NAN, f64::INFINITY);
    for quotient in quotients {
        let mut row: Vec<f64> = vec![quotient];
        for (k, &coarse) in before.iter().take(DEPTH).enumerate() {
            let power = 4f64.powi(k as i32 + 1);
            let fine: f64 = row[k];
            let extrapolated = (power * fine - coarse) / (power - 1.0);
            let difference = (extrapolated - fine).abs().max((extrapolated - coarse).abs());
            if difference < error {
                (best, error) = (extrapolated, difference);
            }
            row.push(extrapolated);
        }
        before = row;
    }
    best
}

#[test]
fn smooth_functions_and_kinks() {
    let at = |f: fn(f64) -> f64, x: f64| derivative(|step| vec![f(x + step)], 0.02)[0];
    assert!((at(f64::exp, 1.0) - 1f64.exp()).abs() < 1e-11);
    assert!((at(f64::ln, 0.03) - 1.0 / 0.03).abs() < 1e-9);
    assert!((at(f64::abs, 0.003) - 1.0).abs() < 1e-11, "a kink within the largest steps");
    assert_eq!(at(|_| 3.0, 1.0), 0.0);
    assert!(at(|_| f64::NAN, 1.0).is_nan());
}
