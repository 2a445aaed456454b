//! What is to be learnt from a row: [`Targets`], and rows of which that is not known.

use std::fmt::Debug;
use std::ops::Range;

/// What the rows of a [`Dataset`](crate::Dataset) are to teach: [`Classes`](super::Classes), or
/// [`Values`](super::Values), or something of your own.
///
/// A data set, its parts, its batches and a [`Loader`](super::Loader) ask no more of targets than this. Write it for
/// targets of another form, say a sequence of tokens to each row.
///
/// ```
/// use std::ops::Range;
/// use ndarray::array;
/// use nn::data::{Dataset, Targets};
///
/// /// A word to each row.
/// #[derive(Clone, Debug)]
/// struct Words(Vec<String>);
///
/// impl Targets for Words {
///     type View<'a> = &'a [String];
///     const NAME: &'static str = "word";
///     fn rows(&self) -> usize {
///         self.0.len()
///     }
///     fn view(&self, rows: Range<usize>) -> &[String] {
///         &self.0[rows]
///     }
///     fn swap(&mut self, i: usize, j: usize) {
///         self.0.swap(i, j);
///     }
///     fn select(&self, rows: &[usize]) -> Self {
///         Self(rows.iter().map(|&row| self.0[row].clone()).collect())
///     }
/// }
///
/// let words = Words(vec!["half".into(), "two".into()]);
/// let data = Dataset::with_targets(array![[0.5], [2.0]], words)?;
/// let (x, words) = data.batches(1).nth(1).unwrap();
/// assert_eq!((x[[0, 0]], words[0].as_str()), (2.0, "two"));
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub trait Targets: Clone + Debug + Send + Sync + 'static {
    /// The targets of some rows that follow one another, as a loss takes them.
    type View<'a>: Copy + Send
    where
        Self: 'a;

    /// What one of them is called where there are too few or too many.
    const NAME: &'static str;

    /// The number of rows.
    fn rows(&self) -> usize;

    /// The targets of these rows; panics where they are not there.
    fn view(&self, rows: Range<usize>) -> Self::View<'_>;

    /// Exchanges the targets of two rows.
    fn swap(&mut self, i: usize, j: usize);

    /// The targets of these rows, in this order; a row may come more than once.
    #[must_use]
    fn select(&self, rows: &[usize]) -> Self;

    /// [`select`](Self::select) into targets that are there: a [`Loader`](super::Loader) calls it for every batch,
    /// so it should use their memory again.
    fn select_into(&self, rows: &[usize], into: &mut Self) {
        *into = self.select(rows);
    }
}

/// No targets: rows to predict from.
///
/// ```
/// use ndarray::array;
/// use nn::data::{Dataset, Unlabelled};
/// let data = Dataset::with_targets(array![[0.5], [2.0]], Unlabelled::new(2))?;
/// assert_eq!(data.batches(2).next().unwrap(), (array![[0.5], [2.0]].view(), ()));
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlabelled {
    rows: usize,
}

impl Unlabelled {
    /// So many rows.
    ///
    /// ```
    /// use nn::data::{Targets, Unlabelled};
    /// assert_eq!(Unlabelled::new(3).rows(), 3);
    /// ```
    pub fn new(rows: usize) -> Self {
        Self { rows }
    }
}

impl Targets for Unlabelled {
    type View<'a> = ();

    const NAME: &'static str = "row";

    fn rows(&self) -> usize {
        self.rows
    }

    fn view(&self, _: Range<usize>) {}

    fn swap(&mut self, _: usize, _: usize) {}

    fn select(&self, rows: &[usize]) -> Self {
        Self::new(rows.len())
    }
}
