//! The multilayer perceptron.

use std::panic::Location;

use tape::{Element, Error, ErrorKind, Tensor};

use super::{Activation, BatchNorm, Dropout, Layer, LayerNorm, Linear, vacant};
use crate::init::Init;
use crate::net::Net;
use crate::or_panic;
use crate::params::Params;

/// A multilayer perceptron: linear layers with an activation between them; normalisation before it and dropout after it, if
/// they are asked for.
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
    norms: Vec<Norm>,
    dropout: Option<Dropout>,
}

/// The normalisation of a hidden layer, before its activation.
#[derive(Clone, Debug, PartialEq)]
enum Norm {
    Batch(BatchNorm),
    Layer(LayerNorm),
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

    /// The same network with dropout of the hidden layers' outputs, in training.
    ///
    /// ```
    /// use nn::{Activation, Mlp, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 128, 10], Activation::Relu)
    ///     .with_batch_norm(&mut params)
    ///     .with_dropout(0.3);
    /// assert!(params.find("norms.0.running_mean").is_some());
    /// ```
    ///
    /// # Panics
    /// `p` is not at least 0 and below 1.
    #[track_caller]
    #[must_use]
    pub fn with_dropout(self, p: f64) -> Self {
        Self { dropout: Some(Dropout::new(p)), ..self }
    }

    /// The same network with batch normalisation of the hidden layers, before their activation. The parameters are named
    /// `norms.0.weight` and so on, with the first numbers that are free.
    #[must_use]
    pub fn with_batch_norm<T: Element>(self, params: &mut Params<T>) -> Self {
        self.normalised(params, |params, name, units| BatchNorm::named(params, name, units).map(Norm::Batch))
    }

    /// The same network with layer normalisation of the hidden layers, before their activation, with names as of
    /// [`with_batch_norm`](Self::with_batch_norm).
    #[must_use]
    pub fn with_layer_norm<T: Element>(self, params: &mut Params<T>) -> Self {
        self.normalised(params, |params, name, units| {
            LayerNorm::named(params, name, &[units]).map(Norm::Layer)
        })
    }

    fn normalised<T: Element>(
        self,
        params: &mut Params<T>,
        norm: impl Fn(&mut Params<T>, &str, usize) -> Result<Norm, Error>,
    ) -> Self {
        let hidden = &self.layers[..self.layers.len() - 1];
        let norms = hidden.iter().map(|layer| {
            let (name, units) = (vacant(params, "norms"), params.shape(layer.weight)[1]);
            norm(params, &name, units).expect("the name is free, and nothing is drawn")
        });
        Self { norms: norms.collect(), ..self }
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
        let before = params.len();
        let mut layers: Vec<Linear> = Vec::with_capacity(widths.len() - 1);
        for (k, pair) in widths.windows(2).enumerate() {
            let name = vacant(params, prefix);
            let layer = Linear::named(params, &name, pair[0], pair[1], init(k));
            layers.push(params.undo_if_failed(before, layer)?);
        }
        let output = Activation::Identity;
        Ok(Self { layers, activation, output, norms: Vec::new(), dropout: None })
    }
}

impl<T: Element> Layer<T> for Mlp {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, mut x: Tensor<'t, T>) -> Tensor<'t, T> {
        let (last, hidden) = self.layers.split_last().expect("there are layers");
        for (k, layer) in hidden.iter().enumerate() {
            x = net.run(layer, x);
            x = match self.norms.get(k) {
                Some(Norm::Batch(norm)) => net.run(norm, x),
                Some(Norm::Layer(norm)) => net.run(norm, x),
                None => x,
            };
            x = net.run(&self.activation, x);
            if let Some(dropout) = self.dropout {
                x = net.run(&dropout, x);
            }
        }
        x = net.run(last, x);
        if self.output == Activation::Identity { x } else { net.run(&self.output, x) }
    }
}
