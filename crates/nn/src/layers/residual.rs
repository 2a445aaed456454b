//! A layer with a way around it.

use std::sync::Arc;

use tape::{Element, Tensor};

use super::Layer;
use crate::net::Net;

/// `f(x) + x`, or `f(x) + p(x)` with a projection where the shapes differ. A clone shares layers and parameters.
///
/// # Shapes
/// Those of `f`; without a projection its output has the shape of its input.
///
/// # Example
/// ```
/// use nn::layers::{BatchNorm, Conv2d, Residual};
/// use nn::{Activation, Layer, Params, Sequential};
/// let mut params = Params::<f32>::seeded(42);
/// let block = Sequential::new()
///     .then(Conv2d::new(&mut params, 8, 16, 3).padding(1).stride(2))
///     .then(BatchNorm::new(&mut params, 16))
///     .then(Activation::Relu)
///     .then(Conv2d::new(&mut params, 16, 16, 3).padding(1));
/// let block = Residual::new(block).project(Conv2d::new(&mut params, 8, 16, 1).stride(2));
/// let tape = tape::Tape::new();
/// let x = tape.constant(([2, 8, 6, 6], vec![0.5; 576]));
/// assert_eq!(block.forward(&params.on(&tape).evaluation(), x).shape(), [2, 16, 3, 3]);
/// ```
///
/// # Panics
/// The two shapes differ.
///
/// Source: K. He, X. Zhang, S. Ren, J. Sun, *Deep Residual Learning for Image Recognition* (2015), arXiv:1512.03385.
#[derive(Clone, Debug)]
pub struct Residual<T: Element> {
    layer: Arc<dyn Layer<T>>,
    projection: Option<Arc<dyn Layer<T>>>,
}

impl<T: Element> Residual<T> {
    /// `f(x) + x`
    pub fn new(layer: impl Layer<T> + 'static) -> Self {
        Self { layer: Arc::new(layer), projection: None }
    }

    /// `f(x) + p(x)`
    #[must_use]
    pub fn project(self, projection: impl Layer<T> + 'static) -> Self {
        Self { projection: Some(Arc::new(projection)), ..self }
    }
}

impl<T: Element> Layer<T> for Residual<T> {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let y = net.run(&*self.layer, x);
        let around = self.projection.as_ref().map_or(x, |projection| net.run(&**projection, x));
        assert!(
            y.shape() == around.shape(),
            "residual: {:?} and, on the way around, {:?}: a projection has to make them alike",
            y.shape(),
            around.shape()
        );
        y + around
    }
}
