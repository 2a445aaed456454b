//! Rounds of work for all threads: the gradients of a batch, the worth of a network on a data set.

use std::sync::PoisonError;

use ndarray::{ArrayD, ArrayViewD, Axis};
use tape::{Error, Tape};

use super::crew::{Lead, with_crew};
use super::culprit::Culprit;
use super::error::{TrainError, TrainErrorKind};
use super::record::Evaluation;
use super::work::{Done, Floor, Task};
use crate::data::{Batch, Dataset, Targets};
use crate::gradients::ParamGradients;
use crate::params::Params;

/// A metric: the outputs for all rows of a data set, and their targets.
pub(super) type Metric<'a, Y> =
    Box<dyn for<'y> Fn(ArrayViewD<'_, f32>, <Y as Targets>::View<'y>) -> Result<f64, Error> + 'a>;

/// The thread that leads, and what all look at.
pub(super) struct Engine<'c, 'f, Y: Targets, W> {
    lead: Lead<'c, W, Result<Done, Error>>,
    floor: &'c Floor<'f, Y>,
}

/// Calls `run` with an engine of so many threads.
pub(super) fn with_engine<'f, Y: Targets, V>(
    threads: usize,
    floor: &Floor<'f, Y>,
    run: impl FnOnce(&mut dyn Rounds<'f, Y>) -> V,
) -> V {
    let worker = || {
        let mut tape = Tape::new();
        move |part| floor.work(&mut tape, part)
    };
    with_crew(threads, worker, |lead| run(&mut Engine { lead, floor }))
}

/// An [`Engine`], whatever its threads do.
pub(super) trait Rounds<'f, Y: Targets> {
    /// The summed loss of the rows of a batch, and the gradients of their share in a group of so many rows.
    fn gradients(
        &mut self,
        batch: Batch<Y>,
        number: u64,
        group: usize,
    ) -> Result<(f64, ParamGradients<f32>), TrainError>;

    /// The mean loss of a data set, and metrics.
    fn evaluate(
        &mut self,
        data: &'f Dataset<Y>,
        metrics: &[(String, Metric<'_, Y>)],
    ) -> Result<Evaluation, TrainError>;

    /// Looks at the parameters, or changes them, while no thread does.
    fn params(&self, change: &mut dyn FnMut(&mut Params<f32>));

    /// What is to be said of numbers that are none in the last batch.
    fn not_finite(&self, what: &str) -> TrainError;
}

impl<'f, Y: Targets, W: FnMut(usize) -> Result<Done, Error>> Rounds<'f, Y> for Engine<'_, 'f, Y, W> {
    fn gradients(
        &mut self,
        batch: Batch<Y>,
        number: u64,
        group: usize,
    ) -> Result<(f64, ParamGradients<f32>), TrainError> {
        let parts = self.floor.begin(Task::Batch { batch, number, group });
        let (mut sum, mut total) = (0.0, None::<ParamGradients<f32>>);
        self.lead.share(parts, |done| {
            let Done::Shard { loss, rows, grads } = done? else { unreachable!("parts of a batch") };
            sum += loss * rows as f64;
            match &mut total {
                Some(total) => total.add(grads),
                None => total = Some(grads),
            }
            Ok::<(), TrainError>(())
        })?;
        Ok((sum, total.expect("a batch has rows")))
    }

    fn evaluate(
        &mut self,
        data: &'f Dataset<Y>,
        metrics: &[(String, Metric<'_, Y>)],
    ) -> Result<Evaluation, TrainError> {
        let parts = self.floor.begin(Task::Set { data, outputs: !metrics.is_empty() });
        let (mut sum, mut all) = (0.0, None::<ArrayD<f32>>);
        self.lead.share(parts, |done| {
            let Done::Piece { loss, rows, outputs } = done? else { unreachable!("pieces of a set") };
            sum += loss * rows as f64;
            let Some(outputs) = outputs else { return Ok(()) };
            match &mut all {
                Some(all) => all.append(Axis(0), outputs.view()).map_err(|_| {
                    let text = "the outputs of a network have one shape for every number of rows";
                    TrainError::new(TrainErrorKind::Data, text)
                })?,
                None => all = Some(outputs),
            }
            Ok::<(), TrainError>(())
        })?;
        let mut evaluation = Evaluation { loss: sum / data.len() as f64, metrics: Vec::new() };
        if let Some(outputs) = all {
            for (name, metric) in metrics {
                evaluation.metrics.push((name.clone(), metric(outputs.view(), data.targets())?));
            }
        }
        Ok(evaluation)
    }

    fn params(&self, change: &mut dyn FnMut(&mut Params<f32>)) {
        change(&mut self.floor.params.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn not_finite(&self, what: &str) -> TrainError {
        let Some(Culprit { text, fault }) = self.floor.culprit() else {
            let text = format!("{what}: no node of this batch makes one when it is computed again");
            return TrainError::new(TrainErrorKind::NotFinite, text);
        };
        let error = TrainError::new(TrainErrorKind::NotFinite, format!("{what}: {text}"));
        fault.into_iter().fold(error, TrainError::because)
    }
}
