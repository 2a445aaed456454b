//! How weights lie in a file: their names, their layout, what may differ.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::error::{CheckpointError, CheckpointErrorKind};
use super::tensors::Metadata;
use crate::layout::Entry;

/// How weights lie in a file.
///
/// [`Format::new`] is what [`Params::save`](crate::Params::save) writes: our names, and shapes as they are here.
/// [`Format::torch`] is what `PyTorch` reads with `load_state_dict` and writes with `save_file`:
///
/// ```python
/// from safetensors.torch import load_file, save_file
/// model.load_state_dict(load_file("from_rust.safetensors"))   # written with Format::torch()
/// save_file(model.state_dict(), "from_python.safetensors")    # read with Format::torch()
/// ```
///
/// ```
/// use nn::checkpoint::{Format, contents};
/// use nn::{Init, Linear, Params};
/// let path = std::env::temp_dir().join(format!("torch-{}.safetensors", std::process::id()));
/// let mut params = Params::<f32>::seeded(42);
/// let layer = Linear::named(&mut params, "hidden", 3, 2, Init::HeNormal).unwrap();
/// let torch = Format::torch().names([("hidden.weight", "fc1.weight"), ("hidden.bias", "fc1.bias")]);
/// params.save_as(&path, &torch)?;
/// let found = contents(&path)?.tensors;
/// let weight = found.iter().find(|info| info.name == "fc1.weight").unwrap();
/// assert_eq!(weight.shape, [2, 3]); // [out, in]
/// params.load_as(&path, &torch)?;
/// assert_eq!(params.shape(layer.weight), [3, 2]); // [in, out]
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Format {
    pub(super) torch: bool,
    pub(super) convert: bool,
    pub(super) strict: bool,
    pub(super) metadata: Metadata,
    names: Option<Arc<Rename>>,
}

/// From our names to theirs.
type Rename = dyn Fn(&str) -> String + Send + Sync;

/// The entry of the metadata that says whose layout a file has, and what we and `PyTorch` write there.
pub(super) const MARK: &str = "format";
const OURS: &str = "chainrule";
const TORCH: &str = "pt";

impl Default for Format {
    fn default() -> Self {
        Self::new()
    }
}

impl Format {
    /// Names and shapes as they are in [`Params`](crate::Params).
    pub fn new() -> Self {
        Self { torch: false, convert: false, strict: true, metadata: Metadata::new(), names: None }
    }

    /// Shapes as `PyTorch`'s modules have them: the weight of a linear layer is `[out, in]` in the file. With batch
    /// normalisation, its `num_batches_tracked` is written (as 0: `PyTorch` asks for it, but uses it only where
    /// `momentum=None`), and passed over when reading.
    ///
    /// Names stay as they are unless [`names`](Self::names) or [`names_by`](Self::names_by) change them.
    pub fn torch() -> Self {
        Self { torch: true, ..Self::new() }
    }

    /// Other names in the file: pairs of ours and theirs. Names that are not listed stay.
    #[must_use]
    pub fn names<A: Into<String>, B: Into<String>>(self, pairs: impl IntoIterator<Item = (A, B)>) -> Self {
        let table: BTreeMap<String, String> = pairs.into_iter().map(|(a, b)| (a.into(), b.into())).collect();
        self.names_by(move |ours| table.get(ours).map_or(ours, String::as_str).to_owned())
    }

    /// Other names in the file: a function from ours to theirs.
    ///
    /// ```
    /// use nn::checkpoint::Format;
    /// let keras_like = Format::new().names_by(|ours| ours.replace("weight", "kernel").replace('.', "/"));
    /// ```
    #[must_use]
    pub fn names_by(self, theirs: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self { names: Some(Arc::new(theirs)), ..self }
    }

    /// Other names in the file: pairs of our and their names of modules, which are the beginnings of the names of their
    /// parameters. The longest that fits counts; an empty one is dropped.
    ///
    /// ```
    /// use nn::checkpoint::Format;
    /// use nn::{Init, Linear, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// Linear::named(&mut params, "encoder.0", 3, 2, Init::HeNormal).unwrap();
    /// Linear::named(&mut params, "head", 2, 1, Init::HeNormal).unwrap();
    /// let torch = Format::torch().modules([("encoder", ""), ("head", "classifier.fc")]);
    /// let mut theirs = Params::<f32>::seeded(42);
    /// theirs.insert("0.weight", ([2, 3], vec![0.0; 6]));
    /// theirs.insert("0.bias", ([2], vec![0.0; 2]));
    /// theirs.insert("classifier.fc.weight", ([1, 2], vec![0.0; 2]));
    /// theirs.insert("classifier.fc.bias", ([1], vec![0.0]));
    /// let file = theirs.to_bytes_as(&Format::torch())?;
    /// assert!(params.load_bytes_as(&file, &torch)?.is_empty());
    /// # Ok::<(), nn::checkpoint::CheckpointError>(())
    /// ```
    #[must_use]
    pub fn modules<A: Into<String>, B: Into<String>>(self, pairs: impl IntoIterator<Item = (A, B)>) -> Self {
        let table: BTreeMap<String, String> = pairs.into_iter().map(|(a, b)| (a.into(), b.into())).collect();
        self.names_by(move |ours| {
            // The text up to each dot, the longest first.
            let ends = ours.rmatch_indices('.').map(|(end, _)| end);
            let fits = ends.into_iter().find_map(|end| Some((table.get(&ours[..end])?, &ours[end + 1..])));
            match fits {
                Some((module, rest)) if module.is_empty() => rest.to_owned(),
                Some((module, rest)) => format!("{module}.{rest}"),
                None => ours.to_owned(),
            }
        })
    }

    /// The names of `torch.nn.Sequential(Linear, ReLU, Linear, …)`, where the activations count, for an
    /// [`Mlp`](crate::Mlp) whose layers have this name: `layers.1.weight` is `2.weight`.
    #[must_use]
    pub fn of_mlp(self, name: &str) -> Self {
        let name = format!("{name}.");
        self.names_by(move |ours| {
            let place = ours.strip_prefix(&name).and_then(|rest| rest.split_once('.'));
            let layer = place.and_then(|(layer, rest)| Some((layer.parse::<usize>().ok()?, rest)));
            layer.map_or_else(|| ours.to_owned(), |(layer, rest)| format!("{}.{rest}", 2 * layer))
        })
    }

    /// The names of a `torch.nn.Sequential` of the same modules, for a [`Network`](crate::layers::Network) whose layers
    /// have this name: `layers.4.weight` is `4.weight`. What [`Cnn`](crate::Cnn) and
    /// [`Architecture`](crate::Architecture) build is one, with the name `layers`.
    #[must_use]
    pub fn of_network(self, name: &str) -> Self {
        self.modules([(name, "")])
    }

    /// Whether numbers of another floating-point type (`F16`, `BF16`, `F32`, `F64`) are read and rounded to the nearest
    /// of the parameters' type; without it they are a mismatch. What is too large becomes infinite. At first they are not.
    #[must_use]
    pub fn convert(self, convert: bool) -> Self {
        Self { convert, ..self }
    }

    /// Whether every parameter must be in the file, and every tensor of the file among the parameters. If not, those
    /// of the same name are read and the others are left as they are: for a network with a new last layer. Shapes and
    /// types must fit even so. At first it is strict.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// A text to be written with the weights, under a name of its own; [`contents`](super::contents) reads it.
    #[must_use]
    pub fn text(mut self, key: impl Into<String>, text: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), text.into());
        self
    }

    /// The name of a parameter in the file.
    pub(super) fn name(&self, ours: &str) -> String {
        self.names.as_ref().map_or_else(|| ours.to_owned(), |theirs| theirs(ours))
    }

    /// Whether a matrix lies in the file with its axes the other way round.
    pub(super) fn turns(&self, entry: &Entry) -> bool {
        self.torch && entry.transposed
    }

    /// The shape of a parameter in the file.
    pub(super) fn shape(&self, entry: &Entry) -> Vec<usize> {
        let mut shape = entry.shape.to_vec();
        if self.turns(entry) {
            shape.reverse();
        }
        shape
    }

    /// What is written beside the weights.
    pub(super) fn marked(&self) -> Metadata {
        let mut metadata = self.metadata.clone();
        metadata.insert(MARK.into(), if self.torch { TORCH } else { OURS }.into());
        metadata
    }

    /// A square matrix fits either way round: what the file says of itself, or does not say, must fit the request.
    pub(super) fn check(&self, metadata: &Metadata, entries: &[Entry]) -> Result<(), CheckpointError> {
        let turned = || entries.iter().filter(|entry| entry.transposed);
        let fault = |detail: &str| Err(CheckpointError::new(CheckpointErrorKind::Layout, detail));
        match metadata.get(MARK).map(String::as_str) {
            Some(OURS) if self.torch => fault(
                "the layout of PyTorch is expected, the file says that it has that of this library: \
                 read it without Format::torch()",
            ),
            Some(TORCH) if !self.torch && turned().next().is_some() => fault(
                "the layout of this library is expected, the file says that it has PyTorch's: \
                 read it with Format::torch()",
            ),
            None if !self.torch => {
                match turned().find(|entry| entry.shape.iter().all(|n| *n == entry.shape[0])) {
                    Some(entry) => fault(&format!(
                        "the file does not say whose layout it has, and {:?} is square: if it is from PyTorch, read it with \
                     Format::torch(); if its matrices are [in, out], write it with the metadata {{\"{MARK}\": \"{OURS}\"}}",
                        entry.name
                    )),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format")
            .field("torch", &self.torch)
            .field("renames", &self.names.is_some())
            .field("convert", &self.convert)
            .field("strict", &self.strict)
            .field("metadata", &self.metadata)
            .finish()
    }
}
