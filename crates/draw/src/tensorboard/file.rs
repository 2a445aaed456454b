//! Event files: records with checksums, one after another.
//!
//! Source: TensorFlow, the tutorial "`TFRecord` and tf.train.Example", section "`TFRecords` format details"; the checksum is the CRC-32C of
//! RFC 3720, appendix B.4.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::messages::{What, event};
use super::wire::Message;

/// What the name of each event file begins with; the seconds since 1970 follow.
const PREFIX: &str = "events.out.tfevents.";

/// A file that events are added to.
#[derive(Debug)]
pub(super) struct EventFile {
    file: File,
}

impl EventFile {
    /// A new file beside those that are there, for the events from this step on. Whatever the others hold of it and of
    /// later steps no longer counts.
    pub(super) fn create(folder: &Path, step: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        // TensorBoard reads the files in the order of their names.
        let mut seconds = wall_time() as u64;
        if let Some(latest) = event_files(folder)?.last().and_then(|path| seconds_of(path)) {
            seconds = seconds.max(latest + 1);
        }
        let file = loop {
            let name = format!("{PREFIX}{seconds:010}.chainrule.{}", std::process::id());
            match OpenOptions::new().append(true).create_new(true).open(folder.join(name)) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => seconds += 1,
                file => break file?,
            }
        };
        let mut events = Self { file };
        events.write(0, &What::Version)?;
        events.write(step, &What::Start)?;
        Ok(events)
    }

    /// Adds values to a step.
    pub(super) fn add(&mut self, step: u64, values: &[Message]) -> io::Result<()> {
        self.write(step, &What::Values(values))
    }

    fn write(&mut self, step: u64, what: &What<'_>) -> io::Result<()> {
        // In one piece: a process that is killed leaves whole records.
        self.file.write_all(&record(event(wall_time(), step, what).as_bytes()))
    }
}

/// Length, checksum of the length, data, checksum of the data.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), data, &masked(data)].concat()
}

/// A checksum of data that hold checksums themselves is a weak one, so it is turned and shifted.
fn masked(data: &[u8]) -> [u8; 4] {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// Seconds since 1970.
pub(super) fn wall_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// The event files of a folder, in the order of their names.
pub(super) fn event_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if seconds_of(&path).is_some() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// When an event file was begun, by its name.
fn seconds_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_prefix(PREFIX)?.split('.').next()?.parse().ok()
}
