//! The layer `Y = X·W + b`.

use tape::{Element, Error, Tensor};

use super::{Layer, vacant};
use crate::composite::Affine;
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// `Y = X·W + b`, or `Y = X·W`.
///
/// The fields are open: a layer with the `weight` of another shares it, and gets both contributions to its gradient.
///
/// # Shapes
/// `weight` is `[in, out]`, `bias` is `[out]`; `[…, in]` → `[…, out]`.
///
/// # Example
/// ```
/// use ndarray::array;
/// use nn::{Layer, Linear, Params};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = Linear::new(&mut params, 2, 1);
/// params.set(layer.weight, array![[1.0], [10.0]]);
/// let tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let y = layer.forward(&net, tape.constant(array![[3.0, 4.0], [0.0, 1.0]]));
/// assert_eq!(y.value(), array![[43.0], [10.0]].into_dyn());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// `[in, out]`
    pub weight: ParamId,
    /// `[out]`
    pub bias: Option<ParamId>,
}

impl Linear {
    /// Weights from [`Init::GlorotUniform`], since no activation is known here ([`Mlp`](super::Mlp) takes that of its
    /// activation), and a bias of zeros. The parameters are named `linear.0.weight` and `linear.0.bias` with the first
    /// number that is free.
    ///
    /// # Panics
    /// As [`Init::fill`] fails.
    ///
    /// Source: Glorot and Bengio 2010, equation 16; for the bias, Goodfellow, Bengio and Courville, *Deep Learning*
    /// (2016), section 8.4.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, n_in: usize, n_out: usize) -> Self {
        Self::with_init(params, n_in, n_out, Init::GlorotUniform)
    }

    /// With weights from another distribution.
    ///
    /// # Panics
    /// As [`Init::fill`] fails.
    #[track_caller]
    pub fn with_init<T: Element>(params: &mut Params<T>, n_in: usize, n_out: usize, init: Init) -> Self {
        let name = vacant(params, "linear");
        or_panic(Self::named(params, &name, n_in, n_out, init))
    }

    /// `Y = X·W`.
    ///
    /// ```
    /// use nn::{Init, Layer, Linear, Params};
    /// let mut params = Params::<f64>::seeded(42);
    /// let layer = Linear::without_bias(&mut params, 2, 3, Init::Constant(0.5));
    /// let tape = tape::Tape::new();
    /// let y = layer.forward(&params.on(&tape), tape.constant(([2], vec![1.0, 3.0])));
    /// assert_eq!(y.value().as_slice(), Some(&[2.0; 3][..]));
    /// assert_eq!(params.len(), 1);
    /// ```
    ///
    /// # Panics
    /// As [`Init::fill`] fails.
    #[track_caller]
    pub fn without_bias<T: Element>(params: &mut Params<T>, n_in: usize, n_out: usize, init: Init) -> Self {
        let name = vacant(params, "linear");
        let weight = params.add(name + ".weight", &[n_in, n_out], init);
        params.mark_transposed(weight);
        Self { weight, bias: None }
    }

    /// With parameters named `name.weight` and `name.bias`.
    ///
    /// # Errors
    /// A name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        n_in: usize,
        n_out: usize,
        init: Init,
    ) -> Result<Self, Error> {
        let before = params.len();
        let weight = params.try_add(format!("{name}.weight"), &[n_in, n_out], init)?;
        let bias = params.try_add(format!("{name}.bias"), &[n_out], Init::Zeros);
        let bias = params.undo_if_failed(before, bias)?;
        params.mark_transposed(weight);
        Ok(Self { weight, bias: Some(bias) })
    }
}

impl<T: Element> Layer<T> for Linear {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let weight = net.param(self.weight);
        match self.bias {
            Some(bias) => x.affine(weight, net.param(bias)),
            None => x.linear(weight),
        }
    }
}
