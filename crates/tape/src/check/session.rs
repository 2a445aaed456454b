//! The comparison: along each direction, and down to one number where it fails.

use std::panic::Location;

use super::point::{Point, Random};
use super::quotient::Quotient;
use super::{Check, Entry, Place, Report};
use crate::error::{Error, ErrorKind};

/// A derivative that is known in two ways, along any direction.
pub(super) trait Subject {
    /// By the sweep, and the sum of the sizes of its terms.
    fn analytic(&self, direction: &[f64]) -> (f64, f64);
    /// The function whose derivative at 0 it is.
    fn value(&mut self, direction: &[f64], t: f64) -> f64;
}

enum Verdict {
    Fine(Entry),
    Kink(Entry),
    Fault(Entry, Fault),
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Dropped,
    Wrong,
    NoNumber,
    Unsettled,
}

impl Fault {
    fn explain(self, entry: &Entry) -> String {
        match self {
            Self::Dropped => {
                format!("a derivative is dropped: it is 0 where the difference quotient is not: {entry}")
            }
            Self::Wrong => format!("a derivative is wrong: {entry}"),
            Self::NoNumber => format!("a derivative is no finite number: {entry}"),
            Self::Unsettled => format!(
                "the difference quotients have no limit: {entry}: is the function continuous here? take other inputs, or a \
                 smaller step"
            ),
        }
    }
}

/// What is needed to name a number.
pub(super) struct Names {
    pub(super) operation: String,
    pub(super) inputs: Vec<Option<String>>,
}

/// A check under way.
pub(super) struct Session<'a> {
    pub(super) check: &'a Check,
    pub(super) name: &'static str,
    pub(super) here: &'static Location<'static>,
    pub(super) point: &'a Point,
    pub(super) names: Names,
}

impl Session<'_> {
    pub(super) fn error(&self, text: String) -> Error {
        Error::new(ErrorKind::Gradient, text).operation(self.name).at(self.here)
    }

    pub(super) fn place(&self, position: usize) -> Place {
        let (input, index) = self.point.place(position);
        Place::Element { input, name: self.names.inputs[input].clone(), index }
    }

    /// Along one direction.
    fn judge(&self, subject: &mut impl Subject, direction: &[f64], number: usize) -> Result<Verdict, Error> {
        let mut moving = direction.iter().enumerate().filter(|(_, d)| **d != 0.0);
        let (place, unit) = match (moving.next(), moving.next()) {
            (Some((position, &d)), None) => (self.place(position), d),
            _ => (Place::Direction(number), 1.0),
        };
        let (analytic, size) = subject.analytic(direction);
        let at = subject.value(direction, 0.0);
        let Some(quotient) = Quotient::of(|t| subject.value(direction, t), at, self.check.step) else {
            return Err(
                self.error(format!("the function has no finite values around {place}: take other inputs"))
            );
        };
        let Quotient { value: numeric, error, noise, step, .. } = quotient;
        let entry = Entry {
            operation: self.names.operation.clone(),
            place,
            analytic: analytic / unit,
            numeric: numeric / unit,
            error: error / unit.abs(),
            step: step * unit.abs(),
        };
        if quotient.is_kink() {
            return Ok(Verdict::Kink(entry));
        }
        let larger = analytic.abs().max(numeric.abs());
        let allowed = self.check.tolerance * larger + 4.0 * error + 8.0 * f64::EPSILON * size;
        let fault = if !analytic.is_finite() {
            Fault::NoNumber
        } else if error > 1e-3 * larger && error > 100.0 * noise {
            Fault::Unsettled
        } else if (analytic - numeric).abs() <= allowed {
            return Ok(Verdict::Fine(entry));
        } else if analytic == 0.0 {
            Fault::Dropped
        } else {
            Fault::Wrong
        };
        Ok(Verdict::Fault(entry, fault))
    }

    /// Narrows a fault down to one number, by halves; where it is of several together it stays with them.
    fn narrow(
        &self,
        subject: &mut impl Subject,
        direction: &[f64],
        number: usize,
        mut found: (Entry, Fault),
    ) -> Result<(Entry, Fault), Error> {
        let mut support: Vec<usize> = (0..direction.len()).filter(|&k| direction[k] != 0.0).collect();
        while support.len() > 1 {
            let rest = support.split_off(support.len() / 2);
            let mut worse = None;
            for half in [support, rest] {
                let mut part = vec![0.0; direction.len()];
                half.iter().for_each(|&k| part[k] = direction[k]);
                if let Verdict::Fault(entry, fault) = self.judge(subject, &part, number)? {
                    let off = (entry.analytic - entry.numeric).abs();
                    let is_worse = worse.as_ref().is_none_or(|&(_, _, before)| off.is_nan() || off > before);
                    if is_worse {
                        worse = Some((half, (entry, fault), off));
                    }
                }
            }
            let Some((half, fault, _)) = worse else { break };
            (support, found) = (half, fault);
        }
        Ok(found)
    }

    /// Judges one direction and writes down what came of it; the error is that of a fault, with what `blame` knows.
    pub(super) fn look(
        &self,
        report: &mut Report,
        subject: &mut impl Subject,
        direction: &[f64],
        blame: impl FnOnce() -> Option<String>,
    ) -> Result<(), Error> {
        let number = report.checked;
        match self.judge(subject, direction, number)? {
            Verdict::Fine(entry) => {
                if report.worst.as_ref().is_none_or(|worst| worst.difference() < entry.difference()) {
                    report.worst = Some(entry);
                }
            }
            Verdict::Kink(entry) => report.kinks.push(entry),
            Verdict::Fault(entry, fault) => {
                let (entry, fault) = self.narrow(subject, direction, number, (entry, fault))?;
                let blame = blame().map_or(String::new(), |blame| format!("; {blame}"));
                return Err(self.error(format!("{}{blame}", fault.explain(&entry))));
            }
        }
        report.checked += 1;
        Ok(())
    }

    /// A function gives the same finite value each time.
    pub(super) fn steady(&self, first: f64, second: f64) -> Result<(), Error> {
        if !first.is_finite() {
            return Err(
                self.error(format!("the function is {first} at the inputs: there is nothing to check"))
            );
        }
        if first != second {
            let text = format!(
                "the function is {first} and then {second} at the same inputs: it is none of them alone"
            );
            return Err(self.error(text));
        }
        Ok(())
    }

    /// Every axis, or random directions, one after another.
    pub(super) fn directions(&self) -> impl Iterator<Item = Vec<f64>> {
        let n = self.point.numbers.len();
        let random = self.check.directions_for(n);
        let mut numbers = Random(self.check.seed);
        (0..random.unwrap_or(n)).map(move |axis| match random {
            Some(_) => self.point.direction(&mut numbers),
            None => (0..n).map(|k| if k == axis { self.point.scale(k) } else { 0.0 }).collect(),
        })
    }
}
