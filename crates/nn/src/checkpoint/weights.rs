//! Parameters to and from files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::atomic::write_atomically;
use super::error::{CheckpointError, CheckpointErrorKind, Mismatch};
use super::format::Format;
use super::state::{MODEL, VERSION_KEY};
use super::stored::{Bytes, Dtype, Stored, convert};
use super::tensors::{self, Header, Outgoing, TensorInfo, View};
use crate::layout::{Entry, Role};
use crate::or_panic;
use crate::params::Params;

impl<T: Stored> Params<T> {
    /// Writes all parameters and buffers to a safetensors file. A file that is there is replaced in one step: see
    /// [`write_atomically`].
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let path = std::env::temp_dir().join(format!("saved-{}.safetensors", std::process::id()));
    /// let mut params = Params::<f32>::seeded(42);
    /// let w = params.add("w", &[2], Init::HeNormal);
    /// params.save(&path)?;
    /// let before = params.values(w).to_vec();
    /// params.values_mut(w).fill(0.0);
    /// params.load(&path)?;
    /// assert_eq!(params.values(w), before);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        self.save_as(path, &Format::new())
    }

    /// Takes all numbers from a file: one that [`save`](Self::save) wrote, or a
    /// [`Checkpoint`](super::Checkpoint), of which it takes the weights.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or has another layout; or names, shapes or types do not fit: all that does
    /// not is listed. Nothing is changed then.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        self.load_as(path, &Format::new()).map(drop)
    }

    /// Writes all parameters and buffers as the [`Format`] says.
    ///
    /// # Errors
    /// The file cannot be written, or the format gives two parameters one name, or one the name `__metadata__`.
    pub fn save_as(&self, path: impl AsRef<Path>, format: &Format) -> Result<(), CheckpointError> {
        let path = path.as_ref();
        let contents = tensors::write(outgoing(self, format), &format.marked());
        write_atomically(path, contents.map_err(|error| error.in_file(path))?)
    }

    /// Takes the numbers from a file that is as the [`Format`] says. The answer lists what was passed over because the
    /// format is [not strict](Format::strict).
    ///
    /// ```
    /// use nn::checkpoint::{Format, Mismatch};
    /// use nn::{Init, Params};
    /// let mut trained = Params::<f32>::seeded(42);
    /// trained.add("body", &[2], Init::HeNormal);
    /// trained.add("head", &[3], Init::HeNormal);
    /// let mut params = Params::<f32>::seeded(7);
    /// let body = params.add("body", &[2], Init::Zeros);
    /// let passed = params.load_bytes_as(&trained.to_bytes(), &Format::new().strict(false))?;
    /// assert_eq!(passed, [Mismatch::Unexpected { name: "head".into() }]);
    /// assert_ne!(params.values(body), [0.0; 2]);
    /// # Ok::<(), nn::checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    /// As of [`load`](Self::load).
    pub fn load_as(
        &mut self,
        path: impl AsRef<Path>,
        format: &Format,
    ) -> Result<Vec<Mismatch>, CheckpointError> {
        let path = path.as_ref();
        self.load_bytes_as(&tensors::read(path)?, format).map_err(|error| error.in_file(path))
    }

    /// The bytes that [`save`](Self::save) writes.
    ///
    /// # Panics
    /// A parameter is named `__metadata__`, which the format keeps for itself.
    #[track_caller]
    pub fn to_bytes(&self) -> Vec<u8> {
        or_panic(self.to_bytes_as(&Format::new()))
    }

    /// Takes all numbers from the bytes of a file.
    ///
    /// # Errors
    /// As of [`load`](Self::load).
    pub fn load_bytes(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        self.load_bytes_as(bytes, &Format::new()).map(drop)
    }

    /// The bytes that [`save_as`](Self::save_as) writes.
    ///
    /// # Errors
    /// The format gives two parameters one name, or one the name `__metadata__`.
    pub fn to_bytes_as(&self, format: &Format) -> Result<Vec<u8>, CheckpointError> {
        Ok(tensors::in_memory(tensors::write(outgoing(self, format), &format.marked())?))
    }

    /// As [`load_as`](Self::load_as), from the bytes of a file.
    ///
    /// # Errors
    /// As of [`load`](Self::load).
    pub fn load_bytes_as(&mut self, bytes: &[u8], format: &Format) -> Result<Vec<Mismatch>, CheckpointError> {
        let header = tensors::parse(bytes)?;
        format.check(&header.metadata, &self.layout().entries)?;
        let mut views = header.views(bytes);
        if header.metadata.contains_key(VERSION_KEY) {
            views = views
                .into_iter()
                .filter_map(|(name, view)| Some((name.strip_prefix(MODEL)?, view)))
                .collect();
        }
        take(self, &views, format)
    }
}

/// What a file holds, without its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Name, type and shape of each tensor, in the order of the file.
    pub tensors: Vec<TensorInfo>,
    /// The texts that were written with them.
    pub metadata: BTreeMap<String, String>,
}

/// What a safetensors file holds: names, types and shapes, and the texts. The numbers are not read.
///
/// ```
/// use nn::checkpoint::{Dtype, Format, contents};
/// use nn::{Init, Params};
/// let path = std::env::temp_dir().join(format!("contents-{}.safetensors", std::process::id()));
/// let mut params = Params::<f32>::seeded(42);
/// params.add("w", &[2, 3], Init::HeNormal);
/// params.save_as(&path, &Format::new().text("trained on", "digits"))?;
/// let found = contents(&path)?;
/// let w = &found.tensors[0];
/// assert_eq!((&w.name[..], w.dtype, &w.shape[..]), ("w", Dtype::F32, &[2, 3][..]));
/// assert_eq!(found.metadata["trained on"], "digits");
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file cannot be read, or is no safetensors file.
pub fn contents(path: impl AsRef<Path>) -> Result<Contents, CheckpointError> {
    let Header { tensors, metadata, .. } = tensors::read_header(path.as_ref())?;
    Ok(Contents { tensors, metadata })
}

/// The number of batches that batch normalisation has seen: `PyTorch` keeps it beside each running mean.
const MEAN: &str = "running_mean";
const COUNT: &str = "num_batches_tracked";

/// All parameters, as they are to lie in a file.
pub(super) fn outgoing<'a, T: Stored>(params: &'a Params<T>, format: &Format) -> Vec<Outgoing<'a>> {
    let mut tensors = Vec::with_capacity(params.len());
    for entry in &params.layout().entries {
        let (name, shape) = (format.name(&entry.name), format.shape(entry));
        let values = params.values(entry.id);
        if let (true, Role::Buffer, Some(layer)) = (format.torch, entry.role, name.strip_suffix(MEAN)) {
            let zero = || Cow::Owned(i64::encode(&[0]));
            let name = format!("{layer}{COUNT}");
            tensors.push(Outgoing { name, dtype: Dtype::I64, shape: Vec::new(), bytes: Box::new(zero) });
        }
        let bytes: Box<dyn Fn() -> Cow<'a, [u8]>> = if format.turns(entry) {
            let columns = entry.shape[1];
            Box::new(move || Cow::Owned(T::encode(&turn(values, columns))))
        } else {
            Box::new(move || Cow::Owned(T::encode(values)))
        };
        tensors.push(Outgoing { name, dtype: T::DTYPE, shape, bytes });
    }
    tensors
}

/// Takes the numbers of all parameters, or of none.
pub(super) fn take<T: Stored>(
    params: &mut Params<T>,
    found: &BTreeMap<&str, View<'_>>,
    format: &Format,
) -> Result<Vec<Mismatch>, CheckpointError> {
    let mut values = Vec::with_capacity(params.len());
    let (mut wrong, mut unmatched, mut wanted) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut only_turned = true;
    for entry in &params.layout().entries {
        let name = format.name(&entry.name);
        match found.get(&name[..]) {
            Some(view) => {
                let before = wrong.len();
                values.push((entry.id, numbers(entry, &name, *view, format, &mut wrong)));
                let turned = entry.transposed && view.shape.iter().rev().eq(&format.shape(entry));
                only_turned &= turned || wrong.len() == before;
            }
            None => unmatched.push(Mismatch::Missing { name: name.clone() }),
        }
        if let Some(name) = wanted.replace(name) {
            let detail = format!("two parameters would have the name {name:?} in the file");
            return Err(CheckpointError::new(CheckpointErrorKind::Duplicate, detail));
        }
    }
    let count = |name: &str| format.torch && name.rsplit('.').next() == Some(COUNT);
    let others = found.keys().filter(|name| !wanted.contains(**name) && !count(name));
    unmatched.extend(others.map(|name| Mismatch::Unexpected { name: (*name).to_owned() }));
    if format.strict {
        wrong.append(&mut unmatched);
    }
    if !wrong.is_empty() {
        let shapes_alone = wrong.iter().all(|mismatch| matches!(mismatch, Mismatch::Shape { .. }));
        let hint = match format.torch {
            _ if !shapes_alone || !only_turned => "",
            true => " (all are transposed: is the file not from PyTorch?)",
            false => " (all are transposed, as PyTorch has them: see Format::torch())",
        };
        return Err(CheckpointError::mismatch(wrong, hint));
    }
    for (id, numbers) in values {
        let shape = params.shape(id).to_vec();
        params.set(id, (shape, numbers));
    }
    Ok(unmatched)
}

/// The numbers of a parameter from its tensor; what does not fit is added to the list.
fn numbers<T: Stored>(
    entry: &Entry,
    name: &str,
    view: View<'_>,
    format: &Format,
    wrong: &mut Vec<Mismatch>,
) -> Vec<T> {
    let expected = format.shape(entry);
    if view.shape != expected {
        wrong.push(Mismatch::Shape { name: name.to_owned(), expected, found: view.shape.to_vec() });
    }
    let numbers = if view.dtype == T::DTYPE {
        Some(T::decode(view.bytes))
    } else {
        format.convert.then(|| convert(view.dtype, view.bytes)).flatten()
    };
    let Some(numbers) = numbers else {
        wrong.push(Mismatch::Dtype { name: name.to_owned(), expected: T::DTYPE, found: view.dtype });
        return Vec::new();
    };
    if format.turns(entry) { turn(&numbers, entry.shape[0]) } else { numbers }
}

/// A matrix with so many columns, transposed.
fn turn<T: Copy>(matrix: &[T], columns: usize) -> Vec<T> {
    (0..columns).flat_map(|column| matrix.iter().skip(column).step_by(columns).copied()).collect()
}
