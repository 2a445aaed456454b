//! Formulas of operations, as the lists of operations state them.

use std::collections::HashMap;
use std::sync::LazyLock;

use tape::listing::{Explained, Listed, Walk, explain};
use tape::{Arity, Rule, TensorOp};

/// What an operation computes, and what goes back through it, in words and formulas.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Formula {
    /// The value.
    pub value: String,
    /// What goes back: of an elementwise operation the local derivative, of any other what it does with an upstream
    /// gradient `g`.
    pub derivative: String,
    /// What is agreed where one-sided derivatives differ; empty where there is no such point.
    pub kinks: String,
}

/// The formulas of an operation by its name; `None` where it is none of this library's. Of two operations with the same
/// name, as `max` of two numbers and over an axis, it is the elementwise one: [`Graph::formula`](crate::Graph::formula)
/// knows which a node has.
///
/// ```
/// let formula = draw::formula("mul").unwrap();
/// assert_eq!(formula.value, "The product, a · b.");
/// assert_eq!(formula.derivative, "b in a, a in b.");
/// assert!(draw::formula("leaf").is_none());
/// ```
pub fn formula(operation: &str) -> Option<Formula> {
    LISTS.elementwise.get(operation).or_else(|| LISTS.structured.get(operation)).cloned()
}

/// The formula of a node with so many operands, constants counted.
pub(crate) fn formula_of(operation: &str, operands: usize) -> Option<Formula> {
    let structured = LISTS.structured.get(operation).filter(|_| rule(operation, operands).is_none());
    structured.or_else(|| LISTS.elementwise.get(operation)).cloned()
}

/// The local derivative of an elementwise operation in one of its operands, `y` being the value: `∂y/∂a = b`.
pub(crate) fn local_formula(operation: &str, operands: usize, position: usize) -> Option<String> {
    let text = explain(rule(operation, operands)?).derivative;
    let mut clauses = text.split("` in `").zip(text.split("` in `").skip(1));
    if let Some((before, after)) = clauses.nth(position) {
        let formula = before.rsplit('`').next()?;
        return Some(format!("∂y/∂{} = {formula}", after.split('`').next()?));
    }
    let letter = match (operands, position) {
        (2.., 0) if binary(operation) => "a",
        (2.., _) if binary(operation) => "b",
        _ => "x",
    };
    let sentence = text.split(". ").next()?.trim_end_matches('.');
    let Some((formula, rest)) = sentence.strip_prefix('`').and_then(|rest| rest.split_once('`')) else {
        return Some(format!("∂y/∂{letter}: {}", plain(sentence)));
    };
    let alone = rest.is_empty() || rest.starts_with([',', ':']) || rest == " in both";
    Some(format!("∂y/∂{letter} = {}", if alone { formula.to_owned() } else { plain(sentence) }))
}

/// What an operation without a local derivative of its own does with an upstream gradient.
pub(crate) fn product(operation: &str, operands: usize) -> String {
    formula_of(operation, operands).map(|formula| formula.derivative).unwrap_or_default()
}

/// The elementwise rule with this name, unless a structured operation of the same name has so many operands.
fn rule(operation: &str, operands: usize) -> Option<Rule> {
    let rule = Rule::ALL.iter().copied().find(|rule| rule.name() == operation)?;
    let other = LISTS.structured.contains_key(operation) && operands < 2;
    (!other).then_some(rule)
}

fn binary(operation: &str) -> bool {
    Rule::ALL.iter().any(|rule| rule.name() == operation && rule.arity() == Arity::Binary)
}

struct Lists {
    elementwise: HashMap<&'static str, Formula>,
    structured: HashMap<String, Formula>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let elementwise = Rule::ALL.iter().map(|&rule| {
        let Explained { formula, derivative, kinks } = explain(rule);
        (rule.name(), written([&formula, &derivative, &kinks]))
    });
    let mut structured = Structured::default();
    tape::walk_operations(&mut structured);
    nn::walk_operations(&mut structured);
    Lists { elementwise: elementwise.collect(), structured: structured.0 }
});

#[derive(Default)]
struct Structured(HashMap<String, Formula>);

impl Walk for Structured {
    fn visit<O: Listed>(&mut self) {
        let said = O::DESCRIPTION;
        let formula = written([said.formula, said.derivative, said.kinks]);
        // Some are recorded under other names too: one operation is `conv1d` or `conv2d`.
        for sample in O::samples() {
            let name = sample.operation.operation::<f64>().name().to_owned();
            self.0.entry(name).or_insert_with(|| formula.clone());
        }
        self.0.insert(said.name.to_owned(), formula);
    }
}

fn written(texts: [&str; 3]) -> Formula {
    let [value, derivative, kinks] = texts.map(plain);
    Formula { value, derivative, kinks }
}

/// Markdown without its marks: code without backticks, links without where they lead.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once("](") {
        let (opening, label) = before.rsplit_once('[').unwrap_or(("", before));
        text.extend([opening, label]);
        rest = link.split_once(')').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_backticks_are_taken_away() {
        assert_eq!(plain("as [`tanh`](crate::Scalar::tanh) of `x`, [0, 1]"), "as tanh of x, [0, 1]");
    }

    #[test]
    fn local_derivatives_are_found_in_what_the_rules_say() {
        for (operation, operands, position, wanted) in [
            ("mul", 2, 0, "∂y/∂a = b"),
            ("mul", 2, 1, "∂y/∂b = a"),
            ("add", 2, 1, "∂y/∂b = 1"),
            ("atan2", 2, 1, "∂y/∂b = −a/(a² + b²)"),
            ("xlogy", 2, 1, "∂y/∂y = x/y"),
            ("sin", 1, 0, "∂y/∂x = cos x"),
            ("tanh", 1, 0, "∂y/∂x = 1 − y²"),
            ("exp", 1, 0, "∂y/∂x = eˣ"),
            ("abs", 1, 0, "∂y/∂x: The sign of x"),
            ("relu", 1, 0, "∂y/∂x = 1 for positive x, nothing flows for negative x"),
            ("max", 2, 0, "∂y/∂a = 1 in the larger, nothing flows to the other"),
            ("gt", 2, 1, "∂y/∂b: Nothing flows through a comparison"),
        ] {
            assert_eq!(local_formula(operation, operands, position).as_deref(), Some(wanted));
        }
        assert_eq!(local_formula("max", 1, 0), None, "this is the one over an axis");
        assert_eq!(local_formula("softmax", 1, 0), None);
    }

    #[test]
    fn every_rule_has_a_local_derivative_in_each_operand() {
        for rule in Rule::ALL {
            let operands = if rule.arity() == Arity::Binary { 2 } else { 1 };
            for position in 0..operands {
                // Two of them share their name with what goes over an axis: there they have two operands.
                let found = local_formula(rule.name(), operands, position)
                    .unwrap_or_else(|| panic!("{}", rule.name()));
                assert!(!found.ends_with("= ") && !found.contains('`'), "{}: {found}", rule.name());
            }
        }
    }

    #[test]
    fn an_operation_is_known_by_all_its_names() {
        assert_eq!(formula("conv1d"), formula("conv2d"));
        assert!(formula("conv1d").is_some());
    }

    #[test]
    fn the_number_of_operands_tells_namesakes_apart() {
        assert_eq!(formula_of("max", 2), formula("max"));
        let over_axis = formula_of("max", 1).unwrap();
        assert_eq!(over_axis.value, "y = max x over the axes");
    }
}
