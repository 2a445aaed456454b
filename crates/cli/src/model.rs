//! A network that was saved, with all that it takes to use it.

use std::path::Path;

use ndarray::Array2;
use nn::data::Targets;
use nn::{Architecture, Dataset, Network, Params};

use crate::data::Form;
use crate::fault::Fault;
use crate::network;
use crate::notes::Saved;
use crate::task;

/// A network that was saved.
pub(crate) struct Model {
    pub(crate) network: Network<f32>,
    pub(crate) params: Params<f32>,
    pub(crate) form: Form,
}

impl Model {
    /// Reads a file that `train --save` wrote.
    pub(crate) fn load(path: &Path) -> Result<Self, Fault> {
        let saved = Saved::read(path)?;
        let architecture: Architecture = saved.parse("architecture")?;
        let form = Form::load(&saved)?;
        let (network, mut params) = network::build(&architecture, 0)?;
        saved.file.restore_params(&mut params).map_err(Fault::input)?;
        Ok(Self { network, params, form })
    }

    /// What it answers to each row, on the scale of its last layer.
    pub(crate) fn outputs<Y: Targets>(&self, rows: &Dataset<Y>) -> Array2<f32> {
        task::outputs(&self.network, &self.params, rows)
    }
}

/// The probabilities of classes: the softmax of each row.
pub(crate) fn probabilities(mut logits: Array2<f32>) -> Array2<f32> {
    for mut row in logits.rows_mut() {
        let greatest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.mapv_inplace(|x| (x - greatest).exp());
        let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
        row.mapv_inplace(|x| (f64::from(x) / sum) as f32);
    }
    logits
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn probabilities_of_any_logits_have_the_sum_1() {
        let found = probabilities(array![[0.0, 0.0], [1e4, -1e4], [3.0f32.ln(), 0.0]]);
        assert!((found - array![[0.5, 0.5], [1.0, 0.0], [0.75, 0.25]]).iter().all(|x| x.abs() < 1e-6));
    }
}
