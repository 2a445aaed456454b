//! What can be asked for on the command line.

mod train;
mod values;

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub(crate) use train::{Missing, NormName, OptimizerName, ScaleName, TaskName, TrainArgs};

use crate::expression;

/// Train networks and use them, or differentiate an expression, with reverse-mode automatic differentiation.
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
    /// Train a network on rows with classes or numbers: handwritten digits, or data of your own
    #[command(after_help = TRAIN_HELP, allow_negative_numbers = true)]
    Train(Box<TrainArgs>),
    /// Measure a trained network on rows whose answers are known
    #[command(after_help = EVALUATE_HELP)]
    Evaluate(EvaluateArgs),
    /// Let a trained network answer, as CSV on the standard output
    #[command(after_help = PREDICT_HELP)]
    Predict(PredictArgs),
    /// Differentiate an expression and show the gradient of each node and each edge
    #[command(after_help = grad_help())]
    Grad(GradArgs),
}

impl Cli {
    /// Reads the command line: the command, which is training with its defaults where none is given, and of a training
    /// the options as they were given.
    pub(crate) fn read(
        line: impl IntoIterator<Item = std::ffi::OsString>,
    ) -> Result<(Command, crate::options::Options), clap::Error> {
        let matches = Self::command().try_get_matches_from(line)?;
        let options = matches.subcommand_matches("train").map(crate::options::Options::given);
        let command = match Self::from_arg_matches(&matches)?.command {
            Some(command) => command,
            None => Command::Train(Box::new(crate::options::Options::default().args()?)),
        };
        Ok((command, options.unwrap_or_default()))
    }
}

const TRAIN_HELP: &str = "\
Each epoch prints the mean loss of its rows, measured while they were learnt: in nats for classes, squared for \
numbers, which are brought to mean 0 and deviation 1 first; loss and accuracy (for numbers: R²) of the test rows after \
it; and for each layer the norm of its gradient, ∇, as a mean over the steps. The last line is the figure of the test \
rows. Equal options and data give equal figures, on any number of threads.

On a terminal there is a live view while it trains, and the lines come after it: p pauses, q stops after the step and \
keeps what --save has saved, ? shows all keys. With --plain, in a pipe and where CI is set there are lines at once.

Examples:
  chainrule train --optimizer adamw --rate 0.003 --schedule cosine --hidden 128,64 --dropout 0.2
  chainrule train --data iris.csv --target species --hidden 16,8 --activation tanh --folds 5
  chainrule train --data fashion-mnist/ --network cnn --epochs 10 --save run/
  chainrule train --resume run/last.safetensors
  chainrule train --report report.html --tensorboard runs/1 --graph network.html";

const EVALUATE_HELP: &str = "\
Columns, classes and scales are those of the training: they come from the model's file.

Example: chainrule evaluate run/best.safetensors --data test.csv";

const PREDICT_HELP: &str = "\
A line for each row: the class and the probability of each class, or the number. Columns that the network does not \
read are passed over, so the column of the answers may be there or not.

Example: chainrule predict run/best.safetensors --data new.csv > answers.csv";

/// What to measure, on what.
#[derive(Args, Debug)]
pub(crate) struct EvaluateArgs {
    /// A file that `chainrule train --save` wrote
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
}

/// What to ask, about what.
#[derive(Args, Debug)]
pub(crate) struct PredictArgs {
    /// A file that `chainrule train --save` wrote
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
}

/// Which rows a trained network gets.
#[derive(Args, Debug)]
pub(crate) struct RowsArgs {
    /// The rows: what `train --data` takes; of a directory, its test images
    #[arg(long, value_name = "SOURCE")]
    pub(crate) data: PathBuf,
    /// The IDX file of the labels, where --data is one of images
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// How many threads compute; the figures do not depend on it [default: the machine's cores]
    #[arg(long, value_name = "COUNT", value_parser = values::threads)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

impl RowsArgs {
    /// Lets so many threads compute.
    pub(crate) fn set_threads(&self) {
        if let Some(threads) = self.threads {
            tape::set_threads(threads.get());
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
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
}

/// Which pictures of the graph are written.
#[derive(Args, Debug)]
pub(crate) struct PictureArgs {
    /// Draws the graph: values, gradients, and what goes back along each edge
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) svg: Option<PathBuf>,
    /// Draws it on a page for a browser that runs feed-forward and backward node by node
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) html: Option<PathBuf>,
    /// Writes it in the language of Graphviz
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) dot: Option<PathBuf>,
    /// Writes it in the language of Mermaid, for Markdown
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) mermaid: Option<PathBuf>,
    /// Writes all that is known of it as JSON, for programs
    #[arg(long, value_name = "FILE", help_heading = "Pictures")]
    pub(crate) json: Option<PathBuf>,
}

fn grad_help() -> String {
    format!(
        "Operators: + - * / ^ and parentheses; -x^2 is -(x^2), 2^3^2 is 2^(3^2).\n\
         Constants: pi, e, tau.\n\
         Functions, where c is a constant: {}.\n\n\
         A picture goes to a file, or with - to the standard output, in the place of the tables.\n\n\
         Examples:\n  chainrule grad 'x*y + sin(x)' x=2 y=3\n  \
         chainrule grad 'x*y + sin(x)' x=2 y=3 --svg graph.svg --html graph.html",
        expression::functions()
    )
}
