//! The table of what an optimiser keeps, as a text in JSON: which arrays, of which parameters, after how many steps.

use super::error::CheckpointError;
use super::json::{Reader, list, quote};

/// What the names of its arrays begin with.
pub(super) const OPTIMIZER: &str = "optimizer.";

/// What an optimiser keeps, but for the numbers.
pub(super) struct Table {
    pub(super) method: String,
    pub(super) slots: Vec<Kept>,
}

pub(super) struct Kept {
    pub(super) parameter: String,
    pub(super) steps: u64,
    pub(super) arrays: Vec<String>,
}

impl Table {
    pub(super) fn to_json(&self) -> String {
        let mut json = String::from("{\"method\":");
        quote(&mut json, &self.method);
        json.push_str(",\"slots\":[");
        for (k, Kept { parameter, steps, arrays }) in self.slots.iter().enumerate() {
            json.push_str(if k == 0 { "{\"parameter\":" } else { ",{\"parameter\":" });
            quote(&mut json, parameter);
            let arrays = list(arrays.iter().map(String::as_str));
            json.extend([",\"steps\":", &steps.to_string(), ",\"arrays\":", &arrays, "}"]);
        }
        json + "]}"
    }

    pub(super) fn of_json(json: &str) -> Result<Self, CheckpointError> {
        let unknown =
            |key| CheckpointError::format(format!("the state of the optimiser has an unknown entry {key:?}"));
        let (mut method, mut slots) = (String::new(), Vec::new());
        let mut reader = Reader::new(json);
        reader.object(|reader, key| {
            match &key[..] {
                "method" => method = reader.string()?,
                "slots" => {
                    slots = reader.list(|reader| {
                        let mut kept = Kept { parameter: String::new(), steps: 0, arrays: Vec::new() };
                        reader.object(|reader, key| {
                            match &key[..] {
                                "parameter" => kept.parameter = reader.string()?,
                                "steps" => kept.steps = reader.number()?,
                                "arrays" => kept.arrays = reader.list(Reader::string)?,
                                _ => return Err(unknown(key)),
                            }
                            Ok(())
                        })?;
                        Ok(kept)
                    })?;
                }
                _ => return Err(unknown(key)),
            }
            Ok(())
        })?;
        reader.end()?;
        Ok(Self { method, slots })
    }
}

/// The name of an array that an optimiser keeps of a parameter.
pub(super) fn moment(array: &str, parameter: &str) -> String {
    format!("{OPTIMIZER}{array}.{parameter}")
}
