use super::*;
use ndarray::{Array2, array};
use proptest::prelude::*;
use std::fs;

/// A file of this name, gone at the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("chainrule-npz-{}-{name}.npz", std::process::id())))
    }

    fn holding(self, arrays: &[(&str, Array2<f32>)], compressed: bool) -> Self {
        let mut writer = NpzWriter::create(&self.0).unwrap().compressed(compressed);
        arrays.iter().for_each(|(name, array)| writer.add(name, array).unwrap());
        writer.finish().unwrap();
        self
    }

    fn fault(&self, name: &str) -> String {
        let error = read_npz(&self.0, name).unwrap_err();
        assert_eq!(error.path(), Some(&*self.0));
        error.to_string().replace(&self.0.display().to_string(), "file")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn data_sets() {
    let file = Temporary::new("sets");
    let mut writer = NpzWriter::create(&file.0).unwrap();
    writer.add("x", &array![[0.5f64, 1.5], [2.5, 3.5]]).unwrap();
    writer.add("y", &array![2i64, 0]).unwrap();
    writer.add("images", &ndarray::Array3::from_elem((2, 4, 5), 51u8)).unwrap();
    writer.finish().unwrap();
    let classes = Dataset::from_npz(&file.0, "x", "y").unwrap();
    assert_eq!((classes.labels(), classes.classes()), (&[2, 0][..], 3));
    assert_eq!(classes.features(), array![[0.5, 1.5], [2.5, 3.5]]);
    let values = Dataset::regression_npz(&file.0, "x", "y").unwrap();
    assert_eq!(values.targets(), array![[2.0], [0.0]]);
    let images = Dataset::from_npz(&file.0, "images", "y").unwrap();
    assert_eq!(images.sample_shape(), [1, 4, 5]);
    assert!(images.features().iter().all(|&x| x == 0.2));
    let error = Dataset::from_npz(&file.0, "y", "x").unwrap_err();
    assert_eq!((error.array(), error.path()), (Some("x"), Some(&*file.0)));
}

/// Written by `NumPy` 2.4 with `savez_compressed`: the order of axes and bytes differs from array to array.
#[test]
fn what_numpy_wrote() {
    let file = Temporary::new("numpy");
    fs::write(&file.0, include_bytes!("numpy.npz")).unwrap();
    let mut npz = Npz::open(&file.0).unwrap();
    assert_eq!(npz.names(), ["big", "empty", "images", "objects", "scalar", "truth", "x", "y"]);
    let mut read = |name| npz.array(name).unwrap();
    assert_eq!(read("x"), array![[0.5, 1.5, 2.5], [-1.0, 1e-3, 3e5]].into_dyn().into());
    assert_eq!(read("big"), array![[1i16, -2], [300, -32_768]].into_dyn().into());
    assert_eq!(read("y"), array![2i64, 0].into_dyn().into());
    assert_eq!(read("truth"), array![1u8, 0].into_dyn().into());
    assert_eq!(read("scalar"), ndarray::arr0(1.25f32).into_dyn().into());
    assert_eq!(read("empty"), Array2::<u8>::zeros((0, 4)).into_dyn().into());
    let text = file.fault("objects");
    assert!(text.ends_with("whole or f4 or f8, are expected, found the type `O`"), "{text}");
    let data = Dataset::from_npz(&file.0, "images", "y").unwrap();
    assert_eq!((data.labels(), data.sample_shape()), (&[2, 0][..], &[1, 3, 4][..]));
    assert_eq!(data.features()[[1, 0]], 12.0 / 255.0);
}

#[test]
fn faults_are_named() {
    let file = Temporary::new("faults").holding(&[("a", array![[1.0]]), ("b", array![[2.0]])], false);
    assert_eq!(file.fault("c"), "file, array `c`: an array of this name is expected, there are: a, b");
    let mut writer = NpzWriter::create(&file.0).unwrap();
    writer.add("a", &array![1u8]).unwrap();
    assert_eq!(writer.add("a", &array![1u8]).unwrap_err().array(), Some("a"));
    drop(writer);
    fs::write(&file.0, b"\x93NUMPY\x01\0").unwrap();
    assert!(file.fault("a").starts_with("file: a zip file is expected: "), "{}", file.fault("a"));
    fs::write(&file.0, b"").unwrap();
    assert!(file.fault("a").starts_with("file: "));
}

#[test]
fn damage_is_found() {
    let numbers = Array2::from_shape_fn((100, 100), |(i, j)| (i * j) as f32);
    for compressed in [false, true] {
        let file = Temporary::new("damage").holding(&[("a", numbers.clone())], compressed);
        assert_eq!(read_npz(&file.0, "a").unwrap(), numbers.clone().into_dyn().into());
        let mut bytes = fs::read(&file.0).unwrap();
        bytes[1000] ^= 1;
        fs::write(&file.0, bytes).unwrap();
        let text = file.fault("a");
        assert!(text.starts_with("file, array `a`"), "{text}");
    }
}

#[test]
fn an_array_has_a_limit() {
    let file = Temporary::new("limit").holding(&[("a", Array2::zeros((1000, 1000)))], true);
    assert!(fs::metadata(&file.0).unwrap().len() < 10_000);
    let error = Npz::open(&file.0).unwrap().limit(1_000_000).array("a").unwrap_err();
    assert_eq!(error.kind(), DataErrorKind::Limit);
    assert!(Npz::open(&file.0).unwrap().limit(5_000_000).array("a").is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_change_of_a_file_is_a_panic(
        changes in prop::collection::vec((0usize..800, any::<u8>()), 0..6), len in 100usize..900, compressed in any::<bool>(),
    ) {
        let file = Temporary::new("changed").holding(&[("a", array![[1.0, 2.0]]), ("b", array![[3.0]])], compressed);
        let mut bytes = fs::read(&file.0).unwrap();
        bytes.truncate(len);
        for (place, byte) in changes {
            if let Some(old) = bytes.get_mut(place) {
                *old = byte;
            }
        }
        fs::write(&file.0, bytes).unwrap();
        let _ = Dataset::from_npz(&file.0, "a", "b");
    }
}
