//! The multilayer perceptron.

use std::panic::Location;

use tape::{Element, Error, ErrorKind, Tensor};

use super::linear::vacant;
use super::{Activation, Layer, Linear};
use crate::init::Init;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// A multilayer perceptron: linear layers with an activation between them.
///
/// # Shapes
/// `[…, widths[0]]` → `[…, widths[last]]`
///
/// # Example
/// ```
/// use nn::{Activation, Layer, Mlp, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
/// assert_eq!(params.count(), 64 * 32 + 32 + 32 * 10 + 10);
/// assert_eq!(params.name(model.layers()[1].weight), "layers.1.weight");
/// let tape = tape::Tape::new();
/// let logits = model.forward(&params.on(&tape), tape.constant(([5, 64], vec![0.0; 320])));
/// assert_eq!(logits.shape(), [5, 10]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    output: Activation,
}

impl Mlp {
    /// A network with so many inputs, units in each hidden layer, and outputs. The outputs are left as they are
    /// (logits): see [`with_output`](Self::with_output).
    ///
    /// Weights begin as [`Activation::init`] says, those of the last layer with [`Init::GlorotUniform`]; biases with
    /// zeros. Parameters are named `layers.0.weight`, `layers.0.bias`, `layers.1.weight` … A second network in the
    /// same [`Params`] goes on counting; [`named`](Self::named) keeps them apart.
    ///
    /// # Panics
    /// As [`try_new`](Self::try_new) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, widths: &[usize], activation: Activation) -> Self {
        or_panic(Self::try_new(params, widths, activation))
    }

    /// A network with so many inputs, units in each hidden layer, and outputs.
    ///
    /// ```
    /// use nn::{Activation, Mlp, Params};
    /// let error = Mlp::try_new(&mut Params::<f32>::seeded(42), &[64], Activation::Relu).unwrap_err();
    /// assert!(error.to_string().starts_with("mlp: the widths of inputs and outputs are wanted, found [64] (at "));
    /// ```
    ///
    /// # Errors
    /// There are fewer than two widths, or one is 0; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn try_new<T: Element>(
        params: &mut Params<T>,
        widths: &[usize],
        activation: Activation,
    ) -> Result<Self, Error> {
        Self::named(params, "layers", widths, activation)
    }

    /// A network whose parameters are named `name.0.weight`, `name.0.bias`, `name.1.weight` …
    ///
    /// # Errors
    /// As of [`try_new`](Self::try_new).
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        widths: &[usize],
        activation: Activation,
    ) -> Result<Self, Error> {
        let last = widths.len().saturating_sub(2);
        Self::build(params, name, widths, activation, |layer| match layer {
            layer if layer == last => Init::GlorotUniform,
            _ => activation.init(),
        })
    }

    /// A network with first weights of your choice for each layer.
    ///
    /// ```
    /// use nn::{Activation, Init, Mlp, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let inits = [Init::Constant(0.5), Init::Zeros];
    /// let model = Mlp::with_inits(&mut params, &[2, 3, 1], Activation::Tanh, &inits)?;
    /// assert_eq!(params.values(model.layers()[0].weight), [0.5; 6]);
    /// # Ok::<(), tape::Error>(())
    /// ```
    ///
    /// # Errors
    /// There is not one `Init` for each layer; or as of [`try_new`](Self::try_new).
    #[track_caller]
    pub fn with_inits<T: Element>(
        params: &mut Params<T>,
        widths: &[usize],
        activation: Activation,
        inits: &[Init],
    ) -> Result<Self, Error> {
        let layers = widths.len().saturating_sub(1);
        if inits.len() != layers {
            let text = format!("{layers} layers and {} ways to initialise them", inits.len());
            return Err(Error::new(ErrorKind::Value, text).operation("mlp").at(Location::caller()));
        }
        Self::build(params, "layers", widths, activation, |layer| inits[layer])
    }

    /// The same network with an activation of its outputs.
    #[must_use]
    pub fn with_output(self, output: Activation) -> Self {
        Self { output, ..self }
    }

    /// The same layers with another activation between them, and parameters that are shared.
    #[must_use]
    pub fn with_activation(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }

    /// The linear layers, first to last.
    pub fn layers(&self) -> &[Linear] {
        &self.layers
    }

    /// The activation between them.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The activation of the outputs.
    pub fn output(&self) -> Activation {
        self.output
    }

    #[track_caller]
    fn build<T: Element>(
        params: &mut Params<T>,
        prefix: &str,
        widths: &[usize],
        activation: Activation,
        init: impl Fn(usize) -> Init,
    ) -> Result<Self, Error> {
        let here = Location::caller();
        let fault = |text| Err(Error::new(ErrorKind::Value, text).operation("mlp").at(here));
        if widths.len() < 2 {
            return fault(format!("the widths of inputs and outputs are wanted, found {widths:?}"));
        }
        if widths.contains(&0) {
            return fault(format!("every layer has units, unlike one of {widths:?}"));
        }
        let mut layers: Vec<Linear> = Vec::with_capacity(widths.len() - 1);
        for (k, pair) in widths.windows(2).enumerate() {
            let name = vacant(params, prefix);
            match Linear::named(params, &name, pair[0], pair[1], init(k)) {
                Ok(layer) => layers.push(layer),
                Err(error) => {
                    for layer in layers {
                        layer.bias.into_iter().chain([layer.weight]).for_each(|id| params.remove(id));
                    }
                    return Err(error);
                }
            }
        }
        Ok(Self { layers, activation, output: Activation::Identity })
    }
}

impl<T: Element> Layer<T> for Mlp {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, mut x: Tensor<'t, T>) -> Tensor<'t, T> {
        let last = self.layers.len() - 1;
        for (k, layer) in self.layers.iter().enumerate() {
            let activation = if k == last { self.output } else { self.activation };
            x = activation.apply(layer.forward(net, x));
        }
        x
    }
}
