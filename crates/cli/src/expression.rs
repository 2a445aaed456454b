//! The language of `chainrule grad`: a text, recorded on a tape as it is read.
//!
//! Written by hand, by binding powers: a parser crate would shorten the table of operators, but its alternatives run
//! their actions again when they backtrack, while each operation must be recorded once; a syntax tree in between, and
//! the texts of the errors, would cost more lines than it saved.

use std::fmt::Write;

use tape::rules::Arity;
use tape::{Handle, Rule, Scalar};

use crate::fault::{Fault, one_line, without_line};

/// How deep parentheses, signs and exponents may nest. Reading recurses, and the stack is finite.
const DEEPEST: usize = 256;

/// Names that stand for numbers.
const CONSTANTS: [(&str, f64); 3] =
    [("pi", std::f64::consts::PI), ("e", std::f64::consts::E), ("tau", std::f64::consts::TAU)];

/// Binding powers: an operator takes as operands what binds tighter than itself.
mod power {
    pub(super) const SUM: u8 = 1;
    pub(super) const PRODUCT: u8 = 2;
    /// Tighter than a sign: `-x^2` is `-(x^2)`.
    pub(super) const EXPONENT: u8 = 3;
}

/// A variable of an expression.
pub(crate) struct Variable<'t> {
    /// Its name in the expression.
    pub(crate) name: String,
    /// Its leaf.
    pub(crate) leaf: Scalar<'t>,
    /// Whether the expression has used it.
    pub(crate) used: bool,
}

/// Whether a name already stands for a number.
pub(crate) fn is_constant(name: &str) -> bool {
    CONSTANTS.iter().any(|&(constant, _)| constant == name)
}

/// Whether a text can be the name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(continues_name)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The functions, as a list for the help: every rule, called by its name.
pub(crate) fn functions() -> String {
    let call = |rule: &Rule| match rule.arity() {
        Arity::Unary => rule.name().to_owned(),
        Arity::Parameter => format!("{}(x,c)", rule.name()),
        Arity::Binary => format!("{}(x,y)", rule.name()),
    };
    Rule::ALL.iter().map(call).collect::<Vec<_>>().join(", ")
}

/// Records the expression on the tape of the variables, and marks those it uses.
pub(crate) fn record<'t>(text: &str, variables: &mut [Variable<'t>]) -> Result<Scalar<'t>, Fault> {
    let mut reader = Reader { text, at: 0, depth: 0, variables };
    let value = reader.expression(power::SUM)?;
    if let Some(next) = reader.peek() {
        let wanted = if next == ')' { "no \")\"" } else { "an operator" };
        return Err(reader.expected(wanted));
    }
    if value.position().is_none() {
        return Err(reader.fault(0, "there is no variable to differentiate by"));
    }
    Ok(value)
}

/// Reads an expression from left to right.
struct Reader<'a, 't> {
    text: &'a str,
    /// Where reading stands, in bytes.
    at: usize,
    depth: usize,
    variables: &'a mut [Variable<'t>],
}

impl<'t> Reader<'_, 't> {
    /// An operand, and all operators after it that bind at least this tightly.
    fn expression(&mut self, least: u8) -> Result<Scalar<'t>, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.fault(self.at, &format!("nested more than {DEEPEST} deep")));
        }
        let mut left = self.operand()?;
        loop {
            left = match self.peek() {
                Some('+') if least <= power::SUM => left + self.right(power::PRODUCT)?,
                Some('-') if least <= power::SUM => left - self.right(power::PRODUCT)?,
                Some('*') if least <= power::PRODUCT => left * self.right(power::EXPONENT)?,
                Some('/') if least <= power::PRODUCT => left / self.right(power::EXPONENT)?,
                // From the right: 2^3^2 is 2^(3^2).
                Some('^') => left.pow(self.right(power::EXPONENT)?),
                _ => break,
            };
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What stands behind an operator of one character.
    fn right(&mut self, least: u8) -> Result<Scalar<'t>, Fault> {
        self.at += 1;
        self.expression(least)
    }

    /// A number, a name, a call, something in parentheses, or one of these with a sign.
    fn operand(&mut self) -> Result<Scalar<'t>, Fault> {
        match self.peek() {
            Some('-') => Ok(-self.right(power::EXPONENT)?),
            Some('(') => {
                let inner = self.right(power::SUM)?;
                self.close("an operator or \")\"")?;
                Ok(inner)
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number(),
            Some(c) if starts_name(c) => self.name(),
            _ => Err(self.expected("a number, a name or \"(\"")),
        }
    }

    fn number(&mut self) -> Result<Scalar<'t>, Fault> {
        let start = self.at;
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        self.at += digits(self.rest());
        if self.rest().starts_with('.') {
            self.at += 1 + digits(&self.rest()[1..]);
        }
        // An exponent needs digits: `2e` is a number followed by a name.
        if let Some(exponent) = self.rest().strip_prefix(['e', 'E']) {
            let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let length = digits(signed);
            if length > 0 {
                self.at += 1 + (exponent.len() - signed.len()) + length;
            }
        }
        let found = &self.text[start..self.at];
        match found.parse() {
            Ok(value) if f64::is_finite(value) => Ok(Scalar::constant(value)),
            Ok(_) => Err(self.fault(start, "a number too large for an f64")),
            Err(_) => Err(self.fault(start, &format!("expected a number, found \"{found}\""))),
        }
    }

    fn name(&mut self) -> Result<Scalar<'t>, Fault> {
        let start = self.at;
        let rest = self.rest();
        let name = &rest[..rest.find(|c| !continues_name(c)).unwrap_or(rest.len())];
        let name = name.to_owned();
        self.at += name.len();
        if self.peek() == Some('(') {
            return self.call(start, &name);
        }
        if let Some(variable) = self.variables.iter_mut().find(|variable| variable.name == name) {
            variable.used = true;
            return Ok(variable.leaf);
        }
        if let Some(&(_, value)) = CONSTANTS.iter().find(|&&(constant, _)| constant == name) {
            return Ok(Scalar::constant(value));
        }
        if rule(&name).is_some() {
            return Err(self.expected(&format!("\"(\" after the function {name}")));
        }
        Err(self.fault(start, &format!("{name} has no value (add {name}=NUMBER)")))
    }

    fn call(&mut self, start: usize, name: &str) -> Result<Scalar<'t>, Fault> {
        let Some(rule) = rule(name) else {
            return Err(self.fault(start, &format!("no function is called {name}")));
        };
        let mut arguments = vec![self.right(power::SUM)?];
        while self.peek() == Some(',') {
            arguments.push(self.right(power::SUM)?);
        }
        self.close("an operator, \",\" or \")\"")?;
        let wanted = if rule.arity() == Arity::Unary { 1 } else { 2 };
        let (found, s) = (arguments.len(), if wanted == 1 { "" } else { "s" });
        if found != wanted {
            return Err(self.fault(start, &format!("{name} takes {wanted} argument{s}, not {found}")));
        }
        if rule.arity() == Arity::Parameter && arguments[1].position().is_some() {
            return Err(self.fault(start, &format!("the second argument of {name} must be a constant")));
        }
        Scalar::apply(rule, &arguments).map_err(|error| self.fault(start, &without_line(&error)))
    }

    fn close(&mut self, expected: &str) -> Result<(), Fault> {
        if self.peek() != Some(')') {
            return Err(self.expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// The next character that is not blank; reading stands on it.
    fn peek(&mut self) -> Option<char> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn expected(&self, what: &str) -> Fault {
        self.fault(self.at, &format!("expected {what}"))
    }

    /// What is wrong, the column, counted in characters from 1, and the text around it.
    fn fault(&self, at: usize, what: &str) -> Fault {
        const AROUND: usize = 40;
        let column = self.text[..at].chars().count();
        let start = column.saturating_sub(AROUND);
        let mut shown: String = self.text.chars().skip(start).take(2 * AROUND).collect();
        if start > 0 {
            shown.insert(0, '…');
        }
        if self.text.chars().count() > start + 2 * AROUND {
            shown.push('…');
        }
        let mut text = format!("expression: {what}");
        let _ = write!(text, " at column {}: {}", column + 1, one_line(&shown)); // a String takes all
        Fault::Input(text)
    }
}

/// The rule of this name.
fn rule(name: &str) -> Option<Rule> {
    Rule::ALL.iter().copied().find(|rule| rule.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tape::Tape;

    /// The value at x = 2, y = 3, or the text of the fault.
    fn value(text: &str) -> Result<f64, String> {
        let tape = Tape::new();
        let mut variables = [("x", 2.0), ("y", 3.0)].map(|(name, value)| Variable {
            name: name.to_owned(),
            leaf: tape.scalar(value),
            used: false,
        });
        match record(text, &mut variables) {
            Ok(output) => Ok(output.value()),
            Err(Fault::Input(text)) => Err(text),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn operators_bind_as_in_mathematics() {
        for (text, wanted) in [
            ("x + y * 2", 8.0),
            ("(x + y) * 2", 10.0),
            ("y - x - 1", 0.0),
            ("12 / x / y", 2.0),
            ("-x^2", -4.0),
            ("(-x)^2", 4.0),
            ("-x * y", -6.0),
            ("x - -y", 5.0),
            ("--x", 2.0),
            ("x^-1", 0.5),
            ("x^y^2", 512.0),
            ("x^-y^0", 0.5),
            ("2*x^2", 8.0),
            ("\tx\n", 2.0),
        ] {
            assert_eq!(value(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn numbers_and_constants() {
        for (text, wanted) in [
            ("x * 1e-3", 0.002),
            ("x * 1.5E+2", 300.0),
            ("x + .5", 2.5),
            ("x + 2.", 4.0),
            ("x * pi", std::f64::consts::TAU),
            ("x * tau", 2.0 * std::f64::consts::TAU),
            ("ln(e^x)", 2.0),
        ] {
            assert_eq!(value(text), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn every_rule_can_be_called() {
        for rule in Rule::ALL {
            let arguments = match rule.arity() {
                Arity::Unary => "(x)",
                Arity::Parameter => "(x, 3)",
                Arity::Binary => "(x, y)",
            };
            let wanted = rule.value(2.0, 3.0);
            let found = value(&format!("{}{arguments}", rule.name())).unwrap();
            assert!(found == wanted || found.is_nan() && wanted.is_nan(), "{}", rule.name());
        }
    }

    #[test]
    fn faults_point_at_their_column() {
        for (text, wanted) in [
            ("x * y + ", "expected a number, a name or \"(\" at column 9: x * y + "),
            ("", "expected a number, a name or \"(\" at column 1: "),
            ("x y", "expected an operator at column 3: x y"),
            ("2x", "expected an operator at column 2: 2x"),
            ("2e", "expected an operator at column 2: 2e"),
            ("x)", "expected no \")\" at column 2: x)"),
            ("(x", "expected an operator or \")\" at column 3: (x"),
            ("min(x, y", "expected an operator, \",\" or \")\" at column 9: min(x, y"),
            ("x + .", "expected a number, found \".\" at column 5: x + ."),
            ("x + 1e999", "a number too large for an f64 at column 5: x + 1e999"),
            ("ü + x", "ü has no value (add ü=NUMBER) at column 1: ü + x"),
            ("x + ü*ä", "ü has no value (add ü=NUMBER) at column 5: x + ü*ä"),
            ("x + sinus(x)", "no function is called sinus at column 5: x + sinus(x)"),
            ("sin x", "expected \"(\" after the function sin at column 5: sin x"),
            ("sin(x, y)", "sin takes 1 argument, not 2 at column 1: sin(x, y)"),
            ("atan2(x)", "atan2 takes 2 arguments, not 1 at column 1: atan2(x)"),
            ("sin()", "expected a number, a name or \"(\" at column 5: sin()"),
            ("elu(x, y)", "the second argument of elu must be a constant at column 1: elu(x, y)"),
            ("powi(x, 2.5)", "powi: a whole exponent is expected, found 2.5 at column 1: powi(x, 2.5)"),
            ("1 + 2", "there is no variable to differentiate by at column 1: 1 + 2"),
            ("x\n\n$", "expected an operator at column 4: x  $"),
        ] {
            assert_eq!(value(text), Err(format!("expression: {wanted}")), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        for (open, close) in [("(", ")"), ("-", ""), ("sin(", ")"), ("x^", "")] {
            let nested = |n| format!("{}x{}", open.repeat(n), close.repeat(n));
            assert!(value(&nested(DEEPEST - 1)).is_ok(), "{open}");
            let text = value(&nested(100_000)).unwrap_err();
            assert!(text.starts_with("expression: nested more than 256 deep at column "), "{text}");
            assert!(text.len() < 300, "{text}");
        }
        // A long sum is not deep.
        assert_eq!(value(&format!("x{}", " + x".repeat(9_999))), Ok(20_000.0));
    }
}
