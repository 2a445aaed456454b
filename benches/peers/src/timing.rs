//! One way of timing for all tools.

use std::time::{Duration, Instant};

/// Microseconds of one call.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub median: f64,
    pub min: f64,
    pub samples: usize,
}

/// Calls that are shorter than this are timed several at once, so that the clock's own time does not count.
const SHORTEST: f64 = 50e-6;

/// Calls `f` for about so long, after a call that does not count.
pub fn time(seconds: f64, f: &mut dyn FnMut()) -> Timing {
    f();
    let once = elapsed(1, f);
    let calls = ((SHORTEST / once).ceil() as usize).clamp(1, 10_000);
    let wanted = ((seconds / (once * calls as f64)) as usize).clamp(3, 2_000);
    let end = Instant::now() + Duration::from_secs_f64(2.0 * seconds);
    let mut samples = Vec::with_capacity(wanted);
    while samples.len() < wanted && (samples.len() < 3 || Instant::now() < end) {
        samples.push(elapsed(calls, f) * 1e6 / calls as f64);
    }
    samples.sort_by(f64::total_cmp);
    Timing { median: samples[samples.len() / 2], min: samples[0], samples: samples.len() }
}

fn elapsed(calls: usize, f: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        f();
    }
    start.elapsed().as_secs_f64()
}
