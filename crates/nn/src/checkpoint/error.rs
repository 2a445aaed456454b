//! What was wrong with a file of weights, and what of it did not fit.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::stored::Dtype;

/// The kind of a [`CheckpointError`], for code that wants to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckpointErrorKind {
    /// The file could not be read or written.
    Io,
    /// It is no safetensors file, or a damaged one.
    Format,
    /// It was written by a version of this library that this one does not know.
    Version,
    /// Its weights are laid out in another way than was asked for.
    Layout,
    /// Names, shapes or element types do not fit: see [`CheckpointError::mismatches`].
    Mismatch,
    /// Two tensors would have the same name.
    Duplicate,
    /// What was asked for is not in it.
    Absent,
}

/// A difference between what a file holds and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// No tensor of the file has this name.
    Missing {
        /// The name, as it would be in the file.
        name: String,
    },
    /// Nothing has the name of this tensor of the file.
    Unexpected {
        /// The name, as it is in the file.
        name: String,
    },
    /// Another shape.
    Shape {
        /// The name, as it is in the file.
        name: String,
        /// The shape that the tensor must have in the file.
        expected: Vec<usize>,
        /// The shape that it has there.
        found: Vec<usize>,
    },
    /// Another type of numbers.
    Dtype {
        /// The name, as it is in the file.
        name: String,
        /// The type that the numbers must have.
        expected: Dtype,
        /// The type that they have.
        found: Dtype,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => write!(f, "{name:?}: missing in the file"),
            Self::Unexpected { name } => write!(f, "{name:?}: in the file, but nothing has this name"),
            Self::Shape { name, expected, found } => {
                write!(f, "{name:?}: shape {expected:?} is expected, found {found:?}")
            }
            Self::Dtype { name, expected, found } => {
                write!(f, "{name:?}: dtype {expected} is expected, found {found}")
            }
        }
    }
}

/// A file of weights, or a checkpoint, that could not be written or cannot be used.
///
/// Its text names the file, what was expected and what was found; where tensors do not fit, all of them, a line each.
///
/// ```
/// use nn::checkpoint::{CheckpointErrorKind, Mismatch};
/// use nn::{Init, Params};
/// let mut saved = Params::<f32>::seeded(42);
/// saved.add("w", &[2, 3], Init::HeNormal);
/// saved.add("b", &[3], Init::Zeros);
/// let mut params = Params::<f32>::seeded(42);
/// params.add("w", &[3, 3], Init::HeNormal);
/// let error = params.load_bytes(&saved.to_bytes()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "2 tensors do not fit, nothing was changed:\n\
///      \x20 \"w\": shape [3, 3] is expected, found [2, 3]\n\
///      \x20 \"b\": in the file, but nothing has this name"
/// );
/// assert_eq!(error.kind(), CheckpointErrorKind::Mismatch);
/// assert_eq!(error.mismatches()[1], Mismatch::Unexpected { name: "b".into() });
/// ```
pub struct CheckpointError(Box<Inner>);

struct Inner {
    kind: CheckpointErrorKind,
    detail: String,
    path: Option<PathBuf>,
    mismatches: Vec<Mismatch>,
    source: Option<io::Error>,
}

impl CheckpointError {
    pub(crate) fn new(kind: CheckpointErrorKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Inner { kind, detail, path: None, mismatches: Vec::new(), source: None }))
    }

    pub(super) fn format(detail: impl Into<String>) -> Self {
        Self::new(CheckpointErrorKind::Format, detail)
    }

    pub(super) fn io(source: io::Error) -> Self {
        let mut error = Self::new(CheckpointErrorKind::Io, source.to_string());
        error.0.source = Some(source);
        error
    }

    /// All that does not fit, and what may be the reason.
    pub(super) fn mismatch(mismatches: Vec<Mismatch>, hint: &str) -> Self {
        let tensors =
            if mismatches.len() == 1 { "1 tensor does" } else { &format!("{} tensors do", mismatches.len()) };
        let detail = format!("{tensors} not fit, nothing was changed{hint}:");
        let mut error = Self::new(CheckpointErrorKind::Mismatch, detail);
        error.0.mismatches = mismatches;
        error
    }

    pub(super) fn in_file(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    /// What kind of fault it is.
    ///
    /// ```
    /// use nn::checkpoint::CheckpointErrorKind;
    /// let mut params = nn::Params::<f32>::seeded(42);
    /// assert_eq!(params.load("no/such/file").unwrap_err().kind(), CheckpointErrorKind::Io);
    /// assert_eq!(params.load_bytes(b"").unwrap_err().kind(), CheckpointErrorKind::Format);
    /// ```
    pub fn kind(&self) -> CheckpointErrorKind {
        self.0.kind
    }

    /// The file, where there is one.
    ///
    /// ```
    /// use std::path::Path;
    /// let error = nn::Params::<f32>::seeded(42).load("no/such/file").unwrap_err();
    /// assert_eq!(error.path(), Some(Path::new("no/such/file")));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// All tensors that are missing, unexpected, or of another shape or type; none for other kinds of faults.
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.0.mismatches
    }
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.0.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.0.detail)?;
        self.0.mismatches.iter().try_for_each(|mismatch| write!(f, "\n  {mismatch}"))
    }
}

impl fmt::Debug for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}
