//! What tells whether one epoch was better than another.

use std::fmt;

use super::error::{TrainError, TrainErrorKind};
use super::observer::Run;
use super::record::EpochRecord;

/// A number of an [`EpochRecord`] that is to fall, or to rise.
///
/// ```
/// use nn::train::Watch;
/// assert_eq!(Watch::highest("accuracy").to_string(), "the highest accuracy");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    name: String,
    highest: bool,
}

impl Watch {
    /// The lower, the better: `loss`, `validation_loss`, `rmse`.
    pub fn lowest(name: impl Into<String>) -> Self {
        Self { name: name.into(), highest: false }
    }

    /// The higher, the better: `accuracy`, `r2`.
    pub fn highest(name: impl Into<String>) -> Self {
        Self { name: name.into(), highest: true }
    }

    /// The name of the number.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a number is better than the best so far by more than `by`. A NaN never is; anything else is better than
    /// nothing.
    pub(super) fn better(&self, value: f64, best: Option<f64>, by: f64) -> bool {
        let gain = |best: f64| if self.highest { value - best } else { best - value };
        !value.is_nan() && best.is_none_or(|best| gain(best) > by)
    }

    /// The number in an epoch.
    pub(super) fn value(&self, record: &EpochRecord) -> f64 {
        record.get(&self.name).unwrap_or(f64::NAN)
    }

    /// The number must be there.
    pub(super) fn check(&self, who: &str, run: &Run<'_>) -> Result<(), TrainError> {
        if run.values.contains(&self.name) {
            return Ok(());
        }
        let there = run.values.join(", ");
        let text = format!("{who}: there is no `{}` to watch, only {there}", self.name);
        let hint = if self.name == "validation_loss" { ": validation data are missing" } else { "" };
        Err(TrainError::new(TrainErrorKind::Setting, text + hint))
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {}", if self.highest { "highest" } else { "lowest" }, self.name)
    }
}
