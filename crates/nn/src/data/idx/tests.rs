use super::*;
use crate::data::source::tests::packed;
use proptest::prelude::*;

/// The bytes of a file.
fn idx(code: u8, shape: &[u32], numbers: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, shape.len() as u8];
    shape.iter().for_each(|length| bytes.extend(length.to_be_bytes()));
    bytes.extend(numbers);
    bytes
}

fn read(bytes: &[u8]) -> Result<Numbers, DataError> {
    read_idx_from(bytes, 1 << 20)
}

fn fault(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn every_type() {
    let check = |code, numbers: &[u8], wanted: Numbers| {
        let bytes = idx(code, &[1, 2], numbers);
        assert_eq!(read(&bytes).unwrap(), wanted);
        assert_eq!(read(&packed(&bytes)).unwrap(), wanted);
    };
    let array = |numbers: Vec<f64>| ArrayD::from_shape_vec(IxDyn(&[1, 2]), numbers).unwrap();
    check(0x08, &[1, 200], array(vec![1.0, 200.0]).mapv(|x| x as u8).into());
    check(0x09, &[1, 200], array(vec![1.0, -56.0]).mapv(|x| x as i8).into());
    check(0x0b, &[1, 2, 0xff, 0xfe], array(vec![258.0, -2.0]).mapv(|x| x as i16).into());
    check(0x0c, &[0, 0, 1, 2, 255, 255, 255, 254], array(vec![258.0, -2.0]).mapv(|x| x as i32).into());
    let floats: Vec<u8> = [1.5f32, -0.25].iter().flat_map(|x| x.to_be_bytes()).collect();
    check(0x0d, &floats, array(vec![1.5, -0.25]).mapv(|x| x as f32).into());
    let doubles: Vec<u8> = [0.1f64, -1e300].iter().flat_map(|x| x.to_be_bytes()).collect();
    check(0x0e, &doubles, array(vec![0.1, -1e300]).into());
}

#[test]
fn faults_say_where_and_what() {
    assert_eq!(fault(&[]), "byte 0: 4 bytes of the magic number are expected, found 0");
    assert_eq!(fault(&[0, 0, 8]), "byte 0: 4 bytes of the magic number are expected, found 3");
    assert_eq!(fault(b"\x89PNG...."), "byte 0: an IDX file begins with the bytes 00 00, found 89 50");
    let known = "08 (u8), 09 (i8), 0b (i16), 0c (i32), 0d (f32) or 0e (f64)";
    assert_eq!(fault(&[0, 0, 10, 1]), format!("byte 2: the type {known} is expected, found 0a"));
    assert_eq!(fault(&[0, 0, 8, 0, 5]), "byte 3: one axis or more is expected, found none");
    assert_eq!(fault(&[0, 0, 8, 3, 0, 0]), "byte 4: 12 bytes of axes are expected, found 2");
    let short = "numbers for the shape [2, 3] are expected";
    assert_eq!(fault(&idx(8, &[2, 3], &[0; 5])), format!("byte 12: 6 bytes of {short}, found 5"));
    assert_eq!(fault(&idx(14, &[2, 3], &[0; 5])), format!("byte 12: 48 bytes of {short}, found 5"));
    assert_eq!(fault(&idx(8, &[2, 3], &[0; 7])), "byte 18: the end after 18 bytes is expected, found more");
}

#[test]
fn a_shape_asks_for_no_memory() {
    let all = u32::MAX;
    assert_eq!(
        fault(&idx(8, &[all], &[0; 10])),
        "byte 8: 4294967295 bytes of numbers for the shape [4294967295] are expected, found 10"
    );
    assert_eq!(
        fault(&idx(14, &[all, all], &[])),
        "byte 4: the shape [4294967295, 4294967295] has more numbers than can be counted"
    );
    assert!(fault(&idx(8, &[0, all, all, all], &[])).contains("the shape"));
    assert!(read(&idx(8, &[all; 255], &[])).is_err());
}

#[test]
fn a_packed_file_has_a_limit() {
    let bomb = packed(&idx(8, &[64, 1 << 20], &vec![0; 64 << 20]));
    assert!(bomb.len() < 1 << 20);
    let error = read(&bomb).unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Limit);
    assert_eq!(
        error.to_string(),
        "at most 1048576 bytes are expected after unpacking, found more; is the limit too low?"
    );
    // The shape says little, and the bytes go on.
    let longer = packed(&idx(8, &[2], &vec![0; 64 << 20]));
    assert_eq!(fault(&longer), "byte 10: the end after 10 bytes is expected, found more");
    let whole = packed(&idx(8, &[4], &[1, 2, 3, 4]));
    assert_eq!(fault(&whole[..whole.len() - 9]), "the packed bytes are cut short");
}

#[test]
fn files_are_named() {
    let path = |name: &str| std::env::temp_dir().join(format!("chainrule-idx-{}-{name}", std::process::id()));
    let (images, labels) = (path("images"), path("labels.gz"));
    std::fs::write(&images, idx(8, &[2, 1, 3], &[0, 51, 255, 1, 2, 3])).unwrap();
    std::fs::write(&labels, packed(&idx(8, &[2], &[1, 0]))).unwrap();
    let data = Dataset::from_idx(&images, &labels).unwrap();
    assert_eq!(data.features().row(0).to_vec(), [0.0, 0.2, 1.0]);
    assert_eq!(
        (data.labels(), data.sample_shape(), data.class_names().len()),
        (&[1, 0][..], &[1, 1, 3][..], 2)
    );

    let text = || Dataset::from_idx(&images, &labels).unwrap_err().to_string();
    std::fs::write(&labels, idx(8, &[3], &[1, 0, 1])).unwrap();
    let name = labels.display().to_string();
    assert_eq!(text(), format!("{name}: one label for each of 2 rows is expected, found 3"));
    std::fs::write(&labels, idx(8, &[3], &[1, 0])).unwrap();
    let wanted = "byte 8: 3 bytes of numbers for the shape [3] are expected, found 2";
    assert_eq!(text(), format!("{name}, {wanted}"));
    std::fs::remove_file(&images).unwrap();
    assert!(text().starts_with(&images.display().to_string()));
    std::fs::remove_file(&labels).unwrap();
}

proptest! {
    #[test]
    fn no_change_of_a_file_is_a_panic(
        changes in prop::collection::vec((0usize..40, any::<u8>()), 0..6), len in 0usize..40, pack in any::<bool>(),
    ) {
        let mut bytes = idx(0x0b, &[2, 2, 3], &[7; 24]);
        bytes.truncate(len);
        let mut bytes = if pack { packed(&bytes) } else { bytes };
        for (place, byte) in changes {
            if let Some(old) = bytes.get_mut(place) {
                *old = byte;
            }
        }
        if let Ok(numbers) = read(&bytes) {
            let _ = Dataset::from_numbers(numbers.clone(), numbers);
        }
    }
}
