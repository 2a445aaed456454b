//! The program `chainrule`: trains networks and uses them, or differentiates an expression.

mod args;
mod data;
mod epoch;
mod evaluate;
mod expression;
mod fault;
mod files;
mod grad;
mod interrupt;
mod live;
mod model;
mod network;
mod notes;
mod optimizer;
mod options;
mod picture;
mod predict;
mod report;
mod schedule;
mod task;
mod train;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use args::{Cli, Command};
use fault::Fault;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => fault.report(),
    }
}

fn run() -> Result<(), Fault> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (command, options) = match Cli::read(std::env::args_os()) {
        Ok(read) => read,
        Err(error) if error.use_stderr() => return Err(Fault::command_line(&error)),
        // `--help` and `--version` come as errors too.
        Err(text) => return Ok(text.print()?),
    };
    match command {
        Command::Train(args) => train::run(*args, &options, &mut out)?,
        Command::Evaluate(args) => evaluate::run(&args, &mut out)?,
        Command::Predict(args) => predict::run(&args, &mut out)?,
        Command::Grad(args) => grad::run(&args, &mut out)?,
    }
    Ok(out.flush()?)
}
