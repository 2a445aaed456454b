//! Layers: small values that say which parameters they use and what they do with them.

mod activation;
mod linear;
mod mlp;
mod sequential;

use std::fmt::Debug;

use tape::{Element, Tensor};

pub use activation::{Activation, UnknownActivation};
pub use linear::Linear;
pub use mlp::Mlp;
pub use sequential::Sequential;

use crate::net::Net;

/// A piece of a network: from a tensor to a tensor, with parameters that it knows by id.
///
/// A layer owns no numbers, so that a copy of it shares its parameters, and one model serves many tapes and threads.
///
/// ```
/// use nn::{Layer, Net, ParamId, Params};
/// use tape::{Element, Tensor};
///
/// /// `x · s` with a learnt scale.
/// #[derive(Clone, Copy, Debug)]
/// struct Scale(ParamId);
///
/// impl<T: Element> Layer<T> for Scale {
///     fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
///         x * net.param(self.0)
///     }
/// }
///
/// let mut params = Params::<f64>::seeded(42);
/// let scale = Scale(params.insert("scale", ([], vec![3.0])));
/// let tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let y = scale.forward(&net, tape.constant(([2], vec![1.0, 2.0]))).sum();
/// assert_eq!((y.value(), net.backward(y).wrt(scale.0)[[]]), (9.0, 3.0));
/// ```
pub trait Layer<T: Element>: Debug + Send + Sync {
    /// The output for an input.
    ///
    /// # Panics
    /// The input does not have the shape that the layer wants, or a parameter is not in the network.
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T>;
}

impl<T: Element, L: Layer<T> + ?Sized> Layer<T> for &L {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        (**self).forward(net, x)
    }
}
