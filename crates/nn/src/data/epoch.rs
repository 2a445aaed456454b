//! The batches of one epoch, and the thread that makes them.

use std::iter::FusedIterator;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::{Builder, JoinHandle};

use ndarray::Array2;

use super::batch::Batch;
use super::classes::Classes;
use super::loader::Loader;
use super::rows::{Rows, rows_into};
use super::targets::Targets;
use crate::generator::Generator;

/// The streams of a seed that augment; those below shuffle.
const AUGMENTATION: u64 = 1 << 63;

/// How many random numbers of 32 bits a row has to itself in the stream of its epoch: 2 to the power of this.
const NUMBERS_OF_A_ROW: u32 = 32;

/// The batches of an epoch, made by [`Loader::epoch`].
///
/// ```
/// use nn::{Dataset, data::Loader};
/// let mut epoch = Loader::new(&Dataset::digits(), 500).epoch(0);
/// assert_eq!(epoch.len(), 4);
/// assert_eq!(epoch.next().unwrap().len(), 500);
/// ```
pub struct Epoch<Y: Targets = Classes> {
    source: Source<Y>,
    left: usize,
}

enum Source<Y: Targets> {
    Here(Box<Maker<Y>>),
    /// Nothing once the thread has ended.
    There(Option<Worker<Y>>),
}

struct Worker<Y: Targets> {
    receiver: Receiver<Batch<Y>>,
    handle: JoinHandle<()>,
}

impl<Y: Targets> Epoch<Y> {
    /// From the batch `first` on, which is there or is the end.
    pub(super) fn new(loader: Loader<Y>, order: Arc<[usize]>, epoch: u64, first: usize) -> Self {
        let generator = Generator::with_stream(loader.seed.unwrap_or_default(), AUGMENTATION | epoch);
        let end = loader.batches();
        let maker = Maker { loader, order, generator, next: first, end };
        Self { source: maker.start(), left: end - first }
    }
}

impl<Y: Targets> Worker<Y> {
    /// Waits for the end of the thread, which comes after the batch that it is making.
    fn join(self) -> std::thread::Result<()> {
        drop(self.receiver);
        self.handle.join()
    }
}

impl<Y: Targets> Iterator for Epoch<Y> {
    type Item = Batch<Y>;

    fn next(&mut self) -> Option<Batch<Y>> {
        let batch = match &mut self.source {
            Source::Here(maker) => maker.next(),
            Source::There(worker) => {
                let batch = worker.as_ref().and_then(|worker| worker.receiver.recv().ok());
                if batch.is_none()
                    && let Some(Err(panic)) = worker.take().map(Worker::join)
                {
                    resume_unwind(panic);
                }
                batch
            }
        };
        self.left = if batch.is_some() { self.left - 1 } else { 0 };
        batch
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<Y: Targets> ExactSizeIterator for Epoch<Y> {}

impl<Y: Targets> FusedIterator for Epoch<Y> {}

impl<Y: Targets> Drop for Epoch<Y> {
    fn drop(&mut self) {
        if let Source::There(worker) = &mut self.source {
            // What a thread says that is not wanted any more is not heard.
            let _ = worker.take().map(Worker::join);
        }
    }
}

/// Makes the batches of one epoch, in order.
struct Maker<Y: Targets> {
    loader: Loader<Y>,
    order: Arc<[usize]>,
    generator: Generator,
    next: usize,
    end: usize,
}

impl<Y: Targets> Maker<Y> {
    /// On a thread, where that is wanted and there is one to be had.
    fn start(self) -> Source<Y> {
        let ahead = self.loader.ahead.min(self.end - self.next);
        if ahead == 0 {
            return Source::Here(Box::new(self));
        }
        // One more batch is in the hands of the thread, until there is room for it.
        let (sender, receiver) = sync_channel(ahead - 1);
        let (loader, order, generator) =
            (self.loader.clone(), Arc::clone(&self.order), self.generator.clone());
        let here = Self { loader, order, generator, ..self };
        // There is no receiver where the rest of the epoch is not wanted.
        let work = move || {
            for batch in self {
                if sender.send(batch).is_err() {
                    return;
                }
            }
        };
        match Builder::new().name("chainrule loader".to_owned()).spawn(work) {
            Ok(worker) => Source::There(Some(Worker { receiver, handle: worker })),
            Err(_) => Source::Here(Box::new(here)),
        }
    }
}

impl<Y: Targets> Iterator for Maker<Y> {
    type Item = Batch<Y>;

    fn next(&mut self) -> Option<Batch<Y>> {
        if self.next == self.end {
            return None;
        }
        let Loader { rows: all, batch_size, spare, .. } = &self.loader;
        let index = self.next;
        self.next += 1;
        let start = index * batch_size;
        let places = start..start.saturating_add(*batch_size).min(self.order.len());
        let rows = &self.order[places.clone()];

        let old = spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut batch = old
            .unwrap_or_else(|| Rows { features: Array2::default((0, 0)), targets: all.targets.select(&[]) });
        rows_into(&all.features, rows, &mut batch.features);
        all.targets.select_into(rows, &mut batch.targets);
        for (mut sample, &row) in batch.features.rows_mut().into_iter().zip(rows) {
            self.augment(sample.as_slice_mut().expect("a row is in one piece"), row);
        }
        let kept = self.loader.ahead.saturating_add(1);
        let order = Arc::clone(&self.order);
        let shape = Arc::clone(&self.loader.sample_shape);
        Some(Batch::new(batch, index, (order, places), shape, (Arc::clone(spare), kept)))
    }
}

impl<Y: Targets> Maker<Y> {
    fn augment(&self, sample: &mut [f32], row: usize) {
        if let [first, others @ ..] = &self.loader.augmentations[..] {
            let mut generator = self.generator.clone().at((row as u128) << NUMBERS_OF_A_ROW);
            first.augment(sample, &self.loader.sample_shape, &mut generator);
            others.iter().for_each(|other| other.augment(sample, &self.loader.sample_shape, &mut generator));
        }
    }
}
