use super::*;
use ndarray::{Array2, arr0, array};
use proptest::prelude::*;

/// A file with this header, filled up as `NumPy` does.
fn npy(version: u8, header: &str, numbers: &[u8]) -> Vec<u8> {
    let len = (header.len() as u32).to_le_bytes();
    let len = if version == 1 { &len[..2] } else { &len[..] };
    [b"\x93NUMPY", &[version, 0][..], len, header.as_bytes(), numbers].concat()
}

fn read(bytes: &[u8]) -> Result<Numbers, DataError> {
    read_npy_from(bytes, 1 << 20)
}

fn fault(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

fn dictionary(kind: &str, fortran: &str, shape: &str) -> String {
    format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}  \n")
}

fn written<T: Number, D: Dimension>(array: &ndarray::Array<T, D>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_npy_to(&mut bytes, array).unwrap();
    bytes
}

/// What `NumPy` 2.3 writes for `np.array([[1.5, -2]], dtype="<f4")`.
#[test]
fn the_bytes_are_those_of_numpy() {
    let mut wanted =
        b"\x93NUMPY\x01\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }".to_vec();
    wanted.resize(127, b' ');
    wanted.extend(b"\n\0\0\xc0?\0\0\0\xc0");
    assert_eq!(written(&array![[1.5f32, -2.0]]), wanted);
    for (shape, text) in [(vec![], "()"), (vec![0], "(0,)"), (vec![2, 0, 3], "(2, 0, 3)")] {
        let bytes = written(&ArrayD::<f64>::zeros(shape));
        let text = format!("'shape': {text}, }} ");
        assert!(bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        assert_eq!(bytes.len() % 64, if text.contains("()") { 8 } else { 0 });
    }
}

#[test]
fn forms_of_one_array() {
    let wanted = Numbers::from(array![[1i16, 2, 3], [4, 5, 6]].into_dyn());
    let rows: Vec<u8> = [1i16, 2, 3, 4, 5, 6].iter().flat_map(|x| x.to_le_bytes()).collect();
    let big: Vec<u8> = [1i16, 2, 3, 4, 5, 6].iter().flat_map(|x| x.to_be_bytes()).collect();
    let columns: Vec<u8> = [1i16, 4, 2, 5, 3, 6].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(read(&npy(1, &dictionary("<i2", "False", "(2, 3)"), &rows)).unwrap(), wanted);
    assert_eq!(read(&npy(2, &dictionary(">i2", "False", "(2, 3)"), &big)).unwrap(), wanted);
    assert_eq!(read(&npy(3, &dictionary("<i2", "True", "(2L, 3L)"), &columns)).unwrap(), wanted);
    let other = "{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"<i2\"}";
    let Numbers::I16(array) = read(&npy(1, other, &rows)).unwrap() else { panic!("another type") };
    assert!(array.is_standard_layout());
    let truths = read(&npy(1, &dictionary("|b1", "False", "(2,)"), &[1, 0])).unwrap();
    assert_eq!(truths, Numbers::U8(array![1, 0].into_dyn()));
    assert_eq!(read(&written(&arr0(7u64))).unwrap(), Numbers::U64(arr0(7).into_dyn()));
}

#[test]
fn every_type_comes_back() {
    fn check<T: Number + PartialEq>(array: Array2<T>)
    where
        Numbers: From<ArrayD<T>>,
    {
        // A view that is not in row-major order is written as what it shows.
        let array = array.reversed_axes();
        assert_eq!(read(&written(&array)).unwrap(), Numbers::from(array.into_dyn()));
    }
    check(array![[1u8, 255], [0, 7]]);
    check(array![[1i8, -128], [0, 7]]);
    check(array![[1u16, 65_535], [0, 7]]);
    check(array![[1i16, -32_768], [0, 7]]);
    check(array![[1u32, u32::MAX], [0, 7]]);
    check(array![[1i32, i32::MIN], [0, 7]]);
    check(array![[1u64, u64::MAX], [0, 7]]);
    check(array![[1i64, i64::MIN], [0, 7]]);
    check(array![[1.5f32, f32::MIN_POSITIVE], [-0.0, f32::MAX]]);
    check(array![[1.5f64, f64::MIN_POSITIVE], [-0.0, f64::MAX]]);
}

#[test]
fn faults_say_where_and_what() {
    assert_eq!(fault(b""), "byte 0: 8 bytes of the magic number and the version are expected, found 0");
    assert_eq!(
        fault(b"PK\x03\x04\x01\0\0\0zip"),
        "byte 0: `\\x93NUMPY` is expected, found `PK\\u{3}\\u{4}\\u{1}\\u{0}`"
    );
    assert_eq!(fault(b"\x93NUMPY\x04\0\0\0"), "byte 6: version 1, 2 or 3 is expected, found 4");
    assert_eq!(
        fault(b"\x93NUMPY\x02\0\x10\0"),
        "byte 8: 4 bytes of the length of the header are expected, found 2"
    );
    assert_eq!(fault(b"\x93NUMPY\x01\0\x10\0{'de"), "byte 10: 16 bytes of the header are expected, found 4");
    let header = |text: &str| fault(&npy(1, text, &[]));
    assert_eq!(header("[1]"), "byte 10: `{` is expected in the header, found `[1]`");
    assert_eq!(
        header("{'a': 1}"),
        "byte 11: the key `descr`, `fortran_order` or `shape` is expected in the header, found `'a': 1}`"
    );
    assert_eq!(header("{'shape': (1"), "byte 22: `)` is expected in the header, found the end");
    assert_eq!(
        header("{'shape': (-1,)"),
        "byte 21: the length of an axis is expected in the header, found `-1,)`"
    );
    assert_eq!(
        header("{'shape': (99999999999999999999,)"),
        "byte 21: the length of an axis is expected in the header, found `99999999999999999999,)`"
    );
    assert_eq!(header("{'fortran_order': 0"), "byte 28: True or False is expected in the header, found `0`");
    assert_eq!(
        header("{'descr': [('a', '<f4')]}"),
        "byte 20: one type for all numbers, not a structure, is expected in the header, found `[('a', '<f4')]}`"
    );
    assert_eq!(
        header("{'descr': 'f4'}"),
        "byte 20: a type with its order of bytes, as `<f4`, is expected in the header, found `'f4'}`"
    );
    assert_eq!(
        header("{}"),
        "byte 10: the keys `descr`, `fortran_order` and `shape` are expected, found fewer"
    );
    for kind in ["O", "f2", "c8", "U7"] {
        assert_eq!(
            fault(&npy(1, &dictionary(&format!("<{kind}"), "False", "(3,)"), &[0; 12])),
            format!(
                "byte 10: numbers of 8 to 64 bits, whole or f4 or f8, are expected, found the type `{kind}`"
            )
        );
    }
    let short = npy(1, &dictionary("<f4", "False", "(3,)"), &[0; 8]);
    let start = short.len() - 8;
    assert_eq!(
        fault(&short),
        format!("byte {start}: 12 bytes of numbers for the shape [3] are expected, found 8")
    );
    let long = npy(1, &dictionary("<f4", "False", "(1,)"), &[0; 8]);
    assert_eq!(fault(&long), format!("byte {0}: the end after {0} bytes is expected, found more", start + 4));
}

#[test]
fn a_header_asks_for_no_memory() {
    let header = 1u32 << 30;
    let huge = [b"\x93NUMPY\x02\0", &header.to_le_bytes()[..], b"{}"].concat();
    assert_eq!(huge.len(), 14);
    assert_eq!(fault(&huge), "byte 8: a header of at most 65536 bytes is expected, found 1073741824");
    let shape = |text: &str| fault(&npy(1, &dictionary("<f8", "False", text), &[0; 16]));
    assert!(
        shape("(1000000000000,)")
            .ends_with("8000000000000 bytes of numbers for the shape [1000000000000] are expected, found 16")
    );
    assert!(shape("(4294967296, 4294967296)").ends_with("has more numbers than can be counted"));
    let empty = fault(&npy(1, &dictionary("<f8", "False", "(0, 4294967296, 4294967296)"), &[]));
    assert!(empty.contains("the shape [0, 4294967296, 4294967296]"), "{empty}");
}

#[test]
fn files_are_named() {
    let path = std::env::temp_dir().join(format!("chainrule-npy-test-{}.npy", std::process::id()));
    write_npy(&path, &array![1.0f32]).unwrap();
    assert_eq!(read_npy(&path).unwrap().shape(), [1]);
    std::fs::write(&path, b"\x93NUMPY").unwrap();
    assert!(read_npy(&path).unwrap_err().to_string().starts_with(&format!("{}, byte 0: ", path.display())));
    std::fs::remove_file(&path).unwrap();
    let error = write_npy(std::env::temp_dir(), &array![1.0f32]).unwrap_err();
    assert_eq!(error.path(), Some(std::env::temp_dir().as_path()));
}

proptest! {
    #[test]
    fn no_change_of_a_file_is_a_panic(
        changes in prop::collection::vec((0usize..140, any::<u8>()), 0..6), len in 0usize..160,
    ) {
        let mut bytes = written(&array![[1.5f64, 2.5], [3.5, 4.5]]);
        bytes.truncate(len);
        for (place, byte) in changes {
            if let Some(old) = bytes.get_mut(place) {
                *old = byte;
            }
        }
        let _ = read(&bytes);
    }

    #[test]
    fn no_header_is_a_panic(text in "[{}()\\[\\]':, a-zä0-9<|L]{0,40}") {
        let _ = read(&npy(1, &text, &[0; 16]));
        let _ = read(&npy(1, &format!("{{'shape': {text}"), &[0; 16]));
    }
}
