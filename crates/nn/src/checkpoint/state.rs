//! All that a training needs to go on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::atomic::write_atomically;
use super::error::{CheckpointError, CheckpointErrorKind, Mismatch};
use super::format::{Format, MARK};
use super::json::{Reader, list};
use super::moments::{Kept, OPTIMIZER, Table, moment};
use super::stored::{Bytes, Dtype, Stored};
use super::tensors::{self, Metadata, Outgoing, View};
use super::weights;
use crate::generator::Generator;
use crate::layout::Role;
use crate::optim::{OptimizerState, Slot};
use crate::params::Params;

pub(super) const VERSION_KEY: &str = "chainrule.checkpoint";
const VERSION: &str = "1";
const RESERVED: &str = "chainrule.";
const OPTIMIZER_KEY: &str = "chainrule.optimizer";
const FROZEN_KEY: &str = "chainrule.frozen";

pub(super) const MODEL: &str = "model.";
const NUMBERS: &str = "numbers.";
const COUNTS: &str = "counts.";
const GENERATOR: &str = "generator.";
const RATE: &str = "chainrule.learning_rate";
const POSITION: &str = "chainrule.position";
const INITIAL: &str = "chainrule.initial_values";

/// How far a training has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Complete epochs.
    pub epoch: u64,
    /// Batches of the epoch that is under way.
    pub batch: u64,
    /// Steps of the optimiser since the beginning.
    pub step: u64,
}

/// All that a training needs to go on as if it had not stopped: parameters and buffers, the state of the optimiser,
/// numbers of schedules and observers, random generators, texts that describe network and data, and how far it came.
///
/// It is one safetensors file. Every number comes back with the bits that it had, NaN and infinities too; the same
/// state gives the same bytes.
///
/// ```
/// use nn::checkpoint::{Checkpoint, Position};
/// use nn::prelude::*;
/// let path = std::env::temp_dir().join(format!("checkpoint-{}.safetensors", std::process::id()));
/// let mut params = Params::<f32>::seeded(42);
/// Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
/// Checkpoint::new()
///     .with_params(&params)
///     .with_text("architecture", "mlp 64 32 10 relu")
///     .with_numbers("validation loss", &[0.9, 0.4, f64::NAN])
///     .with_generator("shuffle", &nn::Generator::seeded(42))
///     .with_position(Position { epoch: 3, batch: 0, step: 135 })
///     .write(&path)?;
///
/// let checkpoint = Checkpoint::read(&path)?;
/// assert_eq!(checkpoint.text("architecture"), Some("mlp 64 32 10 relu"));
/// let mut resumed = Params::<f32>::seeded(7);
/// Mlp::new(&mut resumed, &[64, 32, 10], Activation::Relu);
/// checkpoint.restore_params(&mut resumed)?;
/// assert_eq!(resumed.to_bytes(), params.to_bytes());
/// assert_eq!(checkpoint.generator("shuffle"), Some(nn::Generator::seeded(42)));
/// assert_eq!(checkpoint.position().step, 135);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    arrays: BTreeMap<String, Array>,
    metadata: Metadata,
    path: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
struct Array {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Checkpoint {
    /// With nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// With all parameters and buffers, which of them are frozen, and the generator of initial values.
    #[must_use]
    pub fn with_params<T: Stored>(mut self, params: &Params<T>) -> Self {
        self.arrays.retain(|name, _| !name.starts_with(MODEL));
        for Outgoing { name, dtype, shape, bytes } in weights::outgoing(params, &Format::new()) {
            let bytes = bytes().into_owned();
            self.arrays.insert(format!("{MODEL}{name}"), Array { dtype, shape, bytes });
        }
        let frozen = params.ids().filter(|&id| params.role(id) == Role::Frozen).map(|id| params.name(id));
        self.metadata.insert(FROZEN_KEY.into(), list(frozen));
        self.put(INITIAL, &[4], &generator_words(params.generator()));
        self
    }

    /// With the state of an optimiser: see [`Optimizer::state`](crate::Optimizer::state).
    ///
    /// # Panics
    /// Two of its arrays have the same name and parameter.
    #[must_use]
    #[track_caller]
    pub fn with_optimizer<T: Stored>(mut self, state: &OptimizerState<T>) -> Self {
        self.arrays.retain(|name, _| !name.starts_with(OPTIMIZER));
        let mut slots = Vec::with_capacity(state.slots.len());
        for slot in &state.slots {
            for (array, numbers) in &slot.arrays {
                let name = moment(array, &slot.parameter);
                assert!(!self.arrays.contains_key(&name), "two arrays of the optimiser are named {name:?}");
                self.put(&name, &[numbers.len()], numbers);
            }
            let arrays = slot.arrays.iter().map(|(array, _)| array.clone()).collect();
            slots.push(Kept { parameter: slot.parameter.clone(), steps: slot.steps, arrays });
        }
        let table = Table { method: state.method.clone(), slots };
        self.metadata.insert(OPTIMIZER_KEY.into(), table.to_json());
        self.put(RATE, &[], &[state.learning_rate]);
        self
    }

    /// With numbers under a name: of a schedule, of an observer.
    #[must_use]
    pub fn with_numbers(mut self, name: &str, numbers: &[f64]) -> Self {
        self.put(&format!("{NUMBERS}{name}"), &[numbers.len()], numbers);
        self
    }

    /// With whole numbers under a name.
    #[must_use]
    pub fn with_counts(mut self, name: &str, counts: &[u64]) -> Self {
        self.put(&format!("{COUNTS}{name}"), &[counts.len()], counts);
        self
    }

    /// With the state of a random generator under a name.
    #[must_use]
    pub fn with_generator(mut self, name: &str, generator: &Generator) -> Self {
        self.put(&format!("{GENERATOR}{name}"), &[4], &generator_words(generator));
        self
    }

    /// With a text under a name: what the network is, where the data comes from.
    ///
    /// # Panics
    /// The name is `format` or begins with `chainrule.`: these are kept for the library.
    #[must_use]
    #[track_caller]
    pub fn with_text(mut self, name: &str, text: impl Into<String>) -> Self {
        let kept = name == MARK || name.starts_with(RESERVED);
        assert!(!kept, "{MARK:?}, and what begins with {RESERVED:?}, is kept for the library: {name:?}");
        self.metadata.insert(name.into(), text.into());
        self
    }

    /// With how far the training came.
    #[must_use]
    pub fn with_position(mut self, position: Position) -> Self {
        self.put(POSITION, &[3], &[position.epoch, position.batch, position.step]);
        self
    }

    /// Writes the file. One that is there is replaced in one step: see [`write_atomically`].
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        write_atomically(path, self.contents())
    }

    /// Reads a file that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// It cannot be read, is damaged, is no checkpoint, or one of a version that is not known here.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        let found = tensors::read(path).and_then(|bytes| Self::from_bytes(&bytes));
        let mut checkpoint = found.map_err(|error| error.in_file(path))?;
        checkpoint.path = Some(path.to_owned());
        Ok(checkpoint)
    }

    /// The bytes that [`write`](Self::write) writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        tensors::in_memory(self.contents())
    }

    /// A checkpoint from its bytes.
    ///
    /// # Errors
    /// As of [`read`](Self::read).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let header = tensors::parse(bytes)?;
        match header.metadata.get(VERSION_KEY).map(String::as_str) {
            Some(VERSION) => {}
            Some(other) => {
                let detail = format!("a checkpoint of version {VERSION:?} is expected, found {other:?}");
                return Err(CheckpointError::new(CheckpointErrorKind::Version, detail));
            }
            None => {
                let detail = format!(
                    "a checkpoint is expected, found a safetensors file without {VERSION_KEY:?} in its metadata; \
                     weights alone are read with Params::load"
                );
                return Err(CheckpointError::format(detail));
            }
        }
        let own = |(name, view): (&str, View<'_>)| {
            let View { dtype, shape, bytes } = view;
            (name.to_owned(), Array { dtype, shape: shape.to_vec(), bytes: bytes.to_vec() })
        };
        let arrays = header.views(bytes).into_iter().map(own).collect();
        let mut metadata = header.metadata;
        metadata.retain(|key, _| key != VERSION_KEY && key != MARK);
        let checkpoint = Self { arrays, metadata, path: None };
        checkpoint.check()?;
        Ok(checkpoint)
    }

    /// Gives parameters and buffers their numbers, freezes those that were frozen and no others, and sets the generator
    /// of initial values.
    ///
    /// # Errors
    /// Names, shapes or types do not fit: all that does not is listed, and nothing is changed.
    pub fn restore_params<T: Stored>(&self, params: &mut Params<T>) -> Result<(), CheckpointError> {
        let frozen = self.frozen()?;
        let model =
            self.arrays.iter().filter_map(|(name, array)| Some((name.strip_prefix(MODEL)?, array.view())));
        weights::take(params, &model.collect(), &Format::new()).map_err(|error| self.explain(error))?;
        for id in params.ids().collect::<Vec<_>>() {
            match params.role(id) {
                Role::Buffer => {}
                _ if frozen.iter().any(|name| name == params.name(id)) => params.freeze(id),
                _ => params.unfreeze(id),
            }
        }
        if let Some(generator) = self.generator_at(INITIAL) {
            params.set_generator(generator);
        }
        Ok(())
    }

    /// The state of the optimiser, for [`Optimizer::restore`](crate::Optimizer::restore).
    ///
    /// # Errors
    /// There is none, or its numbers are of another type.
    pub fn optimizer_state<T: Stored>(&self) -> Result<OptimizerState<T>, CheckpointError> {
        let (Some(table), Some(rate)) = (self.table()?, self.get::<f64>(RATE)) else {
            let error =
                CheckpointError::new(CheckpointErrorKind::Absent, "there is no state of an optimiser in it");
            return Err(self.explain(error));
        };
        let mut wrong = Vec::new();
        let mut slots = Vec::with_capacity(table.slots.len());
        for Kept { parameter, steps, arrays } in table.slots {
            let mut kept = Vec::with_capacity(arrays.len());
            for array in arrays {
                let name = moment(&array, &parameter);
                let Array { dtype: found, bytes, .. } = &self.arrays[&name];
                if *found == T::DTYPE {
                    kept.push((array, T::decode(bytes)));
                } else {
                    wrong.push(Mismatch::Dtype { name, expected: T::DTYPE, found: *found });
                }
            }
            slots.push(Slot { parameter, steps, arrays: kept });
        }
        if !wrong.is_empty() {
            return Err(self.explain(CheckpointError::mismatch(wrong, "")));
        }
        Ok(OptimizerState { method: table.method, learning_rate: rate[0], slots })
    }

    /// The numbers of this name.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        self.get(&format!("{NUMBERS}{name}"))
    }

    /// The names of all numbers.
    pub fn number_names(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().filter_map(|name| name.strip_prefix(NUMBERS))
    }

    /// The whole numbers of this name.
    pub fn counts(&self, name: &str) -> Option<Vec<u64>> {
        self.get(&format!("{COUNTS}{name}"))
    }

    /// The random generator of this name, in the state that it had.
    pub fn generator(&self, name: &str) -> Option<Generator> {
        self.generator_at(&format!("{GENERATOR}{name}"))
    }

    /// The text of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.metadata.get(name).filter(|_| !name.starts_with(RESERVED)).map(String::as_str)
    }

    /// How far the training came; the beginning, where nothing was said.
    pub fn position(&self) -> Position {
        let words: Vec<u64> = self.get(POSITION).unwrap_or_else(|| vec![0; 3]);
        Position { epoch: words[0], batch: words[1], step: words[2] }
    }

    /// What is written: the arrays and texts, and the version.
    fn contents(&self) -> impl FnOnce(&mut dyn Write) -> io::Result<()> {
        let outgoing = self.arrays.iter().map(|(name, Array { dtype, shape, bytes })| Outgoing {
            name: name.clone(),
            dtype: *dtype,
            shape: shape.clone(),
            bytes: Box::new(|| Cow::Borrowed(&bytes[..])),
        });
        let mut metadata = self.metadata.clone();
        metadata.extend(Format::new().marked());
        metadata.insert(VERSION_KEY.into(), VERSION.into());
        tensors::write(outgoing.collect(), &metadata).expect("the names in a map differ")
    }

    /// Whether every array is what its name says, so that what was read can be asked without an error.
    fn check(&self) -> Result<(), CheckpointError> {
        for (name, Array { dtype, shape, .. }) in &self.arrays {
            let wanted = match &name[..] {
                RATE => (Dtype::F64, vec![]),
                POSITION => (Dtype::U64, vec![3]),
                INITIAL => (Dtype::U64, vec![4]),
                _ if name.starts_with(GENERATOR) => (Dtype::U64, vec![4]),
                _ if name.starts_with(NUMBERS) => (Dtype::F64, vec![shape.iter().product()]),
                _ if name.starts_with(COUNTS) => (Dtype::U64, vec![shape.iter().product()]),
                _ if name.starts_with(MODEL) || name.starts_with(OPTIMIZER) => continue,
                _ => return Err(CheckpointError::format(format!("a checkpoint has no tensor {name:?}"))),
            };
            if wanted != (*dtype, shape.clone()) {
                let (dtype_wanted, shape_wanted) = wanted;
                let detail =
                    format!("{name:?}: {dtype_wanted} {shape_wanted:?} is expected, found {dtype} {shape:?}");
                return Err(CheckpointError::format(detail));
            }
        }
        let slots = self.table()?.map_or_else(Vec::new, |table| table.slots);
        for Kept { parameter, arrays, .. } in &slots {
            if let Some(array) =
                arrays.iter().find(|array| !self.arrays.contains_key(&moment(array, parameter)))
            {
                let name = moment(array, parameter);
                return Err(CheckpointError::format(format!("the state of the optimiser lacks {name:?}")));
            }
        }
        self.frozen().map(drop)?;
        Ok(())
    }

    fn table(&self) -> Result<Option<Table>, CheckpointError> {
        self.metadata.get(OPTIMIZER_KEY).map(|json| Table::of_json(json)).transpose()
    }

    fn frozen(&self) -> Result<Vec<String>, CheckpointError> {
        let json = self.metadata.get(FROZEN_KEY).map_or("[]", String::as_str);
        Reader::new(json).list(Reader::string)
    }

    fn generator_at(&self, name: &str) -> Option<Generator> {
        let words: Vec<u64> = self.get(name)?;
        let position = u128::from(words[2]) | u128::from(words[3]) << 64;
        Some(Generator::with_stream(words[0], words[1]).at(position))
    }

    fn explain(&self, error: CheckpointError) -> CheckpointError {
        match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        }
    }

    fn put<N: Bytes>(&mut self, name: &str, shape: &[usize], numbers: &[N]) {
        let array = Array { dtype: N::DTYPE, shape: shape.to_vec(), bytes: N::encode(numbers) };
        self.arrays.insert(name.to_owned(), array);
    }

    fn get<N: Bytes>(&self, name: &str) -> Option<Vec<N>> {
        self.arrays.get(name).map(|array| N::decode(&array.bytes))
    }
}

impl Array {
    fn view(&self) -> View<'_> {
        View { dtype: self.dtype, shape: &self.shape, bytes: &self.bytes }
    }
}

fn generator_words(generator: &Generator) -> [u64; 4] {
    let position = generator.position();
    [generator.seed(), generator.stream(), position as u64, (position >> 64) as u64]
}
