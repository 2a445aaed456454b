//! One batch of a [`Loader`](super::Loader).

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use ndarray::{ArrayView2, ArrayViewD, s};

use super::classes::Classes;
use super::loader::Spare;
use super::rows::{Rows, shaped};
use super::targets::Targets;

/// Some rows of an epoch and their targets, made by a [`Loader`](super::Loader), which gets the memory back when the
/// batch is dropped.
///
/// ```
/// use nn::{Dataset, data::Loader};
/// let batch = Loader::new(&Dataset::digits(), 32).epoch(0).nth(2).unwrap();
/// assert_eq!(batch.features().dim(), (32, 64));
/// assert_eq!(batch.inputs().shape(), [32, 1, 8, 8]);
/// assert_eq!(batch.labels()[0], 4);
/// assert_eq!((batch.index(), batch.rows()[0]), (2, 64));
/// ```
pub struct Batch<Y: Targets = Classes> {
    /// Taken out only where the batch is dropped.
    content: Option<Rows<Y>>,
    index: usize,
    /// The rows of the epoch, and which of them these are.
    order: (Arc<[usize]>, Range<usize>),
    sample_shape: Arc<[usize]>,
    /// Where the memory goes, and for how many batches there is room.
    spare: (Arc<Spare<Y>>, usize),
}

impl<Y: Targets> Batch<Y> {
    pub(super) fn new(
        content: Rows<Y>,
        index: usize,
        order: (Arc<[usize]>, Range<usize>),
        sample_shape: Arc<[usize]>,
        spare: (Arc<Spare<Y>>, usize),
    ) -> Self {
        Self { content: Some(content), index, order, sample_shape, spare }
    }

    fn content(&self) -> &Rows<Y> {
        self.content.as_ref().expect("a batch has its rows until it is dropped")
    }

    /// The number of rows.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap().len(), 32);
    /// ```
    pub fn len(&self) -> usize {
        self.order.1.len()
    }

    /// There are no rows; a loader makes no such batch.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// assert!(!Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, `[len, width]`, in row-major order without gaps.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// let batch = Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap();
    /// assert_eq!(batch.features(), Dataset::digits().batches(32).next().unwrap().0);
    /// ```
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.content().features.view()
    }

    /// The rows in the shape of their samples: `[len, …sample shape]`.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// let batch = Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap();
    /// assert_eq!(batch.inputs().shape(), [32, 1, 8, 8]);
    /// ```
    pub fn inputs(&self) -> ArrayViewD<'_, f32> {
        shaped(&self.content().features, &self.sample_shape)
    }

    /// The targets, as a loss takes them: labels, or numbers of the shape `[len, outputs]`.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// let batch = Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap();
    /// assert_eq!(batch.targets(), &Dataset::digits().labels()[..32]);
    /// ```
    pub fn targets(&self) -> Y::View<'_> {
        self.content().targets.view(0..self.len())
    }

    /// A part of the batch: rows, and their targets. This is how threads share a batch.
    ///
    /// # Panics
    /// The part goes beyond [`len`](Self::len).
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// let batch = Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap();
    /// let (x, labels) = batch.part(8..16);
    /// assert_eq!((x.dim(), labels[0]), ((8, 64), 8));
    /// ```
    #[track_caller]
    pub fn part(&self, rows: Range<usize>) -> (ArrayView2<'_, f32>, Y::View<'_>) {
        let found = self.len();
        assert!(rows.start <= rows.end && rows.end <= found, "part: rows {rows:?} of a batch of {found}");
        let Rows { features, targets } = self.content();
        (features.slice(s![rows.clone(), ..]), targets.view(rows))
    }

    /// Which batch of the epoch it is, from 0.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 32).epoch(0).next().unwrap().index(), 0);
    /// ```
    pub fn index(&self) -> usize {
        self.index
    }

    /// Which rows of the data set these are.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 3).epoch(0).nth(1).unwrap().rows(), [3, 4, 5]);
    /// ```
    pub fn rows(&self) -> &[usize] {
        &self.order.0[self.order.1.clone()]
    }
}

impl Batch {
    /// The class of each row: [`targets`](Self::targets) by the name it has for classes.
    ///
    /// ```
    /// # use nn::{Dataset, data::Loader};
    /// assert_eq!(Loader::new(&Dataset::digits(), 3).epoch(0).next().unwrap().labels(), [0, 1, 2]);
    /// ```
    pub fn labels(&self) -> &[usize] {
        self.targets()
    }
}

impl<Y: Targets> fmt::Debug for Batch<Y> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "batch {} of {} rows, {:?} each", self.index, self.len(), self.sample_shape)
    }
}

impl<Y: Targets> Drop for Batch<Y> {
    fn drop(&mut self) {
        let (spare, room) = &self.spare;
        let mut spare = spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < *room {
            spare.extend(self.content.take());
        }
    }
}
