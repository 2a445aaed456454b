//! A reader of event files that shares no line with their writer.

use std::fs;
use std::path::{Path, PathBuf};

/// What is of interest in an `Event`.
#[derive(Clone, Debug, Default)]
pub(super) struct Event {
    pub(super) wall_time: f64,
    pub(super) step: u64,
    pub(super) version: Option<String>,
    pub(super) start: bool,
    pub(super) values: Vec<Value>,
}

/// A `Summary.Value`.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) tag: String,
    pub(super) scalar: Option<f32>,
    pub(super) histogram: Option<Histogram>,
}

/// A `HistogramProto`.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) num: f64,
    pub(super) sum: f64,
    pub(super) sum_squares: f64,
    pub(super) limits: Vec<f64>,
    pub(super) buckets: Vec<f64>,
}

/// The files of a folder, in the order in which they are read.
pub(super) fn event_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().all(|file| file.file_name().unwrap().to_str().unwrap().contains("tfevents")));
    files.sort();
    files
}

/// All events of a file, whose checksums must be right.
pub(super) fn events(file: &Path) -> Vec<Event> {
    let bytes = fs::read(file).unwrap();
    let mut rest = &bytes[..];
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (length, tail) = rest.split_at(8);
        let (check, tail) = tail.split_at(4);
        assert_eq!(check, masked(length), "the checksum of a length");
        let (data, tail) = tail.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
        let (check, tail) = tail.split_at(4);
        assert_eq!(check, masked(data), "the checksum of an event");
        found.push(event(data));
        rest = tail;
    }
    found
}

fn masked(data: &[u8]) -> [u8; 4] {
    let crc = checksum(data);
    crc.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// CRC-32C, bit by bit: the polynomial 0x1EDC6F41, reflected.
fn checksum(data: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0x82f6_3b78 } else { crc >> 1 };
    !data.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), bit))
}

/// The field of a message: its number, its number if it is one, and its bytes.
type Field<'a> = (u32, u64, &'a [u8]);

fn fields(mut message: &[u8]) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let (number, bytes) = match key & 7 {
            0 => (varint(&mut message), &message[..0]),
            wire @ (1 | 5) => {
                let (bytes, rest) = message.split_at(if wire == 1 { 8 } else { 4 });
                message = rest;
                (0, bytes)
            }
            2 => {
                let length = varint(&mut message) as usize;
                let (bytes, rest) = message.split_at(length);
                message = rest;
                (0, bytes)
            }
            wire => panic!("wire type {wire}"),
        };
        found.push(((key >> 3) as u32, number, bytes));
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().expect("the number goes on");
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

fn double(bytes: &[u8]) -> f64 {
    f64::from_le_bytes(bytes.try_into().unwrap())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn event(message: &[u8]) -> Event {
    let mut event = Event::default();
    for (field, number, bytes) in fields(message) {
        match field {
            1 => event.wall_time = double(bytes),
            2 => event.step = number,
            3 => event.version = Some(text(bytes)),
            5 => event.values = fields(bytes).into_iter().map(|(_, _, bytes)| value(bytes)).collect(),
            7 => event.start = fields(bytes) == [(1, 1, &[][..])],
            _ => panic!("field {field} of an event"),
        }
    }
    event
}

fn value(message: &[u8]) -> Value {
    let mut value = Value::default();
    for (field, _, bytes) in fields(message) {
        match field {
            1 => value.tag = text(bytes),
            2 => value.scalar = Some(f32::from_le_bytes(bytes.try_into().unwrap())),
            5 => value.histogram = Some(histogram(bytes)),
            _ => {}
        }
    }
    value
}

fn histogram(message: &[u8]) -> Histogram {
    let mut histogram = Histogram::default();
    let all = |bytes: &[u8]| bytes.chunks_exact(8).map(double).collect();
    for (field, _, bytes) in fields(message) {
        match field {
            1 => histogram.min = double(bytes),
            2 => histogram.max = double(bytes),
            3 => histogram.num = double(bytes),
            4 => histogram.sum = double(bytes),
            5 => histogram.sum_squares = double(bytes),
            6 => histogram.limits = all(bytes),
            7 => histogram.buckets = all(bytes),
            _ => panic!("field {field} of a histogram"),
        }
    }
    histogram
}

/// The vectors of RFC 3720, appendix B.4.
#[test]
fn the_checksum_is_that_of_the_standard() {
    let ascending: Vec<u8> = (0..32).collect();
    let descending: Vec<u8> = (0..32).rev().collect();
    let read: Vec<u8> =
        [&[0x01, 0xc0][..], &[0; 14], &[0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18]]
            .concat()
            .into_iter()
            .chain([0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0])
            .collect();
    for (data, wanted) in [
        (&[0; 32][..], 0x8a91_36aa),
        (&[0xff; 32], 0x62a8_ab43),
        (&ascending, 0x46dd_794e),
        (&descending, 0x113f_db5c),
        (&read, 0xd996_3a56),
    ] {
        assert_eq!(checksum(data), wanted, "{data:?}");
    }
}
