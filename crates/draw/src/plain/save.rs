//! Files of pictures.

use std::path::Path;

use nn::checkpoint::write_atomically;

use crate::error::{Error, ErrorKind};
use crate::graph::Graph;

/// How a form is written.
type Form = fn(&Graph) -> String;

/// The forms of picture, by the endings of their files.
const FORMS: [(&str, Form); 7] = [
    ("html", Graph::to_html),
    ("svg", Graph::to_svg),
    ("txt", Graph::to_string),
    ("dot", Graph::to_dot),
    ("gv", Graph::to_dot),
    ("mmd", Graph::to_mermaid),
    ("json", Graph::to_json),
];

impl Graph {
    /// Writes the graph to a file, in the form that its ending stands for: `.html`, `.svg`, `.txt`, `.dot` or `.gv`, `.mmd` for
    /// Mermaid, `.json`. The file is written whole or not at all.
    ///
    /// ```
    /// let tape = tape::Tape::new();
    /// let x = tape.scalar(2.0).named("x");
    /// let graph = draw::Graph::of(&tape, &x.sin().backward())?;
    /// let path = std::env::temp_dir().join(format!("graph-{}.dot", std::process::id()));
    /// graph.save(&path)?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), graph.to_dot());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), draw::Error>(())
    /// ```
    ///
    /// # Errors
    /// The ending stands for no form of picture, or the file cannot be written. The text names the file.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let form = FORMS.iter().find(|(form, _)| form.eq_ignore_ascii_case(ending));
        let Some((_, form)) = form else {
            let endings: Vec<String> = FORMS.iter().map(|(form, _)| format!(".{form}")).collect();
            let found = if ending.is_empty() { "none".to_owned() } else { format!(".{ending}") };
            let text = format!("expected one of the endings {}, found {found}", endings.join(", "));
            return Err(Error::new(ErrorKind::UnknownForm, text).in_file(path));
        };
        let text = form(self);
        let written = write_atomically(path, |out| out.write_all(text.as_bytes()));
        written.map_err(|error| Error::caused(ErrorKind::Io, error))
    }
}
