//! A row of learnt numbers for each of many things.

use tape::{Element, Error, Tensor};

use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// The rows of a learnt table that the input names, by whole numbers in a constant: [`Tensor::embedding`].
///
/// # Shapes
/// `weight [count, features]`; `[…]` → `[…, features]`
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Embedding};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Embedding::new(&mut params, 1000, 16).padding(&mut params, 0);
/// let tape = tape::Tape::new();
/// let words = tape.constant(([2, 3], vec![5.0, 17.0, 999.0, 3.0, 0.0, 0.0]));
/// let y = layer.forward(&params.on(&tape), words);
/// assert_eq!(y.shape(), [2, 3, 16]);
/// assert_eq!(y.value()[[1, 2, 0]], 0.0);
/// ```
///
/// # Panics
/// As [`Tensor::embedding`]: an index is no whole number, or outside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Embedding {
    /// `[count, features]`
    pub weight: ParamId,
    /// The row that stands for nothing: it gets no gradient.
    pub padding: Option<usize>,
}

impl Embedding {
    /// So many rows of so many numbers from the normal distribution, as in `PyTorch`. The parameter is named
    /// `embedding.0.weight` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, count: usize, features: usize) -> Self {
        let name = vacant(params, "embedding");
        or_panic(Self::named(params, &name, count, features, Init::Normal { mean: 0.0, std: 1.0 }))
    }

    /// With a parameter named `name.weight`.
    ///
    /// # Errors
    /// The name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        count: usize,
        features: usize,
        init: Init,
    ) -> Result<Self, Error> {
        let weight = params.try_add(format!("{name}.weight"), &[count, features], init)?;
        Ok(Self { weight, padding: None })
    }

    /// With a row that stands for nothing: it becomes zeros, and gets no gradient.
    ///
    /// # Panics
    /// There is no such row.
    #[track_caller]
    #[must_use]
    pub fn padding<T: Element>(self, params: &mut Params<T>, row: usize) -> Self {
        let &[count, features] = params.shape(self.weight) else { unreachable!("a table has two axes") };
        assert!(row < count, "embedding: the padding {row} is none of the {count} rows");
        params.values_mut(self.weight)[row * features..][..features].fill(T::zero());
        Self { padding: Some(row), ..self }
    }
}

impl<T: Element> Layer<T> for Embedding {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let table = net.param(self.weight);
        match self.padding {
            Some(row) => table.embedding_with_padding(x, row),
            None => table.embedding(x),
        }
    }
}
