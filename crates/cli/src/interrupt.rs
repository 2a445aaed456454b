//! Ctrl-C: the training stops after the step it is at, and a second one stops it at once.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nn::train::{Flow, Observer, StepRecord, TrainError};
use signal_hook::SigId;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// The signals that ask the program to end.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Whether somebody wants the program to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Whether the next signal ends it at once.
    armed: Arc<AtomicBool>,
    /// What a signal does besides: it arms the next one, or it is counted by an [`Attention`].
    besides: Arc<Mutex<Vec<SigId>>>,
}

impl Interrupt {
    /// Watches for SIGINT and SIGTERM from now on.
    pub(crate) fn watch() -> io::Result<Self> {
        let interrupt = Self::default();
        for signal in SIGNALS {
            // The order makes the difference: the first signal finds the flag unset, and sets it.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&interrupt.armed))?;
            flag::register(signal, Arc::clone(&interrupt.asked))?;
        }
        interrupt.also(|signal| flag::register(signal, Arc::clone(&interrupt.armed)))?;
        Ok(interrupt)
    }

    /// Whether there was a signal, or somebody [asked](Self::ask).
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Wants the program to end; whether somebody did before.
    pub(crate) fn ask(&self) -> bool {
        self.asked.swap(true, Ordering::Relaxed)
    }

    /// From now on no signal ends the program by itself: the one who attends does, with what is to be done before.
    pub(crate) fn attend(&self) -> io::Result<Attention> {
        let latest = Arc::default();
        self.armed.store(false, Ordering::Relaxed);
        self.also(|signal| flag::register_usize(signal, Arc::clone(&latest), signal as usize))?;
        Ok(Attention { interrupt: self.clone(), latest })
    }

    /// What each signal does besides, in the place of what it did.
    fn also(&self, register: impl Fn(i32) -> io::Result<SigId>) -> io::Result<()> {
        let mut besides = self.besides.lock().unwrap_or_else(PoisonError::into_inner);
        besides.drain(..).for_each(|id| {
            low_level::unregister(id);
        });
        for signal in SIGNALS {
            besides.push(register(signal)?);
        }
        Ok(())
    }
}

/// Signals for one who has to do something before the program ends at once.
#[derive(Debug)]
pub(crate) struct Attention {
    interrupt: Interrupt,
    latest: Arc<AtomicUsize>,
}

impl Attention {
    /// The number of a signal that has come since the last call.
    pub(crate) fn signal(&self) -> Option<i32> {
        Some(self.latest.swap(0, Ordering::Relaxed) as i32).filter(|&signal| signal != 0)
    }
}

impl Drop for Attention {
    /// From now on the second signal ends the program at once again.
    fn drop(&mut self) {
        let armed = &self.interrupt.armed;
        // Where this fails, signals still stop the training after its step.
        let _ = self.interrupt.also(|signal| flag::register(signal, Arc::clone(armed)));
        armed.store(self.interrupt.asked(), Ordering::Relaxed);
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
