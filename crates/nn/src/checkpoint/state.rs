//! All that a training needs to go on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::atomic::write_atomically;
use super::error::{CheckpointError, CheckpointErrorKind, Mismatch};
use super::format::Format;
use super::json::{Reader, quote};
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
const OPTIMIZER: &str = "optimizer.";
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
    #[must_use]
    pub fn with_optimizer<T: Stored>(mut self, state: &OptimizerState<T>) -> Self {
        todo!("{state:?}")
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
    /// The name begins with `chainrule.`, which is kept for this library.
    #[must_use]
    #[track_caller]
    pub fn with_text(mut self, name: &str, text: impl Into<String>) -> Self {
        assert!(!name.starts_with(RESERVED), "names that begin with {RESERVED:?} are kept for the library: {name:?}");
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
        let path = path.as_ref();
        todo!("{path:?}")
    }

    /// Reads a file that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// It cannot be read, is damaged, is no checkpoint, or one of a version that is not known here.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let path = path.as_ref();
        todo!("{path:?}")
    }

    /// The bytes that [`write`](Self::write) writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }

    /// A checkpoint from its bytes.
    ///
    /// # Errors
    /// As of [`read`](Self::read).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        todo!("{bytes:?}")
    }

    /// Gives parameters and buffers their numbers, freezes those that were frozen and no others, and sets the generator
    /// of initial values.
    ///
    /// # Errors
    /// Names, shapes or types do not fit: all that does not is listed, and nothing is changed.
    pub fn restore_params<T: Stored>(&self, params: &mut Params<T>) -> Result<(), CheckpointError> {
        todo!("{params:?}")
    }

    /// The state of the optimiser, for [`Optimizer::restore`](crate::Optimizer::restore).
    ///
    /// # Errors
    /// There is none, or its numbers are of another type.
    pub fn optimizer_state<T: Stored>(&self) -> Result<OptimizerState<T>, CheckpointError> {
        todo!()
    }

    /// The numbers of this name.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        self.get(&format!("{NUMBERS}{name}"))
    }

    /// The whole numbers of this name.
    pub fn counts(&self, name: &str) -> Option<Vec<u64>> {
        self.get(&format!("{COUNTS}{name}"))
    }

    /// The random generator of this name, in the state that it had.
    pub fn generator(&self, name: &str) -> Option<Generator> {
        todo!("{name}")
    }

    /// The text of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.metadata.get(name).filter(|_| !name.starts_with(RESERVED)).map(String::as_str)
    }

    /// How far the training came; the beginning, where nothing was said.
    pub fn position(&self) -> Position {
        todo!()
    }

    fn put<N: Bytes>(&mut self, name: &str, shape: &[usize], numbers: &[N]) {
        let array = Array { dtype: N::DTYPE, shape: shape.to_vec(), bytes: N::encode(numbers) };
        self.arrays.insert(name.to_owned(), array);
    }

    fn get<N: Bytes>(&self, name: &str) -> Option<Vec<N>> {
        self.arrays.get(name).map(|array| N::decode(&array.bytes))
    }
}

/// Texts as a list in JSON.
fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut json = String::from("[");
    for (k, text) in texts.enumerate() {
        json.push_str(if k == 0 { "" } else { "," });
        quote(&mut json, text);
    }
    json + "]"
}

fn generator_words(generator: &Generator) -> [u64; 4] {
    let position = generator.position();
    [generator.seed(), generator.stream(), position as u64, (position >> 64) as u64]
}
