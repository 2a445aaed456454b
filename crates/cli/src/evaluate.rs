//! `chainrule evaluate`: what a saved network is worth on rows whose answers are known.

use std::io::Write;

use crate::args::EvaluateArgs;
use crate::data::{Answers, Source};
use crate::fault::Fault;
use crate::model::{Model, probabilities};
use crate::report;
use crate::task::logarithm;

/// Runs the command.
pub(crate) fn run(args: &EvaluateArgs, out: &mut impl Write) -> Result<(), Fault> {
    let EvaluateArgs { model: path, rows } = args;
    rows.set_threads();
    let model = Model::load(path)?;
    let source = Source::open(&rows.data, rows.labels.as_deref())?.for_testing();
    let (form, data) = (&model.form, &rows.data);
    let head = |count: usize, out: &mut dyn Write| {
        writeln!(out, "model      {}: {}", path.display(), model.network.architecture())?;
        writeln!(out, "data       {}, {}", data.display(), form.describe())?;
        writeln!(out, "rows       {count}\n")
    };
    match &form.answers {
        Answers::Classes { names, .. } => {
            let mut rows = form.classes(source, data)?;
            form.features.apply(&mut rows)?;
            head(rows.len(), out)?;
            let probabilities = probabilities(model.outputs(&rows));
            report::classes(&probabilities.view(), rows.labels(), names, out)
        }
        Answers::Values { log, scale, .. } => {
            let mut rows = form.values(source, data)?;
            form.features.apply(&mut rows)?;
            logarithm(*log, &mut rows.targets_mut())?;
            head(rows.len(), out)?;
            let mut found = model.outputs(&rows);
            scale.invert(&mut found)?;
            report::values(&report::scores(&found, &rows.targets()), out)
        }
    }
}
