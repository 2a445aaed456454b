//! The format safetensors: eight bytes with the length of a header, the header in JSON, the numbers.
//!
//! Source: <https://github.com/huggingface/safetensors#format>. Files are written as that project's own writer does
//! it: tensors by type, the widest first, then by name, the header filled up with spaces to a multiple of eight bytes.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::Path;

use super::error::{CheckpointError, CheckpointErrorKind};
use super::json::{Reader, quote};
use super::stored::Dtype;

/// The name under which the header has its texts.
const METADATA: &str = "__metadata__";

/// Texts that a file carries beside its tensors.
pub(super) type Metadata = BTreeMap<String, String>;

/// A tensor that is to be written. Its bytes are made when it is its turn.
pub(super) struct Outgoing<'a> {
    pub(super) name: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Box<dyn Fn() -> Cow<'a, [u8]> + 'a>,
}

/// A tensor of a file that was read.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) dtype: Dtype,
    pub(super) shape: &'a [usize],
    pub(super) bytes: &'a [u8],
}

/// Name, type and shape of a tensor in a file: see [`contents`](super::contents).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// The name.
    pub name: String,
    /// The type of its numbers.
    pub dtype: Dtype,
    /// The shape.
    pub shape: Vec<usize>,
    range: Range<usize>,
}

/// What the header of a file says.
pub(super) struct Header {
    /// In the order of their bytes.
    pub(super) tensors: Vec<TensorInfo>,
    pub(super) metadata: Metadata,
    /// Where the bytes of the tensors begin.
    start: usize,
}

impl Header {
    /// The tensors, by name.
    pub(super) fn views<'a>(&'a self, file: &'a [u8]) -> BTreeMap<&'a str, View<'a>> {
        let view = |info: &'a TensorInfo| {
            let bytes = &file[self.start..][info.range.clone()];
            (info.name.as_str(), View { dtype: info.dtype, shape: &info.shape, bytes })
        };
        self.tensors.iter().map(view).collect()
    }
}

/// Writes header and tensors.
pub(super) fn write<'a>(
    mut tensors: Vec<Outgoing<'a>>,
    metadata: &Metadata,
) -> Result<impl FnOnce(&mut dyn Write) -> io::Result<()> + use<'a>, CheckpointError> {
    tensors.sort_by(|a, b| (Reverse(a.dtype), &a.name).cmp(&(Reverse(b.dtype), &b.name)));
    let mut names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    names.sort_unstable();
    if names.binary_search(&METADATA).is_ok() {
        let detail = format!("the format keeps the name {METADATA:?} for itself");
        return Err(CheckpointError::new(CheckpointErrorKind::Duplicate, detail));
    }
    if let Some(twice) = names.windows(2).find_map(|pair| (pair[0] == pair[1]).then_some(pair[0])) {
        let detail = format!("two tensors would have the name {twice:?} in the file");
        return Err(CheckpointError::new(CheckpointErrorKind::Duplicate, detail));
    }
    let header = header(&tensors, metadata);
    Ok(move |out: &mut dyn Write| {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        tensors.iter().try_for_each(|tensor| out.write_all(&(tensor.bytes)()))
    })
}

/// What would be written to a file.
pub(super) fn in_memory(contents: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    contents(&mut bytes).expect("memory takes every byte");
    bytes
}

fn header(tensors: &[Outgoing<'_>], metadata: &Metadata) -> String {
    let mut json = String::from("{");
    if !metadata.is_empty() {
        quote(&mut json, METADATA);
        json.push_str(":{");
        for (k, (key, text)) in metadata.iter().enumerate() {
            json.push_str(if k == 0 { "" } else { "," });
            quote(&mut json, key);
            json.push(':');
            quote(&mut json, text);
        }
        json.push('}');
    }
    let mut start = 0;
    for Outgoing { name, dtype, shape, .. } in tensors {
        let end = start + shape.iter().product::<usize>() * dtype.size();
        json.push_str(if json.len() == 1 { "" } else { "," });
        quote(&mut json, name);
        let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
        let shape = shape.join(",");
        let info = format!(":{{\"dtype\":\"{dtype}\",\"shape\":[{shape}],\"data_offsets\":[{start},{end}]}}");
        json.push_str(&info);
        start = end;
    }
    json.push('}');
    let padding = json.len().next_multiple_of(8) - json.len();
    json.extend(std::iter::repeat_n(' ', padding));
    json
}

/// All bytes of a file. No more is read than the file is long when it is opened, so that a device without an end is
/// no danger.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let bytes = || {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(len).unwrap_or(usize::MAX))?;
        file.take(len).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    bytes().map_err(|error: io::Error| CheckpointError::io(error).in_file(path))
}

/// The header alone: nothing of the numbers is read.
pub(super) fn read_header(path: &Path) -> Result<Header, CheckpointError> {
    let header = || {
        let mut file = File::open(path).map_err(CheckpointError::io)?;
        let file_len = file.metadata().map_err(CheckpointError::io)?.len();
        let mut first = Vec::new();
        (&mut file).take(8).read_to_end(&mut first).map_err(CheckpointError::io)?;
        let len = header_len(&first, file_len)?;
        let mut rest = Vec::new();
        file.take(len as u64).read_to_end(&mut rest).map_err(CheckpointError::io)?;
        parse_header(&rest, file_len - 8 - len as u64)
    };
    header().map_err(|error: CheckpointError| error.in_file(path))
}

/// Checks all that the header says, against itself and against the length of the file.
pub(super) fn parse(file: &[u8]) -> Result<Header, CheckpointError> {
    let len = header_len(file, file.len() as u64)?;
    parse_header(&file[8..8 + len], (file.len() - 8 - len) as u64)
}

/// The length of the header, which is within the file.
fn header_len(first: &[u8], file_len: u64) -> Result<usize, CheckpointError> {
    /// That of the format's own reader.
    const LONGEST: u64 = 100_000_000;
    let Some(bytes) = first.first_chunk() else {
        let detail = format!("a safetensors file is expected, which has 8 bytes at least; found {file_len}");
        return Err(CheckpointError::format(detail));
    };
    let len = u64::from_le_bytes(*bytes);
    if len > LONGEST || len > file_len - 8 {
        return Err(CheckpointError::format(match foreign(first) {
            Some(what) => what.into(),
            None => format!(
                "a safetensors file is expected, whose first 8 bytes are the length of its header; they say {len} \
                 in a file of {file_len} bytes"
            ),
        }));
    }
    Ok(len as usize)
}

/// What a file is that begins as no safetensors file does.
fn foreign(first: &[u8]) -> Option<&'static str> {
    const TORCH: &str = "a file of torch.save, which is a program for Python's pickle and is not run here. \
        Convert it, in Python: from safetensors.torch import save_file; \
        save_file(torch.load(\"model.pt\", weights_only=True), \"model.safetensors\")";
    match first {
        [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, ..] => Some(TORCH),
        [0x89, b'H', b'D', b'F', ..] => {
            Some("an HDF5 file, as Keras writes it; a safetensors file is expected")
        }
        _ => None,
    }
}

fn parse_header(header: &[u8], data_len: u64) -> Result<Header, CheckpointError> {
    let text = std::str::from_utf8(header).map_err(|error| {
        CheckpointError::format(format!("header, byte {}: UTF-8 is expected", error.valid_up_to()))
    })?;
    let (mut tensors, mut metadata) = (Vec::new(), Metadata::new());
    let mut reader = Reader::new(text);
    if !text.starts_with('{') {
        return Err(reader.expected("'{'"));
    }
    reader.object(|reader, name| {
        if name == METADATA {
            return reader.object(|reader, key| {
                metadata.insert(key, reader.string()?);
                Ok(())
            });
        }
        tensors.push(tensor(reader, name)?);
        Ok(())
    })?;
    reader.end()?;
    tensors.sort_by_key(|info| (info.range.start, info.range.end));
    let mut at = 0;
    for TensorInfo { name, range, .. } in &tensors {
        if range.start != at {
            let what = if range.start < at { "overlap with those before" } else { "leave a hole" };
            let detail =
                format!("the bytes of {name:?} begin at {} and {what}, which end at {at}", range.start);
            return Err(CheckpointError::format(detail));
        }
        at = range.end;
    }
    if at as u64 != data_len {
        let detail = format!("the tensors have {at} bytes, after the header there are {data_len}");
        return Err(CheckpointError::format(detail));
    }
    Ok(Header { tensors, metadata, start: 8 + header.len() })
}

/// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`
fn tensor(reader: &mut Reader<'_>, name: String) -> Result<TensorInfo, CheckpointError> {
    let (mut dtype, mut shape, mut offsets) = (None, None, None);
    let number = |reader: &mut Reader<'_>| Ok(usize::try_from(reader.number()?).unwrap_or(usize::MAX));
    reader.object(|reader, key| {
        match &key[..] {
            "dtype" => {
                let found = reader.string()?;
                let unknown = || CheckpointError::format(format!("{name:?} has an unknown dtype {found:?}"));
                dtype = Some(Dtype::named(&found).ok_or_else(unknown)?);
            }
            "shape" => shape = Some(reader.list(number)?),
            "data_offsets" => offsets = Some(reader.list(number)?),
            _ => return Err(CheckpointError::format(format!("{name:?} has an unknown entry {key:?}"))),
        }
        Ok(())
    })?;
    let (Some(dtype), Some(shape), Some(offsets)) = (dtype, shape, offsets) else {
        let detail = format!("{name:?}: dtype, shape and data_offsets are expected, one is missing");
        return Err(CheckpointError::format(detail));
    };
    let &[start, end] = &offsets[..] else {
        let detail = format!("{name:?}: data_offsets are two numbers, found {}", offsets.len());
        return Err(CheckpointError::format(detail));
    };
    let bytes = shape.iter().try_fold(dtype.size(), |bytes, &n| bytes.checked_mul(n));
    if end < start || Some(end - start) != bytes {
        let detail = format!("{name:?}: {dtype} {shape:?} does not fit into the bytes from {start} to {end}");
        return Err(CheckpointError::format(detail));
    }
    Ok(TensorInfo { name, dtype, shape, range: start..end })
}
