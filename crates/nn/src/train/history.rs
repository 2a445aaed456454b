//! Lines about a training for programs to read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::error::{TrainError, TrainErrorKind};
use super::observer::{Flow, Observer, Run};
use super::record::EpochRecord;
use crate::checkpoint::quote;
use crate::params::Params;

/// Writes a row after every epoch into a file: CSV with a header, or a JSON object to a line.
///
/// Its columns are `epoch`, `step`, `learning_rate`, `loss`, `validation_loss` where there are validation data, the
/// metrics by their names, `gradient_norm NAME` and `update_ratio NAME` for each layer, and `seconds`. Numbers have as
/// many digits as give them back exactly. What is no number is `NaN` or `inf` in CSV, and `null` in JSON.
///
/// A training that begins writes the file anew. One that is resumed goes on below the row of the last epoch that its
/// checkpoint knows: rows that were written after that, before the training was killed, are taken back, and written
/// again with the same numbers.
///
/// # Example
/// ```
/// use nn::prelude::*;
/// use nn::train::History;
/// # let path = std::env::temp_dir().join(format!("history-{}.csv", std::process::id()));
/// let mut params = Params::<f32>::seeded(42);
/// let model = Mlp::new(&mut params, &[64, 10], Activation::Relu);
/// let mut trainer = Trainer::classifier(&model, Sgd::new(0.5)).epochs(2).observe(History::csv(&path));
/// trainer.fit(&mut params, &Dataset::digits())?;
/// let text = std::fs::read_to_string(&path)?;
/// let header = "epoch,step,learning_rate,loss,gradient_norm layers.0,update_ratio layers.0,seconds";
/// assert_eq!(text.lines().next(), Some(header));
/// assert_eq!(text.lines().count(), 3);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    form: Form,
    columns: Vec<String>,
    file: Option<File>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
}

impl History {
    /// As CSV.
    pub fn csv(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), form: Form::Csv, columns: Vec::new(), file: None }
    }

    /// As lines of JSON, the form that is also called JSONL.
    pub fn json_lines(path: impl Into<PathBuf>) -> Self {
        Self { form: Form::Json, ..Self::csv(path) }
    }

    /// Opens the file, and takes back what is below the row of the epoch `done`.
    fn open(&self, run: &Run<'_>) -> Result<File, TrainError> {
        let fault = |error: io::Error| self.fault(error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(!run.resumed);
        let mut file = options.open(&self.path).map_err(fault)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(fault)?;
        let mut kept = 0;
        let mut rows = text.split_inclusive(|&byte| byte == b'\n').filter(|row| row.ends_with(b"\n"));
        if self.form == Form::Csv
            && let Some(header) = rows.next()
        {
            if header != self.header().as_bytes() {
                let (found, expected) = (String::from_utf8_lossy(header), self.header());
                let text =
                    format!("the columns {} are expected, found {}", expected.trim_end(), found.trim_end());
                return Err(
                    TrainError::new(TrainErrorKind::Observer, format!("history: {text}")).in_file(&self.path)
                );
            }
            kept = header.len();
        }
        kept += rows
            .take_while(|row| self.epoch_of(row).is_some_and(|epoch| epoch <= run.done))
            .map(<[u8]>::len)
            .sum::<usize>();
        file.set_len(kept as u64).map_err(fault)?;
        file.seek(SeekFrom::End(0)).map_err(fault)?;
        if kept == 0 && self.form == Form::Csv {
            file.write_all(self.header().as_bytes()).map_err(fault)?;
        }
        Ok(file)
    }

    fn header(&self) -> String {
        let cells: Vec<String> = self.columns.iter().map(|name| cell(name)).collect();
        cells.join(",") + "\n"
    }

    /// The epoch of a row that was written earlier.
    fn epoch_of(&self, row: &[u8]) -> Option<usize> {
        let text = std::str::from_utf8(row).ok()?;
        let text = if self.form == Form::Json { text.strip_prefix("{\"epoch\":")? } else { text };
        text.split([',', '}']).next()?.trim().parse().ok()
    }

    fn row(&self, record: &EpochRecord) -> String {
        let mut numbers = vec![record.epoch.to_string(), record.step.to_string()];
        let known = [Some(record.learning_rate), Some(record.loss), record.validation_loss];
        let metrics = record.metrics.iter().map(|&(_, value)| value);
        let layers = record.layers.iter().flat_map(|layer| [layer.gradient_norm, layer.update_ratio]);
        let values = known.into_iter().flatten().chain(metrics).chain(layers).chain([record.seconds]);
        numbers.extend(values.map(|value| match self.form {
            Form::Json if !value.is_finite() => "null".to_owned(),
            _ => value.to_string(),
        }));
        match self.form {
            Form::Csv => numbers.join(",") + "\n",
            Form::Json => {
                let mut row = String::new();
                for (name, number) in self.columns.iter().zip(numbers) {
                    row.push(if row.is_empty() { '{' } else { ',' });
                    quote(&mut row, name);
                    row.extend([":", &number]);
                }
                row + "}\n"
            }
        }
    }

    fn fault(&self, error: io::Error) -> TrainError {
        TrainError::caused(TrainErrorKind::Io, error).in_file(&self.path)
    }
}

/// A cell of a CSV file (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

impl Observer for History {
    fn name(&self) -> &str {
        "history"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        let layers = run.layers.iter();
        let layers =
            layers.flat_map(|name| [format!("gradient_norm {name}"), format!("update_ratio {name}")]);
        self.columns = ["epoch", "step", "learning_rate"].map(str::to_owned).to_vec();
        self.columns.extend(run.values.iter().cloned().chain(layers).chain(["seconds".to_owned()]));
        self.file = Some(self.open(run)?);
        Ok(())
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        let row = self.row(record);
        let Some(file) = &mut self.file else { return Ok(Flow::Continue) };
        // In one piece: a process that is killed leaves whole rows.
        file.write_all(row.as_bytes()).map_err(|error| self.fault(error))?;
        Ok(Flow::Continue)
    }

    fn end(&mut self, _: &mut Params<f32>) -> Result<(), TrainError> {
        self.file = None;
        Ok(())
    }
}
