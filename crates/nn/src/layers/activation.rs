//! Activation functions, as layers and by name.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use tape::{Element, Tensor};

use super::Layer;
use crate::init::Init;
use crate::net::Net;

/// An activation function. Values and derivatives are those of the tape's operation of the same name.
///
/// Its text is its name, with the parameter where there is one; a name alone takes the usual parameter.
///
/// ```
/// use nn::Activation;
/// assert_eq!("relu".parse(), Ok(Activation::Relu));
/// assert_eq!("leaky_relu".parse(), Ok(Activation::LeakyRelu(0.01)));
/// assert_eq!(Activation::LeakyRelu(0.2).to_string(), "leaky_relu(0.2)");
/// assert_eq!("leaky_relu(0.2)".parse(), Ok(Activation::LeakyRelu(0.2)));
/// let text = "rectifier".parse::<Activation>().unwrap_err().to_string();
/// assert!(text.starts_with("\"rectifier\" is no activation; there are identity, step, sigmoid,"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `x`: the output of a regression, and logits.
    Identity,
    /// 0 up to 0, then 1: the perceptron's. Nothing propagates through it.
    Step,
    /// `1/(1 + e⁻ˣ)`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `max(x, 0)`
    Relu,
    /// `x` for positive, slope · `x` for negative `x`; the slope is usually 0.01.
    LeakyRelu(f64),
    /// `x` for positive, `α (eˣ − 1)` for negative `x`; `α` is usually 1.
    Elu(f64),
    /// `x Φ(x)`
    Gelu,
    /// `x Φ(x)`, approximated by a hyperbolic tangent.
    GeluTanh,
    /// `x σ(x)`
    Silu,
    /// `ln(1 + eˣ)`
    Softplus,
    /// `ln σ(x)`
    LogSigmoid,
    /// `e^(xⱼ) / Σₖ e^(xₖ)` along the last axis. For a loss, leave it out: the cross-entropies take logits.
    Softmax,
    /// The logarithm of the softmax along the last axis: for a loss that takes logarithms of probabilities.
    LogSoftmax,
}

impl Activation {
    /// Each of them, with its usual parameter.
    pub const ALL: [Self; 14] = [
        Self::Identity,
        Self::Step,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu(0.01),
        Self::Elu(1.0),
        Self::Gelu,
        Self::GeluTanh,
        Self::Silu,
        Self::Softplus,
        Self::LogSigmoid,
        Self::Softmax,
        Self::LogSoftmax,
    ];

    /// The name, without parameters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Step => "step",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu(_) => "leaky_relu",
            Self::Elu(_) => "elu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_tanh",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::LogSigmoid => "log_sigmoid",
            Self::Softmax => "softmax",
            Self::LogSoftmax => "log_softmax",
        }
    }

    /// The function of a tensor.
    ///
    /// ```
    /// use nn::Activation;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![-1.0, 2.0]));
    /// assert_eq!(Activation::Relu.apply(x).value().as_slice(), Some(&[0.0, 2.0][..]));
    /// ```
    ///
    /// # Panics
    /// The softmax or its logarithm of a tensor without axes, or along an empty one.
    #[track_caller]
    #[must_use]
    pub fn apply<T: Element>(self, x: Tensor<'_, T>) -> Tensor<'_, T> {
        match self {
            Self::Identity => x,
            Self::Step => x.step(),
            Self::Sigmoid => x.sigmoid(),
            Self::Tanh => x.tanh(),
            Self::Relu => x.relu(),
            Self::LeakyRelu(slope) => x.leaky_relu(T::of(slope)),
            Self::Elu(alpha) => x.elu(T::of(alpha)),
            Self::Gelu => x.gelu(),
            Self::GeluTanh => x.gelu_tanh(),
            Self::Silu => x.silu(),
            Self::Softplus => x.softplus(),
            Self::LogSigmoid => x.log_sigmoid(),
            Self::Softmax => x.softmax(-1),
            Self::LogSoftmax => x.log_softmax(-1),
        }
    }

    /// The first weights of a layer before this activation: He's for those that let half of the inputs through,
    /// Glorot's for the others.
    ///
    /// Source: He, Zhang, Ren and Sun 2015; Glorot and Bengio 2010.
    pub fn init(self) -> Init {
        match self {
            Self::Relu
            | Self::LeakyRelu(_)
            | Self::Elu(_)
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Softplus => Init::HeUniform,
            Self::Identity
            | Self::Step
            | Self::Sigmoid
            | Self::Tanh
            | Self::LogSigmoid
            | Self::Softmax
            | Self::LogSoftmax => Init::GlorotUniform,
        }
    }
}

impl<T: Element> Layer<T> for Activation {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        self.apply(x)
    }

    fn kind(&self) -> Cow<'static, str> {
        self.to_string().into()
    }
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeakyRelu(parameter) | Self::Elu(parameter) => write!(f, "{}({parameter})", self.name()),
            _ => f.pad(self.name()),
        }
    }
}

/// The text names no [`Activation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownActivation(String);

impl fmt::Display for UnknownActivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no activation; there are ", self.0)?;
        for (k, activation) in Activation::ALL.iter().enumerate() {
            write!(f, "{}{activation}", if k == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownActivation {}

impl FromStr for Activation {
    type Err = UnknownActivation;

    fn from_str(text: &str) -> Result<Self, UnknownActivation> {
        let unknown = || UnknownActivation(text.to_owned());
        let (name, parameter) = match text.trim().strip_suffix(')').and_then(|text| text.split_once('(')) {
            Some((name, number)) => (name, Some(number.trim().parse().map_err(|_| unknown())?)),
            None => (text.trim(), None),
        };
        let usual = Self::ALL.into_iter().find(|activation| activation.name() == name).ok_or_else(unknown)?;
        match (usual, parameter) {
            (usual, None) => Ok(usual),
            (_, Some(number)) if !f64::is_finite(number) => Err(unknown()),
            (Self::LeakyRelu(_), Some(slope)) => Ok(Self::LeakyRelu(slope)),
            (Self::Elu(_), Some(alpha)) => Ok(Self::Elu(alpha)),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
            assert_eq!(activation.name().parse(), Ok(activation));
        }
        assert_eq!(" elu( 0.5 ) ".parse(), Ok(Activation::Elu(0.5)));
        for text in ["", "relu(1)", "elu()", "elu(x)", "elu(nan)", "Relu", "elu(1", "elu1)"] {
            assert_eq!(text.parse::<Activation>(), Err(UnknownActivation(text.to_owned())));
        }
    }
}
