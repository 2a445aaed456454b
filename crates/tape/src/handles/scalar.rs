//! The handle of a scalar.

use std::fmt;
use std::ops::Index;
use std::panic::Location;

use num_traits::Zero;

use crate::element::{Element, Literal};
use crate::error::{Error, ErrorKind, or_panic};
use crate::graph::backward::{self, Keep};
use crate::graph::gradients::{Gradient, Gradients, Handle};
use crate::graph::inspect::{self, Edge};
use crate::graph::record::{Arg, Kind};
use crate::graph::tape::Tape;
use crate::id::NodeId;
use crate::rules::{Arity, Rule};

/// A number whose history is on a tape, or a constant without one.
///
/// It is `Copy`, holds its value inline, and implements the traits of `num_traits`, so that code written for `Float`
/// runs on it unchanged:
///
/// ```
/// use num_traits::Float;
/// fn norm<R: Float>(x: &[R]) -> R {
///     x.iter().fold(R::zero(), |sum, &x| sum + x * x).sqrt()
/// }
/// let tape = tape::Tape::new();
/// let x = [3.0_f64, 4.0].map(|x| tape.scalar(x));
/// let length = norm(&x);
/// let grads = length.backward();
/// assert_eq!((norm(&[3.0, 4.0]), length.value()), (5.0, 5.0));
/// assert!((grads[x[0]] - 0.6).abs() < 1e-15 && (grads[x[1]] - 0.8).abs() < 1e-15);
/// ```
pub struct Scalar<'t, T: Element = f64> {
    pub(crate) tape: Option<&'t Tape<T>>,
    pub(crate) id: u32,
    pub(crate) value: T,
}

impl<T: Element> Clone for Scalar<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Element> Copy for Scalar<'_, T> {}

/// What can stand as a second operand: a [`Scalar`], or a number.
pub trait IntoScalar<'t, T: Element> {
    /// The operand.
    fn into_scalar(self) -> Scalar<'t, T>;
}

impl<'t, T: Element> IntoScalar<'t, T> for Scalar<'t, T> {
    #[inline(always)]
    fn into_scalar(self) -> Scalar<'t, T> {
        self
    }
}

impl<'t, T: Element> IntoScalar<'t, T> for T {
    #[inline(always)]
    fn into_scalar(self) -> Scalar<'t, T> {
        Scalar::constant(self)
    }
}

impl<'t, T: Element> Scalar<'t, T> {
    #[inline(always)]
    pub(crate) fn new(tape: &'t Tape<T>, id: u32, value: T) -> Self {
        Self { tape: Some(tape), id, value }
    }

    /// A constant. It needs no tape and records nothing, nor does an operation between constants.
    ///
    /// ```
    /// use tape::{Scalar, Tape};
    /// let tape = Tape::new();
    /// let x = tape.scalar(2.0);
    /// let half = Scalar::constant(1.0) / 2.0;
    /// let y = x * half;
    /// assert_eq!((y.value(), tape.len()), (1.0, 2));
    /// ```
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        Self { tape: None, id: 0, value }
    }

    /// The value.
    #[inline(always)]
    pub fn value(self) -> T {
        self.value
    }

    /// The id of its node.
    ///
    /// # Panics
    /// It is a constant, which has no node: see [`Handle::position`].
    #[track_caller]
    pub fn node_id(self) -> NodeId {
        assert!(self.tape.is_some(), "a constant has no node (its value is {})", self.value);
        NodeId(self.id)
    }

    /// Gives the node a name, which shows in errors, listings and pictures.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let u = (tape.scalar(2.0) * 3.0).named("u");
    /// assert_eq!(tape.nodes().last().unwrap().name(), Some("u"));
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        if let Some(tape) = self.tape {
            tape.graph.borrow_mut().names.entry(self.id).or_default().push(name.into());
        }
        self
    }

    /// The gradient of this scalar with respect to every node of the tape. The tape is unchanged.
    ///
    /// # Panics
    /// As [`try_backward`](Self::try_backward) fails.
    #[track_caller]
    pub fn backward(self) -> Gradients<T> {
        or_panic(self.try_backward())
    }

    /// The gradient of this scalar with respect to every node of the tape.
    ///
    /// # Errors
    /// It is a constant; or, with [`check_finite`](Tape::check_finite), a gradient is not finite.
    #[track_caller]
    pub fn try_backward(self) -> Result<Gradients<T>, Error> {
        self.sweep(Keep::All, Location::caller())
    }

    /// The gradient with respect to some nodes only. Gradients on the way to them are given back as soon as they are
    /// used, and whatever leads to none of them is not computed.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
    /// let grads = (x * y).backward_for([x.node_id()]);
    /// assert_eq!(grads[x], 3.0);
    /// ```
    ///
    /// # Panics
    /// As [`try_backward_for`](Self::try_backward_for) fails.
    #[track_caller]
    pub fn backward_for(self, wanted: impl IntoIterator<Item = NodeId>) -> Gradients<T> {
        or_panic(self.try_backward_for(wanted))
    }

    /// The gradient with respect to some nodes only.
    ///
    /// # Errors
    /// As of [`try_backward`](Self::try_backward).
    #[track_caller]
    pub fn try_backward_for(self, wanted: impl IntoIterator<Item = NodeId>) -> Result<Gradients<T>, Error> {
        self.sweep(Keep::Only(&mut wanted.into_iter()), Location::caller())
    }

    fn sweep(self, keep: Keep<'_>, here: &'static Location<'static>) -> Result<Gradients<T>, Error> {
        let constant = || Error::new(ErrorKind::Value, "a constant depends on nothing: it has no gradients");
        let tape = self.tape.ok_or_else(|| constant().operation("backward").at(here))?;
        backward::backward(tape, self.id, &[T::one()], keep)
    }

    /// The same value, through which no gradient flows back.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let x = tape.scalar(3.0);
    /// let y = x * x.stop_gradient();
    /// assert_eq!(y.backward()[x], 3.0);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn stop_gradient(self) -> Self {
        match self.tape {
            Some(tape) => {
                let value = self.value.stopped();
                Self::new(tape, tape.push_cut(self.id, value), value)
            }
            None => self.stopped(),
        }
    }

    /// `a` where the condition holds, else `b`. The gradient of the one not taken is exactly zero.
    ///
    /// ```
    /// use tape::{Scalar, Tape};
    /// let tape = Tape::<f64>::new();
    /// let x = tape.scalar(-4.0);
    /// let y = Scalar::select(x > 0.0, x.sqrt(), x);
    /// assert_eq!((y.value(), y.backward()[x]), (-4.0, 1.0));
    /// ```
    #[track_caller]
    pub fn select(condition: bool, a: impl IntoScalar<'t, T>, b: impl IntoScalar<'t, T>) -> Self {
        let rule = if condition { Rule::SelectFirst } else { Rule::SelectSecond };
        Self::binary(rule, a.into_scalar(), b.into_scalar())
    }

    /// `xᶜ` for a constant exponent. See [`pow`](Self::pow).
    ///
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.scalar(4.0);
    /// assert_eq!(x.powf(1.5).backward()[x], 3.0);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn powf(self, exponent: impl Literal<T>) -> Self {
        Self::binary(Rule::Pow, self, Self::constant(exponent.literal()))
    }

    /// `self · a + b`, as two nodes.
    #[track_caller]
    #[must_use]
    pub fn mul_add(self, a: impl IntoScalar<'t, T>, b: impl IntoScalar<'t, T>) -> Self {
        self * a.into_scalar() + b.into_scalar()
    }

    #[track_caller]
    #[inline(always)]
    pub(crate) fn unary(self, rule: Rule) -> Self {
        let value = rule.value(self.value, self.value);
        match self.tape {
            Some(tape) => {
                Self::new(tape, tape.push(Kind::Rule(rule), Arg::Node(self.id), Arg::None, value), value)
            }
            None => Self::constant(value),
        }
    }

    #[track_caller]
    #[inline(always)]
    pub(crate) fn binary(rule: Rule, a: Self, b: Self) -> Self {
        let value = rule.value(a.value, b.value);
        let kind = Kind::Rule(rule);
        let (tape, id) = match (a.tape, b.tape) {
            (Some(tape), Some(other)) => {
                if !std::ptr::eq(tape, other) {
                    two_tapes(rule, tape, other, b.id, Location::caller());
                }
                (tape, tape.push(kind, Arg::Node(a.id), Arg::Node(b.id), value))
            }
            (Some(tape), None) => (tape, tape.push(kind, Arg::Node(a.id), Arg::Constant(b.value), value)),
            (None, Some(tape)) => (tape, tape.push(kind, Arg::Constant(a.value), Arg::Node(b.id), value)),
            (None, None) => return Self::constant(value),
        };
        Self::new(tape, id, value)
    }

    #[inline(always)]
    pub(crate) fn arg(self) -> Arg<T> {
        match self.tape {
            Some(_) => Arg::Node(self.id),
            None => Arg::Constant(self.value),
        }
    }
}

/// Fails with the error of operands that belong to two tapes.
#[cold]
#[inline(never)]
fn two_tapes<T: Element>(
    rule: Rule,
    tape: &Tape<T>,
    other: &Tape<T>,
    id: u32,
    here: &'static Location<'static>,
) {
    or_panic(tape.same_tape(other, id).map_err(|error| error.operation(rule.name()).at(here)));
}

impl<T: Element> Handle<T> for Scalar<'_, T> {
    type Gradient<'g>
        = T
    where
        T: 'g;
    type Edge = Edge<T>;

    fn position(&self) -> Option<(&Tape<T>, NodeId)> {
        self.tape.map(|tape| (tape, NodeId(self.id)))
    }

    fn gradient<'g>(self, gradients: &'g Gradients<T>, found: Option<Gradient<'g, T>>) -> T {
        match found {
            Some(Gradient::Scalar(value)) => value,
            _ => gradients.zero,
        }
    }

    fn edges(self, gradients: &Gradients<T>) -> Vec<Edge<T>> {
        self.tape.map_or_else(Vec::new, |tape| inspect::scalar_edges(tape, NodeId(self.id), gradients))
    }
}

impl<T: Element> Index<Scalar<'_, T>> for Gradients<T> {
    type Output = T;

    /// The gradient with respect to a scalar; zero where the output does not depend on it.
    #[track_caller]
    #[inline]
    fn index(&self, node: Scalar<'_, T>) -> &T {
        self.number(node).unwrap_or(&self.zero)
    }
}

impl<T: Element> fmt::Display for Scalar<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl<T: Element> fmt::Debug for Scalar<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tape {
            Some(_) => write!(f, "{:?} ({})", self.value, NodeId(self.id)),
            None => write!(f, "{:?} (constant)", self.value),
        }
    }
}

/// One method for each rule that has one, with the rule's own documentation.
macro_rules! scalar_methods {
    ([$(
        $(#[$doc:meta])*
        $kind:ident $Name:ident $name:ident $($try_name:ident)? ($a:ident $(, $b:ident)?) -> $y:ident { $($body:tt)* }
    )*]) => {
        /// Elementwise operations.
        impl<'t, T: Element> Scalar<'t, T> {
            $(rule_method! { @$kind {IntoScalar<'t, T>} into_scalar $(#[$doc])* $Name $name $($b)? })*
        }
    };
}

for_each_rule!(scalar_methods);
float_traits! { ['t, T: Element] Scalar<'t, T> }
operator_traits! { ['t, T: Element] Scalar<'t, T> }

/// A scalar can be recorded in its turn: `Tape<Scalar<'_, f64>>` differentiates a gradient.
impl<T: Element> Element for Scalar<'_, T> {
    #[track_caller]
    fn erf(self) -> Self {
        Self::erf(self)
    }

    #[track_caller]
    fn erfc(self) -> Self {
        Self::erfc(self)
    }

    #[track_caller]
    #[inline(always)]
    fn by_rule(rule: Rule, a: Self, b: Self) -> Option<Self> {
        match rule.arity() {
            Arity::Unary => Some(a.unary(rule)),
            // A rule knows no derivative in a parameter; its formula does.
            Arity::Parameter if b.tape.is_some() => None,
            Arity::Parameter | Arity::Binary => Some(Self::binary(rule, a, b)),
        }
    }

    /// A product is recorded unless it is known without: nothing times anything is nothing, one times it is itself.
    fn chain(local: Option<Self>, upstream: Self) -> Self {
        let nothing = Self::constant(T::zero());
        let Some(local) = local else { return nothing };
        if upstream.vanishes() {
            return nothing;
        }
        if local.tape.is_none() && (local.value - T::one()).vanishes() {
            return upstream;
        }
        if (local.value * upstream.value).is_nan() && upstream.is_zero() {
            return Self::constant(T::chain(Some(local.value), upstream.value));
        }
        local * upstream
    }

    fn stopped(self) -> Self {
        Self::constant(self.value.stopped())
    }

    /// Only a constant is zero together with all its derivatives.
    fn vanishes(&self) -> bool {
        self.tape.is_none() && self.value.vanishes()
    }

    fn plus(self, other: Self) -> Self {
        match (self.vanishes(), other.vanishes()) {
            (true, _) => other,
            (_, true) => self,
            _ => self + other,
        }
    }
}
