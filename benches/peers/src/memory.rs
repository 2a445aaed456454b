//! Resident memory of this process, from the kernel's account of it.

use std::fs;

/// Bytes that are resident now, and at most since [`reset`].
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    pub now: u64,
    pub peak: u64,
}

/// `None` where the kernel keeps no such account.
pub fn resident() -> Option<Resident> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name))?;
        Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
    };
    Some(Resident { now: field("VmRSS:")?, peak: field("VmHWM:")? })
}

/// The peak begins anew at what is resident now. Where the kernel does not allow it, the peak goes on from the start of
/// the process.
pub fn reset() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
