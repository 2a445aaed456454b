//! [`Error`]: what can go wrong with a picture.

use std::fmt;
use std::path::PathBuf;

/// Why there is no picture.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    text: String,
    path: Option<PathBuf>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of [`Error`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The graph has more nodes than a picture can show.
    TooLarge,
    /// Gradients of another tape, or of one that was reset since.
    WrongTape,
    /// The ending of a file's name stands for no form of picture.
    UnknownForm,
    /// What was asked for cannot be.
    Setting,
    /// A file could not be written.
    Io,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), path: None, source: None }
    }

    pub(crate) fn caused(
        kind: ErrorKind,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let source = source.into();
        Self { text: source.to_string(), source: Some(source), ..Self::new(kind, "") }
    }

    pub(crate) fn in_file(self, path: impl Into<PathBuf>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// What sort of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
