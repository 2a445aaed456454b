//! Layers one after another.

use std::sync::Arc;

use tape::{Element, Tensor};

use super::Layer;
use crate::net::Net;

/// Layers one after another. A clone shares the layers and their parameters.
///
/// ```
/// use nn::{Activation, Layer, Linear, Params, Sequential};
/// let mut params = Params::<f32>::seeded(42);
/// let model = Sequential::new()
///     .then(Linear::new(&mut params, 2, 3))
///     .then(Activation::Tanh)
///     .named("head", Linear::new(&mut params, 3, 1));
/// let tape = tape::Tape::new();
/// let y = model.forward(&params.on(&tape), tape.constant(([4, 2], vec![0.5; 8])));
/// assert_eq!(y.shape(), [4, 1]);
/// assert!(model.find("head").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Sequential<T: Element> {
    layers: Vec<Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T: Element> {
    name: Option<String>,
    layer: Arc<dyn Layer<T>>,
}

impl<T: Element> Default for Sequential<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Element> Sequential<T> {
    /// No layers yet: the output is the input.
    pub fn new() -> Self {
        Self { layers: Vec::new() }
    }

    /// One layer more, at the end.
    #[must_use]
    pub fn then(mut self, layer: impl Layer<T> + 'static) -> Self {
        self.push(layer);
        self
    }

    /// One layer more, at the end, that can be [found](Self::find) by its name. Its parameters keep theirs.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>, layer: impl Layer<T> + 'static) -> Self {
        self.layers.push(Entry { name: Some(name.into()), layer: Arc::new(layer) });
        self
    }

    /// The layers of another one more, at the end.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.layers.extend(other.layers);
        self
    }

    /// One layer more, at the end.
    pub fn push(&mut self, layer: impl Layer<T> + 'static) {
        self.layers.push(Entry { name: None, layer: Arc::new(layer) });
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The layers, first to last.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &dyn Layer<T>> {
        self.layers.iter().map(|entry| &*entry.layer)
    }

    /// The layer of this name.
    pub fn find(&self, name: &str) -> Option<&dyn Layer<T>> {
        let entry = self.layers.iter().find(|entry| entry.name.as_deref() == Some(name))?;
        Some(&*entry.layer)
    }
}

impl<T: Element> Layer<T> for Sequential<T> {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, mut x: Tensor<'t, T>) -> Tensor<'t, T> {
        for Entry { name, layer } in &self.layers {
            x = net.run_as(name.as_deref(), &**layer, x);
        }
        x
    }
}
