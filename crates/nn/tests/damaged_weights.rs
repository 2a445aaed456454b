//! Files of weights that are damaged, made to do harm, or from elsewhere: an error that says what is wrong, never a
//! panic, and never more memory than the file has.

mod memory;

use nn::checkpoint::{Checkpoint, CheckpointErrorKind, Format, Position, Stored};
use nn::{Generator, Init, OptimizerState, Params, Slot};
use proptest::prelude::*;
use safetensors::SafeTensors;

/// Header and data as a file.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// What is said of a file that ought to hold `w`, an `F32` of `[2]`.
fn refusal(bytes: &[u8]) -> String {
    let mut params = Params::<f32>::seeded(42);
    let w = params.insert("w", ([2], vec![1.0, 2.0]));
    let error = params.load_bytes(bytes).unwrap_err();
    assert_eq!(error.kind(), CheckpointErrorKind::Format, "{error}");
    assert_eq!(params.values(w), [1.0, 2.0]);
    error.to_string()
}

const W: &str = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

#[test]
fn a_whole_file_is_read() {
    let mut params = Params::<f32>::seeded(42);
    let w = params.insert("w", ([2], vec![0.0, 0.0]));
    params.load_bytes(&file(W, &[0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])).unwrap();
    assert_eq!(params.values(w), [1.0, 2.0]);
}

#[test]
fn lengths() {
    let says = |first: [u8; 8]| refusal(&[&first[..], b"{}"].concat());
    assert_eq!(
        says([0xff; 8]),
        "a safetensors file is expected, whose first 8 bytes are the length of its header; they say \
         18446744073709551615 in a file of 10 bytes"
    );
    assert!(says((3u64).to_le_bytes()).contains("they say 3 in a file of 10 bytes"));
    assert!(says((100_000_001u64).to_le_bytes()).contains("they say 100000001"));
    assert_eq!(refusal(b""), "a safetensors file is expected, which has 8 bytes at least; found 0");
    assert_eq!(refusal(b"1234567"), "a safetensors file is expected, which has 8 bytes at least; found 7");
    assert_eq!(refusal(&[0; 8]), "header, byte 0: '{' is expected, found its end");
    assert_eq!(refusal(&file(W, &[0; 7])), "the tensors have 8 bytes, after the header there are 7");
    assert_eq!(refusal(&file(W, &[0; 9])), "the tensors have 8 bytes, after the header there are 9");
}

#[test]
fn offsets() {
    let w = |offsets: &str| format!(r#""dtype":"F32","shape":[2],"data_offsets":{offsets}}}"#);
    let one = |offsets: &str| refusal(&file(&format!(r#"{{"w":{{{}}}"#, w(offsets)), &[0; 8]));
    assert_eq!(one("[8,0]"), "\"w\": F32 [2] does not fit into the bytes from 8 to 0");
    assert_eq!(one("[0,4]"), "\"w\": F32 [2] does not fit into the bytes from 0 to 4");
    assert_eq!(one("[4,12]"), "the bytes of \"w\" begin at 4 and leave a hole, which end at 0");
    assert_eq!(one("[0,8,16]"), "\"w\": data_offsets are two numbers, found 3");
    assert!(one("[0,18446744073709551616]").ends_with("2^64 - 1 is expected, found '1'"));
    assert!(one("[-8,0]").ends_with("is expected, found '-'"));
    let two = |a: &str, b: &str| refusal(&file(&format!(r#"{{"v":{{{},"w":{{{}}}"#, w(a), w(b)), &[0; 16]));
    assert_eq!(
        two("[0,8]", "[0,8]"),
        "the bytes of \"w\" begin at 0 and overlap with those before, which end at 8"
    );
    assert_eq!(
        two("[0,8]", "[4,12]"),
        "the bytes of \"w\" begin at 4 and overlap with those before, which end at 8"
    );
    assert_eq!(two("[0,8]", "[12,20]"), "the bytes of \"w\" begin at 12 and leave a hole, which end at 8");
}

/// Sizes whose product or sum is beyond 64 bits, and sizes that are there in words only.
#[test]
fn shapes_that_overflow() {
    let one = |shape: &str, end: &str| {
        let header = format!(r#"{{"w":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{end}]}}}}"#);
        refusal(&file(&header, &[0; 8]))
    };
    assert_eq!(
        one("[4294967296,4294967298]", "8"),
        "\"w\": F32 [4294967296, 4294967298] does not fit into the bytes from 0 to 8"
    );
    assert!(
        one("[2305843009213693952]", "9223372036854775808").contains("the tensors have 9223372036854775808")
    );
    // Eight of 2^61 bytes, one of which lacks a byte: their ends stay below 2^64, not so with what stands before them.
    let piece = 1u64 << 61;
    let entries = (0..8).map(|k| {
        let (start, end) = (k * piece, if k == 7 { u64::MAX } else { (k + 1) * piece });
        format!(r#""{k}":{{"dtype":"U8","shape":[{}],"data_offsets":[{start},{end}]}}"#, end - start)
    });
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    assert!(refusal(&file(&header, &[])).starts_with("the tensors have 18446744073709551615 bytes"));
}

#[test]
fn names_types_and_entries() {
    let twice = W.replace('}', "").replace(":[0,8]", ":[0,8]}") + &W[1..].replace("\"w\"", ",\"w\"");
    assert_eq!(refusal(&file(&twice, &[0; 8])), "header, byte 54: the name \"w\" comes twice");
    let texts = r#"{"__metadata__":{"a":"1","a":"2"}}"#;
    assert_eq!(refusal(&file(texts, &[])), "header, byte 25: the name \"a\" comes twice");
    let other = |from: &str, to: &str| refusal(&file(&W.replace(from, to), &[0; 8]));
    assert_eq!(other("F32", "F33"), "\"w\" has an unknown dtype \"F33\"");
    assert_eq!(other("shape", "form"), "\"w\" has an unknown entry \"form\"");
    assert_eq!(
        other("\"shape\":[2],", ""),
        "\"w\": dtype, shape and data_offsets are expected, one is missing"
    );
    assert_eq!(other("[2]", "[2.0]"), "header, byte 30: ',' is expected, found '.'");
    assert_eq!(other("{\"w\"", "{w"), "header, byte 1: '\"' is expected, found 'w'");
    let nested = "[".repeat(1_000_000);
    assert_eq!(
        other("[2]", &nested),
        "header, byte 29: a whole number from 0 to 2^64 - 1 is expected, found '['"
    );
    let mut latin = file(W, &[0; 8]);
    latin[10] = 0xe4;
    assert_eq!(refusal(&latin), "header, byte 2: UTF-8 is expected");
    assert_eq!(
        refusal(&file(r#"{"__metadata__":{"a":1}}"#, &[])),
        "header, byte 21: '\"' is expected, found '1'"
    );
}

#[test]
fn files_of_other_programs_are_named() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pytorch");
    for name in ["zip.pt", "legacy.pt"] {
        let path = format!("{folder}/{name}");
        let error = Params::<f32>::seeded(42).load(&path).unwrap_err();
        assert_eq!(error.kind(), CheckpointErrorKind::Format);
        let text = error.to_string();
        assert!(text.starts_with(&format!("{path}: a file of torch.save, which is a program for")), "{text}");
        assert!(
            text.contains("save_file(torch.load(\"model.pt\", weights_only=True), \"model.safetensors\")")
        );
        assert_eq!(nn::checkpoint::contents(&path).unwrap_err().to_string(), text);
    }
    assert!(refusal(b"\x89HDF\r\n\x1a\n and so on").starts_with("an HDF5 file, as Keras writes it"));
}

/// A device without an end, and a directory.
#[cfg(unix)]
#[test]
fn what_is_no_file() {
    let error = |path: &str| Params::<f32>::seeded(42).load(path).unwrap_err().to_string();
    assert!(error("/dev/zero").ends_with("which has 8 bytes at least; found 0"));
    assert!(error("/").starts_with("/: "));
    assert!(Checkpoint::read("/dev/zero").unwrap_err().to_string().starts_with("/dev/zero: "));
}

/// A checkpoint with everything in it.
fn checkpoint() -> Checkpoint {
    let mut params = Params::<f32>::seeded(42);
    params.add("layers.0.weight", &[3, 2], Init::HeNormal);
    params.add("layers.0.bias", &[2], Init::Zeros);
    let slots = vec![Slot {
        parameter: "layers.0.bias".into(),
        steps: 3,
        arrays: vec![("first_moment".into(), vec![0.5, 1.5]), ("second_moment".into(), vec![0.25, 2.25])],
    }];
    Checkpoint::new()
        .with_params(&params)
        .with_optimizer(&OptimizerState { method: "adam".into(), learning_rate: 1e-3, slots })
        .with_numbers("loss", &[1.0, f64::NAN])
        .with_counts("seen", &[7])
        .with_generator("shuffle", &Generator::with_stream(1, 2).at(3))
        .with_text("architecture", "mlp 3 2 \"relu\"\n")
        .with_position(Position { epoch: 1, batch: 2, step: 3 })
}

/// Everything that a file could be asked.
fn ask(bytes: &[u8]) {
    let mut params = Params::<f32>::seeded(42);
    params.add("layers.0.weight", &[3, 2], Init::HeNormal);
    params.add("layers.0.bias", &[2], Init::Zeros);
    let before = params.to_bytes();
    for format in [Format::new(), Format::torch().convert(true).strict(false)] {
        if params.clone().load_bytes_as(bytes, &format).is_err() {
            assert_eq!(params.to_bytes(), before);
        }
    }
    if let Ok(checkpoint) = Checkpoint::from_bytes(bytes) {
        let _ = (checkpoint.numbers("loss"), checkpoint.counts("seen"), checkpoint.generator("shuffle"));
        let _ = (checkpoint.position(), checkpoint.text("architecture"));
        let _ = (checkpoint.optimizer_state::<f32>(), checkpoint.optimizer_state::<f64>());
        let _ = checkpoint.restore_params(&mut params);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Bytes exchanged, cut out and put in anywhere, numbers of the header above all. What we take, the format's own
    /// reader takes too, and finds the same in it.
    #[test]
    fn damage_is_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4, any::<u8>()), 1..6)
    ) {
        let mut bytes = checkpoint().to_bytes();
        let header = 8 + u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
        for (place, kind, byte) in changes {
            let digits: Vec<usize> = (8..header.min(bytes.len())).filter(|&k| bytes[k].is_ascii_digit()).collect();
            match kind {
                0 if !digits.is_empty() => bytes[*place.get(&digits)] = b'0' + byte % 10,
                1 => {
                    let place = place.index(header.min(bytes.len()));
                    bytes[place] = byte;
                }
                2 => drop(bytes.remove(place.index(bytes.len()))),
                _ => bytes.insert(place.index(bytes.len()), byte),
            }
        }
        let largest = memory::largest(|| ask(&bytes));
        // Names, and the numbers of a shape, take several bytes for one of the header.
        let allowed = 64 * bytes.len();
        prop_assert!(largest <= allowed, "{largest} of {allowed}");
        let mut open = Params::<f32>::seeded(42);
        if open.load_bytes_as(&bytes, &Format::new().strict(false)).is_ok() {
            let theirs = SafeTensors::deserialize(&bytes);
            prop_assert!(theirs.is_ok(), "{theirs:?}");
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        ask(&bytes);
        let length = (bytes.len() as u64).to_le_bytes();
        ask(&[&length[..], &bytes].concat());
    }

    /// Names of every kind, of both types: the format's own reader finds what was written.
    #[test]
    fn what_is_written_is_read_by_others(
        names in prop::collection::btree_set(any::<String>(), 0..6),
        numbers in prop::collection::vec(any::<f64>(), 1..9),
        texts in prop::collection::btree_map("[a-z]{1,5}", any::<String>(), 0..4),
    ) {
        let names: Vec<String> = names.into_iter().filter(|name| name != "__metadata__").collect();
        written::<f32>(&names, &numbers, &texts);
        written::<f64>(&names, &numbers, &texts);
    }
}

fn written<T: Stored>(names: &[String], numbers: &[f64], texts: &std::collections::BTreeMap<String, String>) {
    let numbers: Vec<T> = numbers.iter().map(|&x| T::of(x)).collect();
    let mut params = Params::<T>::seeded(42);
    for name in names {
        params.insert(name.clone(), ([1, numbers.len()], numbers.clone()));
    }
    let format = texts.iter().fold(Format::new(), |format, (key, text)| format.text(key, text));
    let bytes = params.to_bytes_as(&format).unwrap();
    assert_eq!(bytes, params.clone().to_bytes_as(&format).unwrap());
    let theirs = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(theirs.len(), names.len());
    for (_, name, values) in params.iter() {
        let tensor = theirs.tensor(name).unwrap();
        assert_eq!(tensor.shape(), values.shape());
        let words = tensor.data().chunks(tensor.data().len() / numbers.len());
        let bits = |x: &T| x.to_f64().unwrap().to_bits();
        let read = words.map(|word| match word.len() {
            4 => f64::from(f32::from_le_bytes(word.try_into().unwrap())),
            _ => f64::from_le_bytes(word.try_into().unwrap()),
        });
        assert!(read.map(f64::to_bits).eq(values.iter().map(bits)));
    }
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let found = metadata.metadata().as_ref().unwrap();
    assert!(texts.iter().filter(|(key, _)| *key != "format").all(|(key, text)| found.get(key) == Some(text)));
    let mut again = params.clone();
    again.ids().collect::<Vec<_>>().into_iter().for_each(|id| again.values_mut(id).fill(T::zero()));
    again.load_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes(), params.to_bytes());
}

/// The reason why files are not read with the format's own crate: this one it takes.
#[test]
fn the_own_reader_of_the_format_takes_a_name_twice() {
    let twice = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#;
    let bytes = file(twice, &[0; 8]);
    assert!(SafeTensors::deserialize(&bytes).is_ok());
    assert_eq!(refusal(&bytes), "header, byte 54: the name \"w\" comes twice");
}
