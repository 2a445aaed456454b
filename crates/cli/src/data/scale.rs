//! How columns are scaled: fitted on the training rows, kept with the network.

use nn::data::{MinMax, Standardiser, Table, TableMut};

use crate::args::ScaleName;
use crate::fault::Fault;
use crate::notes::{Notes, Saved};

/// A scale, or none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scale {
    None,
    Standard(Standardiser),
    MinMax(MinMax),
}

impl Scale {
    /// The scale of these rows.
    pub(crate) fn fit(name: ScaleName, rows: &impl Table) -> Result<Self, Fault> {
        Ok(match name {
            ScaleName::None => Self::None,
            ScaleName::Standard => Self::Standard(Standardiser::fit(rows).map_err(Fault::input)?),
            ScaleName::Minmax => Self::MinMax(MinMax::fit(rows).map_err(Fault::input)?),
        })
    }

    /// Scales rows.
    pub(crate) fn apply(&self, rows: &mut impl TableMut) -> Result<(), Fault> {
        match self {
            Self::None => Ok(()),
            Self::Standard(scale) => scale.try_apply(rows).map_err(Fault::input),
            Self::MinMax(scale) => scale.try_apply(rows).map_err(Fault::input),
        }
    }

    /// Undoes [`apply`](Self::apply).
    pub(crate) fn invert(&self, rows: &mut impl TableMut) -> Result<(), Fault> {
        match self {
            Self::None => Ok(()),
            Self::Standard(scale) => scale.try_invert(rows).map_err(Fault::input),
            Self::MinMax(scale) => scale.try_invert(rows).map_err(Fault::input),
        }
    }

    /// Writes it down, under a name.
    pub(crate) fn store(&self, name: &str, notes: &mut Notes) {
        let (kind, parts) = match self {
            Self::None => ("none", None),
            Self::Standard(scale) => ("standard", Some([scale.means(), scale.deviations()])),
            Self::MinMax(scale) => ("minmax", Some([scale.minima(), scale.maxima()])),
        };
        notes.put(name, kind);
        for (part, numbers) in PARTS.iter().zip(parts.into_iter().flatten()) {
            notes.put_numbers(&format!("{name}.{part}"), numbers);
        }
    }

    /// Reads what was written down under a name.
    pub(crate) fn load(name: &str, saved: &Saved<'_>) -> Result<Self, Fault> {
        let part = |k: usize| saved.numbers(&format!("{name}.{}", PARTS[k]));
        let fault = |_| saved.unsuitable(name);
        match saved.get(name)? {
            "none" => Ok(Self::None),
            "standard" => Standardiser::from_parts(part(0)?, part(1)?).map(Self::Standard).map_err(fault),
            "minmax" => MinMax::from_parts(part(0)?, part(1)?).map(Self::MinMax).map_err(fault),
            _ => Err(saved.unsuitable(name)),
        }
    }
}

/// Means and deviations, or minima and maxima.
const PARTS: [&str; 2] = ["first", "second"];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use ndarray::array;
    use nn::checkpoint::Checkpoint;

    use super::*;

    #[test]
    fn a_scale_survives_being_stored() {
        let rows = array![[1.0_f32, -2.0], [3.0, 5.0], [4.5, 0.0]];
        for name in [ScaleName::None, ScaleName::Standard, ScaleName::Minmax] {
            let scale = Scale::fit(name, &rows).unwrap();
            let mut notes = Notes::default();
            scale.store("scale", &mut notes);
            let file = notes.iter().fold(Checkpoint::new(), |file, (name, text)| file.with_text(name, text));
            let again = Scale::load("scale", &Saved { path: Path::new("x"), file }).unwrap();
            assert_eq!(again, scale);
            let mut scaled = rows.clone();
            again.apply(&mut scaled).unwrap();
            assert_eq!(scaled == rows, name == ScaleName::None);
            again.invert(&mut scaled).unwrap();
            assert!((&scaled - &rows).iter().all(|difference| difference.abs() < 1e-6));
        }
    }
}
