//! A function as a layer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use tape::{Element, Tensor};

use super::Layer;
use crate::net::Net;

type Function<T> = dyn for<'t> Fn(Tensor<'t, T>) -> Tensor<'t, T> + Send + Sync;

/// A function of a tensor as a layer, to stand between others in a [`Sequential`](super::Sequential).
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Lambda};
/// let scaled = Lambda::new("x/255", |x| x / 255.0);
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let y = scaled.forward(&params.on(&tape), tape.constant(([2], vec![0.0, 51.0])));
/// assert_eq!(y.value()[1], 0.2);
/// ```
#[derive(Clone)]
pub struct Lambda<T: Element> {
    name: &'static str,
    function: Arc<Function<T>>,
}

impl<T: Element> Lambda<T> {
    /// A function, and what a summary calls it.
    pub fn new(
        name: &'static str,
        function: impl for<'t> Fn(Tensor<'t, T>) -> Tensor<'t, T> + Send + Sync + 'static,
    ) -> Self {
        Self { name, function: Arc::new(function) }
    }
}

impl<T: Element> fmt::Debug for Lambda<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lambda({:?})", self.name)
    }
}

impl<T: Element> Layer<T> for Lambda<T> {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        (self.function)(x)
    }

    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.name)
    }
}
