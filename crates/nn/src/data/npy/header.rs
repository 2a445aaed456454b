//! What an npy file says of its array.

use std::io::Read;

use crate::data::error::{DataError, DataErrorKind, Excerpt};
use crate::data::source::Source;

const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read; those of `NumPy` have some hundred bytes.
const LONGEST: u64 = 1 << 16;

/// Arrays begin at a multiple of this.
const ALIGNMENT: usize = 64;

pub(super) struct Header {
    /// The type without its order of bytes: `f4`.
    pub(super) kind: String,
    pub(super) big_endian: bool,
    pub(super) fortran: bool,
    pub(super) shape: Vec<usize>,
    /// Where the text begins.
    pub(super) offset: u64,
}

impl Header {
    pub(super) fn read(source: &mut Source<impl Read>) -> Result<Self, DataError> {
        let fault = |text: String, byte| DataError::new(DataErrorKind::Format, text).at_byte(byte);
        let magic = source.exactly(8, "the magic number and the version")?;
        if !magic.starts_with(MAGIC) {
            let found = String::from_utf8_lossy(&magic[..MAGIC.len()]).into_owned();
            return Err(fault(format!("`\\x93NUMPY` is expected, found `{}`", Excerpt(&found)), 0));
        }
        let long = match magic[6] {
            1 => false,
            2 | 3 => true,
            version => return Err(fault(format!("version 1, 2 or 3 is expected, found {version}"), 6)),
        };
        let len = source.exactly(if long { 4 } else { 2 }, "the length of the header")?;
        let len = len.iter().rev().fold(0, |len, &byte| len << 8 | u64::from(byte));
        if len > LONGEST {
            return Err(fault(format!("a header of at most {LONGEST} bytes is expected, found {len}"), 8));
        }
        let offset = source.offset();
        let text = source.exactly(len, "the header")?;
        let text = String::from_utf8_lossy(&text);
        Parser { all: &text, rest: &text }.header(offset).map_err(|(text, at)| fault(text, offset + at))
    }
}

/// The header of an array in row-major order, with what comes before it.
pub(super) fn written(description: &str, shape: &[usize]) -> Vec<u8> {
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    // A pair of brackets around one number is no tuple without a comma.
    let axes = axes.join(", ") + if shape.len() == 1 { "," } else { "" };
    let text = format!("{{'descr': '{description}', 'fortran_order': False, 'shape': ({axes}), }}");
    // Spaces and a line break fill it up, so that the numbers are aligned.
    let len = (10 + text.len() + 1).next_multiple_of(ALIGNMENT) - 10;
    let mut bytes = [MAGIC, &[1, 0], &(len as u16).to_le_bytes()].concat();
    bytes.extend(format!("{text:<width$}\n", width = len - 1).bytes());
    bytes
}

/// Reads the literal of a Python dictionary, as far as headers use it.
struct Parser<'a> {
    all: &'a str,
    rest: &'a str,
}

/// What is wrong, and how many bytes come before it.
type Fault = (String, u64);

impl<'a> Parser<'a> {
    fn header(mut self, offset: u64) -> Result<Header, Fault> {
        let (mut kind, mut fortran, mut shape) = (None, None, None);
        self.expect('{')?;
        while !self.take('}') {
            self.space();
            let before = self.rest;
            let key = self.string()?;
            self.expect(':')?;
            match key {
                "descr" => kind = Some(self.kind()?),
                "fortran_order" => fortran = Some(self.truth()?),
                "shape" => shape = Some(self.shape()?),
                _ => {
                    self.rest = before;
                    return Err(self.fault("the key `descr`, `fortran_order` or `shape`"));
                }
            }
            if !self.take(',') {
                self.expect('}')?;
                break;
            }
        }
        match (kind, fortran, shape) {
            (Some((kind, big_endian)), Some(fortran), Some(shape)) => {
                Ok(Header { kind, big_endian, fortran, shape, offset })
            }
            _ => {
                Err(("the keys `descr`, `fortran_order` and `shape` are expected, found fewer".to_owned(), 0))
            }
        }
    }

    /// The type, and whether its most significant byte comes first.
    fn kind(&mut self) -> Result<(String, bool), Fault> {
        if self.starts_with('[') {
            return Err(self.fault("one type for all numbers, not a structure,"));
        }
        let start = self.rest;
        let kind = self.string()?;
        if let Some((order @ ("<" | ">" | "|"), kind)) = kind.split_at_checked(1) {
            return Ok((kind.to_owned(), order == ">"));
        }
        self.rest = start;
        Err(self.fault("a type with its order of bytes, as `<f4`,"))
    }

    fn truth(&mut self) -> Result<bool, Fault> {
        self.space();
        for (word, truth) in [("True", true), ("False", false)] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                return Ok(truth);
            }
        }
        Err(self.fault("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>, Fault> {
        let mut shape = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            self.space();
            let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            let length = digits.parse().map_err(|_| self.fault("the length of an axis"))?;
            shape.push(length);
            // Python 2 wrote long numbers with an L.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(shape)
    }

    fn string(&mut self) -> Result<&'a str, Fault> {
        self.space();
        let quote = self.rest.chars().next().filter(|&c| c == '\'' || c == '"');
        let inner = quote.and_then(|quote| self.rest[1..].split_once(quote));
        let (text, rest) = inner.ok_or_else(|| self.fault("a text in quotes"))?;
        self.rest = rest;
        Ok(text)
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn starts_with(&mut self, sign: char) -> bool {
        self.space();
        self.rest.starts_with(sign)
    }

    fn take(&mut self, sign: char) -> bool {
        let there = self.starts_with(sign);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    fn expect(&mut self, sign: char) -> Result<(), Fault> {
        if self.take(sign) { Ok(()) } else { Err(self.fault(&format!("`{sign}`"))) }
    }

    fn fault(&self, wanted: &str) -> Fault {
        let found = self.rest.trim();
        let found = if found.is_empty() { "the end".to_owned() } else { format!("`{}`", Excerpt(found)) };
        let text = format!("{wanted} is expected in the header, found {found}");
        (text, (self.all.len() - self.rest.len()) as u64)
    }
}
