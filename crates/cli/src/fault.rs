//! Why the program stops early, and the status it then leaves with.

use std::error::Error as _;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use nn::train::{TrainError, TrainErrorKind};

/// Why the program stops early.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Something that was asked for cannot be done: one line that says what.
    Input(String),
    /// The output could not be written.
    Output(io::Error),
    /// Somebody wanted it to: one line that says how to go on.
    Stopped(String),
}

/// The status for wrong input, as of the shell's own commands.
const WRONG_INPUT: u8 = 2;
/// The status after Ctrl-C, as of a shell: 128 and the number of the signal.
const STOPPED: u8 = 130;

impl Fault {
    /// Wrong input, in the words of the error; line breaks in it would make a second line of one fault.
    pub(crate) fn input(text: impl Display) -> Self {
        Self::Input(one_line(&text.to_string()))
    }

    /// Wrong input, in the words of the engine. The line that recorded the operation is one of this program, and says
    /// nothing to its user.
    pub(crate) fn engine(error: &tape::Error) -> Self {
        Self::input(without_line(error))
    }

    /// What stopped a training.
    pub(crate) fn training(error: &TrainError) -> Self {
        match (error.kind(), error.source().and_then(|source| source.downcast_ref::<io::Error>())) {
            // The lines of the epochs could not be written.
            (TrainErrorKind::Observer, Some(fault)) => Self::Output(fault.kind().into()),
            // The nodes that led there stand below one another.
            (TrainErrorKind::NotFinite, _) => {
                let lines: Vec<_> = error.to_string().lines().map(one_line).collect();
                Self::Input(format!("{}\na smaller --rate may help", lines.join("\n")))
            }
            _ => Self::input(without_line(error)),
        }
    }

    /// A command line that cannot be read: its error without the usage that follows it.
    pub(crate) fn command_line(error: &clap::Error) -> Self {
        let text = error.to_string();
        let said =
            text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
        let parts: Vec<&str> = said.map(str::trim).filter(|line| !line.is_empty()).collect();
        Self::input(parts.join("; ").replace(":; ", ": ").trim_start_matches("error: "))
    }

    /// Says what there is to say, on the standard error, and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Input(text) => {
                eprintln!("chainrule: {text}");
                ExitCode::from(WRONG_INPUT)
            }
            Self::Stopped(text) => {
                eprintln!("chainrule: {text}");
                ExitCode::from(STOPPED)
            }
            // The reader has seen enough (`chainrule … | head`): that is no failure.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Self::Output(error) => {
                eprintln!("chainrule: the output cannot be written: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The text with each control character, line breaks too, replaced by a space.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The text of an error of the engine, without the line of the caller.
pub(crate) fn without_line(error: &impl Display) -> String {
    let text = error.to_string();
    text.split(" (at ").next().unwrap_or_default().to_owned()
}
