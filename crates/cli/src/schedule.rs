//! From the options to a schedule of the learning rate.

use nn::Trainer;
use nn::data::Targets;
use nn::schedule::{self, Cosine, OneCycle, Polynomial, Schedule, WarmUp};
use nn::train::Per;

use crate::args::TrainArgs;
use crate::fault::{Fault, without_line};

/// The training with the schedule that was asked for, if any; an epoch has so many steps.
pub(crate) fn set<'a, Y: Targets>(
    trainer: Trainer<'a, Y>,
    args: &TrainArgs,
    steps: usize,
) -> Result<Trainer<'a, Y>, Fault> {
    Ok(match build(args, steps as u64)? {
        None => trainer,
        Some(schedule) => trainer.schedule(Per::Step, schedule),
    })
}

/// The schedule, with steps for ticks.
fn build(args: &TrainArgs, steps: u64) -> Result<Option<Box<dyn Schedule>>, Fault> {
    let warm = args.warmup.map_or(0, |steps| steps.get() as u64);
    let all = steps.saturating_mul(args.epochs.get() as u64);
    let left = all.saturating_sub(warm).max(1);
    // These follow the warm-up and end with the training; the others go on below it.
    let whole: Option<Box<dyn Schedule>> = match args.schedule.as_deref().map(str::trim) {
        Some("cosine") => Some(Box::new(Cosine::new(left))),
        Some("linear") => Some(Box::new(Polynomial::linear(left))),
        Some("onecycle") => Some(Box::new(OneCycle::new(left))),
        _ => None,
    };
    Ok(match (whole, &args.schedule, warm) {
        (None, None, 0) => None,
        (None, None, warm) => Some(Box::new(WarmUp::new(warm))),
        (Some(schedule), _, 0) => Some(schedule),
        (Some(schedule), _, warm) => Some(Box::new(WarmUp::new(warm).then(schedule))),
        (None, Some(text), warm) => {
            let schedule = schedule::parse(text).map_err(|error| {
                let text = without_line(&error);
                Fault::input(format!("--schedule: {}", text.trim_start_matches("schedule: ")))
            })?;
            let schedule = Epochs { schedule, steps };
            Some(if warm == 0 { Box::new(schedule) } else { Box::new(WarmUp::new(warm).times(schedule)) })
        }
    })
}

/// A schedule with epochs for ticks, asked at each step.
#[derive(Debug)]
struct Epochs {
    schedule: Box<dyn Schedule>,
    /// Of an epoch.
    steps: u64,
}

impl Schedule for Epochs {
    fn factor(&self, tick: u64) -> f64 {
        self.schedule.factor(tick / self.steps)
    }

    fn length(&self) -> Option<u64> {
        self.schedule.length().map(|epochs| epochs.saturating_mul(self.steps))
    }

    fn observe(&mut self, tick: u64, metric: f64) {
        self.schedule.observe(tick / self.steps, metric);
    }

    fn state(&self) -> Vec<f64> {
        self.schedule.state()
    }

    fn restore(&mut self, state: &[f64]) -> Result<(), tape::Error> {
        self.schedule.restore(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    fn factors(options: &[(&str, &str)], ticks: &[u64]) -> Vec<f64> {
        let options = options.iter().map(|(option, value)| (option.to_string(), value.to_string()));
        let args = Options::of_pairs(options).args().unwrap();
        let schedule = build(&args, 10).unwrap().unwrap();
        ticks.iter().map(|&tick| (schedule.factor(tick) * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn a_name_alone_spans_the_training() {
        let options = [("schedule", "cosine"), ("epochs", "4")];
        assert_eq!(factors(&options, &[0, 20, 40]), [1.0, 0.5, 0.0]);
        let options = [("schedule", "linear"), ("epochs", "4"), ("warmup", "20")];
        assert_eq!(factors(&options, &[20, 30, 40]), [1.0, 0.5, 0.0]);
    }

    #[test]
    fn numbers_count_epochs() {
        let options = [("schedule", "step:2,0.5")];
        assert_eq!(factors(&options, &[0, 19, 20, 39, 40]), [1.0, 1.0, 0.5, 0.5, 0.25]);
        let warm = [("schedule", "step:2,0.5"), ("warmup", "5")];
        assert_eq!(factors(&warm, &[5, 19, 20]), [1.0, 1.0, 0.5]);
    }

    #[test]
    fn no_schedule_and_a_wrong_one() {
        assert!(build(&Options::default().args().unwrap(), 10).unwrap().is_none());
        let args = Options::of_pairs([("schedule".to_owned(), "cosine:0".to_owned())]).args().unwrap();
        let Err(Fault::Input(text)) = build(&args, 10) else { panic!("0 ticks") };
        assert_eq!(text, "--schedule: \"cosine:0\": a number of ticks is from 1, not 0");
    }
}
