//! Batches for training, prepared ahead of time on another thread: [`Loader`].

use std::iter::FusedIterator;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use ndarray::Array2;

use super::augment::Augment;
use super::batch::Batch;
use super::classes::Classes;
use super::dataset::{Dataset, Rows, order, rows_into};
use super::error::{DataError, DataErrorKind};
use super::targets::Targets;
use crate::generator::Generator;
use crate::or_panic;

#[cfg(test)]
mod tests;

/// The streams of a seed that augment; those below shuffle.
const AUGMENTATION: u64 = 1 << 63;

/// How many random numbers of 32 bits a row has to itself in the stream of its epoch: 2 to the power of this.
const NUMBERS_OF_A_ROW: u32 = 32;

/// The batches of a data set, epoch by epoch, prepared on another thread while the last one is being learnt from.
///
/// The rows come in their own order until [`shuffle`](Self::shuffle) is called. A batch hangs on the data set, the
/// settings, the number of the epoch and its own number, and on nothing else: the bits are the same for any number
/// of batches prepared [ahead](Self::ahead), and an epoch can be [entered](Self::epoch_from) at any batch, as a
/// training that is resumed does. The memory of a batch that is dropped is used for a later one.
///
/// A loader shares the rows of the data set, so it copies nothing and outlives it. A change to the data set made
/// afterwards does not reach the loader.
///
/// ```
/// use nn::Dataset;
/// use nn::data::Loader;
/// let (train, _) = Dataset::digits().split(0.8, 42);
/// let loader = Loader::new(&train, 32).shuffle(42);
/// for epoch in 0..2 {
///     for batch in loader.epoch(epoch) {
///         assert_eq!(batch.features().nrows(), batch.labels().len());
///     }
/// }
/// ```
///
/// A panic on the other thread, say in an [augmentation](Self::augment), goes on in the loop that takes the batches.
#[derive(Debug)]
pub struct Loader<Y = Classes> {
    rows: Arc<Rows<Y>>,
    sample_shape: Arc<[usize]>,
    batch_size: usize,
    seed: Option<u64>,
    drop_last: bool,
    ahead: usize,
    augmentations: Vec<Arc<dyn Augment>>,
    spare: Arc<Spare<Y>>,
}

/// The memory of batches that are done with.
pub(super) type Spare<Y> = Mutex<Vec<Rows<Y>>>;

impl<Y: Targets> Loader<Y> {
    /// Batches of so many rows, the last one with those that are left, two of them prepared ahead of time.
    ///
    /// # Panics
    /// See [`try_new`](Self::try_new).
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let loader = Loader::new(&Dataset::digits(), 500);
    /// let sizes: Vec<usize> = loader.epoch(0).map(|batch| batch.len()).collect();
    /// assert_eq!(sizes, [500, 500, 500, 297]);
    /// ```
    #[track_caller]
    pub fn new(data: &Dataset<Y>, batch_size: usize) -> Self {
        or_panic(Self::try_new(data, batch_size))
    }

    /// [`new`](Self::new), or an error.
    ///
    /// # Errors
    /// `batch_size` is 0.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let error = Loader::try_new(&Dataset::digits(), 0).unwrap_err();
    /// assert_eq!(error.to_string(), "loader: a batch of 0 rows never ends");
    /// ```
    pub fn try_new(data: &Dataset<Y>, batch_size: usize) -> Result<Self, DataError> {
        if batch_size == 0 {
            return Err(DataError::new(DataErrorKind::Argument, "loader: a batch of 0 rows never ends"));
        }
        let (rows, sample_shape) = data.shared();
        Ok(Self {
            rows: Arc::clone(rows),
            sample_shape: Arc::clone(sample_shape),
            batch_size,
            seed: None,
            drop_last: false,
            ahead: 2,
            augmentations: Vec::new(),
            spare: Arc::default(),
        })
    }

    /// Every epoch in an order of its own: [`order(len, seed, epoch)`](order). The seed is that of the
    /// [augmentations](Self::augment), too.
    ///
    /// ```
    /// use nn::data::{Dataset, Loader, order};
    /// let digits = Dataset::digits();
    /// let loader = Loader::new(&digits, 32).shuffle(42);
    /// let first = loader.epoch(7).next().unwrap();
    /// assert_eq!(first.rows(), &order(digits.len(), 42, 7)[..32]);
    /// ```
    #[must_use]
    pub fn shuffle(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether rows at the end of an epoch that do not fill a batch are left out.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let loader = Loader::new(&Dataset::digits(), 500).drop_last(true);
    /// assert_eq!((loader.batches(), loader.rows()), (3, 1500));
    /// ```
    #[must_use]
    pub fn drop_last(mut self, drop: bool) -> Self {
        self.drop_last = drop;
        self
    }

    /// How many batches are prepared ahead of the one that was taken; 0 prepares each when it is asked for, on the
    /// thread that asks. The batches are the same, bit for bit.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let digits = Dataset::digits();
    /// let [here, there] = [0, 4].map(|n| Loader::new(&digits, 100).shuffle(1).ahead(n));
    /// assert!(here.epoch(0).zip(there.epoch(0)).all(|(a, b)| a.features() == b.features()));
    /// ```
    #[must_use]
    pub fn ahead(mut self, batches: usize) -> Self {
        self.ahead = batches;
        self
    }

    /// Changes every sample at random before it is learnt from, in each epoch in another way: one of the
    /// ready-made [`RandomFlip`](super::RandomFlip) and [`RandomShift`](super::RandomShift), or a function of the
    /// sample and a generator. Several are applied in the order in which they were added.
    ///
    /// The generator hangs on the seed of [`shuffle`](Self::shuffle) (0 without one), the epoch and the number of the row
    /// in the data set; so a sample comes out the same wherever in the epoch it stands.
    ///
    /// # Panics
    /// See [`try_augment`](Self::try_augment).
    ///
    /// ```
    /// use nn::data::{Dataset, Loader, RandomShift};
    /// use nn::Generator;
    /// let loader = Loader::new(&Dataset::digits(), 32)
    ///     .shuffle(42)
    ///     .augment(RandomShift::new(1))
    ///     .augment(|sample: &mut [f32], generator: &mut Generator| {
    ///         sample.iter_mut().for_each(|x| *x += 0.01 * generator.normal() as f32);
    ///     });
    /// assert_eq!(loader.epoch(0).count(), 57);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn augment(self, augmentation: impl Augment) -> Self {
        or_panic(self.try_augment(augmentation))
    }

    /// [`augment`](Self::augment), or an error.
    ///
    /// # Errors
    /// The augmentation is for samples of another shape.
    ///
    /// ```
    /// use nn::data::{Dataset, Loader, RandomShift};
    /// let error = Loader::new(&Dataset::iris(), 32).try_augment(RandomShift::new(1)).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "random shift: a sample of the shape [channels, height, width] is expected, found [4]"
    /// );
    /// ```
    pub fn try_augment(mut self, augmentation: impl Augment) -> Result<Self, DataError> {
        augmentation.fits(&self.sample_shape)?;
        self.augmentations.push(Arc::new(augmentation));
        Ok(self)
    }

    /// How many batches an epoch has.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 500).batches(), 4);
    /// ```
    pub fn batches(&self) -> usize {
        let rows = self.rows.targets.rows();
        if self.drop_last { rows / self.batch_size } else { rows.div_ceil(self.batch_size) }
    }

    /// How many rows an epoch has.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 500).rows(), 1797);
    /// ```
    pub fn rows(&self) -> usize {
        self.rows.targets.rows().min(self.batches().saturating_mul(self.batch_size))
    }

    /// How many rows a batch has, but for the last.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 500).batch_size(), 500);
    /// ```
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// All batches of an epoch. Epochs are numbered by the caller, from 0 or from 1.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let loader = Loader::new(&Dataset::digits(), 32).shuffle(42);
    /// for batch in loader.epoch(3) {
    ///     let (x, labels) = (batch.features(), batch.labels());
    ///     assert_eq!(x.dim(), (labels.len(), 64));
    /// }
    /// ```
    pub fn epoch(&self, epoch: u64) -> Epoch<Y> {
        self.epoch_from(epoch, 0)
    }

    /// The batches of an epoch from this one on, counted from 0: where a training was interrupted. There are none
    /// from the [last](Self::batches) on.
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// let loader = Loader::new(&Dataset::digits(), 32).shuffle(42);
    /// let whole = loader.epoch(3).nth(40).unwrap();
    /// let resumed = loader.epoch_from(3, 40).next().unwrap();
    /// assert_eq!(resumed.features(), whole.features());
    /// assert_eq!(resumed.index(), 40);
    /// ```
    pub fn epoch_from(&self, epoch: u64, first: usize) -> Epoch<Y> {
        let rows = self.rows.targets.rows();
        let order = self.seed.map_or_else(|| (0..rows).collect(), |seed| order(rows, seed, epoch));
        let (next, end) = (first.min(self.batches()), self.batches());
        let maker =
            Maker { loader: self.clone(), order: order.into(), generator: self.augmenting(epoch), next, end };
        let left = end - next;
        Epoch { source: maker.start(), left }
    }

    fn augmenting(&self, epoch: u64) -> Generator {
        Generator::with_stream(self.seed.unwrap_or_default(), AUGMENTATION | epoch)
    }
}

impl<Y> Clone for Loader<Y> {
    fn clone(&self) -> Self {
        Self {
            rows: Arc::clone(&self.rows),
            sample_shape: Arc::clone(&self.sample_shape),
            augmentations: self.augmentations.clone(),
            spare: Arc::clone(&self.spare),
            ..*self
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
