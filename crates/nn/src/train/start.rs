//! The beginning of a training, from nothing or from a checkpoint.

use std::path::Path;
use std::sync::Arc;

use super::engine::with_engine;
use super::error::{TrainError, TrainErrorKind};
use super::fit::Fit;
use super::record::Report;
use super::settings::{Settings, check_data};
use super::snapshot::{Agreed, Position, Saved};
use super::tally::Layers;
use super::trainer::{Scheduled, Trainer};
use super::work::Floor;
use crate::data::{Augment, DataError, Dataset, Loader, Targets};
use crate::generator::Generator;
use crate::params::Params;

impl<Y: Targets> Trainer<'_, Y> {
    /// Trains the parameters on the data.
    ///
    /// The optimiser goes on from where it stands; epochs are counted from 1.
    ///
    /// # Errors
    /// A setting cannot be, or the data do not fit the network; a loss or a gradient was no finite number (the text names the
    /// node that made it, and the parameters are as before that step); an observer could not do its work.
    ///
    /// # Panics
    /// As the model and the loss do, with their text, whatever thread it was on.
    pub fn fit(&mut self, params: &mut Params<f32>, train: &Dataset<Y>) -> Result<Report, TrainError> {
        self.run(params, train, None)
    }

    /// Goes on with a training from a file of [`Checkpoints`](super::Checkpoints), at an epoch's end or in its midst: all
    /// that comes is equal, to the last bit, to what would have come without the interruption, whatever the number of
    /// threads. Parameters, optimiser, schedule and observers get what they had; give them to the trainer as in the run
    /// that was interrupted. There may be more epochs now.
    ///
    /// # Errors
    /// The file cannot be read; it is of other parameters or another optimiser, or settings that the numbers hang on are
    /// others: all of them are listed, and the parameters are left alone. Then as of [`fit`](Self::fit).
    ///
    /// # Panics
    /// As [`fit`](Self::fit).
    ///
    /// # Example
    /// See [`Checkpoints`](super::Checkpoints).
    pub fn resume(
        &mut self,
        params: &mut Params<f32>,
        train: &Dataset<Y>,
        path: impl AsRef<Path>,
    ) -> Result<Report, TrainError> {
        let saved = Saved::read(path.as_ref())?;
        self.run(params, train, Some(&saved))
    }

    fn run(
        &mut self,
        params: &mut Params<f32>,
        train: &Dataset<Y>,
        saved: Option<&Saved<'_>>,
    ) -> Result<Report, TrainError> {
        let rate = self.optim.learning_rate();
        let report = self.run_at(params, train, saved, rate);
        // A schedule has changed it.
        self.optim.set_learning_rate(rate);
        report
    }

    fn run_at(
        &mut self,
        params: &mut Params<f32>,
        train: &Dataset<Y>,
        saved: Option<&Saved<'_>>,
        rate: f64,
    ) -> Result<Report, TrainError> {
        let settings = &self.settings;
        settings.check()?;
        check_data(settings, "training data", train)?;
        if let Some(data) = self.validation {
            check_data(settings, "validation data", data)?;
        }
        let loader = loader(settings, &self.augmentations, train)?;
        let agreed = self.agreed(train, rate);
        let position = if let Some(saved) = saved {
            saved.agree(&agreed)?;
            saved.restore(params, &mut *self.optim, &mut self.schedule)?
        } else {
            if let Some(Scheduled { schedule, first, .. }) = &mut self.schedule {
                schedule.restore(first)?;
            }
            Position::default()
        };
        let layers = Layers::new(params);
        let floor = Floor::new(&*self.model, &self.loss, settings, params);
        let threads = settings.threads();
        with_engine(threads, &floor, |engine| {
            let fit = Fit {
                engine,
                optim: &mut *self.optim,
                metrics: &self.metrics,
                observers: &mut self.observers,
                schedule: self.schedule.as_mut(),
                rate,
                validation: self.validation,
                train,
                settings,
                agreed,
                loader,
                layers,
                norms: Vec::new(),
                pending: None,
                old: None,
                position,
                stopped: None,
                epochs: Vec::new(),
            };
            fit.run(saved)
        })
    }

    /// The settings that the numbers hang on.
    fn agreed(&self, train: &Dataset<Y>, rate: f64) -> Agreed {
        let Settings { batch, seed, shuffle, drop_last, accumulate, shards, clip_norm, clip_value, .. } =
            &self.settings;
        let or_none = |value: Option<f64>| value.map_or("none".to_owned(), |value| value.to_string());
        vec![
            ("rows of training data", train.len().to_string()),
            ("numbers in a row", train.width().to_string()),
            ("rows of validation data", self.validation.map_or(0, Dataset::len).to_string()),
            ("batch", batch.to_string()),
            ("seed", seed.to_string()),
            ("shuffle", shuffle.to_string()),
            ("drop last", drop_last.to_string()),
            ("augmentations", self.augmentations.len().to_string()),
            ("accumulate", accumulate.to_string()),
            ("shards", shards.to_string()),
            ("clip norm", or_none(*clip_norm)),
            ("clip value", or_none(*clip_value)),
            ("learning rate", rate.to_string()),
            ("schedule", self.schedule.as_ref().map_or("none", |scheduled| &scheduled.text).to_owned()),
        ]
    }
}

/// Batches of the training data.
pub(super) fn loader<Y: Targets>(
    settings: &Settings,
    augmentations: &[Arc<dyn Augment>],
    train: &Dataset<Y>,
) -> Result<Loader<Y>, TrainError> {
    let fault = |error| TrainError::caused(TrainErrorKind::Data, error);
    let mut loader = Loader::try_new(train, settings.batch)
        .map_err(fault)?
        .ahead(settings.ahead)
        .drop_last(settings.drop_last);
    if settings.shuffle {
        loader = loader.shuffle(settings.seed);
    }
    if loader.batches() == 0 {
        let (rows, batch) = (train.len(), settings.batch);
        return Err(TrainError::setting(format!(
            "{rows} rows do not fill a batch of {batch}, and the rest is dropped"
        )));
    }
    for augmentation in augmentations {
        loader = loader.try_augment(Shared(Arc::clone(augmentation))).map_err(fault)?;
    }
    Ok(loader)
}

/// An augmentation of the trainer in a loader.
struct Shared(Arc<dyn Augment>);

impl Augment for Shared {
    fn augment(&self, sample: &mut [f32], shape: &[usize], generator: &mut Generator) {
        self.0.augment(sample, shape, generator);
    }

    fn fits(&self, shape: &[usize]) -> Result<(), DataError> {
        self.0.fits(shape)
    }
}
