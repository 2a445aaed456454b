//! Elementwise operations, one block each.
//!
//! A block states everything about its operation: the documentation, the value, the local derivative, where tests
//! draw their points, and what is agreed at kinks. From the blocks come the enum [`Rule`], the methods on
//! [`Scalar`](crate::Scalar) and on [`Tensor`](crate::Tensor), and the list [`Rule::ALL`] that tests walk. Adding
//! an operation is adding a block; nothing else is edited.
//!
//! ```text
//! /// documentation, used for both methods
//! unary Tanh tanh(x) -> y {           // or: parameter P p(x, c) -> y | binary B b try_b(a, b) -> y | …
//!     value: x.tanh(),
//!     local: T::one() - y * y,        // T, or Option<T>: `None` where the output does not depend on the input
//!     domain: [-3.0..=3.0],           // one range an operand
//!     kinks: [],                      // (operands, local derivatives) as agreed, where limits differ
//! }
//! ```
//!
//! The kinds: `unary`; `parameter`, a second operand that is a constant; `binary`, a method with its `try_` twin (named
//! in the block) on tensors; `operator`, a binary rule that is written with a symbol; `choice`, a binary rule without a
//! method of its own.
//!
//! `local` of a binary, operator or choice rule is a pair; of a `parameter` rule it is the derivative in `x` alone, the parameter being
//! a constant. `None` is a gate: nothing at all flows through it, not even `0 × inf`.
//!
//! Kernels compile a block once more over numbers whose functions have no branches, so that it becomes vectors: both
//! sides of an `if` are then computed, and one is selected. A block may therefore end its two formulas with a line
//! `apart:`, a condition on the operands: those are computed one by one, with the functions of the standard library.
//! It is for operands that the functions without branches do not serve, for what is wanted seldom and costs much,
//! and, as `apart: true`, for rules whose functions have no such form.

use std::ops::RangeInclusive;

use crate::element::Element;
use crate::error::{Error, ErrorKind};

#[macro_use]
mod arithmetic;
#[macro_use]
mod exponential;
#[macro_use]
mod powers;
#[macro_use]
mod trigonometric;
#[macro_use]
mod hyperbolic;
#[macro_use]
mod special;
#[macro_use]
pub(crate) mod activation;
#[macro_use]
mod comparison;
#[macro_use]
mod rounding;
#[cfg(test)]
mod tests;

/// Hands all blocks to the macro named `$consumer`, in one list.
macro_rules! for_each_rule {
    ($consumer:ident) => {
        arithmetic_rules! { [] exponential_rules powers_rules trigonometric_rules hyperbolic_rules special_rules
        activation_rules comparison_rules rounding_rules $consumer }
    };
}

/// How many operands a rule has, and of what sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// One operand.
    Unary,
    /// One operand and a constant that shapes the function, such as the slope of a leaky `ReLU`.
    Parameter,
    /// Two operands.
    Binary,
}

/// One rule as a type: what kernels are compiled against.
pub(crate) trait Law {
    const ARITY: Arity;
    fn value<T: Element>(a: T, b: T) -> T;
    fn local<T: Element>(a: T, b: T, y: T) -> (Option<T>, Option<T>);
    /// Whether any operands stand apart.
    const APART: bool;
    /// Whether these operands stand apart: what the block says of it.
    fn apart<T: Element>(a: T, b: T) -> bool;
}

/// Something to be done with a rule known only at run time: see [`Rule::visit`].
pub(crate) trait Visitor {
    type Output;
    fn visit<L: Law>(self) -> Self::Output;
}

/// Where the operand of a recorded rule is: at some node, …
pub(crate) const ANYWHERE: u8 = 0;
/// … at the node before, …
pub(crate) const BEFORE: u8 = 1;
/// … or among the constants. An operand that a rule does not have counts as one.
pub(crate) const CONSTANT: u8 = 2;
/// How many pairs of such places there are.
const FORMS: u16 = 9;

/// A recorded rule as one number: the rule, and where its two operands are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(u16);

impl Code {
    /// What is no rule has a code beyond those of the rules.
    pub(crate) const fn other(k: u16) -> Self {
        Self(Rule::ALL.len() as u16 * FORMS + k)
    }

    #[inline(always)]
    pub(crate) const fn new(rule: Rule, a: u8, b: u8) -> Self {
        Self(rule as u16 * FORMS + 3 * a as u16 + b as u16)
    }

    /// The rule, if it is one.
    pub(crate) fn rule(self) -> Option<Rule> {
        Rule::ALL.get(usize::from(self.0 / FORMS)).copied()
    }
}

/// Something to be done with a recorded rule: see [`Code::visit`].
pub(crate) trait FormVisitor {
    type Output;
    fn visit<L: Law, const A: u8, const B: u8>(self) -> Self::Output;
}

/// The codes of a rule, as constants that can stand in a pattern.
trait Codes {
    const FIRST: u16;
    const AA: u16 = Self::FIRST;
    const AB: u16 = Self::FIRST + 1;
    const AC: u16 = Self::FIRST + 2;
    const BA: u16 = Self::FIRST + 3;
    const BB: u16 = Self::FIRST + 4;
    const BC: u16 = Self::FIRST + 5;
    const CA: u16 = Self::FIRST + 6;
    const CB: u16 = Self::FIRST + 7;
}

/// Operands at which one-sided limits differ, and the local derivatives agreed upon there.
pub type Kink = (&'static [f64], &'static [f64]);

macro_rules! arity {
    (unary) => {
        Arity::Unary
    };
    (parameter) => {
        Arity::Parameter
    };
    (integer) => {
        Arity::Parameter
    };
    ($binary:ident) => {
        Arity::Binary
    };
}

/// The body of `Law::local` by kind of rule: turns what the block says into two gates.
macro_rules! locals {
    (unary, $local:expr) => {
        ($local.into(), None)
    };
    (parameter, $local:expr) => {
        ($local.into(), None)
    };
    (integer, $local:expr) => {
        ($local.into(), None)
    };
    ($binary:ident, $local:expr) => {{
        let (a, b) = $local;
        (a.into(), b.into())
    }};
}

macro_rules! define_rules {
    ([$(
        $(#[doc = $doc:literal])*
        $kind:ident $Name:ident $name:ident $($try_name:ident)? ($a:ident $(, $b:ident)?) -> $y:ident {
            value: $value:expr,
            local: $local:expr,
            $(apart: $apart:expr,)?
            domain: [$($domain:expr),+],
            kinks: [$($kink:expr),*] $(,)?
        }
    )*]) => {
        /// An elementwise operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Rule {
            $($(#[doc = $doc])* $Name,)*
        }

        mod laws {
            $(pub(super) struct $Name;)*
        }

        $(impl Codes for laws::$Name {
            const FIRST: u16 = Rule::$Name as u16 * FORMS;
        }

        impl Law for laws::$Name {
            const ARITY: Arity = arity!($kind);
            #[inline(always)]
            #[allow(unused_variables, reason = "a rule names its operands whether or not its value needs them")]
            fn value<T: Element>($a: T, second: T) -> T {
                if let Some(value) = T::by_rule(Rule::$Name, $a, second) {
                    return value;
                }
                $(let $b = second;)?
                $value
            }
            #[inline(always)]
            #[allow(unused_variables, reason = "a local derivative needs some of operands and output, seldom all")]
            fn local<T: Element>($a: T, second: T, $y: T) -> (Option<T>, Option<T>) {
                $(let $b = second;)?
                locals!($kind, $local)
            }
            const APART: bool = false $(|| !stringify!($apart).is_empty())?;
            #[inline(always)]
            #[allow(unused_variables, reason = "few rules have operands that stand apart")]
            fn apart<T: Element>($a: T, second: T) -> bool {
                $(let $b = second;)?
                false $(|| $apart)?
            }
        })*

        impl Code {
            /// Calls the visitor with the rule and the places of its operands as types, by one jump; `None` if it is no rule.
            #[inline(always)]
            pub(crate) fn visit<V: FormVisitor>(self, visitor: V) -> Option<V::Output> {
                match self.0 {
                    $(
                        <laws::$Name as Codes>::AA => Some(visitor.visit::<laws::$Name, ANYWHERE, ANYWHERE>()),
                        <laws::$Name as Codes>::AB => Some(visitor.visit::<laws::$Name, ANYWHERE, BEFORE>()),
                        <laws::$Name as Codes>::AC => Some(visitor.visit::<laws::$Name, ANYWHERE, CONSTANT>()),
                        <laws::$Name as Codes>::BA => Some(visitor.visit::<laws::$Name, BEFORE, ANYWHERE>()),
                        <laws::$Name as Codes>::BB => Some(visitor.visit::<laws::$Name, BEFORE, BEFORE>()),
                        <laws::$Name as Codes>::BC => Some(visitor.visit::<laws::$Name, BEFORE, CONSTANT>()),
                        <laws::$Name as Codes>::CA => Some(visitor.visit::<laws::$Name, CONSTANT, ANYWHERE>()),
                        <laws::$Name as Codes>::CB => Some(visitor.visit::<laws::$Name, CONSTANT, BEFORE>()),
                    )*
                    _ => None,
                }
            }
        }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Self] = &[$(Self::$Name),*];

            /// The name, as of the method.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Name => stringify!($name)),* }
            }

            /// What its block says of it, in Markdown: the documentation of its methods.
            pub const fn documentation(self) -> &'static str {
                match self { $(Self::$Name => concat!($($doc, "\n"),*)),* }
            }

            /// How many operands it has, and of what sort.
            pub const fn arity(self) -> Arity {
                match self { $(Self::$Name => arity!($kind)),* }
            }

            /// The intervals that tests draw operands from, one an operand.
            pub const fn domain(self) -> &'static [RangeInclusive<f64>] {
                match self { $(Self::$Name => &[$($domain),+]),* }
            }

            /// The kinks, with the local derivatives agreed upon.
            pub const fn kinks(self) -> &'static [Kink] {
                match self { $(Self::$Name => &[$($kink),*]),* }
            }

            /// The value. A unary rule ignores `b`.
            #[inline(always)]
            pub fn value<T: Element>(self, a: T, b: T) -> T {
                match self { $(Self::$Name => <laws::$Name as Law>::value(a, b)),* }
            }

            /// The local derivatives in both operands, given the operands and the output `y`; `None` where the
            /// output does not depend on that operand.
            #[inline(always)]
            pub fn local<T: Element>(self, a: T, b: T, y: T) -> (Option<T>, Option<T>) {
                match self { $(Self::$Name => <laws::$Name as Law>::local(a, b, y)),* }
            }

            /// Calls the visitor with the rule as a type, so that a loop over a slice knows its rule.
            pub(crate) fn visit<V: Visitor>(self, visitor: V) -> V::Output {
                match self { $(Self::$Name => visitor.visit::<laws::$Name>()),* }
            }
        }
    };
}

for_each_rule!(define_rules);

/// A gate: `value` flows where it is open, nothing at all where it is closed.
#[inline(always)]
fn gate<T>(open: bool, value: T) -> Option<T> {
    open.then_some(value)
}

/// An integer parameter as an element, if the element can hold it exactly.
pub(crate) fn integer<T: Element>(n: i32) -> Result<T, Error> {
    let held = T::of(f64::from(n));
    if held.to_i32() == Some(n) {
        return Ok(held);
    }
    Err(Error::new(ErrorKind::Value, format!("the exponent {n} has too many digits for this element type")))
}
