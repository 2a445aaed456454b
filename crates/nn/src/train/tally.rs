//! What is summed over the steps of an epoch, and the layers it is summed for.

use tape::{Loop, slices, widest};

use super::observer::ObserverState;
use super::record::LayerRecord;
use crate::gradients::ParamGradients;
use crate::layout::Role;
use crate::params::Params;

/// The layers whose parameters are learnt: those whose names are alike up to the last dot.
pub(super) struct Layers {
    pub(super) names: Vec<String>,
    /// The layer of each parameter, in the order of addition.
    of: Vec<Option<usize>>,
}

impl Layers {
    pub(super) fn new(params: &Params<f32>) -> Self {
        let mut names: Vec<String> = Vec::new();
        let layer = |id| {
            let name = params.name(id);
            let layer = name.rsplit_once('.').map_or(name, |(layer, _)| layer);
            (params.role(id) == Role::Learnt).then(|| {
                if names.last().is_none_or(|last| last != layer) {
                    names.push(layer.to_owned());
                }
                names.len() - 1
            })
        };
        let of = params.ids().map(layer).collect();
        Self { names, of }
    }

    /// The Euclidean norms of the gradients.
    pub(super) fn gradient_norms(&self, grads: &ParamGradients<f32>, norms: &mut Vec<f64>) {
        norms.clear();
        norms.resize(self.names.len(), 0.0);
        for ((_, gradient), layer) in grads.iter().zip(&self.of) {
            if let (Some(gradient), Some(layer)) = (gradient, layer) {
                norms[*layer] += squares(gradient);
            }
        }
        norms.iter_mut().for_each(|norm| *norm = norm.sqrt());
    }

    /// `‖new − old‖ / ‖old‖`, 0 where nothing was there.
    fn update_ratios(&self, old: &Params<f32>, new: &Params<f32>) -> impl Iterator<Item = f64> + use<> {
        let mut sums = vec![(0.0, 0.0); self.names.len()];
        for (id, layer) in new.ids().zip(&self.of) {
            let (Some(layer), old, new) = (*layer, old.values(id), new.values(id)) else { continue };
            sums[layer].0 += slices::sum_of(old.len(), |first, terms| {
                let pairs = old[first..].iter().zip(&new[first..]);
                terms.iter_mut().zip(pairs).for_each(|(term, (a, b))| *term = f64::from(b - a).powi(2));
            });
            sums[layer].1 += squares(old);
        }
        sums.into_iter().map(|(change, size)| if size == 0.0 { 0.0 } else { (change / size).sqrt() })
    }
}

/// The sum of the squares in `f64`, where the square of no `f32` overflows or vanishes.
fn squares(numbers: &[f32]) -> f64 {
    let mut sum = 0.0;
    widest(Squares { numbers, sum: &mut sum });
    sum
}

struct Squares<'a> {
    numbers: &'a [f32],
    sum: &'a mut f64,
}

impl Loop for Squares<'_> {
    #[inline(always)]
    fn run(self) {
        const LANES: usize = 16;
        let mut lanes = [0.0; LANES];
        let (chunks, rest) = self.numbers.as_chunks::<LANES>();
        for chunk in chunks.iter().map(|chunk| &chunk[..]).chain([rest]) {
            lanes.iter_mut().zip(chunk).for_each(|(lane, &x)| *lane += f64::from(x) * f64::from(x));
        }
        *self.sum = lanes.iter().sum();
    }
}

/// Sums over the steps of an epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    loss: f64,
    rows: f64,
    steps: f64,
    norms: Vec<f64>,
}

impl Tally {
    /// Adds the rows of a step: their summed loss, and the norms of the gradients of all layers.
    pub(super) fn add(&mut self, loss: f64, rows: usize, norms: &[f64]) {
        self.loss += loss;
        self.rows += rows as f64;
        self.steps += 1.0;
        self.norms.resize(norms.len(), 0.0);
        self.norms.iter_mut().zip(norms).for_each(|(sum, norm)| *sum += norm);
    }

    /// The mean loss of a row.
    pub(super) fn loss(&self) -> f64 {
        self.loss / self.rows
    }

    /// The layers, of which the last step has made the new parameters of the old ones.
    pub(super) fn layers(&self, layers: &Layers, old: &Params<f32>, new: &Params<f32>) -> Vec<LayerRecord> {
        let sums = layers.names.iter().zip(&self.norms);
        let record = |((name, sum), update_ratio): ((&String, &f64), f64)| LayerRecord {
            name: name.clone(),
            gradient_norm: sum / self.steps,
            update_ratio,
        };
        sums.zip(layers.update_ratios(old, new)).map(record).collect()
    }

    /// For a checkpoint in the middle of an epoch.
    pub(super) fn state(&self) -> ObserverState {
        let sums = vec![self.loss, self.rows, self.steps];
        ObserverState::default().with("sums", sums).with("norms", self.norms.clone())
    }

    pub(super) fn restored(state: &ObserverState) -> Option<Self> {
        let &[loss, rows, steps] = state.get("sums") else { return None };
        Some(Self { loss, rows, steps, norms: state.get("norms").to_vec() })
    }
}
