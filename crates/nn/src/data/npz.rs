//! npz files: several arrays by name, a zip file of npy files.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ndarray::{ArrayBase, Data, Dimension};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind, Excerpt};
use super::npy::{read_array, write_npy_to};
use super::numbers::{Number, Numbers};
use super::source::{LIMIT, Source};
use super::values::Values;

#[cfg(test)]
mod tests;

/// The arrays of an npz file, as `numpy.savez` and `numpy.savez_compressed` write it. Nothing is read of an array until
/// it is asked for.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("chainrule-npz-{}.npz", std::process::id()));
/// # let path = path.as_path();
/// use nn::data::{Npz, NpzWriter};
/// let mut writer = NpzWriter::create(path)?;
/// writer.add("x", &ndarray::array![[0.5f32, 1.5]])?;
/// writer.add("y", &ndarray::array![1i64])?;
/// writer.finish()?;
///
/// let mut file = Npz::open(path)?;
/// assert_eq!(file.names(), ["x", "y"]);
/// assert_eq!(file.array("x")?.shape(), [1, 2]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug)]
pub struct Npz {
    archive: ZipArchive<BufReader<File>>,
    path: PathBuf,
    limit: u64,
}

impl Npz {
    /// Reads the directory of a file. An array may unpack to 1 GiB unless [told](Self::limit) otherwise.
    ///
    /// # Errors
    /// The file cannot be read, or is no zip file.
    ///
    /// ```
    /// let error = nn::data::Npz::open("no/such/file.npz").unwrap_err();
    /// assert!(error.to_string().starts_with("no/such/file.npz: "));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref().to_owned();
        let archive = File::open(&path)
            .map_err(DataError::io)
            .and_then(|file| ZipArchive::new(BufReader::new(file)).map_err(fault))
            .map_err(|e| e.in_file(&path))?;
        Ok(Self { archive, path, limit: LIMIT })
    }

    /// To how many bytes an array may unpack.
    ///
    /// ```no_run
    /// let mut file = nn::data::Npz::open("large.npz")?.limit(1 << 34);
    /// let x = file.array("x")?;
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// The names of the arrays, in alphabetical order.
    ///
    /// ```no_run
    /// assert_eq!(nn::data::Npz::open("mnist.npz")?.names(), ["x_test", "x_train", "y_test", "y_train"]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn names(&self) -> Vec<String> {
        let name = |name: &str| name.strip_suffix(".npy").map(str::to_owned);
        let mut names: Vec<String> =
            self.archive.file_names().flatten().filter_map(|entry| name(&entry)).collect();
        names.sort_unstable();
        names
    }

    /// One array.
    ///
    /// # Errors
    /// There is no array of this name, or it is not sound: see [`read_npy`](super::read_npy). The error names file and
    /// array.
    ///
    /// ```no_run
    /// let images = nn::data::Npz::open("mnist.npz")?.array("x_train")?;
    /// assert_eq!(images.shape(), [60_000, 28, 28]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn array(&mut self, name: &str) -> Result<Numbers, DataError> {
        let there = self.names().join(", ");
        let limit = self.limit;
        let read = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(entry) => read_array(&mut Source::unpacked(entry, limit)),
            Err(ZipError::FileNotFound) => {
                let text = format!("an array of this name is expected, there are: {}", Excerpt(&there));
                Err(DataError::new(DataErrorKind::Argument, text))
            }
            Err(error) => Err(fault(error)),
        };
        read.map_err(|e| e.in_array(name).in_file(&self.path))
    }
}

/// One array of an npz file.
///
/// # Errors
/// See [`Npz::open`] and [`Npz::array`].
///
/// ```no_run
/// let images = nn::data::read_npz("mnist.npz", "x_train")?;
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub fn read_npz(path: impl AsRef<Path>, name: &str) -> Result<Numbers, DataError> {
    Npz::open(path)?.array(name)
}

/// Writes an npz file, array by array; `numpy.load` reads it.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("chainrule-npzw-{}.npz", std::process::id()));
/// # let path = path.as_path();
/// use nn::data::{NpzWriter, read_npz};
/// let mut writer = NpzWriter::create(path)?.compressed(true);
/// writer.add("x", &ndarray::Array2::<f32>::zeros((100, 100)))?;
/// writer.finish()?;
/// assert!(std::fs::metadata(path).unwrap().len() < 1000);
/// assert_eq!(read_npz(path, "x")?.shape(), [100, 100]);
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), nn::data::DataError>(())
/// ```
#[derive(Debug)]
pub struct NpzWriter {
    zip: ZipWriter<File>,
    path: PathBuf,
    method: CompressionMethod,
}

impl NpzWriter {
    /// Opens a file; one that is there is replaced.
    ///
    /// # Errors
    /// The file cannot be written.
    ///
    /// ```
    /// assert!(nn::data::NpzWriter::create("no/such/place.npz").is_err());
    /// ```
    pub fn create(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref().to_owned();
        let file = File::create(&path).map_err(|e| DataError::io(e).in_file(&path))?;
        Ok(Self { zip: ZipWriter::new(file), path, method: CompressionMethod::Stored })
    }

    /// Whether the arrays that follow are packed. Unless told so they are not, as with `numpy.savez`.
    ///
    /// See [`NpzWriter`] for an example.
    #[must_use]
    pub fn compressed(mut self, compressed: bool) -> Self {
        self.method = if compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        self
    }

    /// Writes one array.
    ///
    /// # Errors
    /// The name was used before, or the file cannot be written.
    ///
    /// See [`NpzWriter`] for an example.
    pub fn add<T: Number, S: Data<Elem = T>, D: Dimension>(
        &mut self,
        name: &str,
        array: &ArrayBase<S, D>,
    ) -> Result<(), DataError> {
        let large = (array.len() * size_of::<T>()) as u64 >= u64::from(u32::MAX) - (1 << 16);
        let options = SimpleFileOptions::default().compression_method(self.method).large_file(large);
        let start = self.zip.start_file(format!("{name}.npy"), options).map_err(fault);
        start
            .and_then(|()| write_npy_to(&mut self.zip, array))
            .map_err(|e| e.in_array(name).in_file(&self.path))
    }

    /// Writes the directory, without which the file cannot be read.
    ///
    /// # Errors
    /// The file cannot be written.
    ///
    /// See [`NpzWriter`] for an example.
    pub fn finish(self) -> Result<(), DataError> {
        self.zip.finish().map(drop).map_err(|e| fault(e).in_file(&self.path))
    }
}

fn fault(error: ZipError) -> DataError {
    match error {
        ZipError::Io(error) => DataError::io(error),
        other => DataError::new(DataErrorKind::Format, format!("a zip file is expected: {other}")),
    }
}

impl Dataset {
    /// Rows and the class of each from two arrays of an npz file: see [`from_numbers`](Self::from_numbers).
    ///
    /// # Errors
    /// As [`Npz::array`] and [`from_numbers`](Self::from_numbers). The error names the file and the array.
    ///
    /// ```no_run
    /// use nn::Dataset;
    /// let train = Dataset::from_npz("mnist.npz", "x_train", "y_train")?;
    /// assert_eq!(train.sample_shape(), [1, 28, 28]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_npz(path: impl AsRef<Path>, features: &str, labels: &str) -> Result<Self, DataError> {
        let mut file = Npz::open(path)?;
        let rows = file.array(features)?.into_features().map_err(|e| file.blame(e, features))?;
        let classes = file.array(labels)?.into_labels().map_err(|e| file.blame(e, labels))?;
        Self::labelled(rows, classes).map_err(|e| file.blame(e, labels))
    }
}

impl Dataset<Values> {
    /// Rows and the numbers to be predicted for each from two arrays of an npz file: see
    /// [`regression_numbers`](Self::regression_numbers).
    ///
    /// # Errors
    /// As [`Npz::array`] and [`regression_numbers`](Self::regression_numbers). The error names the file and the array.
    ///
    /// ```no_run
    /// use nn::Dataset;
    /// let houses = Dataset::regression_npz("boston_housing.npz", "x", "y")?;
    /// assert_eq!((houses.width(), houses.outputs()), (13, 1));
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn regression_npz(path: impl AsRef<Path>, features: &str, targets: &str) -> Result<Self, DataError> {
        let mut file = Npz::open(path)?;
        let rows = file.array(features)?.into_features().map_err(|e| file.blame(e, features))?;
        let values = file.array(targets)?.into_values().map_err(|e| file.blame(e, targets))?;
        Self::valued(rows, values).map_err(|e| file.blame(e, targets))
    }
}

impl Npz {
    fn blame(&self, error: DataError, array: &str) -> DataError {
        error.in_array(array).in_file(&self.path)
    }
}
