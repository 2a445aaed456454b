//! `chainrule predict`: what a saved network answers to rows, as CSV.

use std::io::Write;

use crate::args::PredictArgs;
use crate::data::{Answers, Source};
use crate::fault::Fault;
use crate::model::{Model, probabilities};

/// Runs the command.
pub(crate) fn run(args: &PredictArgs, out: &mut impl Write) -> Result<(), Fault> {
    let PredictArgs { model, rows } = args;
    rows.set_threads();
    let model = Model::load(model)?;
    let source = Source::open(&rows.data, rows.labels.as_deref())?.for_testing();
    let rows = model.form.unanswered(source, &rows.data)?;
    let mut outputs = model.outputs(&rows);
    match &model.form.answers {
        Answers::Classes { column, names } => {
            line(out, [column].into_iter().chain(names).map(|name| cell(name)))?;
            let classes = nn::metrics::argmax(outputs.view());
            for (row, class) in probabilities(outputs).rows().into_iter().zip(classes) {
                line(out, [cell(&names[class])].into_iter().chain(row.iter().map(f32::to_string)))?;
            }
        }
        Answers::Values { names, log, scale } => {
            line(out, names.iter().map(|name| cell(name)))?;
            scale.invert(&mut outputs)?;
            let answer = |x: &f32| if *log { x.exp() } else { *x };
            for row in outputs.rows() {
                line(out, row.iter().map(|x| answer(x).to_string()))?;
            }
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, cells: impl Iterator<Item = String>) -> Result<(), Fault> {
    Ok(writeln!(out, "{}", cells.collect::<Vec<_>>().join(","))?)
}

/// A text as a cell of CSV: quoted where it would be taken for something else.
///
/// Source: Y. Shafranovich, *RFC 4180*, 2005.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["plain", "a,b", "say \"no\"", " ", "two\nlines"].map(cell);
        assert_eq!(cells, ["plain", "\"a,b\"", "\"say \"\"no\"\"\"", "\" \"", "\"two\nlines\""]);
    }
}
