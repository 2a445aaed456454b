//! Work that threads share.
//!
//! Work is cut into parts that do not touch one another, and every part is done in the same way whoever does it: so the
//! numbers are the same, to the last bit, however many threads there are. The threads belong to the process; they are
//! started when first needed, wait awake for a moment after their work, and then sleep. One thread shares its work at a
//! time: others, and parts that would share theirs, do it alone.

use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread waits awake, for work or for the end of it: about what it takes to wake one that sleeps.
const AWAKE: Duration = Duration::from_micros(50);
/// Parts for each thread, so that one that is held up leaves the rest of its share to the others.
const PARTS: usize = 4;

/// How many threads were asked for; 0 for as many as the machine has.
static WANTED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread is to share nothing.
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Sets how many threads large operations may use, in the whole process; 0 is as many as the machine offers, which is
/// also the default.
///
/// Results are the same, to the last bit, whatever the number. Operations that are too small to gain from it stay on
/// the caller's thread, and so does everything while another thread is sharing its work.
///
/// # Example
/// ```
/// tape::set_threads(1);
/// assert_eq!(tape::threads(), 1);
/// tape::set_threads(0);
/// assert!(tape::threads() >= 1);
/// ```
pub fn set_threads(count: usize) {
    WANTED.store(count, Ordering::Relaxed);
}

/// Runs `work`, and everything it calls, on this thread alone: for a program that has threads of its own and gives each
/// enough to do.
///
/// # Example
/// ```
/// assert_eq!(tape::single_threaded(tape::threads), 1);
/// ```
pub fn single_threaded<V>(work: impl FnOnce() -> V) -> V {
    struct Back(bool);
    impl Drop for Back {
        fn drop(&mut self) {
            ALONE.set(self.0);
        }
    }
    let _back = Back(ALONE.replace(true));
    work()
}

/// How many threads large operations may use: what [`set_threads`] has set, or what the machine offers; 1 within
/// [`single_threaded`].
pub fn threads() -> usize {
    static OFFERED: OnceLock<usize> = OnceLock::new();
    if ALONE.get() {
        return 1;
    }
    match WANTED.load(Ordering::Relaxed) {
        0 => *OFFERED.get_or_init(|| thread::available_parallelism().map_or(1, usize::from)),
        wanted => wanted,
    }
}

/// Calls `work` with ranges that make up `0..len`, on at most `threads` threads. Ranges begin at multiples of `unit`.
pub(crate) fn ranges(threads: usize, len: usize, unit: usize, work: impl Fn(Range<usize>) + Sync) {
    if threads <= 1 || len <= unit {
        return work(0..len);
    }
    let each = len.div_ceil(unit).div_ceil(threads * PARTS) * unit;
    share(len.div_ceil(each), threads, &|part| work(part * each..len.min((part + 1) * each)));
}

/// Parts of work, and who does them.
#[derive(Clone, Copy)]
struct Job {
    work: *const (dyn Fn(usize) + Sync),
    /// The first part that nobody has begun.
    next: *const AtomicUsize,
    parts: usize,
}

// SAFETY: what the pointers lead to is shared between threads (`Sync`), and lives until the last one has left the job:
// see `share`.
unsafe impl Send for Job {}

impl Job {
    /// Does parts until none is left.
    ///
    /// # Safety
    /// The job is still posted, or was when this thread joined it and was counted.
    unsafe fn help(self) {
        // SAFETY: `share` waits for all who joined before it gives up what the pointers lead to.
        let (work, next) = unsafe { (&*self.work, &*self.next) };
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= self.parts {
                return;
            }
            work(part);
        }
    }
}

/// What the threads know of one another.
struct State {
    job: Option<Job>,
    /// How many more threads may join the job.
    seats: usize,
    /// How many threads there are, and how many of them sleep.
    threads: usize,
    asleep: usize,
    /// What went wrong in a part.
    panic: Option<Box<dyn Any + Send>>,
}

struct Pool {
    /// Held by the thread that shares its work.
    turn: Mutex<()>,
    state: Mutex<State>,
    /// How many jobs there were: threads that are awake watch it.
    posted: AtomicUsize,
    /// How many threads are at the job; changed only while `state` is held.
    busy: AtomicUsize,
    news: Condvar,
    done: Condvar,
}

static POOL: Pool = Pool {
    turn: Mutex::new(()),
    state: Mutex::new(State { job: None, seats: 0, threads: 0, asleep: 0, panic: None }),
    posted: AtomicUsize::new(0),
    busy: AtomicUsize::new(0),
    news: Condvar::new(),
    done: Condvar::new(),
};

/// Calls `work` once for each part below `parts`, on at most `threads` threads, this one among them.
fn share(parts: usize, threads: usize, work: &(dyn Fn(usize) + Sync)) {
    let _turn = match POOL.turn.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        Err(TryLockError::WouldBlock) => return (0..parts).for_each(work),
    };
    let next = AtomicUsize::new(0);
    // SAFETY: only the lifetime is dropped; nobody follows the pointer once this function has ended.
    let work = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), *const (dyn Fn(usize) + Sync)>(work) };
    let job = Job { work, next: &raw const next, parts };
    POOL.post(job, threads.min(parts) - 1);
    // SAFETY: the job is posted.
    let own = catch_unwind(AssertUnwindSafe(|| unsafe { job.help() }));
    if own.is_err() {
        next.store(parts, Ordering::Relaxed);
    }
    let theirs = POOL.withdraw();
    if let Some(panic) = own.err().or(theirs) {
        resume_unwind(panic);
    }
}

impl Pool {
    /// The state; it is whole even where a thread panicked, since no part is done while it is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&'static self, job: Job, helpers: usize) {
        let mut state = self.state();
        while state.threads < helpers {
            let helper = thread::Builder::new().name("chainrule".to_owned());
            if helper.spawn(|| self.serve()).is_err() {
                break;
            }
            state.threads += 1;
        }
        state.job = Some(job);
        state.seats = helpers;
        self.posted.fetch_add(1, Ordering::Release);
        for _ in 0..helpers.min(state.asleep) {
            self.news.notify_one();
        }
    }

    /// Lets nobody join any more, waits for those who have, and says what went wrong with them.
    fn withdraw(&self) -> Option<Box<dyn Any + Send>> {
        self.state().job = None;
        awake_while(|| self.busy.load(Ordering::Acquire) > 0);
        let mut state = self.state();
        while self.busy.load(Ordering::Acquire) > 0 {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.panic.take()
    }

    /// The life of a thread of the pool.
    fn serve(&self) {
        let mut seen = 0;
        loop {
            awake_while(|| self.posted.load(Ordering::Acquire) == seen);
            let Some(job) = self.join(&mut seen) else { continue };
            // SAFETY: this thread has joined the job, and is counted.
            let end = catch_unwind(AssertUnwindSafe(|| unsafe { job.help() }));
            let mut state = self.state();
            if let Err(panic) = end {
                // SAFETY: this thread is still counted.
                unsafe { &*job.next }.store(job.parts, Ordering::Relaxed);
                state.panic.get_or_insert(panic);
            }
            if self.busy.fetch_sub(1, Ordering::Release) == 1 {
                self.done.notify_one();
            }
        }
    }

    /// Waits for a job other than the last one seen, and takes it if it is still there and has a seat.
    fn join(&self, seen: &mut usize) -> Option<Job> {
        let mut state = self.state();
        while self.posted.load(Ordering::Acquire) == *seen {
            state.asleep += 1;
            state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
        *seen = self.posted.load(Ordering::Acquire);
        let job = state.job.filter(|_| state.seats > 0)?;
        state.seats -= 1;
        self.busy.fetch_add(1, Ordering::Relaxed);
        Some(job)
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
    fn every_part_is_done_once() {
        for (threads, len, unit) in
            [(1, 10, 1), (2, 1, 1), (2, 100, 7), (4, 1000, 32), (3, 64, 64), (9, 5, 1)]
        {
            let seen: Vec<AtomicUsize> = (0..len).map(|_| AtomicUsize::new(0)).collect();
            ranges(threads, len, unit, |range| {
                assert_eq!(range.start % unit, 0);
                range.for_each(|at| _ = seen[at].fetch_add(1, Ordering::Relaxed));
            });
            assert!(seen.iter().all(|count| count.load(Ordering::Relaxed) == 1), "{threads} {len} {unit}");
        }
    }

    #[test]
    fn many_users_and_parts_that_share() {
        let total = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        ranges(3, 20, 1, |outer| {
                            ranges(3, 10, 1, |inner| {
                                total.fetch_add(outer.len() * inner.len(), Ordering::Relaxed);
                            });
                        });
                    }
                });
            }
        });
        assert_eq!(total.into_inner(), 4 * 200 * 20 * 10);
    }

    #[test]
    fn a_panic_in_a_part_comes_back_and_leaves_the_threads_fit() {
        for bad in 0..16 {
            let work = |range: Range<usize>| assert!(!range.contains(&bad), "part {bad}");
            let panic = catch_unwind(AssertUnwindSafe(|| ranges(2, 16, 1, work))).unwrap_err();
            assert_eq!(panic.downcast_ref::<String>(), Some(&format!("part {bad}")));
        }
        let done = AtomicUsize::new(0);
        ranges(2, 16, 1, |range| _ = done.fetch_add(range.len(), Ordering::Relaxed));
        assert_eq!(done.into_inner(), 16);
    }
}
