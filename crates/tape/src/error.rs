//! What went wrong, in which operation, with which shapes, and on which line of the user's code.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use crate::path::Path;
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
    path: Option<Path>,
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
            path: None,
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

    /// States the nodes that led to the fault.
    #[must_use]
    pub(crate) fn along(mut self, path: Path) -> Self {
        self.0.path = Some(path);
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

    /// Of a number that is none, where [`check_finite`](crate::Tape::check_finite) met it: the nodes that led there. They
    /// stand below the text, a line each.
    ///
    /// ```
    /// use tape::Tape;
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![2.0, 3.0])).named("x");
    /// let y = (x - 2.0).ln();
    /// let error = tape.nodes().last().unwrap().fault().unwrap();
    /// assert!(error.to_string().starts_with(
    ///     "check_finite: ln of [2] made -inf at index [0] (1 of 2 numbers is not finite), where the operand is 0 (at "
    /// ));
    /// let steps = error.path().unwrap().steps();
    /// let operations: Vec<_> = steps.iter().map(|step| &*step.operation).collect();
    /// assert_eq!(operations, ["ln", "sub", "leaf"]);
    /// assert_eq!((error.path().unwrap().origin(), steps[2].name.as_deref()), (y.node_id(), Some("x")));
    /// ```
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_ref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { operation, shapes, detail, location, path, .. } = &*self.0;
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
        if let Some(at) = location {
            write!(f, " (at {}:{})", at.file(), at.line())?;
        }
        match path {
            Some(path) => write!(f, "\n{path}"),
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
