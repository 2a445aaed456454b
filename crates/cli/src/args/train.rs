//! The options of `chainrule train`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nn::Activation;

use super::values::{
    Augmentation, Batch, Widths, augmentation, batch, below_one, count, folds, not_negative, part, picture,
    positive, seed, threads, widths,
};

/// What is written of one training, and makes no sense of several or of none.
const WRITTEN: [&str; 6] = ["save", "history", "export_torch", "report", "tensorboard", "graph"];

/// How to train, and on what.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[expect(clippy::doc_markdown, reason = "the documentation of an option is its help")]
pub(crate) struct TrainArgs {
    /// The rows: `digits` (1,797 handwritten digits of 8 × 8 pixels) or `iris`, which are built in; a CSV file, also
    /// gzipped; a file of NumPy (.npz); an IDX file of images, with --labels; or a directory with the four files of the
    /// MNIST family
    #[arg(long, value_name = "SOURCE", default_value = "digits", help_heading = "Data")]
    pub(crate) data: PathBuf,
    /// The IDX file of the labels, where --data is one of images
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub(crate) labels: Option<PathBuf>,
    /// The rows to test on, rather than a part of --data
    #[arg(long, value_name = "SOURCE", help_heading = "Data")]
    pub(crate) test_data: Option<PathBuf>,
    /// The IDX file of the labels of --test-data
    #[arg(long, value_name = "FILE", requires = "test_data", help_heading = "Data")]
    pub(crate) test_labels: Option<PathBuf>,
    /// The column of the answers: its name in the header, or its number, counted from 1 [default: the last]
    #[arg(long, visible_alias = "label", value_name = "COLUMN", help_heading = "Data")]
    pub(crate) target: Option<String>,
    /// Whether the answers are classes or numbers [default: numbers where one has a fraction, or where there are more
    /// than 20 different whole numbers]
    #[arg(long, value_enum, value_name = "TASK", help_heading = "Data")]
    pub(crate) task: Option<TaskName>,
    /// Learns the logarithm of the answers, which are above 0; the figures are of that scale
    #[arg(long, help_heading = "Data")]
    pub(crate) log_target: bool,
    /// The first row of the CSV file holds no names [default: it does, unless its features are all numbers]
    #[arg(long, help_heading = "Data")]
    pub(crate) no_header: bool,
    /// Columns that are not looked at
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', help_heading = "Data")]
    pub(crate) drop: Vec<String>,
    /// Columns of categories, each of which becomes a column of 0 and 1, beside those whose first cell is text
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', help_heading = "Data")]
    pub(crate) categorical: Vec<String>,
    /// What becomes of an empty cell
    #[arg(long, value_enum, value_name = "WAY", default_value_t, help_heading = "Data")]
    pub(crate) missing: Missing,
    /// How columns are scaled, from the training rows [default: standard; none where the rows are images]
    #[arg(long, value_enum, value_name = "WAY", help_heading = "Data")]
    pub(crate) scale: Option<ScaleName>,
    /// The part of the rows to train on; the rest is for the test [default: 0.8]
    #[arg(long, value_name = "PART", value_parser = part, conflicts_with = "test_data", help_heading = "Data")]
    pub(crate) split: Option<f64>,
    /// The part of the training rows that is held back to choose by: the best epoch, when to stop, a plateau [default:
    /// none is, and the test rows are what is chosen by]
    #[arg(long, value_name = "PART", value_parser = part, help_heading = "Data")]
    pub(crate) validation: Option<f64>,
    /// Trains so many times, each time tested on another part of the rows, and prints mean ± standard deviation
    #[arg(long, value_name = "COUNT", value_parser = folds, help_heading = "Data")]
    #[arg(conflicts_with_all = WRITTEN, conflicts_with_all = ["test_data", "split", "find_rate"])]
    pub(crate) folds: Option<usize>,

    /// The widths of the hidden layers, or `none`; the first and the last width follow from the data
    #[arg(long, value_name = "WIDTHS", default_value = "128", value_parser = widths, help_heading = "Network")]
    pub(crate) hidden: Widths,
    /// What the hidden layers apply to their sums.
    #[arg(long, value_name = "NAME", default_value = "relu", help = activation_help())]
    #[arg(help_heading = "Network")]
    pub(crate) activation: Activation,
    /// The part of the hidden numbers that each step leaves out
    #[arg(long, value_name = "PART", value_parser = below_one, default_value_t = 0.0, help_heading = "Network")]
    pub(crate) dropout: f64,
    /// What normalises the sums of the hidden layers
    #[arg(long, value_enum, value_name = "NAME", default_value_t, help_heading = "Network")]
    pub(crate) norm: NormName,
    /// A network in words, layer by layer, without the last one, which follows from the data: `conv 32x3 bn relu, pool
    /// 2, linear 128 relu, dropout 0.5`; or `cnn`, a convolutional one for images
    #[arg(long, value_name = "TEXT", help_heading = "Network")]
    #[arg(conflicts_with_all = ["hidden", "activation", "dropout", "norm"])]
    pub(crate) network: Option<String>,
    /// Shows the network layer by layer: shapes, parameters, multiply-adds
    #[arg(long, help_heading = "Network")]
    pub(crate) summary: bool,

    /// How a gradient becomes a step
    #[arg(long, value_name = "NAME", value_enum, default_value_t, help_heading = "Training")]
    pub(crate) optimizer: OptimizerName,
    /// The learning rate [default: 0.005 with adamw, adam and amsgrad; 0.5 with sgd; 0.05 with momentum, nesterov and
    /// adagrad; 0.001 with rmsprop; 0.0005 with lion; 1 with lbfgs]
    #[arg(long, value_name = "NUMBER", value_parser = positive, help_heading = "Training")]
    pub(crate) rate: Option<f64>,
    /// How much of a step the next one keeps, with momentum, nesterov and rmsprop [default: 0.9; rmsprop: 0]
    #[arg(long, value_name = "NUMBER", value_parser = below_one, help_heading = "Training")]
    pub(crate) momentum: Option<f64>,
    /// How fast weights shrink by themselves [default: 0.01 with adamw, 0 with the others]
    #[arg(long, value_name = "NUMBER", value_parser = not_negative, help_heading = "Training")]
    pub(crate) weight_decay: Option<f64>,
    /// How the rate changes: `cosine`, `linear` or `onecycle` over the whole training, or with numbers, which count
    /// epochs: `step:10,0.5`, `multistep:10,15,0.1`, `exponential:0.95`, `plateau:3,0.5`, `cosine:20,0.01`,
    /// `restarts:5,2`; `+` puts one after another, `*` multiplies
    #[arg(long, value_name = "TEXT", help_heading = "Training")]
    pub(crate) schedule: Option<String>,
    /// Over how many steps the rate rises to its value first
    #[arg(long, value_name = "STEPS", value_parser = count, help_heading = "Training")]
    pub(crate) warmup: Option<NonZeroUsize>,
    /// Shortens a gradient to this norm where it is longer
    #[arg(long, value_name = "NORM", value_parser = positive, help_heading = "Training")]
    pub(crate) clip_norm: Option<f64>,
    /// How many batches make a step
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = count, help_heading = "Training")]
    pub(crate) accumulate: NonZeroUsize,
    /// How often to go through the training rows
    #[arg(long, value_name = "COUNT", default_value = "40", value_parser = count, help_heading = "Training")]
    pub(crate) epochs: NonZeroUsize,
    /// How many rows make a batch: a number, or `full` for all of them
    #[arg(long, value_name = "ROWS", default_value = "32", value_parser = batch, help_heading = "Training")]
    pub(crate) batch: Batch,
    /// What the split, the first weights and the order of the rows are drawn from
    #[arg(long, value_name = "NUMBER", default_value_t = 42, value_parser = seed, help_heading = "Training")]
    pub(crate) seed: u64,
    /// The part of each answer that is given to all classes alike
    #[arg(long, value_name = "PART", value_parser = below_one, default_value_t = 0.0)]
    #[arg(help_heading = "Training")]
    pub(crate) label_smoothing: f64,
    /// Gives rare classes more weight, so that all classes count alike
    #[arg(long, value_enum, value_name = "WAY", help_heading = "Training")]
    pub(crate) class_weights: Option<ClassWeights>,
    /// Varies the training images: `shift=PIXELS` moves them, `flip` mirrors half of them; both with a comma
    #[arg(long, value_name = "WAYS", value_parser = augmentation, help_heading = "Training")]
    pub(crate) augment: Option<Augmentation>,
    /// Stops after so many epochs without a better loss, and goes back to the best weights
    #[arg(long, value_name = "EPOCHS", value_parser = count, help_heading = "Training")]
    pub(crate) early_stopping: Option<NonZeroUsize>,
    /// Tries rates from small to large, prints the loss at each and the rate to begin with, and trains no further
    #[arg(long, conflicts_with_all = WRITTEN, conflicts_with = "resume", help_heading = "Training")]
    pub(crate) find_rate: bool,

    /// In how many parts a batch is computed: they are what threads share, and the figures depend on it
    #[arg(long, value_name = "COUNT", default_value = "1", value_parser = count, help_heading = "Threads")]
    pub(crate) shards: NonZeroUsize,
    /// How many threads compute; the figures do not depend on it [default: the machine's cores]
    #[arg(long, value_name = "COUNT", value_parser = threads, help_heading = "Threads")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Where the training is saved after each epoch: a directory, for `last.safetensors` and `best.safetensors`, or a
    /// file that ends in .safetensors, beside which the best is kept in `NAME.best.safetensors`
    #[arg(long, value_name = "PATH", help_heading = "Output")]
    pub(crate) save: Option<PathBuf>,
    /// After how many epochs it is saved
    #[arg(long, value_name = "EPOCHS", default_value = "1", value_parser = count, help_heading = "Output")]
    pub(crate) every: NonZeroUsize,
    /// Goes on with a training that was saved, with the options it was begun with; those of data files, threads and
    /// output may change, and so may --epochs and --early-stopping
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) resume: Option<PathBuf>,
    /// Writes the figures of each epoch to a file: .csv, or .jsonl
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) history: Option<PathBuf>,
    /// Writes a page about the training, for a browser: losses, gradients by layer, weights, mistakes; it grows while the
    /// training runs
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) report: Option<PathBuf>,
    /// Writes event files for TensorBoard into a directory
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) tensorboard: Option<PathBuf>,
    /// Draws the trained network with a batch, its loss and all gradients: .svg, .html, .dot, .mmd, .json or .txt
    #[arg(long, value_name = "FILE", value_parser = picture, help_heading = "Output")]
    pub(crate) graph: Option<PathBuf>,
    /// Prints lines on a terminal, too, where there is a live view of the training otherwise
    #[arg(long, help_heading = "Output")]
    pub(crate) plain: bool,
    /// Writes the weights at the end for PyTorch: a safetensors file for a `torch.nn.Sequential` of the same modules
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) export_torch: Option<PathBuf>,
}

/// What the answers are.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum TaskName {
    /// One of several classes
    Classes,
    /// A number
    Regression,
}

/// What becomes of a cell without a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(crate) enum Missing {
    /// It is refused, with its row and column
    #[default]
    Error,
    /// Its row is left out
    Drop,
    /// It becomes the mean of its column in the file
    Mean,
}

/// How columns are scaled.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum ScaleName {
    /// To mean 0 and standard deviation 1
    Standard,
    /// To 0 for the least and 1 for the greatest
    Minmax,
    /// Not at all
    None,
}

/// What normalises the sums of hidden layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(crate) enum NormName {
    /// Nothing
    #[default]
    None,
    /// Each number over the rows of the batch
    Batch,
    /// Each row over its numbers
    Layer,
}

/// How classes are weighed.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum ClassWeights {
    /// Each class by the inverse of its share of the training rows
    Balanced,
}

/// An optimiser, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
pub(crate) enum OptimizerName {
    /// Adam, with a weight decay that is no part of the gradient
    #[default]
    Adamw,
    /// Plain gradient descent
    Sgd,
    /// Gradient descent with momentum
    Momentum,
    /// Gradient descent with Nesterov's momentum, which looks ahead
    Nesterov,
    /// A step of its own size for each parameter, from its first two moments
    Adam,
    /// Adam, with the greatest second moment so far
    Amsgrad,
    /// A step divided by the root of the mean square of late gradients
    Rmsprop,
    /// A step divided by the root of the sum of all squares
    Adagrad,
    /// A step of one size, in the direction of the sign of the momentum
    Lion,
    /// A step along an estimate of the curvature; with --batch full
    Lbfgs,
}

impl OptimizerName {
    /// The name, as it is given.
    pub(crate) fn text(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The learning rate where none is given.
    pub(crate) fn usual_rate(self) -> f64 {
        match self {
            Self::Sgd => 0.5,
            Self::Momentum | Self::Nesterov | Self::Adagrad => 0.05,
            Self::Adam | Self::Amsgrad | Self::Adamw => 0.005,
            Self::Rmsprop => 0.001,
            Self::Lion => 0.0005,
            Self::Lbfgs => 1.0,
        }
    }
}

fn activation_help() -> String {
    let names = Activation::ALL.map(Activation::name).join(", ");
    format!(
        "What the hidden layers apply to their sums: {names}; \
         a parameter may follow in parentheses, as in leaky_relu(0.2)"
    )
}
