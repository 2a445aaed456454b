//! What every operation says of itself, so that tests and documentation walk over all of them.
//!
//! A structured operation implements [`Described`] in its own file and has its line in the list of `ops`, which makes it
//! [`Listed`]. Only what is listed can be recorded by the methods of a [`Tensor`](crate::Tensor): an operation that
//! tests do not know does not compile.

use std::fmt::Debug;
use std::ops::RangeInclusive;

use crate::element::Element;
use crate::operation::TensorOp;
use crate::rules::Rule;
use crate::shape::Shape;

/// What is known of an operation beside its code.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The name, as in listings and errors.
    pub name: &'static str,
    /// The value: `y = …`.
    pub formula: &'static str,
    /// What goes back to each operand, for an upstream gradient `g`.
    pub derivative: &'static str,
    /// What is agreed where one-sided derivatives differ; empty where there is no such point.
    pub kinks: &'static str,
}

/// What the block of an elementwise rule says of it: see [`explain`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The value.
    pub formula: String,
    /// The local derivative.
    pub derivative: String,
    /// What is agreed where one-sided derivatives differ; empty where there is no such point.
    pub kinks: String,
}

/// What the block of an elementwise rule says of it, in Markdown: as a [`Description`] does of a structured operation.
///
/// ```
/// use tape::{Rule, listing::explain};
/// let said = explain(Rule::Mul);
/// assert_eq!((&said.formula[..], &said.derivative[..]), ("The product, `a · b`.", "`b` in `a`, `a` in `b`."));
/// ```
pub fn explain(rule: Rule) -> Explained {
    let text = rule.documentation();
    let section = |heading: &str| paragraph(text.lines().skip_while(|line| line.trim() != heading).skip(1));
    Explained {
        formula: paragraph(text.lines()),
        derivative: section("# Derivative"),
        kinks: section("# At kinks"),
    }
}

/// The first paragraph, in one line.
fn paragraph<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines = lines.map(str::trim).skip_while(|line| line.is_empty());
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A structured operation that says what it does and brings what tests need.
pub trait Described: Clone + Debug + 'static {
    /// What it does.
    const DESCRIPTION: Description;

    /// Cases for the generic tests: every parameter in several values, axes of extent 0 and 1 among the shapes where the
    /// operation takes them. Values are drawn by the tests, apart from each other; the operation must be smooth at
    /// almost all of them.
    fn samples() -> Vec<Sample<Self>>;

    /// Points at which a limit does not decide, with what is agreed there.
    fn specials() -> Vec<Special<Self>> {
        Vec::new()
    }
}

/// One case: an operation with its parameters, and the operands that it is tried on.
#[derive(Clone, Debug)]
pub struct Sample<O> {
    /// The operation.
    pub operation: O,
    /// The operands.
    pub operands: Vec<Drawn>,
}

impl<O> Sample<O> {
    /// A case.
    pub fn new(operation: O, operands: impl IntoIterator<Item = Drawn>) -> Self {
        Self { operation, operands: operands.into_iter().collect() }
    }
}

/// One operand of a [`Sample`].
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The extents.
    pub shape: Shape,
    /// Where the numbers come from.
    pub numbers: Numbers,
}

/// Where the numbers of an operand come from.
#[derive(Clone, Debug)]
pub enum Numbers {
    /// Drawn from an interval, no two alike: the operation has a derivative in them.
    Within(RangeInclusive<f64>),
    /// Data: indices, conditions. No derivative is taken in them.
    Given(Vec<f64>),
}

impl Drawn {
    /// Numbers between −2 and 2.
    pub fn real(shape: &[usize]) -> Self {
        Self { shape: shape.into(), numbers: Numbers::Within(-2.0..=2.0) }
    }

    /// The same operand with numbers from another interval.
    #[must_use]
    pub fn within(self, range: RangeInclusive<f64>) -> Self {
        Self { numbers: Numbers::Within(range), ..self }
    }

    /// Data.
    pub fn given(shape: &[usize], numbers: &[f64]) -> Self {
        Self { shape: shape.into(), numbers: Numbers::Given(numbers.to_vec()) }
    }
}

/// A point at which something was agreed.
#[derive(Clone, Debug)]
pub struct Special<O> {
    /// The operation.
    pub operation: O,
    /// Shape and numbers of each operand.
    pub operands: Vec<(Shape, Vec<f64>)>,
    /// The numbers of the output.
    pub output: Vec<f64>,
    /// What goes back to each operand from an upstream gradient of ones; `None` for an operand that is data.
    pub gradients: Vec<Option<Vec<f64>>>,
}

/// A [`Described`] operation that is on the list.
pub trait Listed: Described {
    /// The operation for one type of element.
    fn operation<T: Element>(self) -> impl TensorOp<T> + 'static;
}

/// Something that looks at every operation of a list, one after another.
pub trait Walk {
    /// Looks at one.
    fn visit<O: Listed>(&mut self);
}

/// Makes the list of a crate's operations, each by its module and name.
///
/// It makes them [`Listed`](crate::listing::Listed), and defines `walk_operations`, which takes a
/// [`Walk`](crate::listing::Walk) over them.
#[macro_export]
macro_rules! operations {
    ($($module:ident :: $Name:ident),* $(,)?) => {
        $(impl $crate::listing::Listed for $module::$Name {
            fn operation<T: $crate::Element>(self) -> impl $crate::TensorOp<T> + 'static {
                self
            }
        })*

        /// Shows every structured operation of this crate to `walk`, one after another.
        pub fn walk_operations(walk: &mut impl $crate::listing::Walk) {
            $(walk.visit::<$module::$Name>();)*
        }
    };
}
