//! The program `chainrule`: trains a network, or differentiates an expression.

mod args;
mod data;
mod epoch;
mod expression;
mod fault;
mod grad;
mod optimizer;
mod progress;
mod train;

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;

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
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return Err(Fault::input(in_one_line(&error))),
        // `--help` and `--version` come as errors too.
        Err(text) => return Ok(text.print()?),
    };
    match cli.command() {
        Command::Train(args) => train::run(&args, &mut out)?,
        Command::Grad(args) => grad::run(&args, &mut out)?,
    }
    Ok(out.flush()?)
}

/// The error of the command line without the usage that follows it.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let said = text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let parts: Vec<&str> = said.map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = parts.join("; ").replace(":; ", ": ");
    text.trim_start_matches("error: ").to_owned()
}
