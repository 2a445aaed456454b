//! What stopped a training.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

/// The kind of a [`TrainError`], for code that wants to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrainErrorKind {
    /// A setting of the trainer or of an observer lies outside of what is possible.
    Setting,
    /// There is nothing to learn from, or the data do not fit the network.
    Data,
    /// A loss or a gradient was a NaN or an infinity.
    NotFinite,
    /// An operation on the tape could not be done.
    Operation,
    /// A file could not be read or written.
    Io,
    /// A checkpoint does not fit the training that is to go on from it.
    Checkpoint,
    /// An observer of your own gave up.
    Observer,
}

/// Why a training stopped before its end. The parameters are as the last whole step has left them.
///
/// ```
/// use nn::prelude::*;
/// use nn::train::TrainErrorKind;
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
/// let mut trainer = Trainer::classifier(&model, Sgd::new(0.1)).batch(0);
/// let error = trainer.fit(&mut params, &Dataset::digits()).unwrap_err();
/// assert_eq!(error.to_string(), "trainer: a batch of 0 rows never ends");
/// assert_eq!(error.kind(), TrainErrorKind::Setting);
/// ```
pub struct TrainError(Box<Inner>);

struct Inner {
    kind: TrainErrorKind,
    detail: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl TrainError {
    /// An error with its explanation, for observers of your own.
    ///
    /// ```
    /// use nn::train::{TrainError, TrainErrorKind};
    /// let error = TrainError::new(TrainErrorKind::Observer, "the lamp is broken");
    /// assert_eq!(error.to_string(), "the lamp is broken");
    /// ```
    pub fn new(kind: TrainErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, detail: detail.into(), path: None, source: None }))
    }

    /// An error that another one has caused, whose text it takes over.
    ///
    /// ```
    /// use nn::train::{TrainError, TrainErrorKind};
    /// let fault = std::io::Error::other("the disk is full");
    /// let error = TrainError::caused(TrainErrorKind::Io, fault).in_file("run.csv");
    /// assert_eq!(error.to_string(), "run.csv: the disk is full");
    /// ```
    pub fn caused(kind: TrainErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self::new(kind, source.to_string()).because(source)
    }

    /// States what has caused it.
    pub(super) fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    /// Names the file, unless it has been named.
    #[must_use]
    pub fn in_file(mut self, path: impl AsRef<Path>) -> Self {
        self.0.path.get_or_insert_with(|| path.as_ref().to_owned());
        self
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> TrainErrorKind {
        self.0.kind
    }

    /// The file, where one was read or written.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// Of a loss or a gradient that is none, the error of the node that made the first such number: with
    /// [the nodes that led there](tape::Error::path), from a parameter or the input. Of any other error, that of the
    /// operation which could not be done.
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::data::Values;
    /// use nn::prelude::*;
    /// let data = Dataset::regression(array![[1.0], [2.0]], array![1.0, -1.0]).unwrap();
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[1, 1], Activation::Relu);
    /// // The logarithm of a target that is negative.
    /// let mut trainer = Trainer::<Values>::new(&model, Sgd::new(0.1), |y, targets| {
    ///     (y - y.tape().constant(targets).ln()).square().mean()
    /// });
    /// let error = trainer.fit(&mut params, &data).unwrap_err();
    /// let steps = error.fault().and_then(|fault| fault.path()).unwrap().steps();
    /// let operations: Vec<_> = steps.iter().map(|step| &*step.operation).collect();
    /// assert_eq!(operations, ["ln", "constant"]);
    /// ```
    pub fn fault(&self) -> Option<&tape::Error> {
        self.0.source.as_ref()?.downcast_ref()
    }

    pub(super) fn setting(detail: impl fmt::Display) -> Self {
        Self::new(TrainErrorKind::Setting, format!("trainer: {detail}"))
    }
}

impl fmt::Display for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.0.detail),
            None => f.write_str(&self.0.detail),
        }
    }
}

impl fmt::Debug for TrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl Error for TrainError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<tape::Error> for TrainError {
    fn from(error: tape::Error) -> Self {
        Self::caused(TrainErrorKind::Operation, error)
    }
}
