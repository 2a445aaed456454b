//! The loop of a training.

use std::sync::Arc;
use std::time::Instant;

use super::engine::{Metric, Rounds};
use super::error::TrainError;
use super::observer::{Flow, Observer, Run};
use super::record::{EpochRecord, Evaluation, Report, StepRecord};
use super::settings::Settings;
use super::snapshot::{Agreed, Position, Saved, Snapshot, checkpoint, ordinal};
use super::tally::Layers;
use super::trainer::{Per, Scheduled};
use crate::data::{Dataset, Loader, Targets};
use crate::gradients::ParamGradients;
use crate::optim::Optimizer;
use crate::params::Params;

/// A training under way.
pub(super) struct Fit<'r, 'f, 'a, Y: Targets> {
    pub(super) engine: &'r mut dyn Rounds<'f, Y>,
    pub(super) optim: &'r mut (dyn Optimizer<f32> + 'a),
    pub(super) metrics: &'r [(String, Metric<'a, Y>)],
    pub(super) observers: &'r mut [Box<dyn Observer + 'a>],
    pub(super) schedule: Option<&'r mut Scheduled<'a>>,
    /// The optimiser's own learning rate.
    pub(super) rate: f64,
    pub(super) validation: Option<&'f Dataset<Y>>,
    pub(super) train: &'f Dataset<Y>,
    pub(super) settings: &'r Settings,
    pub(super) agreed: Agreed,
    pub(super) loader: Loader<Y>,
    pub(super) layers: Layers,
    /// Of the gradients of the last step, by layer.
    pub(super) norms: Vec<f64>,
    /// Gradients and summed loss of the batches since the last step.
    pub(super) pending: Option<(f64, ParamGradients<f32>)>,
    /// The parameters before the last step of the epoch.
    pub(super) old: Option<Params<f32>>,
    pub(super) position: Position,
    pub(super) stopped: Option<String>,
    pub(super) epochs: Vec<EpochRecord>,
}

impl<Y: Targets> Fit<'_, '_, '_, Y> {
    /// Runs it to its end, and tells the observers what came of it.
    pub(super) fn run(mut self, saved: Option<&Saved<'_>>) -> Result<Report, TrainError> {
        let outcome = self.epochs(saved);
        let mut told = Ok(());
        let observers = &mut *self.observers;
        self.engine.params(&mut |params| {
            // Each is told, whatever another one could not do.
            for observer in &mut *observers {
                let done = observer.over(outcome.as_ref(), params);
                told = std::mem::replace(&mut told, Ok(())).and(done);
            }
        });
        let report = outcome?;
        told.map(|()| report)
    }

    fn epochs(&mut self, saved: Option<&Saved<'_>>) -> Result<Report, TrainError> {
        self.begin(saved)?;
        let mut validation = None;
        while self.position.epoch < self.settings.epochs && self.stopped.is_none() {
            let begin = Instant::now();
            if !self.steps()? {
                break;
            }
            validation = self.end_epoch(begin)?;
        }
        self.end(validation)
    }

    /// Tells the observers, and lets them remember.
    fn begin(&mut self, saved: Option<&Saved<'_>>) -> Result<(), TrainError> {
        let mut values = vec!["loss".to_owned()];
        if self.validation.is_some() {
            values.push("validation_loss".to_owned());
            values.extend(self.metrics.iter().map(|(name, _)| name.clone()));
        }
        if self.settings.training_metrics {
            values.extend(self.metrics.iter().map(|(name, _)| format!("training_{name}")));
        }
        let mut settings = vec![("optimizer", String::new()), ("epochs", self.settings.epochs.to_string())];
        settings.extend(self.agreed.iter().cloned());
        let optim = &*self.optim;
        self.engine.params(&mut |params| settings[0].1 = optim.state(params).method);
        let width = [self.train.width()];
        let run = Run {
            epochs: self.settings.epochs,
            steps_per_epoch: self.loader.batches().div_ceil(self.settings.accumulate),
            done: self.position.epoch,
            step: self.position.step,
            resumed: saved.is_some(),
            values: &values,
            layers: &self.layers.names,
            sample: self.settings.input_shape.as_deref().unwrap_or(&width),
            settings: &settings,
        };
        self.observers.iter_mut().try_for_each(|observer| observer.begin(&run))?;
        let Some(saved) = saved else { return Ok(()) };
        let names: Vec<String> = self.observers.iter().map(|observer| observer.name().to_owned()).collect();
        let ordinals = (0..names.len()).map(|k| ordinal(names.iter().map(String::as_str), k));
        let mut restored = Ok(());
        let observers = &mut *self.observers;
        self.engine.params(&mut |params| {
            let mut each = observers.iter_mut().zip(ordinals.clone());
            restored =
                each.try_for_each(|(observer, ordinal)| match saved.observer(observer.name(), ordinal) {
                    Some(state) => observer.restore(&state, params),
                    None => Ok(()),
                });
        });
        restored
    }

    /// The steps of an epoch, from the batch on where the training stands; `false` where they were stopped before the last.
    fn steps(&mut self) -> Result<bool, TrainError> {
        let (each, batches) = (self.settings.accumulate, self.loader.batches());
        let epoch = self.position.epoch;
        for batch in self.loader.epoch_from(epoch as u64 + 1, self.position.batch) {
            let index = batch.index();
            let first = index - index % each;
            let rows =
                |batches: usize| self.loader.rows().min(batches.saturating_mul(self.loader.batch_size()));
            let group = rows(first.saturating_add(each)) - rows(first);
            let number = (epoch * batches + index) as u64;
            let (loss, grads) = self.engine.gradients(batch, number, group)?;
            if !loss.is_finite() {
                return Err(self.not_finite("loss", loss, index));
            }
            match &mut self.pending {
                Some((sum, total)) => {
                    *sum += loss;
                    total.add(grads);
                }
                None => self.pending = Some((loss, grads)),
            }
            let last = index + 1 == batches;
            if last || (index + 1) % each == 0 {
                self.step(index, group)?;
                if !last {
                    self.save()?;
                    if self.stopped.is_some() {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// The step after the batch `index`, with the gradients of so many rows.
    fn step(&mut self, index: usize, rows: usize) -> Result<(), TrainError> {
        let Some((loss, mut grads)) = self.pending.take() else { return Ok(()) };
        self.layers.gradient_norms(&grads, &mut self.norms);
        let norm = self.norms.iter().map(|norm| norm * norm).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return Err(self.not_finite("gradient", norm, index));
        }
        self.clip(&mut grads, norm);
        if let Some(Scheduled { per, schedule, .. }) = self.schedule.as_deref() {
            let tick = self.tick(*per);
            self.optim.set_learning_rate(self.rate * schedule.factor(tick));
        }
        let last = index + 1 == self.loader.batches();
        let (optim, old) = (&mut *self.optim, &mut self.old);
        self.engine.params(&mut |params| {
            if last {
                *old = Some(params.clone());
            }
            optim.step(params, &grads);
        });
        self.position.tally.add(loss, rows, &self.norms);
        self.position.step += 1;
        self.position.batch = index + 1;
        let record = StepRecord {
            epoch: self.position.epoch + 1,
            step: self.position.step,
            learning_rate: self.optim.learning_rate(),
            loss: loss / rows as f64,
            gradient_norm: norm,
        };
        for observer in &mut *self.observers {
            stop(&mut self.stopped, observer.step(&record)?);
        }
        Ok(())
    }

    /// The tick of the next step, for a schedule.
    fn tick(&self, per: Per) -> u64 {
        if per == Per::Step { self.position.step } else { self.position.epoch as u64 }
    }

    /// Clips gradients of this norm.
    fn clip(&self, grads: &mut ParamGradients<f32>, mut norm: f64) {
        if let Some(limit) = self.settings.clip_value {
            grads.clip_value(limit as f32);
            norm = f64::from(grads.norm());
        }
        if let Some(most) = self.settings.clip_norm {
            grads.clip_from(norm as f32, most as f32);
        }
    }

    /// Validates, and tells all observers; what the validation says.
    fn end_epoch(&mut self, begin: Instant) -> Result<Option<Evaluation>, TrainError> {
        let validation = match self.validation {
            Some(data) => Some(self.engine.evaluate(data, self.metrics)?),
            None => None,
        };
        let mut metrics = validation.as_ref().map_or_else(Vec::new, |validation| validation.metrics.clone());
        if self.settings.training_metrics {
            let training = self.engine.evaluate(self.train, self.metrics)?;
            metrics.extend(
                training.metrics.into_iter().map(|(name, value)| (format!("training_{name}"), value)),
            );
        }
        let loss = self.position.tally.loss();
        // The step is counted by now; what is observed is of the time before.
        let per = self.schedule.as_deref().map(|scheduled| scheduled.per);
        let tick = per.map_or(0, |per| self.tick(per).saturating_sub(u64::from(per == Per::Step)));
        if let Some(Scheduled { schedule, .. }) = self.schedule.as_deref_mut() {
            schedule.observe(tick, validation.as_ref().map_or(loss, |validation| validation.loss));
        }
        let mut layers = Vec::new();
        let old = self.old.take();
        self.engine.params(&mut |params| {
            let old = old.as_ref().unwrap_or(params);
            layers = self.position.tally.layers(&self.layers, old, params);
        });
        let record = EpochRecord {
            epoch: self.position.epoch + 1,
            step: self.position.step,
            learning_rate: self.optim.learning_rate(),
            loss,
            validation_loss: validation.as_ref().map(|validation| validation.loss),
            metrics,
            layers,
            seconds: begin.elapsed().as_secs_f64(),
        };
        self.position = Position { epoch: record.epoch, step: record.step, ..Position::default() };
        let (observers, stopped) = (&mut *self.observers, &mut self.stopped);
        let mut told: Result<(), TrainError> = Ok(());
        self.engine.params(&mut |params| {
            told = observers.iter_mut().try_for_each(|observer| {
                stop(stopped, observer.epoch(&record, params)?);
                Ok(())
            });
        });
        told?;
        self.epochs.push(record);
        self.save()?;
        Ok(validation)
    }

    /// Saves for the observers that want to.
    fn save(&mut self) -> Result<(), TrainError> {
        let last = self.stopped.is_some() || self.position.epoch == self.settings.epochs;
        if !self.observers.iter().any(|observer| observer.due(last)) {
            return Ok(());
        }
        let states: Vec<_> =
            self.observers.iter().map(|observer| (observer.name().to_owned(), observer.state())).collect();
        let (observers, position) = (&mut *self.observers, &self.position);
        let (optim, agreed) = (&*self.optim, &self.agreed);
        let schedule = self.schedule.as_deref().map_or(Vec::new(), |scheduled| scheduled.schedule.state());
        let mut saved = Ok(());
        self.engine.params(&mut |params| {
            let checkpoint = checkpoint(agreed, &optim.state(params), &schedule, &position.tally, &states);
            let snapshot = Snapshot { params, position, last, checkpoint };
            let mut due = observers.iter_mut().filter(|observer| observer.due(last));
            saved = due.try_for_each(|observer| observer.save(&snapshot));
        });
        saved
    }

    /// Lets observers have the last word, and evaluates what they have brought back.
    fn end(&mut self, mut validation: Option<Evaluation>) -> Result<Report, TrainError> {
        let observers = &mut *self.observers;
        let (mut told, mut changed): (Result<(), TrainError>, _) = (Ok(()), false);
        self.engine.params(&mut |params| {
            let before = params.clone();
            told = observers.iter_mut().try_for_each(|observer| observer.end(params));
            let same = |id| Arc::ptr_eq(&before.shared(id), &params.shared(id));
            changed = !params.ids().all(same);
        });
        told?;
        if let Some(data) = self.validation
            && (changed || validation.is_none())
        {
            validation = Some(self.engine.evaluate(data, self.metrics)?);
        }
        let (epochs, stopped) = (std::mem::take(&mut self.epochs), self.stopped.take());
        let steps = self.position.step;
        Ok(Report { epochs, steps, stopped, validation })
    }

    fn not_finite(&self, what: &str, value: f64, index: usize) -> TrainError {
        let epoch = self.position.epoch + 1;
        let place = format!("epoch {epoch}, batch {}: the {what} is {value}", index + 1);
        self.engine.not_finite(&place)
    }
}

/// The first reason to stop stays.
fn stop(stopped: &mut Option<String>, flow: Flow) {
    if let Flow::Stop(reason) = flow {
        stopped.get_or_insert(reason);
    }
}
