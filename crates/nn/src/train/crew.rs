//! Threads that share the parts of a step.
//!
//! They are started once and live as long as the training. Each part is done in the same way whoever does it, and
//! answers are handed over in the order of the parts: so the numbers hang on the parts, never on the threads.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread waits awake for the next parts: somewhat longer than an optimiser's step takes.
const AWAKE: Duration = Duration::from_micros(200);

type Answer<R> = Result<R, Box<dyn Any + Send>>;

/// What the threads know of one another.
struct State<R> {
    /// How many rounds of parts there were.
    round: usize,
    /// Whether parts of this round may still be begun, and how many there are.
    parts: Option<usize>,
    /// How many threads are at it, beside the lead.
    busy: usize,
    closed: bool,
    answers: Vec<Option<Answer<R>>>,
}

struct Crew<R> {
    state: Mutex<State<R>>,
    /// Copies of `State::round` and `State::busy` for threads that wait awake.
    round: AtomicUsize,
    busy: AtomicUsize,
    /// The first part that nobody has begun.
    next: AtomicUsize,
    news: Condvar,
    done: Condvar,
}

/// The thread that leads, with the others at its call.
pub(super) struct Lead<'c, W, R> {
    crew: &'c Crew<R>,
    own: W,
    alone: bool,
}

/// Calls `lead` with so many threads at its call, this one among them. Each works with what `worker` makes it.
pub(super) fn with_crew<W: FnMut(usize) -> R, R: Send, V>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    lead: impl FnOnce(Lead<'_, W, R>) -> V,
) -> V {
    let state = State { round: 0, parts: None, busy: 0, closed: false, answers: Vec::new() };
    let (round, busy, next) = Default::default();
    let (news, done) = Default::default();
    let crew = Crew { state: Mutex::new(state), round, busy, next, news, done };
    if threads <= 1 {
        return lead(Lead { crew: &crew, own: worker(), alone: true });
    }
    thread::scope(|scope| {
        // Also where the lead panics: a scope waits for its threads.
        let _closing = Closing(&crew);
        let helpers = (1..threads).map(|k| {
            let builder = thread::Builder::new().name(format!("training {k}"));
            builder.spawn_scoped(scope, || tape::single_threaded(|| crew.serve(worker())))
        });
        // Where the system has no more threads, those that there are do all parts.
        helpers.for_each(drop);
        lead(Lead { crew: &crew, own: worker(), alone: false })
    })
}

impl<W: FnMut(usize) -> R, R: Send> Lead<'_, W, R> {
    /// Has the parts `0..parts` done, and calls `take` with the answers in their order. A panic in a part goes on here; of
    /// several, that of the first part.
    pub(super) fn share<E>(
        &mut self,
        parts: usize,
        mut take: impl FnMut(R) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.alone {
            return (0..parts).try_for_each(|part| take((self.own)(part)));
        }
        self.crew.post(parts);
        let own = &mut self.own;
        tape::single_threaded(|| self.crew.help(parts, own));
        let mut state = self.crew.withdraw();
        let mut answers = std::mem::take(&mut state.answers);
        drop(state);
        let mut result = Ok(());
        for answer in &mut answers {
            match answer.take() {
                Some(Ok(answer)) if result.is_ok() => result = take(answer),
                Some(Ok(_)) => {}
                Some(Err(panic)) => resume_unwind(panic),
                None => unreachable!("every part has been done"),
            }
        }
        self.crew.state().answers = answers; // its memory, for the next round
        result
    }
}

impl<R: Send> Crew<R> {
    /// The state; it is whole even where a thread panicked, since no part is done while it is held.
    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, parts: usize) {
        let mut state = self.state();
        state.answers.clear();
        state.answers.resize_with(parts, || None);
        state.parts = Some(parts);
        state.round += 1;
        self.next.store(0, Ordering::Relaxed);
        self.round.store(state.round, Ordering::Release);
        drop(state);
        self.news.notify_all();
    }

    /// Does parts until none is left.
    fn help(&self, parts: usize, work: &mut impl FnMut(usize) -> R) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return;
            }
            // A panic ends the training; what it has left half done is not looked at again.
            let answer = catch_unwind(AssertUnwindSafe(|| work(part)));
            self.state().answers[part] = Some(answer);
        }
    }

    /// Lets nobody join any more, and waits for those who have.
    fn withdraw(&self) -> MutexGuard<'_, State<R>> {
        self.state().parts = None;
        awake_while(|| self.busy.load(Ordering::Acquire) > 0);
        let mut state = self.state();
        while state.busy > 0 {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }

    /// The life of a thread.
    fn serve(&self, mut work: impl FnMut(usize) -> R) {
        let mut seen = 0;
        loop {
            awake_while(|| self.round.load(Ordering::Acquire) == seen);
            let mut state = self.state();
            while state.round == seen && !state.closed {
                state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.closed {
                return;
            }
            seen = state.round;
            let Some(parts) = state.parts else { continue };
            self.count(&mut state, 1);
            drop(state);
            self.help(parts, &mut work);
            let mut state = self.state();
            self.count(&mut state, -1);
            if state.busy == 0 {
                self.done.notify_one();
            }
        }
    }

    fn count(&self, state: &mut State<R>, change: isize) {
        state.busy = state.busy.wrapping_add_signed(change);
        self.busy.store(state.busy, Ordering::Release);
    }
}

/// Sends the threads home.
struct Closing<'c, R: Send>(&'c Crew<R>);

impl<R: Send> Drop for Closing<'_, R> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        self.0.round.store(usize::MAX, Ordering::Release);
        drop(state);
        self.0.news.notify_all();
    }
}

/// Waits while the condition holds, for a moment.
fn awake_while(condition: impl Fn() -> bool) {
    if !condition() {
        return;
    }
    let begin = Instant::now();
    while condition() && begin.elapsed() < AWAKE {
        // Whoever else wants the core may have it.
        thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_and_answers_come_in_order() {
        for threads in [1, 2, 3, 5] {
            let worker = || {
                let mut done = 0usize;
                move |part: usize| {
                    done += 1;
                    (part, done)
                }
            };
            let total = with_crew(threads, worker, |mut lead| {
                let mut total = 0;
                for parts in (0..300).map(|k| k % 7) {
                    let mut next = 0;
                    let Ok(()) = lead.share(parts, |(part, _)| {
                        assert_eq!(part, next);
                        next += 1;
                        Ok::<(), std::convert::Infallible>(())
                    });
                    assert_eq!(next, parts);
                    total += parts;
                }
                total
            });
            assert_eq!(total, (0..300).map(|k| k % 7).sum());
        }
    }

    #[test]
    fn the_panic_of_the_first_part_comes_back_whoever_did_it() {
        for threads in [1, 2, 4] {
            let worker = || |part: usize| assert!(part < 5, "part {part} is too much");
            let run = || with_crew(threads, worker, |mut lead| lead.share(9, |()| Ok::<(), ()>(())));
            let panic = catch_unwind(run).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>().unwrap(), "part 5 is too much");
        }
    }

    #[test]
    fn a_panic_of_the_lead_sends_the_threads_home() {
        let run = || with_crew(3, || |part: usize| part, |_| panic!("enough"));
        let panic = catch_unwind(run).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"enough"));
    }
}
