//! Batches for training, prepared ahead of time on another thread: [`Loader`].

use std::sync::{Arc, Mutex};

use super::augment::Augment;
use super::classes::Classes;
use super::dataset::{Dataset, order};
use super::epoch::Epoch;
use super::error::{DataError, DataErrorKind};
use super::rows::Rows;
use super::targets::Targets;
use crate::or_panic;

#[cfg(test)]
mod tests;

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
    pub(super) rows: Arc<Rows<Y>>,
    pub(super) sample_shape: Arc<[usize]>,
    pub(super) batch_size: usize,
    pub(super) seed: Option<u64>,
    drop_last: bool,
    pub(super) ahead: usize,
    pub(super) augmentations: Vec<Arc<dyn Augment>>,
    pub(super) spare: Arc<Spare<Y>>,
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

    /// The shape of a sample, as that of the [data set](Dataset::sample_shape).
    ///
    /// ```
    /// use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 500).sample_shape(), [1, 8, 8]);
    /// ```
    pub fn sample_shape(&self) -> &[usize] {
        &self.sample_shape
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
        Epoch::new(self.clone(), order.into(), epoch, first.min(self.batches()))
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
