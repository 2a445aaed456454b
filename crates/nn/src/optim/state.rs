//! What optimisers keep between steps, and how it finds its way back.

use std::collections::HashSet;
use std::fmt::Write;
use std::panic::Location;

use tape::{Element, Error, ErrorKind};

use crate::layout::{ParamId, Role};
use crate::params::Params;

/// What an [`Optimizer`](super::Optimizer) keeps between steps: see [`Optimizer::state`](super::Optimizer::state).
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<T> {
    /// Which optimiser it is of: `adam`.
    pub method: String,
    /// The learning rate.
    pub learning_rate: f64,
    /// What is kept of each parameter that has had a step.
    pub slots: Vec<Slot<T>>,
}

/// What an [`Optimizer`](super::Optimizer) keeps of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot<T> {
    /// The name of the parameter.
    pub parameter: String,
    /// How many steps it has had.
    pub steps: u64,
    /// Names of arrays, such as `first_moment`, and their numbers. There may be none.
    pub arrays: Vec<(String, Vec<T>)>,
}

impl<T: Element> Slot<T> {
    /// The names of the arrays, as an error writes them.
    pub(super) fn names(&self) -> Vec<&str> {
        self.arrays.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl<T: Element> OptimizerState<T> {
    /// The parameter of each slot, if all of it fits: method, learning rate, names, lengths, and what `wrong` says of
    /// the arrays of a slot.
    #[track_caller]
    pub(super) fn fit(
        &self,
        params: &Params<T>,
        method: &str,
        wrong: impl Fn(&Slot<T>) -> Option<String>,
    ) -> Result<Vec<ParamId>, Error> {
        let (mut ids, mut seen, mut faults) = (Vec::new(), HashSet::new(), Vec::new());
        if self.method != method {
            faults.push(format!("it is of {:?}", self.method));
        }
        if !(self.learning_rate >= 0.0 && self.learning_rate.is_finite()) {
            faults.push(format!("its learning rate is {}", self.learning_rate));
        }
        for slot in &self.slots {
            let name = &slot.parameter;
            if !seen.insert(name) {
                faults.push(format!("it has two slots of {name:?}"));
            }
            let Some(id) = params.find(name) else {
                faults.push(format!("there is no parameter {name:?}"));
                continue;
            };
            if params.role(id) == Role::Buffer {
                faults.push(format!("{name:?} is a buffer"));
            }
            // Another method's arrays have other names: to say so of each slot would bury the rest.
            if self.method == method {
                faults.extend(wrong(slot).map(|fault| format!("{name:?} {fault}")));
            }
            let len = params.values(id).len();
            for (array, numbers) in slot.arrays.iter().filter(|(_, numbers)| numbers.len() != len) {
                let mut text = format!("{array:?} of {name:?} has {} numbers", numbers.len());
                let _ = write!(text, ", the parameter {len}");
                faults.push(text);
            }
            ids.push(id);
        }
        if faults.is_empty() {
            return Ok(ids);
        }
        let text = format!("the state does not fit: {}", faults.join("; "));
        Err(Error::new(ErrorKind::Value, text).operation(method.to_owned()).at(Location::caller()))
    }
}
