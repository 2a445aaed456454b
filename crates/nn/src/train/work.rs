//! What a thread does: the gradients of a part of a batch, or the outputs for a piece of a data set.

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use ndarray::{ArrayD, ArrayView2, IxDyn};
use tape::{Error, Scalar, Tape, Tensor};

use crate::data::{Batch, Dataset, Targets};
use crate::generator::Generator;
use crate::gradients::ParamGradients;
use crate::layers::Layer;
use crate::net::Net;
use crate::params::Params;
use crate::trace::Trace;
use crate::training::Training;

/// Rows of a piece in evaluation: enough to be fast, and few enough for the memory of any data set that itself fits.
const PIECE: usize = 256;

/// The streams of the seed that parts of batches draw from: those of shuffles and augmentations are elsewhere.
const PARTS: u64 = 1 << 62;

/// The mean loss of some rows.
pub(super) type Loss<'a, Y> = Box<
    dyn for<'t, 'y> Fn(Tensor<'t, f32>, <Y as Targets>::View<'y>) -> Result<Scalar<'t, f32>, Error>
        + Send
        + Sync
        + 'a,
>;

/// What all threads look at.
pub(super) struct Floor<'f, Y: Targets> {
    pub(super) model: &'f dyn Layer<f32>,
    pub(super) loss: &'f Loss<'f, Y>,
    pub(super) input_shape: Option<&'f [usize]>,
    pub(super) seed: u64,
    pub(super) shards: usize,
    /// Changed only between two rounds of work.
    pub(super) params: RwLock<&'f mut Params<f32>>,
    pub(super) task: RwLock<Task<'f, Y>>,
}

/// What there is to do in a round.
pub(super) enum Task<'f, Y: Targets> {
    Nothing,
    /// The gradients of a batch: its number, counted from the first epoch, and the rows of the group of batches that
    /// one step is made of.
    Batch {
        batch: Batch<Y>,
        number: u64,
        group: usize,
    },
    /// The losses of a data set, and its outputs if they are wanted.
    Set {
        data: &'f Dataset<Y>,
        outputs: bool,
    },
}

/// What comes of a part.
pub(super) enum Done {
    /// Loss and gradients of some rows of a batch. The gradients are those of their share in the loss of the group.
    Shard { loss: f64, rows: usize, grads: ParamGradients<f32> },
    /// The loss of some rows of a data set, and outputs.
    Piece { loss: f64, rows: usize, outputs: Option<ArrayD<f32>> },
}

/// The rows of part `part` of `parts` that are as equal as can be.
pub(super) fn share(rows: usize, part: usize, parts: usize) -> Range<usize> {
    part * rows / parts..(part + 1) * rows / parts
}

impl<'f, Y: Targets> Floor<'f, Y> {
    /// Sets the task, and says how many parts it has.
    pub(super) fn begin(&self, task: Task<'f, Y>) -> usize {
        let parts = match &task {
            Task::Nothing => 0,
            Task::Batch { batch, .. } => self.shards.min(batch.len()),
            Task::Set { data, .. } => data.len().div_ceil(PIECE),
        };
        *self.task.write().unwrap_or_else(PoisonError::into_inner) = task;
        parts
    }

    /// Does a part. The tape is empty before and after it.
    pub(super) fn work(&self, tape: &mut Tape<f32>, part: usize) -> Result<Done, Error> {
        let params = self.params.read().unwrap_or_else(PoisonError::into_inner);
        let task = self.task.read().unwrap_or_else(PoisonError::into_inner);
        let done = match &*task {
            Task::Nothing => unreachable!("nothing has no parts"),
            Task::Batch { batch, number, group } => {
                self.with_shard(&params, tape, (batch, *number, part), None, |net, loss, rows| {
                    let value = f64::from(loss.value());
                    let whole = rows == *group;
                    let loss = if whole { loss } else { loss * (rows as f64 / *group as f64) as f32 };
                    Ok(Done::Shard { loss: value, rows, grads: net.try_backward(loss)? })
                })?
            }
            Task::Set { data, outputs } => {
                let net = params.on(tape).evaluation();
                let (x, targets) = data.batches(PIECE).nth(part).expect("as many pieces as were counted");
                let y = self.model.forward(&net, self.input(tape, &x)?);
                let loss = f64::from((self.loss)(y, targets)?.value());
                Done::Piece { loss, rows: x.nrows(), outputs: outputs.then(|| y.value().to_owned()) }
            }
        };
        tape.reset();
        Ok(done)
    }

    /// The forward pass of a part of a batch, and what is to be done with its loss and the number of its rows. Where there is
    /// a trace, it notes the layers, and leaves have names.
    pub(super) fn with_shard<V>(
        &self,
        params: &Params<f32>,
        tape: &Tape<f32>,
        (batch, number, part): (&Batch<Y>, u64, usize),
        trace: Option<&Trace>,
        then: impl for<'t> FnOnce(&Net<'_, 't, f32>, Scalar<'t, f32>, usize) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let parts = self.shards.min(batch.len());
        let rows = share(batch.len(), part, parts);
        let portion = rows.len() as f64 / batch.len() as f64;
        let generator = Generator::with_stream(self.seed, PARTS | number << 16 | part as u64);
        let training = Training::of_part(generator, portion);
        let net = params.on(tape).training(&training);
        let net = trace.map_or(net, |trace| net.traced(trace));
        let (x, targets) = batch.part(rows.clone());
        let x = self.input(tape, &x)?;
        let x = if trace.is_some() { x.named("input") } else { x };
        let y = net.run(self.model, x);
        then(&net, (self.loss)(y, targets)?, rows.len())
    }

    /// Rows as the network wants them.
    fn input<'t>(&self, tape: &'t Tape<f32>, x: &ArrayView2<'_, f32>) -> Result<Tensor<'t, f32>, Error> {
        let Some(shape) = self.input_shape else { return tape.try_constant(*x) };
        let shape = IxDyn(&[&[x.nrows()], shape].concat());
        tape.try_constant(x.into_shape_with_order(shape).expect("the shape was compared with the width"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_differ_by_one_row_at_most() {
        for (rows, parts) in [(10, 3), (64, 4), (3, 3), (29, 4), (7, 1)] {
            let shares: Vec<_> = (0..parts).map(|part| share(rows, part, parts)).collect();
            assert_eq!((shares[0].start, shares[parts - 1].end), (0, rows));
            assert!(shares.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(shares.iter().all(|share| share.len() - rows / parts <= 1), "{shares:?}");
        }
    }
}
