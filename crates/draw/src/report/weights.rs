//! How the weights of the layers are spread, at some epochs.

use nn::{ParamId, Params};

use nn::train::ObserverState;

use super::histogram::{Histogram, thinned};

/// Histograms of the weights at epochs that are evenly spaced, however many there are. Which epochs they are hangs on
/// their number alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    /// Every how-manieth epoch is kept.
    every: usize,
    kept: Vec<Snapshot>,
}

/// The layers after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Snapshot {
    pub(super) epoch: usize,
    pub(super) layers: Vec<Histogram>,
}

impl Default for Weights {
    fn default() -> Self {
        Self { every: 1, kept: Vec::new() }
    }
}

impl Weights {
    /// How many epochs are kept, at most.
    const MOST: usize = 16;
    /// How many numbers of a layer are looked at, at most.
    const NUMBERS: usize = 50_000;

    /// After an epoch.
    pub(super) fn push(&mut self, epoch: usize, layers: &[String], params: &Params<f32>) {
        if !(epoch - 1).is_multiple_of(self.every) {
            return;
        }
        self.kept.push(Self::now(epoch, layers, params));
        if self.kept.len() == Self::MOST {
            self.every *= 2;
            let every = self.every;
            self.kept.retain(|snapshot| (snapshot.epoch - 1).is_multiple_of(every));
        }
    }

    /// As they are.
    pub(super) fn now(epoch: usize, layers: &[String], params: &Params<f32>) -> Snapshot {
        let layers =
            layers.iter().map(|layer| Histogram::of(weights_of(layer, params, Self::NUMBERS).into_iter()));
        Snapshot { epoch, layers: layers.collect() }
    }

    /// The first epoch and one in the middle before `last`, where they are others.
    pub(super) fn before(&self, last: usize) -> Vec<&Snapshot> {
        let earlier: Vec<&Snapshot> = self.kept.iter().filter(|snapshot| snapshot.epoch < last).collect();
        let Some(&first) = earlier.first() else { return Vec::new() };
        let middle = first.epoch.midpoint(last);
        let middle = earlier.into_iter().min_by_key(|snapshot| snapshot.epoch.abs_diff(middle));
        [Some(first), middle.filter(|middle| middle.epoch != first.epoch)].into_iter().flatten().collect()
    }

    pub(super) fn save(&self, state: ObserverState) -> ObserverState {
        let numbers = self.kept.iter().flat_map(|snapshot| {
            let layers = snapshot.layers.iter().flat_map(Histogram::numbers);
            [snapshot.epoch as f64].into_iter().chain(layers).collect::<Vec<_>>()
        });
        state.with("weights", numbers.collect::<Vec<_>>()).with("epochs in weights", vec![self.every as f64])
    }

    pub(super) fn restored(state: &ObserverState, layers: usize) -> Option<Self> {
        let (&[every], numbers) = (state.get("epochs in weights"), state.get("weights")) else { return None };
        let of_layer = Histogram::default().numbers().len() + Histogram::BINS;
        let rows = numbers.chunks(1 + layers * of_layer);
        let snapshot = |row: &[f64]| {
            let (epoch, layers) = row.split_first()?;
            let layers = layers.chunks(of_layer).map(Histogram::from_numbers).collect::<Option<_>>()?;
            Some(Snapshot { epoch: *epoch as usize, layers })
        };
        Some(Self { every: every as usize, kept: rows.map(snapshot).collect::<Option<_>>()? })
    }
}

/// The numbers of a layer that are multiplied with something: those of its parameters that have several axes, as a weight
/// has and a bias has not, or of all where none has.
fn weights_of(layer: &str, params: &Params<f32>, most: usize) -> Vec<f64> {
    let own =
        |id: &ParamId| params.name(*id).rsplit_once('.').map_or(params.name(*id), |(path, _)| path) == layer;
    let all: Vec<ParamId> =
        params.ids().filter(own).filter(|&id| params.role(id) == nn::Role::Learnt).collect();
    let mut ids: Vec<ParamId> = all.iter().copied().filter(|&id| params.shape(id).len() > 1).collect();
    if ids.is_empty() {
        ids = all;
    }
    let share = most / ids.len().max(1);
    ids.into_iter().flat_map(|id| thinned(params.values(id), share).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nn::prelude::*;

    #[test]
    fn epochs_that_are_kept_are_few_and_hang_on_their_number_alone() {
        let mut params = Params::<f32>::seeded(42);
        let _ = Mlp::new(&mut params, &[2, 3, 1], Activation::Relu);
        let layers = ["layers.0".to_owned(), "layers.1".to_owned()];
        let mut weights = Weights::default();
        for epoch in 1..=100 {
            weights.push(epoch, &layers, &params);
            assert!(weights.kept.len() < Weights::MOST);
            let again = Weights::restored(&weights.save(ObserverState::default()), 2);
            assert_eq!(again.as_ref(), Some(&weights));
        }
        let epochs: Vec<usize> = weights.before(100).iter().map(|snapshot| snapshot.epoch).collect();
        assert_eq!(epochs, [1, 49]);
        // The weight and not the bias: 2 × 3 and 3 × 1.
        let counts: Vec<u64> = weights.kept[0].layers.iter().map(Histogram::count).collect();
        assert_eq!(counts, [6, 3]);
        assert!(weights.before(1).is_empty());
    }
}
