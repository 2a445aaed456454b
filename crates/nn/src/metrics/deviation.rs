//! What several runs reach.

/// The mean, and the standard deviation of the sample, with `n − 1` below the sum of squares: what several runs, or the
/// folds of a cross-validation, reach, and how far apart they are. Of one number the deviation is NaN, of none both are.
///
/// ```
/// assert_eq!(nn::metrics::mean_and_deviation(&[2.0, 4.0, 6.0]), (4.0, 2.0));
/// ```
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        assert_eq!(mean_and_deviation(&[2.0, 4.0, 6.0]), (4.0, 2.0));
        assert!(mean_and_deviation(&[]).0.is_nan() && mean_and_deviation(&[1.0]).1.is_nan());
    }
}
