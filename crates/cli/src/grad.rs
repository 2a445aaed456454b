//! `chainrule grad`: an expression, recorded, differentiated and shown node by node and edge by edge.

use std::io::Write;

use tape::{Gradient, Gradients, Node, NodeId, Operand, Rule, Tape};

use self::Side::{Left, Right};

use crate::args::GradArgs;
use crate::expression::{self, Variable};
use crate::fault::Fault;
use crate::picture;

/// Runs the command.
pub(crate) fn run(args: &GradArgs, out: &mut impl Write) -> Result<(), Fault> {
    let tape = Tape::new();
    let mut variables = bind(&args.bindings, &tape)?;
    let output = expression::record(&args.expression, &mut variables)?;
    if let Some(idle) = variables.iter().find(|variable| !variable.used) {
        return Err(Fault::input(format!("{} does not occur in the expression", idle.name)));
    }
    let gradients = output.try_backward().map_err(|error| Fault::engine(&error))?;
    if picture::of_expression(args, &tape, &gradients, out)? {
        return Ok(());
    }

    writeln!(out, "f = {}\n", args.expression.trim())?;
    write_nodes(&tape, &gradients, out)?;
    write_edges(&tape, &gradients, out)?;
    writeln!(out, "f = {}", full(output.value()))?;
    for Variable { name, leaf, .. } in &variables {
        writeln!(out, "∂f/∂{name} = {}", full(gradients[*leaf]))?;
    }
    Ok(())
}

/// A leaf for each `name=value`.
fn bind<'t>(bindings: &[String], tape: &'t Tape) -> Result<Vec<Variable<'t>>, Fault> {
    let mut variables: Vec<Variable> = Vec::new();
    for binding in bindings {
        let fail = |text: String| Err(Fault::input(format!("{binding}: {text}")));
        let Some((name, number)) = binding.split_once('=') else {
            return fail("expected NAME=NUMBER".to_owned());
        };
        let (name, number) = (name.trim(), number.trim());
        if !expression::is_name(name) {
            return fail(format!("\"{name}\" cannot be the name of a variable"));
        }
        if expression::is_constant(name) {
            return fail(format!("{name} is a constant already"));
        }
        if variables.iter().any(|variable| variable.name == name) {
            return fail(format!("{name} has a value already"));
        }
        let Some(value) = number.parse().ok().filter(|value: &f64| value.is_finite()) else {
            return fail(format!("expected a finite number, found \"{number}\""));
        };
        let leaf = tape.scalar(value).named(name);
        variables.push(Variable { name: name.to_owned(), leaf, used: false });
    }
    Ok(variables)
}

fn write_nodes(tape: &Tape, gradients: &Gradients<f64>, out: &mut impl Write) -> Result<(), Fault> {
    let mut table = Table::new(["node", "operation", "value", "gradient"], [Left, Left, Right, Right]);
    for node in tape.nodes() {
        let gradient = match gradients.by_id(node.id()) {
            Some(Gradient::Scalar(gradient)) => gradient,
            _ => 0.0,
        };
        let value = node.value().first().copied().unwrap_or(f64::NAN);
        table.row([node.id().to_string(), operation(node), short(value), short(gradient)]);
    }
    table.write(out)
}

/// The edges, in the order in which the backward pass walks them.
fn write_edges(tape: &Tape, gradients: &Gradients<f64>, out: &mut impl Write) -> Result<(), Fault> {
    let titles = ["edge", "local", "×", "upstream", "=", "downstream"];
    let mut table = Table::new(titles, [Left, Right, Left, Right, Left, Right]);
    let mut ids: Vec<NodeId> = tape.nodes().map(Node::id).collect();
    ids.reverse();
    for node in ids.into_iter().filter_map(|id| tape.scalar_by_id(id)) {
        for edge in gradients.edges(node) {
            let [local, upstream, downstream] = [edge.local, edge.upstream, edge.downstream].map(short);
            let ends = format!("{} ← {}", node.node_id(), edge.input);
            table.row([ends, local, "×".to_owned(), upstream, "=".to_owned(), downstream]);
        }
    }
    table.write(out)
}

/// How a node was made: the name of a leaf, or the operation with its operands, `%0 * %1` or `sin(%0)`.
fn operation(node: Node<'_, f64>) -> String {
    if let Some(name) = node.name() {
        return name.to_owned();
    }
    let operand = |operand: &Operand<f64>| match operand {
        Operand::Node(id) => id.to_string(),
        Operand::Constant(value) => short(*value),
    };
    let operands: Vec<String> = node.operands().iter().map(operand).collect();
    let symbol = SYMBOLS.iter().find(|(rule, _)| rule.name() == node.op());
    match (symbol, &operands[..]) {
        (Some((_, symbol)), [x]) => format!("{symbol}{x}"),
        (Some((_, symbol)), [a, b]) => format!("{a} {symbol} {b}"),
        _ => format!("{}({})", node.op(), operands.join(", ")),
    }
}

/// What the language writes with a symbol is shown with it.
const SYMBOLS: [(Rule, &str); 6] = [
    (Rule::Neg, "-"),
    (Rule::Add, "+"),
    (Rule::Sub, "-"),
    (Rule::Mul, "*"),
    (Rule::Div, "/"),
    (Rule::Pow, "^"),
];

/// Rounded to what a table has room for.
fn short(value: f64) -> String {
    const DIGITS: usize = 8;
    full(format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value))
}

/// The shortest text that reads back as the same number; a power of ten where zeros would make it long.
fn full(value: f64) -> String {
    let value = value + 0.0; // -0 is shown as 0
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-4..1e12).contains(&size) || !size.is_finite() => value.to_string(),
        _ => format!("{value:e}"),
    }
}

/// Rows in aligned columns.
struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    sides: [Side; N],
}

/// The side on which the texts of a column start.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl<const N: usize> Table<N> {
    fn new(titles: [&str; N], sides: [Side; N]) -> Self {
        Self { rows: vec![titles.map(str::to_owned)], sides }
    }

    fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    /// The rows under their titles, and an empty line; nothing where there is no row.
    fn write(&self, out: &mut impl Write) -> Result<(), Fault> {
        if self.rows.len() == 1 {
            return Ok(());
        }
        let width = |k: usize| self.rows.iter().map(|row| row[k].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..N).map(width).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(self.sides).map(|((cell, &width), side)| match side {
                Left => format!("{cell:<width$}"),
                Right => format!("{cell:>width$}"),
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        writeln!(out)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_one_would_write_them() {
        for (value, wanted) in [
            (0.0, "0"),
            (-0.0, "0"),
            (2.0, "2"),
            (-0.1, "-0.1"),
            (1.0 / 3.0, "0.33333333"),
            (1e-5, "1e-5"),
            (123_456_789.0, "123456790"),
            (-2.5e300, "-2.5e300"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(short(value), wanted);
        }
        assert_eq!(full(1.0 / 3.0), "0.3333333333333333");
    }

    #[test]
    fn operations_read_as_they_are_written() {
        let tape = Tape::new();
        let mut variables = bind(&["x=2".to_owned()], &tape).unwrap();
        expression::record("-x^2 / (1 - x) + elu(x, 0.5) * sin(x)", &mut variables).unwrap();
        let shown: Vec<String> = tape.nodes().map(operation).collect();
        let wanted =
            ["x", "%0 ^ 2", "-%1", "1 - %0", "%2 / %3", "elu(%0, 0.5)", "sin(%0)", "%5 * %6", "%4 + %7"];
        assert_eq!(shown, wanted);
    }
}
