//! `docs/OPERATIONS.md`: what the list says of its operations, and how far their results were from the true ones.
//!
//! `OPERATIONS=write cargo test --test every_operation` writes the file.

use std::fmt::Write;

use chainrule::tape::Rule;
use chainrule::tape::listing::{Drawn, Explained, Listed, Walk, explain};

use crate::case::{Case, Elementwise, Structured, Subject};
use crate::parts::opens;
use crate::precision::{double, single};
use crate::walk::{samples, structured};

/// Where the table stands.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md");

const HEAD: &str = "\
# The operations

Made from the list of operations by a test, which fails when the two differ. To write this file anew:

```text
OPERATIONS=write cargo test --test every_operation table
```

*Derivative* is what goes back to an operand; of a structured operation for an upstream gradient `g`. *Orders* is how often
an operation can be differentiated: all of them run over numbers that carry derivatives, to any order, and tests compare
the first three. *f64* and *f32* are the largest error of outputs and gradients over the samples that tests use, in units of the
type's epsilon times the largest of the numbers that a result is among or is made of, rounded up to a power of two: f64
against numbers of twice its digits, f32 against f64. These two columns are measured, and may differ by a step on another
machine; where they are exceeded by more, the test fails.
";

/// What stands above the operations that open.
const INSIDE: &str = "\
## Made of several steps

Each of these is one node, and opens into the steps of a textbook (`Node::open_on`), whose values and gradients are the same:
";

/// One operation in the table.
struct Row {
    name: String,
    formula: String,
    derivative: String,
    kinks: String,
    /// For `f64` and for `f32`.
    errors: [f64; 2],
    /// It is made of several steps.
    opens: bool,
}

/// Largest errors of a subject in `f64` and in `f32`; whether it opens.
fn measured(worst: &mut [f64; 2], subject: impl Subject + 'static, title: &str, drawn: &[Drawn]) -> bool {
    let case = Case::new(subject, title, drawn).unwrap_or_else(|text| panic!("{text}"));
    let found = [double(&case), single(&case)];
    for (worst, found) in worst.iter_mut().zip(found) {
        *worst = found.into_iter().fold(*worst, |worst, (_, error)| worst.max(error));
    }
    opens(&case)
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Walk for Rows {
    fn visit<O: Listed>(&mut self) {
        let said = O::DESCRIPTION;
        let (mut errors, mut opens) = ([0.0; 2], false);
        for (k, sample) in O::samples().into_iter().enumerate() {
            let title = format!("{}, sample {k}, {:?}", said.name, sample.operation);
            opens |= measured(&mut errors, Structured(sample.operation), &title, &sample.operands);
        }
        let [name, formula, derivative, kinks] =
            [said.name, said.formula, said.derivative, said.kinks].map(str::to_owned);
        self.0.push(Row { name, formula, derivative, kinks, errors, opens });
    }
}

fn row(rule: Rule) -> Row {
    let name = rule.name();
    let mut errors = [0.0; 2];
    for (k, operands) in samples(rule).iter().enumerate() {
        measured(&mut errors, Elementwise(rule), &format!("{name} (elementwise), sample {k}"), operands);
    }
    let Explained { formula, derivative, kinks } = explain(rule);
    Row { name: name.to_owned(), formula, derivative, kinks, errors, opens: false }
}

/// An error rounded up to a power of two; what is exact has none.
fn rounded(error: f64) -> String {
    match error {
        0.0 => "0".to_owned(),
        error if error <= 0.5 => "½".to_owned(),
        error => error.log2().ceil().exp2().to_string(),
    }
}

/// A text within a table: bars would end its cell, and links have nowhere to go.
fn cell(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("](") {
        let (opening, label) = before.rsplit_once('[').expect("a link has a label");
        plain.extend([opening, label]);
        rest = link.split_once(')').expect("a link ends").1;
    }
    plain.push_str(rest);
    plain.replace('|', "\\|")
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| operation | value | derivative | at kinks | orders | f64 | f32 |\n|---|---|---|---|---|---|---|\n",
    );
    for Row { name, formula, derivative, kinks, errors, .. } in rows {
        let [name, formula, derivative, kinks] = [name, formula, derivative, kinks].map(|text| cell(text));
        let [double, single] = errors.map(rounded);
        writeln!(text, "| `{name}` | {formula} | {derivative} | {kinks} | any | {double} | {single} |")
            .expect("a string");
    }
    text
}

/// The bounds that the document states of an operation, for `f64` and for `f32`, twice as large: by how much another machine may
/// be off.
fn stated(document: &[&str], name: &str) -> Option<[f64; 2]> {
    let row = document.iter().find(|line| line.starts_with(&format!("| `{name}` |")))?;
    let cells: Vec<_> = row.trim_end_matches(" |").rsplit(" | ").take(2).collect();
    let bound = |cell: &str| match cell {
        "0" | "½" => Some(1.0),
        cell => Some(2.0 * cell.parse::<f64>().ok()?),
    };
    Some([bound(cells[1])?, bound(cells[0])?])
}

/// The document without its two measured columns.
fn unmeasured(document: &str) -> Vec<String> {
    let strip = |line: &str| {
        let mut cells: Vec<_> = line.split(" | ").collect();
        if line.starts_with("| `") {
            cells.truncate(cells.len() - 2);
        }
        cells.join(" | ")
    };
    document.lines().map(strip).collect()
}

#[test]
fn the_document_says_what_the_list_says() {
    let mut composed = Rows::default();
    structured(&mut composed);
    let rules: Vec<_> = Rule::ALL.iter().map(|&rule| row(rule)).collect();
    for row in composed.0.iter().chain(&rules) {
        let Row { name, formula, derivative, .. } = row;
        assert!(
            !formula.is_empty() && !derivative.is_empty(),
            "{name}: formula and derivative are to be said"
        );
    }
    let inside: Vec<_> =
        composed.0.iter().filter(|row| row.opens).map(|row| format!("* `{}`\n", row.name)).collect();
    let errors: Vec<_> = [(&rules, "## Elementwise"), (&composed.0, "## Structured")]
        .into_iter()
        .flat_map(|(rows, part)| rows.iter().map(move |row| (part, row.name.clone(), row.errors)))
        .collect();
    let (rules, composed, inside) = (table(&rules), table(&composed.0), inside.concat());
    let document =
        format!("{HEAD}\n## Elementwise\n\n{rules}\n## Structured\n\n{composed}\n{INSIDE}\n{inside}");
    if std::env::var_os("OPERATIONS").is_some_and(|wish| wish == "write") {
        std::fs::write(FILE, &document).unwrap_or_else(|error| panic!("{FILE}: {error}"));
    }
    let found = std::fs::read_to_string(FILE).unwrap_or_default();
    for (part, name, errors) in errors {
        let rows: Vec<_> = found.lines().skip_while(|line| *line != part).collect();
        let bounds = stated(&rows, &name).unwrap_or_else(|| panic!("{name} has no row below {part}"));
        let within = errors.iter().zip(bounds).all(|(error, bound)| *error <= bound);
        assert!(within, "{name}: errors of {errors:?} epsilons, and at most {bounds:?} are stated");
    }
    let (found, wanted) = (unmeasured(&found), unmeasured(&document));
    for (found, wanted) in found.iter().zip(&wanted) {
        assert_eq!(found, wanted, "docs/OPERATIONS.md is out of date; its head says how to renew it");
    }
    assert_eq!(found.len(), wanted.len(), "docs/OPERATIONS.md is out of date; its head says how to renew it");
}
