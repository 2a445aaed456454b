//! The bytes of a file, unpacked where it is packed, and no more of them than are wanted.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::{DataError, DataErrorKind};

/// To how many bytes a packed file may unpack unless told otherwise: 1 GiB.
pub(super) const LIMIT: u64 = 1 << 30;

/// How much memory is asked for on the word of a file, before that many bytes were seen.
const ON_TRUST: u64 = 1 << 16;

/// How many bytes are looked at first; the reader of CSV wants a byte-order mark in one piece.
const START: u64 = 1 << 10;

/// A reader that unpacks gzip, which it tells by the first two bytes, up to a limit.
pub(super) struct Source<R: Read> {
    form: Form<R>,
    /// Bytes handed out.
    offset: u64,
    limit: u64,
}

enum Form<R: Read> {
    Plain(Whole<R>),
    Packed(BufReader<MultiGzDecoder<Whole<R>>>),
}

/// A reader of which the first bytes were taken already.
type Whole<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

fn whole<R: Read>(start: Vec<u8>, rest: R) -> Whole<R> {
    BufReader::new(Cursor::new(start).chain(rest))
}

impl<R: Read> Source<R> {
    /// The bytes of a reader; `limit` is for packed ones, plain ones are there already.
    pub(super) fn new(mut reader: R, limit: u64) -> Result<Self, DataError> {
        let mut start = Vec::new();
        reader.by_ref().take(START).read_to_end(&mut start).map_err(DataError::io)?;
        let packed = start.starts_with(&[0x1f, 0x8b]);
        let reader = whole(start, reader);
        Ok(if packed {
            Self { form: Form::Packed(BufReader::new(MultiGzDecoder::new(reader))), offset: 0, limit }
        } else {
            Self { form: Form::Plain(reader), offset: 0, limit: u64::MAX }
        })
    }

    /// The bytes of a reader that has unpacked them.
    #[cfg(feature = "npz")]
    pub(super) fn unpacked(reader: R, limit: u64) -> Self {
        Self { form: Form::Plain(whole(Vec::new(), reader)), offset: 0, limit }
    }

    /// How many bytes were taken.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// So many bytes, or as many as there are. Memory is asked for as they come.
    pub(super) fn up_to(&mut self, wanted: u64) -> Result<Vec<u8>, DataError> {
        if wanted > self.limit {
            return Err(over(self.limit));
        }
        let mut bytes = Vec::with_capacity(wanted.min(ON_TRUST) as usize);
        self.by_ref().take(wanted).read_to_end(&mut bytes).map_err(DataError::io)?;
        Ok(bytes)
    }

    /// So many bytes, of which there must not be fewer; `what` they are is said where there are.
    pub(super) fn exactly(&mut self, wanted: u64, what: &str) -> Result<Vec<u8>, DataError> {
        let start = self.offset;
        let bytes = self.up_to(wanted)?;
        let found = bytes.len() as u64;
        if found == wanted {
            return Ok(bytes);
        }
        let text = format!("{wanted} bytes of {what} are expected, found {found}");
        Err(DataError::new(DataErrorKind::Format, text).at_byte(start))
    }

    /// Nothing may follow.
    pub(super) fn end(&mut self) -> Result<(), DataError> {
        let end = self.offset;
        if self.up_to(1)?.is_empty() {
            return Ok(());
        }
        let text = format!("the end after {end} bytes is expected, found more");
        Err(DataError::new(DataErrorKind::Format, text).at_byte(end))
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.form {
            Form::Plain(plain) => plain.read(out),
            Form::Packed(packed) => packed.read(out),
        };
        let count = read.map_err(damaged)?;
        if self.offset + count as u64 > self.limit {
            return Err(io::Error::other(over(self.limit)));
        }
        self.offset += count as u64;
        Ok(count)
    }
}

/// Opens a file, reads it, and names it in errors.
pub(super) fn read_file<V>(
    path: &Path,
    read: impl FnOnce(File) -> Result<V, DataError>,
) -> Result<V, DataError> {
    File::open(path).map_err(DataError::io).and_then(read).map_err(|e| e.in_file(path))
}

/// A fault of the packed bytes, told from one of the disk.
fn damaged(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::other(DataError::new(DataErrorKind::Format, "the packed bytes are cut short"))
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            let text = format!("the packed bytes are damaged: {error}");
            io::Error::other(DataError::new(DataErrorKind::Format, text))
        }
        _ => error,
    }
}

fn over(limit: u64) -> DataError {
    let text =
        format!("at most {limit} bytes are expected after unpacking, found more; is the limit too low?");
    DataError::new(DataErrorKind::Limit, text)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn all(bytes: &[u8], limit: u64) -> Result<Vec<u8>, DataError> {
        Source::new(bytes, limit)?.up_to(u64::from(u32::MAX)).map_err(|error| {
            assert_ne!(error.kind(), DataErrorKind::Io, "{error}");
            error
        })
    }

    #[test]
    fn packed_or_plain_it_is_the_same() {
        let text = b"one, two, three".repeat(1000);
        assert_eq!(all(&text, 3).unwrap(), text, "a plain file has no limit");
        let limit = u64::from(u32::MAX);
        assert_eq!(all(&packed(&text), limit).unwrap(), text);
        let twice = [packed(&text), packed(b", four")].concat();
        assert_eq!(all(&twice, limit).unwrap(), [&text[..], b", four"].concat());
        assert_eq!(all(b"", limit).unwrap(), b"");
    }

    #[test]
    fn damage_is_told_from_a_limit() {
        let packed = packed(&vec![7; 100_000]);
        let limit = u64::from(u32::MAX);
        assert_eq!(
            all(&packed[..packed.len() / 2], limit).unwrap_err().to_string(),
            "the packed bytes are cut short"
        );
        let mut wrong = packed.clone();
        let last = wrong.len() - 8;
        wrong[last] ^= 1;
        let text = all(&wrong, limit).unwrap_err().to_string();
        assert!(text.starts_with("the packed bytes are damaged: "), "{text}");
        let error = Source::new(&packed[..], 99_999).unwrap().up_to(99_999);
        assert_eq!(error.unwrap().len(), 99_999);
        let mut source = Source::new(&packed[..], 99_999).unwrap();
        let error = DataError::io(source.read_to_end(&mut Vec::new()).unwrap_err());
        assert_eq!(
            error.to_string(),
            "at most 99999 bytes are expected after unpacking, found more; is the limit too low?"
        );
        assert_eq!(error.kind(), DataErrorKind::Limit);
    }
}
