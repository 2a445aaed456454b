//! A bar for those who wait, on a terminal only.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The output of a long run: lines, and below them, where the standard error is a terminal, a bar that counts steps.
/// The lines are the same with and without it.
pub(crate) struct Progress<W> {
    out: W,
    bar: ProgressBar,
}

impl<W: Write> Progress<W> {
    /// Lines go to `out`; there is no bar until it [begins](Self::begin).
    pub(crate) fn new(out: W) -> Self {
        Self { out, bar: ProgressBar::hidden() }
    }

    /// The bar is full after so many steps.
    pub(crate) fn begin(&mut self, steps: usize) {
        // This target draws nothing where there is no terminal.
        self.bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} of about {duration}");
        self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// One step is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    /// Writes a line, at once, so that one who reads from a pipe can follow.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        let Self { out, bar } = self;
        bar.suspend(|| writeln!(out, "{text}").and_then(|()| out.flush()))
    }
}

impl<W> Drop for Progress<W> {
    /// Takes the bar away; the lines stay.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
