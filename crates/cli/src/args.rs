//! What can be asked for on the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use nn::Activation;

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
    /// Train a network to tell classes apart: handwritten digits, or a CSV file
    #[command(after_help = TRAIN_HELP, allow_negative_numbers = true)]
    Train(TrainArgs),
    /// Differentiate an expression and show the gradient of each node and each edge
    #[command(after_help = grad_help())]
    Grad(GradArgs),
}

impl Cli {
    /// The command; without one, training with its defaults.
    pub(crate) fn command(self) -> Command {
        self.command.unwrap_or_else(|| {
            /// The options of `train` by themselves, so that their defaults are written in one place.
            #[derive(Parser)]
            struct Defaults {
                #[command(flatten)]
                train: TrainArgs,
            }
            Command::Train(Defaults::parse_from([""]).train)
        })
    }
}

const TRAIN_HELP: &str = "\
Each epoch prints the mean loss of its rows, in nats; the accuracy on the training rows and on the test \
rows after it; and for each layer the norm of its gradient, ∇, as a mean over the batches. The last line \
is the test accuracy. Equal options and data give equal figures.

Examples:
  chainrule train --optimizer adam --rate 0.01 --batch 64 --seed 7
  chainrule train --data iris.csv --label species --hidden 16,8 --activation tanh";

/// How to train, and on what.
#[derive(Args, Debug)]
pub(crate) struct TrainArgs {
    /// A CSV file of numbers with one column of classes; its features are standardised [default: 1,797
    /// handwritten digits of 8 × 8 pixels, built in]
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub(crate) data: Option<PathBuf>,
    /// The column of the classes: its name in the header, or its number, counted from 1 [default: the last]
    #[arg(long, value_name = "COLUMN", requires = "data", help_heading = "Data")]
    pub(crate) label: Option<String>,
    /// The part of the rows to train on; the rest is for the test
    #[arg(long, value_name = "PART", default_value_t = 0.8, value_parser = part, help_heading = "Data")]
    pub(crate) split: f64,

    /// The widths of the hidden layers, or `none`; the first and the last width follow from the data
    #[arg(long, value_name = "WIDTHS", default_value = "32", value_parser = widths, help_heading = "Network")]
    pub(crate) hidden: Widths,
    /// What the hidden layers apply to their sums.
    #[arg(long, value_name = "NAME", default_value = "relu", help = activation_help())]
    #[arg(help_heading = "Network")]
    pub(crate) activation: Activation,

    /// How a gradient becomes a step
    #[arg(long, value_name = "NAME", value_enum, default_value_t, help_heading = "Training")]
    pub(crate) optimizer: OptimizerName,
    /// The learning rate [default: 0.5 with sgd, 0.05 with momentum and nesterov, 0.005 with adam]
    #[arg(long, value_name = "NUMBER", value_parser = positive, help_heading = "Training")]
    pub(crate) rate: Option<f64>,
    /// How much of a step the next one keeps, with momentum and nesterov [default: 0.9]
    #[arg(long, value_name = "NUMBER", value_parser = below_one, help_heading = "Training")]
    pub(crate) momentum: Option<f64>,
    /// How fast weights shrink by themselves
    #[arg(long, value_name = "NUMBER", default_value_t = 0.0, value_parser = not_negative)]
    #[arg(help_heading = "Training")]
    pub(crate) weight_decay: f64,
    /// How often to go through the training rows
    #[arg(long, value_name = "COUNT", default_value = "40", value_parser = count, help_heading = "Training")]
    pub(crate) epochs: NonZeroUsize,
    /// How many rows make a step: a number, or `full` for all of them
    #[arg(long, value_name = "ROWS", default_value = "32", value_parser = batch, help_heading = "Training")]
    pub(crate) batch: Batch,
    /// What the split, the first weights and the order of the rows are drawn from
    #[arg(long, value_name = "NUMBER", default_value_t = 42, value_parser = seed, help_heading = "Training")]
    pub(crate) seed: u64,
}

/// The widths of the hidden layers.
#[derive(Clone, Debug)]
pub(crate) struct Widths(pub(crate) Vec<usize>);

/// How many rows make a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Batch {
    /// All of them.
    Full,
    /// So many.
    Rows(NonZeroUsize),
}

/// An optimiser, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(crate) enum OptimizerName {
    /// Plain gradient descent
    #[default]
    Sgd,
    /// Gradient descent with momentum
    Momentum,
    /// Gradient descent with Nesterov's momentum, which looks ahead
    Nesterov,
    /// A step of its own size for each parameter, from its first two moments
    Adam,
}

impl OptimizerName {
    /// The name, as it is given.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::Momentum => "momentum",
            Self::Nesterov => "nesterov",
            Self::Adam => "adam",
        }
    }

    /// The learning rate where none is given.
    pub(crate) fn usual_rate(self) -> f64 {
        match self {
            Self::Sgd => 0.5,
            Self::Momentum | Self::Nesterov => 0.05,
            Self::Adam => 0.005,
        }
    }
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

fn activation_help() -> String {
    let names = Activation::ALL.map(Activation::name).join(", ");
    format!(
        "What the hidden layers apply to their sums: {names}; \
         a parameter may follow in parentheses, as in leaky_relu(0.2)"
    )
}

fn grad_help() -> String {
    format!(
        "Operators: + - * / ^ and parentheses; -x^2 is -(x^2), 2^3^2 is 2^(3^2).\n\
         Constants: pi, e, tau.\n\
         Functions, where c is a constant: {}.\n\n\
         Example: chainrule grad 'x*y + sin(x)' x=2 y=3",
        expression::functions()
    )
}

/// A finite number that passes a test.
fn number(text: &str, fits: impl Fn(f64) -> bool, wanted: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if f64::is_finite(value) && fits(value) => Ok(value),
        _ => Err(format!("expected {wanted}")),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    number(text, |value| value > 0.0, "a number above 0")
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text, |value| value >= 0.0, "a number from 0")
}

fn below_one(text: &str) -> Result<f64, String> {
    number(text, |value| (0.0..1.0).contains(&value), "a number from 0 and below 1")
}

fn part(text: &str) -> Result<f64, String> {
    number(text, |value| 0.0 < value && value < 1.0, "a number above 0 and below 1")
}

fn count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a whole number from 1".to_owned())
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

fn batch(text: &str) -> Result<Batch, String> {
    match (text, count(text)) {
        ("full", _) => Ok(Batch::Full),
        (_, Ok(rows)) => Ok(Batch::Rows(rows)),
        (_, Err(_)) => Err("expected a whole number from 1, or full".to_owned()),
    }
}

fn widths(text: &str) -> Result<Widths, String> {
    /// A layer beyond this is a slip of the hand, and would ask for more memory than there is.
    const WIDEST: usize = 16_384;
    if text == "none" {
        return Ok(Widths(Vec::new()));
    }
    let width = |text: &str| text.trim().parse().ok().filter(|width| (1..=WIDEST).contains(width));
    let widths: Option<Vec<usize>> = text.split(',').map(width).collect();
    let wanted = || format!("expected whole numbers from 1 to {WIDEST} with commas between them, or none");
    widths.map(Widths).ok_or_else(wanted)
}
