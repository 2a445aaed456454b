//! What is seen of an epoch: means over its batches, in a line.

use std::fmt::Write;

use nn::ParamGradients;

/// Sums over the batches of an epoch.
#[derive(Default)]
pub(crate) struct Epoch {
    rows: usize,
    batches: usize,
    loss: f64,
    /// Each layer, with the norm of its gradient.
    layers: Vec<(String, f64)>,
}

impl Epoch {
    /// Adds a batch of so many rows.
    pub(crate) fn add(&mut self, loss: f32, gradients: &ParamGradients<f32>, rows: usize) {
        self.rows += rows;
        self.batches += 1;
        self.loss += f64::from(loss) * rows as f64;
        let norms = by_layer(gradients.norms().map(|(name, norm)| (name, f64::from(norm))));
        if self.layers.is_empty() {
            self.layers = norms;
        } else {
            self.layers.iter_mut().zip(norms).for_each(|((_, sum), (_, norm))| *sum += norm);
        }
    }

    /// The mean loss of a row.
    pub(crate) fn loss(&self) -> f64 {
        self.loss / self.rows as f64
    }

    /// What stands above the lines.
    pub(crate) fn titles(&self) -> String {
        let mut text = "epoch      loss     train      test".to_owned();
        for (layer, _) in &self.layers {
            let _ = write!(text, "  {:>9}", format!("∇ {layer}")); // a String takes all
        }
        text
    }

    /// The figures of the epoch, with the accuracies after it.
    pub(crate) fn line(&self, number: usize, train: f64, test: f64) -> String {
        let mut text = format!("{number:>5}  {:>8}  {train:>8.4}  {test:>8.4}", figure(self.loss()));
        for (layer, sum) in &self.layers {
            let width = (layer.chars().count() + 2).max(9);
            let _ = write!(text, "  {:>width$}", figure(sum / self.batches as f64)); // a String takes all
        }
        text
    }
}

/// Joins the norms of the parameters of a layer. They have its name before their own: `layer.weight`, `layer.bias`.
fn by_layer<'a>(norms: impl Iterator<Item = (&'a str, f64)>) -> Vec<(String, f64)> {
    let mut layers: Vec<(String, f64)> = Vec::new();
    for (name, norm) in norms {
        let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
        match layers.last_mut() {
            Some((last, sum)) if last == layer => *sum = sum.hypot(norm),
            _ => layers.push((layer.to_owned(), norm)),
        }
    }
    layers
}

/// Four decimals, or a power of ten where they would show little of the number.
fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0.0000".to_owned(),
        size if (1e-3..1e3).contains(&size) => format!("{value:.4}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_a_layer_are_one_norm() {
        let norms = [("a.weight", 3.0), ("a.bias", 4.0), ("b.weight", 2.0), ("scale", 1.0)];
        let wanted = [("a", 5.0), ("b", 2.0), ("scale", 1.0)].map(|(name, norm)| (name.to_owned(), norm));
        assert_eq!(by_layer(norms.into_iter()), wanted);
    }

    #[test]
    fn small_and_large_figures_stay_legible() {
        let shown = [0.0, 0.123_45, 2.0, 0.000_123_4, 12_345.0].map(figure);
        assert_eq!(shown, ["0.0000", "0.1235", "2.0000", "1.23e-4", "1.23e4"]);
    }
}
