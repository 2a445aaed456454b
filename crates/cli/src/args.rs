//! What can be asked for on the command line.

use clap::{Args, Parser, Subcommand};

use crate::expression;

/// Train a network, or differentiate an expression, with reverse-mode automatic differentiation.
#[derive(Debug, Parser)]
#[command(name = "chainrule", version)]
#[command(after_help = "Without a command, `train` runs with its defaults.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Differentiate an expression and show the gradient of each node and each edge
    #[command(after_help = grad_help())]
    Grad(GradArgs),
}

/// What to differentiate, and where.
#[derive(Args, Debug)]
pub(crate) struct GradArgs {
    /// The expression, such as 'x*y + sin(x)'
    #[arg(allow_hyphen_values = true)]
    pub(crate) expression: String,
    /// A value for each of its variables, such as x=2 y=3
    #[arg(value_name = "NAME=NUMBER")]
    pub(crate) bindings: Vec<String>,
}

fn grad_help() -> String {
    format!(
        "Operators: + - * / ^ and parentheses; -x^2 is -(x^2), 2^3^2 is 2^(3^2).\n\
         Constants: pi, e, tau.\n\
         Functions, where c is a constant:{}\n\n\
         Example: chainrule grad 'x*y + sin(x)' x=2 y=3",
        expression::functions()
    )
}
