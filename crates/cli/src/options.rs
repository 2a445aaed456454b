//! The options of a training as they were given: what is stored with it, so that it goes on with the same.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::args::TrainArgs;
use crate::fault::Fault;
use crate::notes::{Notes, Saved};

/// What may differ when a training goes on: none of it changes a number of the epochs that both have, as long as the
/// files hold the same rows.
const FREE: [&str; 17] = [
    "data",
    "labels",
    "test-data",
    "test-labels",
    "epochs",
    "early-stopping",
    "threads",
    "summary",
    "save",
    "every",
    "history",
    "plain",
    "report",
    "tensorboard",
    "graph",
    "export-torch",
    "resume",
];

/// Options of `chainrule train`, each with its value; the defaults are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options(Vec<(String, String)>);

impl Options {
    /// Those that stand on the command line.
    pub(crate) fn given(matches: &ArgMatches) -> Self {
        let given = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self::of(matches, given)
    }

    /// Options with their values.
    #[cfg(test)]
    pub(crate) fn of_pairs(options: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(options.into_iter().collect())
    }

    /// Writes them down; `--resume` and `--plain` belong to a call, not to the training.
    pub(crate) fn store(&self, notes: &mut Notes) {
        for (option, value) in self.iter().filter(|(option, _)| !["resume", "plain"].contains(option)) {
            notes.put(format!("option.{option}"), value);
        }
    }

    /// Those that were written down.
    pub(crate) fn load(saved: &Saved<'_>) -> Result<Self, Fault> {
        saved.get("architecture")?; // without it, this program has not written the file
        let command = command();
        let names = command.get_arguments().filter_map(clap::Arg::get_long);
        let value = |name: &str| saved.get(&format!("option.{name}")).ok().map(str::to_owned);
        Ok(Self(names.filter_map(|name| Some((name.to_owned(), value(name)?))).collect()))
    }

    /// Each option, with its value; of a flag, `true`.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(option, value)| (option.as_str(), value.as_str()))
    }

    /// The options, read.
    pub(crate) fn args(&self) -> Result<TrainArgs, clap::Error> {
        TrainArgs::from_arg_matches(&self.matches()?)
    }

    /// These options with what of `given` may change in place of their own.
    ///
    /// # Errors
    /// What may not change and differs, all of it in one line.
    pub(crate) fn resumed(&self, given: &Self) -> Result<Self, Fault> {
        let own = Self::of(&self.matches().map_err(|error| Fault::command_line(&error))?, |_| true);
        let mut joined = self.clone();
        let mut differ = Vec::new();
        for (option, value) in &given.0 {
            if FREE.contains(&option.as_str()) {
                joined.0.retain(|(other, _)| other != option);
                joined.0.push((option.clone(), value.clone()));
                continue;
            }
            let before = own.iter().find(|(other, _)| other == option).map(|(_, value)| value);
            if before != Some(value) {
                let before =
                    before.map_or_else(|| "was not given".to_owned(), |value| format!("was {value}"));
                differ.push(format!("--{option} {value}, which {before}"));
            }
        }
        if differ.is_empty() {
            return Ok(joined);
        }
        let text = "--resume goes on with the options of the training, but there is";
        Err(Fault::input(format!("{text} {}", differ.join("; "))))
    }

    fn of(matches: &ArgMatches, wanted: impl Fn(&str) -> bool) -> Self {
        let command = command();
        let value = |argument: &clap::Arg| {
            let id = argument.get_id().as_str();
            let raw = matches.get_raw(id).filter(|_| wanted(id))?;
            let values: Vec<_> = raw.map(|value| value.to_string_lossy()).collect();
            let flag = !argument.get_action().takes_values();
            let unset = flag && !matches.get_flag(id);
            (!unset).then(|| (argument.get_long().unwrap_or(id).to_owned(), values.join(",")))
        };
        Self(command.get_arguments().filter_map(value).collect())
    }

    fn matches(&self) -> Result<ArgMatches, clap::Error> {
        let flag = |option: &str| {
            let command = command();
            let argument = command.get_arguments().find(|argument| argument.get_long() == Some(option));
            argument.is_some_and(|argument| !argument.get_action().takes_values())
        };
        let text = |(option, value): (&str, &str)| {
            if flag(option) { format!("--{option}") } else { format!("--{option}={value}") }
        };
        command().try_get_matches_from(std::iter::once("chainrule".to_owned()).chain(self.iter().map(text)))
    }
}

/// The options of `train` by themselves, so that their defaults are written in one place.
fn command() -> Command {
    TrainArgs::augment_args(Command::new("chainrule")).allow_negative_numbers(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        let words = std::iter::once("chainrule").chain(line.split_whitespace());
        Options::given(&command().try_get_matches_from(words).unwrap())
    }

    #[test]
    fn options_survive_being_stored() {
        let given = options("--rate 0.1 --label y --drop a,b --drop c --log-target --hidden 8,4");
        let stored: Vec<_> = given.iter().map(|(o, v)| (o.to_owned(), v.to_owned())).collect();
        let text: Vec<String> = stored.iter().map(|(option, value)| format!("{option} {value}")).collect();
        assert_eq!(text, ["target y", "log-target true", "drop a,b,c", "hidden 8,4", "rate 0.1"]);
        let args = Options::of_pairs(stored).args().unwrap();
        assert_eq!((args.rate, args.drop.len(), args.log_target), (Some(0.1), 3, true));
        assert_eq!((args.hidden.0, args.epochs.get()), (vec![8, 4], 40));
    }

    #[test]
    fn what_may_change_changes_and_what_may_not_is_listed() {
        let begun = options("--rate 0.1 --epochs 5 --hidden 8");
        let joined = begun.resumed(&options("--epochs 9 --threads 2 --rate 0.1 --batch 32")).unwrap();
        let args = joined.args().unwrap();
        assert_eq!((args.epochs.get(), args.rate, args.hidden.0), (9, Some(0.1), vec![8]));
        let refused = begun.resumed(&options("--rate 0.2 --batch 16 --clip-norm 1 --epochs 9"));
        let Err(Fault::Input(text)) = refused else { panic!("{refused:?}") };
        assert_eq!(
            text,
            "--resume goes on with the options of the training, but there is --rate 0.2, which was 0.1; \
             --clip-norm 1, which was not given; --batch 16, which was 32"
        );
    }
}
