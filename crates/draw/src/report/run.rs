//! The model at work on rows that it has not to learn from.

use ndarray::{Array2, ArrayView2, Axis, IxDyn, s};
use nn::{Layer, Net, Params};
use tape::{Tape, Tensor};

/// The model as it is, and the shape in which it is given a row.
#[derive(Clone, Copy)]
pub(super) struct Model<'m> {
    pub(super) layer: &'m dyn Layer<f32>,
    pub(super) params: &'m Params<f32>,
    pub(super) sample: &'m [usize],
}

impl Model<'_> {
    /// Rows at a time: enough to be fast, and few enough for the memory of any training.
    const PIECE: usize = 256;

    /// The outputs for rows, `[rows, outputs]`; or what they are instead.
    pub(super) fn outputs(&self, rows: &ArrayView2<'_, f32>) -> Result<Array2<f32>, String> {
        let mut tape = Tape::new();
        let mut all: Option<Array2<f32>> = None;
        for piece in rows.axis_chunks_iter(Axis(0), Self::PIECE) {
            let outputs = {
                let net = self.params.on(&tape).evaluation();
                let y = self.layer.forward(&net, self.input(&net, &piece));
                let value = y.value().to_owned();
                let width = value.len() / piece.nrows();
                let shape = value.shape().to_vec();
                if shape.first() != Some(&piece.nrows()) {
                    return Err(format!("the model gives {shape:?} for {} rows", piece.nrows()));
                }
                value.into_shape_with_order((piece.nrows(), width)).map_err(|error| error.to_string())?
            };
            tape.reset();
            match &mut all {
                None => all = Some(outputs),
                Some(all) => all.append(Axis(0), outputs.view()).map_err(|error| error.to_string())?,
            }
        }
        all.ok_or_else(|| "there are no rows".to_owned())
    }

    /// Rows in the shape in which the model wants them.
    pub(super) fn input<'t>(&self, net: &Net<'_, 't, f32>, rows: &ArrayView2<'_, f32>) -> Tensor<'t, f32> {
        let shape = [&[rows.nrows()], self.sample].concat();
        let rows = rows.to_shape(IxDyn(&shape)).expect("the width was compared with the shape");
        net.tape().constant(rows.view())
    }
}

/// So many of the rows of a data set, evenly spaced, or all where there are no more: their positions.
pub(super) fn chosen(rows: usize, most: usize) -> Vec<usize> {
    match rows {
        rows if rows <= most => (0..rows).collect(),
        rows => (0..most).map(|k| k * rows / most).collect(),
    }
}

/// The outputs of a classifier as logits of all classes: one output is that of the second of two classes, whose opposite
/// is 0.
pub(super) fn logits(outputs: Array2<f32>) -> Array2<f32> {
    if outputs.ncols() != 1 {
        return outputs;
    }
    let mut both = Array2::zeros((outputs.nrows(), 2));
    both.slice_mut(s![.., 1..]).assign(&outputs);
    both
}

/// The probabilities of a row of logits: their softmax; NaN where there is a NaN.
pub(super) fn probabilities<'l>(logits: impl IntoIterator<Item = &'l f32>) -> Vec<f64> {
    let logits: Vec<f64> = logits.into_iter().map(|&logit| f64::from(logit)).collect();
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> =
        logits.iter().map(|logit| if *logit == most { 1.0 } else { (logit - most).exp() }).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The place of the greatest number, the first of equals; `None` where there is none.
pub(super) fn greatest(numbers: &[f64]) -> Option<usize> {
    let real = numbers.iter().enumerate().filter(|(_, number)| !number.is_nan());
    real.fold(None, |best: Option<(usize, f64)>, (k, &number)| match best {
        Some((_, most)) if number <= most => best,
        _ => Some((k, number)),
    })
    .map(|(k, _)| k)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_are_chosen_evenly() {
        assert_eq!(chosen(3, 5), [0, 1, 2]);
        assert_eq!(chosen(10, 4), [0, 2, 5, 7]);
    }

    #[test]
    fn probabilities_are_a_softmax() {
        let p = probabilities(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(p, [0.5, 0.5, 0.0]);
        assert!(probabilities(&[f32::NAN, 1.0]).iter().all(|p| p.is_nan()));
        assert_eq!(probabilities(&[f32::INFINITY, 1.0]), [1.0, 0.0]);
        // One output: the sigmoid.
        let both = logits(array![[3f32.ln()]]);
        assert!((probabilities(both.row(0))[1] - 0.75).abs() < 1e-7);
        assert_eq!(greatest(&[f64::NAN, 1.0, 2.0, 2.0]), Some(2));
        assert_eq!(greatest(&[f64::NAN]), None);
    }
}
