//! What went wrong, in which operation, with which shapes, and on which line of the user's code.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use crate::shape::Shape;

/// The kind of an [`Error`], for code that wants to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The shapes do not fit the operation, or one another.
    Shape,
    /// An axis, index or range lies outside the shape.
    OutOfRange,
    /// The operation has no value on an empty axis (`mean`, `max`, `softmax`).
    Empty,
    /// The number of elements overflows, or memory for them cannot be had.
    Memory,
    /// A handle, or a set of gradients, belongs to another tape or to a tape that was reset since.
    WrongTape,
    /// [`check_finite`](crate::Tape::check_finite) met a NaN or an infinity.
    NotFinite,
    /// The operation cannot work with a value it was given (a label, a probability, an exponent).
    Value,
    /// A gradient is not the derivative: see [`check_gradients`](crate::check_gradients).
    Gradient,
}

/// An operation that could not be done.
///
/// Its text names the operation, the shapes, the rule that was broken, and the caller's line:
///
/// ```
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let a = tape.tensor(([32, 784], vec![0.0; 32 * 784]));
/// let b = tape.tensor(([512, 10], vec![0.0; 512 * 10]));
/// let text = a.try_matmul(b).unwrap_err().to_string();
/// assert!(text.starts_with("matmul: [32, 784] × [512, 10]: inner dimensions 784 and 512 differ (at "));
/// ```
#[derive(Clone, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    kind: ErrorKind,
    operation: Cow<'static, str>,
    shapes: Vec<Shape>,
    detail: String,
    location: Option<&'static Location<'static>>,
}

impl Error {
    /// An error with its explanation; the place that records the operation adds name, shapes and location.
    ///
    /// ```
    /// use tape::{Error, ErrorKind};
    /// let error = Error::new(ErrorKind::Shape, "a square matrix is wanted");
    /// assert_eq!(error.to_string(), "a square matrix is wanted");
    /// ```
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Inner {
            kind,
            operation: Cow::Borrowed(""),
            shapes: Vec::new(),
            detail,
            location: None,
        }))
    }

    /// Names the operation, unless something closer to the fault has named it.
    #[must_use]
    pub fn operation(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        if self.0.operation.is_empty() {
            self.0.operation = name.into();
        }
        self
    }

    /// States the shapes of the operands, unless they have been stated.
    #[must_use]
    pub fn shapes<S: AsRef<[usize]>>(mut self, shapes: impl IntoIterator<Item = S>) -> Self {
        if self.0.shapes.is_empty() {
            self.0.shapes = shapes.into_iter().map(|shape| Shape::from_slice(shape.as_ref())).collect();
        }
        self
    }

    /// States the line of the user's code, unless it has been stated.
    #[must_use]
    pub fn at(mut self, location: &'static Location<'static>) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The line of the user's code, where it is known.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { operation, shapes, detail, location, .. } = &*self.0;
        if !operation.is_empty() {
            write!(f, "{operation}: ")?;
        }
        for (k, shape) in shapes.iter().enumerate() {
            write!(f, "{}{shape:?}", if k == 0 { "" } else { " × " })?;
        }
        if !shapes.is_empty() {
            write!(f, ": ")?;
        }
        write!(f, "{detail}")?;
        match location {
            Some(at) => write!(f, " (at {}:{})", at.file(), at.line()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

/// The plain name of an operation is its `try_` twin and this: a panic with the same text at the caller's line.
#[track_caller]
pub(crate) fn or_panic<V>(result: Result<V, Error>) -> V {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
