//! Recording a rule that is known only at run time.

use std::panic::Location;

use smallvec::SmallVec;

use super::scalar::Scalar;
use super::tensor::{Tensor, TensorOperand};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::graph::record::Arg;
use crate::rules::{Arity, Rule};

/// Checks that a rule can take these operands, given what each of them is.
fn check<T: Element>(rule: Rule, operands: &[Arg<T>]) -> Result<(), Error> {
    let fail = |text| Err(Error::new(ErrorKind::Value, text));
    match (rule.arity(), operands) {
        (Arity::Parameter, &[_, Arg::Node(_)]) => {
            fail("the second operand is a parameter: a constant is expected, found a node".to_owned())
        }
        (Arity::Parameter, &[_, Arg::Constant(n)]) if rule == Rule::Powi && !n.fract().is_zero() => {
            fail(format!("a whole exponent is expected, found {n}"))
        }
        (Arity::Unary, [_]) | (Arity::Parameter | Arity::Binary, [_, _]) => Ok(()),
        (arity, _) => {
            let (wanted, s) = if arity == Arity::Unary { (1, " is") } else { (2, "s are") };
            fail(format!("{wanted} operand{s} expected, found {}", operands.len()))
        }
    }
}

impl<T: Element> Scalar<'_, T> {
    /// Records a rule that is known only at run time, such as one that was named in a text: see [`Rule::ALL`].
    ///
    /// ```
    /// use tape::{Rule, Scalar, Tape};
    /// let tape = Tape::<f64>::new();
    /// let x = tape.scalar(-2.0);
    /// let rule = Rule::ALL.iter().find(|rule| rule.name() == "leaky_relu").unwrap();
    /// let y = Scalar::apply(*rule, &[x, Scalar::constant(0.5)])?;
    /// assert_eq!((y.value(), y.backward()[x]), (-1.0, 0.5));
    ///
    /// let error = Scalar::apply(*rule, &[x]).unwrap_err().to_string();
    /// assert!(error.starts_with("leaky_relu: 2 operands are expected, found 1"));
    /// # Ok::<(), tape::Error>(())
    /// ```
    ///
    /// # Errors
    /// There are more or fewer operands than the rule has; its parameter is not a constant, or the exponent of `powi`
    /// not a whole number; the operands are of different tapes.
    #[track_caller]
    pub fn apply(rule: Rule, operands: &[Self]) -> Result<Self, Error> {
        let explain = |error: Error| error.operation(rule.name()).at(Location::caller());
        let args: SmallVec<[_; 2]> = operands.iter().map(|operand| operand.arg()).collect();
        check(rule, &args).map_err(explain)?;
        let [a, b] = *operands else { return Ok(operands[0].unary(rule)) };
        if let (Some(tape), Some(other)) = (a.tape, b.tape) {
            tape.same_tape(other, b.id).map_err(explain)?;
        }
        Ok(Self::binary(rule, a, b))
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// Records a rule that is known only at run time, element by element: see [`Rule::ALL`]. Two operands are broadcast
    /// against each other; a parameter is a number.
    ///
    /// ```
    /// use tape::{Rule, Tape, Tensor};
    /// let tape = Tape::<f64>::new();
    /// let x = tape.tensor(([2], vec![-2.0, 3.0]));
    /// let rule = Rule::ALL.iter().find(|rule| rule.name() == "leaky_relu").unwrap();
    /// let y = Tensor::apply(*rule, &[x.into(), 0.5.into()])?;
    /// assert_eq!(y.value().as_slice(), Some(&[-1.0, 3.0][..]));
    ///
    /// let error = Tensor::apply(*rule, &[x.into()]).unwrap_err().to_string();
    /// assert!(error.starts_with("leaky_relu: 2 operands are expected, found 1"));
    /// # Ok::<(), tape::Error>(())
    /// ```
    ///
    /// # Errors
    /// As of [`Scalar::apply`]; no operand is on a tape; the shapes cannot be broadcast, or memory cannot be had.
    #[track_caller]
    pub fn apply(rule: Rule, operands: &[TensorOperand<'t, T>]) -> Result<Self, Error> {
        let args: SmallVec<[_; 2]> = operands.iter().map(|operand| operand.arg).collect();
        check(rule, &args).map_err(|error| error.operation(rule.name()).at(Location::caller()))?;
        Self::of_rule(rule, operands.iter().copied(), false)
    }
}
