//! A rectifier with a learnt slope.

use tape::{Element, Error, Tensor};

use super::{Layer, vacant};
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// `x` for positive, `weight · x` for other `x`, with a learnt weight: one, or one for each channel.
///
/// # Shapes
/// `weight [1]` and any `x`, or `weight [C]` and `[N, C, …]`; the result is as `x`.
///
/// # At kinks
/// The weight at 0, as in `PyTorch`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Prelu};
/// let mut params = Params::<f64>::seeded(42);
/// let layer = Prelu::new(&mut params, 1);
/// let tape = tape::Tape::new();
/// let y = layer.forward(&params.on(&tape), tape.constant(([2], vec![-4.0, 3.0])));
/// assert_eq!(y.value().as_slice(), Some(&[-1.0, 3.0][..]));
/// ```
///
/// # Panics
/// There is not a weight for each channel.
///
/// Source: K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prelu {
    /// `[1]` or `[C]`
    pub weight: ParamId,
}

impl Prelu {
    /// So many weights (1, or as many as channels) of 0.25. The parameter is named `prelu.0.weight` with the first number
    /// that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, weights: usize) -> Self {
        let name = vacant(params, "prelu");
        or_panic(Self::named(params, &name, weights))
    }

    /// With a parameter named `name.weight`.
    ///
    /// # Errors
    /// The name is taken. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(params: &mut Params<T>, name: &str, weights: usize) -> Result<Self, Error> {
        let weight = params.try_add(format!("{name}.weight"), &[weights], Init::Constant(0.25))?;
        Ok(Self { weight })
    }
}

impl<T: Element> Layer<T> for Prelu {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let weight = match *net.params().shape(self.weight) {
            [1] => net.param(self.weight),
            [weights] => {
                let channels = x.shape().get(1).copied();
                assert!(
                    channels == Some(weights),
                    "prelu: {:?}: {weights} weights, and not as many channels along axis 1",
                    x.shape()
                );
                // Along the second axis, whatever follows it.
                let after = x.shape().len().saturating_sub(2);
                let shape: Vec<isize> = [-1].into_iter().chain(std::iter::repeat_n(1, after)).collect();
                net.param(self.weight).reshape(&shape)
            }
            ref other => unreachable!("weights along one axis, found {other:?}"),
        };
        Tensor::select(x.gt(T::zero()), x, x * weight)
    }
}
