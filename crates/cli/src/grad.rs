//! `chainrule grad`: an expression, recorded, differentiated and shown node by node and edge by edge.

use std::io::Write;

use draw::Graph;
use tape::Tape;

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
    let title = format!("f = {}", args.expression.trim());
    let graph = Graph::builder(&tape).gradients(&gradients).title(title).lines(false).limit(tape.len());
    let graph = graph.build().map_err(|error| Fault::input(error.to_string()))?;
    if picture::of_expression(&args.pictures, &graph, out)? {
        return Ok(());
    }
    write!(out, "{graph}")?;
    writeln!(out, "f = {:.DIGITS$}", graph.nodes[output.node_id().index()].value)?;
    for Variable { name, leaf, .. } in &variables {
        let gradient = graph.nodes[leaf.node_id().index()].gradient.as_ref();
        let gradient = gradient.map_or("0".to_owned(), |gradient| format!("{gradient:.DIGITS$}"));
        writeln!(out, "∂f/∂{name} = {gradient}")?;
    }
    Ok(())
}

/// As many as it takes to tell any two numbers apart.
const DIGITS: usize = 17;

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
