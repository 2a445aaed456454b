//! Ctrl-C: the training stops after the step it is at, and a second one stops it at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nn::train::{Flow, Observer, StepRecord, TrainError};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody wants the program to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for SIGINT and SIGTERM from now on.
    pub(crate) fn watch() -> io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order makes the difference: the first signal finds the flag unset, and sets it.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(Self(asked))
    }

    /// Whether there was a signal.
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Stops a training where somebody wants the program to end.
pub(crate) struct Stopper {
    interrupt: Interrupt,
    /// The epoch and the step after which it was stopped.
    stopped: Option<(usize, u64)>,
}

impl Stopper {
    pub(crate) fn new(interrupt: Interrupt) -> Self {
        Self { interrupt, stopped: None }
    }

    /// Where it was stopped, in words.
    pub(crate) fn stopped(&self) -> Option<String> {
        self.stopped.map(|(epoch, step)| format!("epoch {epoch}, after step {step} of the training"))
    }
}

impl Observer for Stopper {
    fn name(&self) -> &'static str {
        "interrupt"
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        if !self.interrupt.asked() {
            return Ok(Flow::Continue);
        }
        self.stopped = Some((record.epoch, record.step));
        Ok(Flow::Stop("interrupted".to_owned()))
    }
}
