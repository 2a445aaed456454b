//! Dual numbers: a value and its derivative in one direction, carried forward together.

use std::fmt;

use crate::element::{Element, Literal};
use crate::rules::{Arity, Rule};

/// A number `value + tangent · ε` with `ε² = 0`: a value, and how fast it changes along one direction of the inputs.
///
/// It is the number of forward mode: run a function on duals whose tangents are a direction `v`, and the tangent of the
/// result is the derivative along `v`. It has the methods of a [`Scalar`](crate::Scalar) by the same names, and every
/// function comes from the same [`Rule`]. It is an [`Element`] too: a [`Tape<Dual<T>>`](crate::Tape) carries gradients
/// and their derivative along `v`, so that orders add up by nesting.
///
/// # Example
/// ```
/// use tape::{Dual, Tape};
/// let x = Dual::variable(3.0);
/// let y = x * x + 2.0 * x.sin();
/// assert_eq!((y.value, y.tangent), (9.0 + 2.0 * 3f64.sin(), 6.0 + 2.0 * 3f64.cos()));
///
/// // Second order: the gradient, and its derivative, of x³.
/// let tape = Tape::new();
/// let x = tape.scalar(Dual::variable(2.0));
/// let slope = x.cube().backward()[x];
/// assert_eq!((slope.value, slope.tangent), (12.0, 12.0));
/// ```
///
/// Comparisons, and the questions of `Float` such as `is_nan`, look at the value alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual<T: Element = f64> {
    /// The number.
    pub value: T,
    /// Its derivative along the direction.
    pub tangent: T,
}

impl<T: Element> Dual<T> {
    /// A number with its derivative.
    #[inline(always)]
    pub const fn new(value: T, tangent: T) -> Self {
        Self { value, tangent }
    }

    /// A number that does not change: its tangent is 0.
    #[inline(always)]
    pub fn constant(value: T) -> Self {
        Self { value, tangent: T::zero() }
    }

    /// The variable itself: its tangent is 1.
    #[inline(always)]
    pub fn variable(value: T) -> Self {
        Self { value, tangent: T::one() }
    }

    /// The value.
    #[inline(always)]
    pub fn value(self) -> T {
        self.value
    }

    /// The same value, as a constant.
    #[must_use]
    pub fn stop_gradient(self) -> Self {
        self.stopped()
    }

    /// `a` where the condition holds, else `b`. The derivative is that of the one taken.
    ///
    /// ```
    /// use tape::Dual;
    /// let x = Dual::variable(-4.0);
    /// let y = Dual::select(x > 0.0, x.sqrt(), x);
    /// assert_eq!((y.value, y.tangent), (-4.0, 1.0));
    /// ```
    pub fn select(condition: bool, a: impl Into<Self>, b: impl Into<Self>) -> Self {
        if condition { a.into() } else { b.into() }
    }

    /// `xᶜ` for a constant exponent. See [`pow`](Self::pow).
    ///
    /// ```
    /// assert_eq!(tape::Dual::variable(4.0).powf(1.5).tangent, 3.0);
    /// ```
    #[must_use]
    #[inline(always)]
    pub fn powf(self, exponent: impl Literal<T>) -> Self {
        Self::binary(Rule::Pow, self, Self::constant(exponent.literal()))
    }

    /// `self · a + b`, with the value rounded once.
    #[must_use]
    #[inline(always)]
    pub fn mul_add(self, a: impl Into<Self>, b: impl Into<Self>) -> Self {
        let (a, b) = (a.into(), b.into());
        Self { value: self.value.mul_add(a.value, b.value), ..self * a + b }
    }

    #[inline(always)]
    pub(crate) fn unary(self, rule: Rule) -> Self {
        Self::binary(rule, self, self)
    }

    /// A unary rule ignores `b`.
    #[inline(always)]
    pub(crate) fn binary(rule: Rule, a: Self, b: Self) -> Self {
        let short = T::BARE && matches!(rule, Rule::Add | Rule::Sub | Rule::Mul | Rule::Div | Rule::Neg);
        if short { Self::follow(rule, a, b) } else { Self::call(rule, a, b) }
    }

    /// A call: formulas of formulas, written out one in the other, would grow with every order.
    #[inline(never)]
    fn call(rule: Rule, a: Self, b: Self) -> Self {
        Self::follow(rule, a, b)
    }

    #[inline(always)]
    fn follow(rule: Rule, a: Self, b: Self) -> Self {
        let value = rule.value(a.value, b.value);
        let (local_a, local_b) = rule.local(a.value, b.value, value);
        let tangent = T::chain(local_a, a.tangent);
        let tangent = match local_b {
            Some(_) => tangent.plus(T::chain(local_b, b.tangent)),
            None => tangent,
        };
        Self { value, tangent }
    }
}

/// A constant.
impl<T: Element> From<T> for Dual<T> {
    #[inline(always)]
    fn from(value: T) -> Self {
        Self::constant(value)
    }
}

float_traits! { [T: Element] Dual<T> }
operator_traits! { [T: Element] Dual<T> }

/// A dual number can be recorded, and be a part of another: orders add up.
impl<T: Element> Element for Dual<T> {
    fn erf(self) -> Self {
        Self::erf(self)
    }

    fn erfc(self) -> Self {
        Self::erfc(self)
    }

    #[inline(always)]
    fn by_rule(rule: Rule, a: Self, b: Self) -> Option<Self> {
        // A rule knows no derivative in a parameter; its formula does.
        let fixed = rule.arity() != Arity::Parameter || b.tangent.vanishes();
        fixed.then(|| Self::binary(rule, a, b))
    }

    /// The product rule, with what [`chain`](Element::chain) says of each product.
    #[inline]
    fn chain(local: Option<Self>, upstream: Self) -> Self {
        let Some(local) = local else { return Self::constant(T::zero()) };
        let through = T::chain(Some(local.value), upstream.tangent);
        Self {
            value: T::chain(Some(local.value), upstream.value),
            tangent: through.plus(T::chain(Some(local.tangent), upstream.value)),
        }
    }

    #[inline(always)]
    fn stopped(self) -> Self {
        Self::constant(self.value.stopped())
    }

    #[inline(always)]
    fn vanishes(&self) -> bool {
        self.value.vanishes() && self.tangent.vanishes()
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self { value: self.value.plus(other.value), tangent: self.tangent.plus(other.tangent) }
    }
}

impl<T: Element> fmt::Display for Dual<T> {
    /// `value + tangent ε`, both with the precision that is asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |number: T| {
            let text =
                f.precision().map_or_else(|| number.to_string(), |digits| format!("{number:.digits$}"));
            // A part that is a sum itself.
            if text.contains(' ') { format!("({text})") } else { text }
        };
        write!(f, "{} + {}ε", part(self.value), part(self.tangent))
    }
}

/// One method for each rule that has one.
macro_rules! dual_methods {
    ([$(
        $(#[$doc:meta])*
        $kind:ident $Name:ident $name:ident $($try_name:ident)? ($a:ident $(, $b:ident)?) -> $y:ident { $($body:tt)* }
    )*]) => {
        /// Elementwise operations.
        impl<T: Element> Dual<T> {
            $(rule_method! {
                @$kind {Into<Self>} into
                #[doc = concat!("As [`", stringify!($name), "`](crate::Scalar::", stringify!($name), ") of a scalar.")]
                $Name $name $($b)?
            })*
        }
    };
}

for_each_rule!(dual_methods);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_times_infinity_is_zero_in_every_part() {
        let x = Dual::new(0.0, 0.0);
        assert_eq!(x.sqrt().tangent, 0.0);
        assert_eq!(Dual::variable(0.0).sqrt().tangent, f64::INFINITY);
        let infinite = Dual::new(f64::INFINITY, f64::NAN);
        let none = Dual::chain(Some(infinite), Dual::constant(0.0));
        assert_eq!((none.value, none.tangent), (0.0, 0.0));
        let closed = Dual::chain(None, Dual::new(f64::NAN, f64::NAN));
        assert_eq!((closed.value, closed.tangent), (0.0, 0.0));
    }

    #[test]
    fn a_zero_with_a_derivative_does_not_vanish() {
        assert!(Dual::new(0.0, 0.0).vanishes());
        assert!(!Dual::new(0.0, 1.0).vanishes());
        let inner = Dual::new(Dual::new(0.0, 0.0), Dual::new(0.0, 1.0));
        assert!(!inner.vanishes());
        let product = Dual::chain(Some(Dual::new(2.0, 3.0)), Dual::new(0.0, 5.0));
        assert_eq!((product.value, product.tangent), (0.0, 10.0));
    }

    #[test]
    fn it_shows_both_parts() {
        assert_eq!(Dual::new(2.0, -3.0).to_string(), "2 + -3ε");
        assert_eq!(format!("{:.1}", Dual::new(2.0, 3.0)), "2.0 + 3.0ε");
        let nested = Dual::new(Dual::new(1.0, 2.0), Dual::new(3.0, 4.0));
        assert_eq!(nested.to_string(), "(1 + 2ε) + (3 + 4ε)ε");
    }

    #[test]
    fn literals_stand_on_both_sides_at_any_depth() {
        let x = Dual::variable(Dual::variable(2.0));
        let y = 3.0 * (x - 1.0).powf(2.0) / 2.0 + x.leaky_relu(0.1) % 5.0;
        assert_eq!((y.value.value, y.tangent.value, y.tangent.tangent), (3.5, 4.0, 3.0));
        assert!(y > 3.0 && y == 3.5);
    }

    #[test]
    fn third_derivatives() {
        let x = Dual::variable(Dual::variable(Dual::variable(0.5)));
        let y = x.powi(4) * x.exp();
        let (x, e) = (0.5f64, 0.5f64.exp());
        let want = e * (x.powi(4) + 12.0 * x.powi(3) + 36.0 * x * x + 24.0 * x);
        assert!((y.tangent.tangent.tangent - want).abs() < 1e-13, "{y}");
    }
}
