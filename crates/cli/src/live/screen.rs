//! The terminal while a view is shown on it, and as it was before.

use std::io::{self, BufWriter, Stderr};
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, TryLockError};
use std::thread;
use std::time::Duration;

use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend};

/// Whether a view is on the screen. Whoever draws holds it, so that nothing is drawn after the view was taken away.
static ON: Mutex<bool> = Mutex::new(false);

/// A screen of its own, which the view is drawn on. It is the standard error output: the standard output, which
/// belongs to the training's figures, is locked by another thread.
pub(super) struct Screen(Terminal<CrosstermBackend<BufWriter<Stderr>>>);

impl Screen {
    /// Takes the terminal. Whatever happens, a panic too, it is given back by [`leave`].
    pub(super) fn enter() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let usual = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                // What is said on the other screen is not read by anybody.
                leave();
                usual(panic);
            }));
        });
        let mut on = locked();
        enable_raw_mode()?;
        if let Some(on) = &mut on {
            **on = true;
        }
        execute!(io::stderr(), EnterAlternateScreen, Hide)?;
        Ok(Self(Terminal::new(CrosstermBackend::new(BufWriter::new(io::stderr())))?))
    }

    /// Draws a picture; `false` where the terminal was given back.
    pub(super) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<bool> {
        let on = locked();
        if !on.as_deref().copied().unwrap_or_default() {
            return Ok(false);
        }
        self.0.draw(picture)?;
        Ok(true)
    }
}

/// Whether a view is on the screen.
pub(super) fn is_on() -> bool {
    locked().as_deref().copied().unwrap_or_default()
}

/// Gives the terminal back as it was before; nothing where no view is on it.
pub(super) fn leave() {
    let mut on = locked();
    if let Some(on) = &mut on
        && !std::mem::take(&mut **on)
    {
        return;
    }
    // There is no one left to tell of a fault.
    let _ = disable_raw_mode();
    let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
}

/// The lock; none where the one who holds it does not come back, as in a panic while a picture is drawn.
fn locked() -> Option<MutexGuard<'static, bool>> {
    const PATIENCE: u32 = 100;
    for _ in 0..PATIENCE {
        match ON.try_lock() {
            Ok(on) => return Some(on),
            Err(TryLockError::Poisoned(on)) => return Some(on.into_inner()),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    #[ignore = "it panics, for the test below"]
    fn a_panic() {
        let _screen = Screen::enter().unwrap();
        panic!("nothing more to show");
    }

    /// On a terminal that `script` makes, the test above runs: its words are read where the screen was left.
    #[test]
    fn a_panic_gives_the_terminal_back() {
        let tests = std::env::current_exe().unwrap();
        let line = format!(
            "stty -g; '{}' --ignored --exact live::screen::tests::a_panic --nocapture; stty -g",
            tests.display()
        );
        let mut command = Command::new("script");
        command.args(["--quiet", "--flush", "--command", &line, "/dev/null"]).env("SHELL", "/bin/sh");
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let place = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("no {wanted:?} in {text:?}"));
        assert!(place("\x1b[?1049h") < place("\x1b[?1049l"));
        assert!(place("\x1b[?1049l") < place("nothing more to show"), "{text:?}");
        let (first, last) = (text.lines().next(), text.lines().last());
        assert_eq!(first, last, "the settings of the terminal");
    }
}
