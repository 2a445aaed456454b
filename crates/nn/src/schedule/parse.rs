//! Schedules from text.

use std::str::FromStr;

use tape::Error;

use super::{
    Constant, Cosine, CosineRestarts, Exponential, MultiStep, OneCycle, Plateau, Polynomial, Schedule,
    StepDecay, WarmUp, factor, fault, ticks,
};

/// Reads a schedule: one of
///
/// | | |
/// |---|---|
/// | `constant:FACTOR` | [`Constant`] |
/// | `step:TICKS,GAMMA` | [`StepDecay`] |
/// | `multistep:TICK,…,GAMMA` | [`MultiStep`] |
/// | `exponential:GAMMA` | [`Exponential`] |
/// | `linear:TICKS[,FLOOR]` | [`Polynomial::linear`] |
/// | `polynomial:TICKS,POWER[,FLOOR]` | [`Polynomial`] |
/// | `cosine:TICKS[,FLOOR]` | [`Cosine`] |
/// | `restarts:TICKS[,GROWTH[,FLOOR]]` | [`CosineRestarts`] |
/// | `onecycle:TICKS` | [`OneCycle`] |
/// | `warmup:TICKS[,START]` | [`WarmUp`] |
/// | `plateau:PATIENCE,GAMMA[,FLOOR]` | [`Plateau`] |
///
/// or several of them: with `+` one [after another](super::Then), with `*` their [product](super::Product), which binds
/// tighter.
///
/// ```
/// use nn::schedule::{self, Schedule};
/// let schedule = schedule::parse("warmup:100 + cosine:1000,0.01 * plateau:5,0.5")?;
/// assert_eq!((schedule.factor(100), schedule.factor(1100)), (1.0, 0.01));
/// let error = schedule::parse("cosine:0").unwrap_err();
/// assert_eq!(error.to_string(), "schedule: \"cosine:0\": a number of ticks is from 1, not 0");
/// # Ok::<(), tape::Error>(())
/// ```
///
/// # Errors
/// The text is none of these, or one that goes on forever has another after it.
pub fn parse(text: &str) -> Result<Box<dyn Schedule>, Error> {
    let mut schedule: Option<(Box<dyn Schedule>, &str)> = None;
    for part in text.split('+') {
        let next = product(part)?;
        let joined: Box<dyn Schedule> = match schedule {
            None => next,
            Some((before, _)) if before.length().is_some() => Box::new(before.then(next)),
            Some((_, text)) => {
                let text = text.trim();
                return Err(fault(format!(
                    "{text:?} goes on forever: nothing comes after it, found {part:?}"
                )));
            }
        };
        schedule = Some((joined, part));
    }
    schedule.map(|(schedule, _)| schedule).ok_or_else(|| fault("there is nothing to read"))
}

fn product(text: &str) -> Result<Box<dyn Schedule>, Error> {
    let mut factors = text.split('*').map(single);
    let first = factors.next().expect("a split has at least one part")?;
    factors.try_fold(first, |product, factor| Ok(Box::new(product.times(factor?)) as Box<dyn Schedule>))
}

/// One kind of schedule: its name, how its settings are written, and how it is made of them.
struct Kind {
    name: &'static str,
    settings: &'static str,
    make: fn(&mut Settings<'_>) -> Result<Box<dyn Schedule>, String>,
}

const KINDS: &[Kind] = &[
    Kind { name: "constant", settings: "FACTOR", make: |s| Ok(Box::new(Constant::new(s.factor()?))) },
    Kind {
        name: "step",
        settings: "TICKS,GAMMA",
        make: |s| Ok(Box::new(StepDecay::new(s.ticks()?, s.factor()?))),
    },
    Kind {
        name: "multistep",
        settings: "TICK,…,GAMMA",
        make: |s| {
            let mut milestones = vec![s.number()?];
            while s.left() > 1 {
                milestones.push(s.number()?);
            }
            Ok(Box::new(MultiStep::new(milestones, s.factor()?)))
        },
    },
    Kind { name: "exponential", settings: "GAMMA", make: |s| Ok(Box::new(Exponential::new(s.factor()?))) },
    Kind {
        name: "linear",
        settings: "TICKS[,FLOOR]",
        make: |s| Ok(Box::new(Polynomial::linear(s.ticks()?).floor(s.factor_or(0.0)?))),
    },
    Kind {
        name: "polynomial",
        settings: "TICKS,POWER[,FLOOR]",
        make: |s| Ok(Box::new(Polynomial::new(s.ticks()?, s.factor()?).floor(s.factor_or(0.0)?))),
    },
    Kind {
        name: "cosine",
        settings: "TICKS[,FLOOR]",
        make: |s| Ok(Box::new(Cosine::new(s.ticks()?).floor(s.factor_or(0.0)?))),
    },
    Kind {
        name: "restarts",
        settings: "TICKS[,GROWTH[,FLOOR]]",
        make: |s| {
            let restarts = CosineRestarts::new(s.ticks()?);
            let growth = if s.left() > 0 { s.ticks()? } else { 1 };
            Ok(Box::new(restarts.growth(growth).floor(s.factor_or(0.0)?)))
        },
    },
    Kind { name: "onecycle", settings: "TICKS", make: |s| Ok(Box::new(OneCycle::new(s.ticks()?))) },
    Kind {
        name: "warmup",
        settings: "TICKS[,START]",
        make: |s| {
            let warm_up = WarmUp::new(s.ticks()?);
            Ok(Box::new(if s.left() > 0 { warm_up.from(s.factor()?) } else { warm_up }))
        },
    },
    Kind {
        name: "plateau",
        settings: "PATIENCE,GAMMA[,FLOOR]",
        make: |s| {
            let (patience, gamma) = (s.number()?, s.factor()?);
            if gamma >= 1.0 {
                return Err(format!("a plateau's factor is from 0 to below 1, not {gamma}"));
            }
            Ok(Box::new(Plateau::new(patience, gamma).floor(s.factor_or(0.0)?)))
        },
    },
];

fn single(text: &str) -> Result<Box<dyn Schedule>, Error> {
    let text = text.trim();
    let (name, settings) = text.split_once(':').unwrap_or((text, ""));
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name.trim()) else {
        let forms: Vec<String> =
            KINDS.iter().map(|kind| format!("{}:{}", kind.name, kind.settings)).collect();
        return Err(fault(format!("{text:?} is no schedule: there are {}", forms.join(", "))));
    };
    let settings = settings.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut settings = Settings { parts: settings, next: 0 };
    let made = (kind.make)(&mut settings);
    let made = if made.is_ok() && settings.left() > 0 { Err(TOO_MANY.to_owned()) } else { made };
    made.map_err(|why| {
        let form = if [TOO_FEW, TOO_MANY].contains(&why.as_str()) {
            format!(", it is written {name}:{}", kind.settings)
        } else {
            String::new()
        };
        fault(format!("{text:?}: {why}{form}"))
    })
}

const TOO_FEW: &str = "a setting is missing";
const TOO_MANY: &str = "there are too many settings";

/// The settings of one schedule, read one by one.
struct Settings<'a> {
    parts: Vec<&'a str>,
    next: usize,
}

impl Settings<'_> {
    fn left(&self) -> usize {
        self.parts.len() - self.next
    }

    fn number<N: FromStr>(&mut self) -> Result<N, String> {
        let part = self.parts.get(self.next).ok_or(TOO_FEW)?;
        self.next += 1;
        let kind = if "1.5".parse::<N>().is_ok() { "number" } else { "whole number from 0" };
        part.parse().map_err(|_| format!("{part:?} is no {kind}"))
    }

    fn ticks(&mut self) -> Result<u64, String> {
        ticks(self.number()?)
    }

    fn factor(&mut self) -> Result<f64, String> {
        factor(self.number()?)
    }

    fn factor_or(&mut self, usual: f64) -> Result<f64, String> {
        if self.left() > 0 { self.factor() } else { Ok(usual) }
    }
}
