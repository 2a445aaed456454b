//! What a saved network needs beside its weights, as texts by name.

use std::fmt::Display;
use std::path::Path;

use nn::checkpoint::Checkpoint;

use crate::fault::Fault;

/// Texts that are written with the weights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Vec<(String, String)>);

impl Notes {
    /// Adds a text.
    pub(crate) fn put(&mut self, name: impl Into<String>, text: impl Display) {
        self.0.push((name.into(), text.to_string()));
    }

    /// Adds texts of any content, in their order.
    pub(crate) fn put_list(&mut self, name: &str, texts: impl IntoIterator<Item = impl Display>) {
        let mut count = 0;
        for text in texts {
            self.put(format!("{name}.{count}"), text);
            count += 1;
        }
        self.put(name, count);
    }

    /// Adds numbers, in digits that give them back exactly.
    pub(crate) fn put_numbers(&mut self, name: &str, numbers: &[f64]) {
        let digits: Vec<String> = numbers.iter().map(f64::to_string).collect();
        self.put(name, digits.join(" "));
    }

    /// Each name and its text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// A file that was saved in a training.
pub(crate) struct Saved<'a> {
    pub(crate) path: &'a Path,
    pub(crate) file: Checkpoint,
}

impl<'a> Saved<'a> {
    /// Reads a file.
    pub(crate) fn read(path: &'a Path) -> Result<Self, Fault> {
        Ok(Self { path, file: Checkpoint::read(path).map_err(Fault::input)? })
    }

    /// A text.
    pub(crate) fn get(&self, name: &str) -> Result<&str, Fault> {
        self.file.text(name).ok_or_else(|| self.unsuitable(name))
    }

    /// A text as what it stands for.
    pub(crate) fn parse<V: std::str::FromStr>(&self, name: &str) -> Result<V, Fault> {
        self.get(name)?.parse().map_err(|_| self.unsuitable(name))
    }

    /// Texts, in their order.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Fault> {
        let count = self.parse(name)?;
        (0..count).map(|k: usize| self.get(&format!("{name}.{k}")).map(str::to_owned)).collect()
    }

    /// Numbers.
    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f64>, Fault> {
        let number = |digits: &str| digits.parse().map_err(|_| self.unsuitable(name));
        self.get(name)?.split_whitespace().map(number).collect()
    }

    /// It was not written by this program, or not by one of this version.
    pub(crate) fn unsuitable(&self, name: &str) -> Fault {
        let path = self.path.display();
        Fault::input(format!(
            "{path}: it was not saved by `chainrule train`: there is no sound `{name}` in it"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lists_and_numbers_come_back() {
        let mut notes = Notes::default();
        notes.put("task", "classes");
        notes.put_list("class", ["a", "with\nline, \"quote\"", ""]);
        notes.put_numbers("scale", &[0.1, -1e-300, f64::MAX, 3.0]);
        notes.put_numbers("none", &[]);
        let file = notes.iter().fold(Checkpoint::new(), |file, (name, text)| file.with_text(name, text));
        let saved = Saved { path: Path::new("run.safetensors"), file };
        assert_eq!(saved.get("task").unwrap(), "classes");
        assert_eq!(saved.list("class").unwrap(), ["a", "with\nline, \"quote\"", ""]);
        assert_eq!(saved.numbers("scale").unwrap(), [0.1, -1e-300, f64::MAX, 3.0]);
        assert_eq!(saved.numbers("none").unwrap(), [0.0; 0]);
        let Err(Fault::Input(text)) = saved.list("feature") else { panic!("there is none") };
        assert_eq!(
            text,
            "run.safetensors: it was not saved by `chainrule train`: there is no sound `feature` in it"
        );
    }
}
