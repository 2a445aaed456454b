//! The live view of a training on a terminal: curves, gradients, time; and keys to pause it and to stop it.

mod curve;
mod known;
mod parts;
mod screen;
mod view;

use std::collections::VecDeque;
use std::env;
use std::io::{self, IsTerminal};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nn::Params;
use nn::train::{EpochRecord, Flow, Observer, Run, StepRecord, TrainError, TrainErrorKind};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use self::known::Known;
pub(crate) use self::known::Subject;
use self::screen::Screen;
use self::view::View;
use crate::interrupt::{Attention, Interrupt};

/// How long a picture stays, at least.
const FRAME: Duration = Duration::from_millis(100);
/// How long it takes to take note of a signal, or of the end.
const GLANCE: Duration = Duration::from_millis(20);

/// Whether there is a terminal on which a view can be shown, and on which nothing else is.
pub(crate) fn is_possible() -> bool {
    let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let terminals = io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
    terminals && !dumb && !set("CI")
}

fn set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Shows a training while it runs, and lets it rest. The screen is as before when it is dropped.
pub(crate) struct Live {
    subject: Arc<Subject>,
    interrupt: Interrupt,
    desk: Option<Arc<Desk>>,
    thread: Option<JoinHandle<()>>,
}

/// Where the one who trains leaves what is known, and the one who shows it takes it.
#[derive(Debug)]
struct Desk {
    known: Mutex<Known>,
    /// A rest is over.
    woken: Condvar,
}

impl Desk {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    /// The view begins with the training.
    pub(crate) fn new(subject: Subject, interrupt: Interrupt) -> Self {
        Self { subject: Arc::new(subject), interrupt, desk: None, thread: None }
    }
}

impl Observer for Live {
    fn name(&self) -> &'static str {
        "live"
    }

    fn begin(&mut self, run: &Run<'_>) -> Result<(), TrainError> {
        let fault = |error: io::Error| {
            TrainError::new(TrainErrorKind::Io, format!("the terminal: {error}: --plain does without it"))
        };
        let known = Known::new(run, Instant::now());
        let desk = Arc::new(Desk { known: Mutex::new(known), woken: Condvar::new() });
        let attention = self.interrupt.attend().map_err(fault)?;
        let screen = Screen::enter().map_err(fault)?;
        let shown = Shown {
            desk: Arc::clone(&desk),
            subject: Arc::clone(&self.subject),
            interrupt: self.interrupt.clone(),
            attention,
            screen,
            view: View { plain: set("NO_COLOR"), ..View::default() },
            pace: Pace::default(),
        };
        let thread = thread::Builder::new().name("live view".to_owned()).spawn(|| shown.run());
        self.thread = Some(thread.map_err(fault)?);
        self.desk = Some(desk);
        Ok(())
    }

    fn step(&mut self, record: &StepRecord) -> Result<Flow, TrainError> {
        let Some(desk) = &self.desk else { return Ok(Flow::Continue) };
        let mut known = desk.known();
        known.step(record);
        if known.pause && !self.interrupt.asked() {
            known.rests = true;
            known.clock.stop(Instant::now());
            while known.pause && !self.interrupt.asked() {
                // Nobody tells of a signal, so it has to be looked for.
                known = desk.woken.wait_timeout(known, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
            }
            known.rests = false;
            known.clock.go_on(Instant::now());
        }
        Ok(Flow::Continue)
    }

    fn epoch(&mut self, record: &EpochRecord, _: &Params<f32>) -> Result<Flow, TrainError> {
        if let Some(desk) = &self.desk {
            desk.known().epoch(record, self.subject.metric);
        }
        Ok(Flow::Continue)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // The screen is given up first, so that the thread ends at its next picture.
        screen::leave();
        if let Some(thread) = self.thread.take() {
            // A panic there has said what it has to say.
            let _ = thread.join();
        }
    }
}

/// The one who shows what is known, and reads the keys.
struct Shown {
    desk: Arc<Desk>,
    subject: Arc<Subject>,
    interrupt: Interrupt,
    attention: Attention,
    screen: Screen,
    view: View,
    pace: Pace,
}

impl Shown {
    fn run(mut self) {
        while self.show().is_ok_and(|shown| shown) && self.wait() {}
    }

    /// Draws a picture; `false` when the screen is no longer there.
    fn show(&mut self) -> io::Result<bool> {
        let known = self.desk.known().clone();
        let now = Instant::now();
        self.view.elapsed = known.clock.elapsed(now);
        self.view.left = known.left(now);
        let steps = self.pace.of(self.view.elapsed, known.step);
        self.view.rows = steps.map(|steps| steps * self.subject.rows as f64 / known.steps_per_epoch as f64);
        self.view.stops = self.interrupt.asked();
        let (view, subject) = (&mut self.view, &self.subject);
        self.screen.draw(|frame| view.render(frame.area(), frame.buffer_mut(), subject, &known))
    }

    /// Does what keys and signals ask for, until it is time for another picture; `false` when the screen is given up.
    fn wait(&mut self) -> bool {
        let begin = Instant::now();
        while let Some(rest) = FRAME.checked_sub(begin.elapsed()) {
            let rest = rest.min(GLANCE);
            match event::poll(rest) {
                Ok(true) => match event::read() {
                    Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => self.key(key),
                    Ok(_) => {}
                    Err(_) => thread::park_timeout(rest),
                },
                Ok(false) => {}
                // Without keys the view goes on, and signals still come.
                Err(_) => thread::park_timeout(rest),
            }
            if let Some(signal) = self.attention.signal() {
                self.stop(128 + signal, self.view.stops);
            }
            if !screen::is_on() {
                return false;
            }
        }
        true
    }

    fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => self.ask(),
            KeyCode::Char('z') if control => self.suspend(),
            KeyCode::Char('q') => self.ask(),
            KeyCode::Char('p' | ' ') => {
                let mut known = self.desk.known();
                known.pause = !known.pause;
                self.desk.woken.notify_all();
            }
            KeyCode::Char('?' | 'h') => self.view.help = !self.view.help,
            KeyCode::Esc => self.view.help = false,
            KeyCode::Down => self.view.scroll = self.view.scroll.saturating_add(1),
            KeyCode::Up => self.view.scroll = self.view.scroll.saturating_sub(1),
            _ => {}
        }
    }

    /// By key: what Ctrl-C does where there is no view.
    fn ask(&mut self) {
        let before = self.interrupt.ask();
        self.stop(130, before);
    }

    /// Ends the program at once, where somebody has asked before; else the training stops after its step.
    fn stop(&mut self, status: i32, before: bool) {
        if before {
            screen::leave();
            std::process::exit(status);
        }
        self.view.stops = true;
        self.desk.woken.notify_all();
    }

    /// Ctrl-Z: the program sleeps until the shell wakes it.
    fn suspend(&mut self) {
        #[cfg(unix)]
        {
            screen::leave();
            let begin = Instant::now();
            self.desk.known().clock.stop(begin);
            let _ = signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP);
            let mut known = self.desk.known();
            if !known.rests {
                known.clock.go_on(Instant::now());
            }
            drop(known);
            if let Ok(screen) = Screen::enter() {
                self.screen = screen;
            }
        }
    }
}

/// How many steps a second are taken, over the last seconds.
#[derive(Debug, Default)]
struct Pace(VecDeque<(Duration, u64)>);

impl Pace {
    fn of(&mut self, elapsed: Duration, step: u64) -> Option<f64> {
        const PICTURES: usize = 50;
        if self.0.back().is_none_or(|&(last, _)| elapsed > last) {
            self.0.push_back((elapsed, step));
        }
        if self.0.len() > PICTURES {
            self.0.pop_front();
        }
        let (&(begin, first), &(end, last)) = (self.0.front()?, self.0.back()?);
        let seconds = end.saturating_sub(begin).as_secs_f64();
        (seconds > 0.0).then(|| (last - first) as f64 / seconds)
    }
}
