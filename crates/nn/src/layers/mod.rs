//! Layers: small values that say which parameters they use and what they do with them.
//!
//! | of what kind | layers |
//! |---|---|
//! | affine | [`Linear`], [`Conv1d`], [`Conv2d`], [`ConvTranspose2d`], [`Embedding`] |
//! | pools and shapes | [`MaxPool1d`], [`MaxPool2d`], [`AvgPool1d`], [`AvgPool2d`], [`AdaptiveAvgPool2d`], [`GlobalAvgPool`], [`Flatten`], [`Reshape`] |
//! | activations | [`Activation`], [`Prelu`] |
//! | normalisation | [`BatchNorm`], [`LayerNorm`], [`GroupNorm`], [`RmsNorm`] |
//! | noise | [`Dropout`] |
//! | sequences | [`Lstm`], [`Gru`], [`MultiHeadAttention`] |
//! | of layers | [`Sequential`], [`Residual`], [`Lambda`], [`Mlp`], [`Network`] |
//!
//! Parameters are named, and lie in memory, as in the modules of `PyTorch` of the same names, but for the weights that
//! are multiplied from the right as that of [`Linear`] is: those are `[in, out]`. They are the `weight` of `Linear`,
//! `in_proj_weight` and `out_proj.weight` of [`MultiHeadAttention`].

mod activation;
mod architecture;
mod attention;
mod batch_norm;
mod cnn;
mod conv;
mod conv_transpose;
mod dropout;
mod embedding;
mod lambda;
mod linear;
mod mlp;
mod network;
mod norm;
mod pool;
mod prelu;
mod recurrent;
mod residual;
mod sequential;
mod shapes;

use std::borrow::Cow;
use std::fmt::Debug;

use tape::{Element, Tensor};

pub use activation::{Activation, UnknownActivation};
pub use architecture::{Architecture, Block};
pub use attention::MultiHeadAttention;
pub use batch_norm::BatchNorm;
pub use cnn::Cnn;
pub use conv::{Conv, Conv1d, Conv2d, Padding};
pub use conv_transpose::ConvTranspose2d;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use lambda::Lambda;
pub use linear::Linear;
pub use mlp::Mlp;
pub use network::Network;
pub use norm::{GroupNorm, LayerNorm, RmsNorm};
pub use pool::{
    AdaptiveAvgPool2d, AvgPool, AvgPool1d, AvgPool2d, GlobalAvgPool, MaxPool, MaxPool1d, MaxPool2d,
};
pub use prelu::Prelu;
pub use recurrent::{Cell, GatedUnit, Gru, LongShortTermMemory, Lstm, Recurrent, State, Weights};
pub use residual::Residual;
pub use sequential::Sequential;
pub use shapes::{Flatten, Reshape};

use crate::net::Net;
use crate::params::Params;

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

    /// What a summary calls it: the name of its type, if nothing else is said.
    fn kind(&self) -> Cow<'static, str> {
        let whole = std::any::type_name::<Self>();
        let path = whole.split_once('<').map_or(whole, |(path, _)| path);
        Cow::Borrowed(path.rsplit_once("::").map_or(path, |(_, name)| name))
    }
}

impl<'t, T: Element> Net<'_, 't, T> {
    /// The output of a layer within another. A layer that is made of layers calls them by this, so that a
    /// [summary](crate::summary()) shows them.
    ///
    /// ```
    /// use nn::{Activation, Layer, Linear, Net, Params};
    /// use tape::{Element, Tensor};
    ///
    /// /// `relu(x · W + b) + x`
    /// #[derive(Clone, Copy, Debug)]
    /// struct Skip(Linear);
    ///
    /// impl<T: Element> Layer<T> for Skip {
    ///     fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
    ///         net.run(&Activation::Relu, net.run(&self.0, x)) + x
    ///     }
    /// }
    ///
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Skip(Linear::new(&mut params, 4, 4));
    /// let kinds: Vec<_> = nn::summary(&params, &model, &[4]).rows.into_iter().map(|row| row.kind).collect();
    /// assert_eq!(kinds, ["Skip", "Linear", "relu"]);
    /// ```
    ///
    /// # Panics
    /// As the layer's [`forward`](Layer::forward) does.
    #[track_caller]
    #[must_use]
    pub fn run(&self, layer: &(impl Layer<T> + ?Sized), x: Tensor<'t, T>) -> Tensor<'t, T> {
        self.run_as(None, layer, x)
    }

    /// The output of a layer that may have a name within another.
    #[track_caller]
    fn run_as(
        &self,
        name: Option<&str>,
        layer: &(impl Layer<T> + ?Sized),
        x: Tensor<'t, T>,
    ) -> Tensor<'t, T> {
        let Some(trace) = self.trace() else { return layer.forward(self, x) };
        let kind = match name {
            Some(name) => format!("{name}: {}", layer.kind()),
            None => layer.kind().into_owned(),
        };
        let note = trace.begin(kind, self.tape().len());
        let y = layer.forward(self, x);
        trace.end(note, self.tape().len(), y.shape());
        y
    }
}

/// `prefix.0`, or with the next number under which no parameter is named.
pub(crate) fn vacant<T: Element>(params: &Params<T>, prefix: &str) -> String {
    let taken = |name: &str| {
        params.iter().any(|(_, other, _)| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
    };
    let names = (0usize..).map(|k| format!("{prefix}.{k}"));
    names.into_iter().find(|name| !taken(name)).expect("there are more numbers than parameters")
}

impl<T: Element, L: Layer<T> + ?Sized> Layer<T> for &L {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        (**self).forward(net, x)
    }

    fn kind(&self) -> Cow<'static, str> {
        (**self).kind()
    }
}
