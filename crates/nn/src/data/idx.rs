//! IDX files: the form of MNIST and its relatives.

use std::io::Read;
use std::path::Path;

use ndarray::{ArrayD, IxDyn};

use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind};
use super::numbers::{Number, Numbers};
use super::source::{LIMIT, Source, read_file};

#[cfg(test)]
mod tests;

/// The array of an IDX file, packed by gzip or not. A packed file may unpack to 1 GiB; see
/// [`read_idx_from`] for more.
///
/// An IDX file holds two zeros, a code for the type of the numbers, the number of axes, the length of each axis as a
/// `u32`, and the numbers themselves in row-major order, all with the most significant byte first. The types are
/// `u8`, `i8`, `i16`, `i32`, `f32` and `f64`.
///
/// # Errors
/// The file cannot be read, or is not of this form, or has fewer or more numbers than its shape says. The error names
/// the file and the byte, and says what was expected and what was found. No more memory is asked for than the file
/// has bytes, whatever its shape says.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("chainrule-idx-{}", std::process::id()));
/// # let path = path.as_path();
/// std::fs::write(path, [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30]).unwrap();
/// let image = nn::data::read_idx(path)?;
/// # std::fs::remove_file(path).unwrap();
/// assert_eq!((image.shape(), image.kind()), (&[1, 3][..], "u8"));
/// # Ok::<(), nn::data::DataError>(())
/// ```
///
/// Source: Y. `LeCun`, C. Cortes, C. Burges, *The MNIST database of handwritten digits* (1998), file formats.
pub fn read_idx(path: impl AsRef<Path>) -> Result<Numbers, DataError> {
    read_file(path.as_ref(), |file| read_idx_from(file, LIMIT))
}

/// [`read_idx`] from any reader; if its bytes are packed, they may unpack to `limit` bytes.
///
/// # Errors
/// As [`read_idx`], or packed bytes unpack to more than `limit`.
///
/// ```
/// use nn::data::read_idx_from;
/// let bytes = [0, 0, 8, 1, 0, 0, 0, 3, 10, 20, 30];
/// assert_eq!(read_idx_from(&bytes[..], 0)?.shape(), [3]);
/// let error = read_idx_from(&bytes[..10], 0).unwrap_err();
/// assert_eq!(error.to_string(), "byte 8: 3 bytes of numbers for the shape [3] are expected, found 2");
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub fn read_idx_from(reader: impl Read, limit: u64) -> Result<Numbers, DataError> {
    let mut source = Source::new(reader, limit)?;
    let magic = source.exactly(4, "the magic number")?;
    let fault = |text: String, byte| DataError::new(DataErrorKind::Format, text).at_byte(byte);
    let [0, 0, code, axes] = magic[..] else {
        let text =
            format!("an IDX file begins with the bytes 00 00, found {:02x} {:02x}", magic[0], magic[1]);
        return Err(fault(text, 0));
    };
    let size = match code {
        0x08 | 0x09 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        0x0e => 8,
        _ => {
            let known = "08 (u8), 09 (i8), 0b (i16), 0c (i32), 0d (f32) or 0e (f64)";
            return Err(fault(format!("the type {known} is expected, found {code:02x}"), 2));
        }
    };
    if axes == 0 {
        return Err(fault("one axis or more is expected, found none".to_owned(), 3));
    }
    let lengths = source.exactly(4 * u64::from(axes), "axes")?;
    let shape: Vec<usize> = u32::decoded(&lengths, true).into_iter().map(|length| length as usize).collect();
    let count = shape.iter().try_fold(size, |product: u64, &length| product.checked_mul(length as u64));
    let Some(count) = count else {
        return Err(fault(format!("the shape {shape:?} has more numbers than can be counted"), 4));
    };
    let bytes = source.exactly(count, &format!("numbers for the shape {shape:?}"))?;
    source.end()?;
    match code {
        0x08 => array(&shape, bytes),
        0x09 => array(&shape, i8::decoded(&bytes, true)),
        0x0b => array(&shape, i16::decoded(&bytes, true)),
        0x0c => array(&shape, i32::decoded(&bytes, true)),
        0x0d => array(&shape, f32::decoded(&bytes, true)),
        _ => array(&shape, f64::decoded(&bytes, true)),
    }
}

fn array<T>(shape: &[usize], numbers: Vec<T>) -> Result<Numbers, DataError>
where
    Numbers: From<ArrayD<T>>,
{
    // Axes that are too long for memory pass where another has the length 0.
    let array = ArrayD::from_shape_vec(IxDyn(shape), numbers);
    array
        .map(Numbers::from)
        .map_err(|e| DataError::new(DataErrorKind::Format, format!("the shape {shape:?}: {e}")))
}

impl Dataset {
    /// Images and their labels from two IDX files, packed by gzip or not: MNIST, Fashion-MNIST and their relatives.
    ///
    /// Pixels of 0 to 255 become 0 to 1, a sample has the shape `[1, height, width]`, and the classes are called `0`,
    /// `1` …: see [`from_numbers`](Self::from_numbers). For packed files of more than 1 GiB take
    /// [`read_idx_from`] and that.
    ///
    /// # Errors
    /// As [`read_idx`] and [`from_numbers`](Self::from_numbers). The error names the file.
    ///
    /// ```no_run
    /// use nn::Dataset;
    /// let train = Dataset::from_idx("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")?;
    /// assert_eq!(train.sample_shape(), [1, 28, 28]);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_idx(images: impl AsRef<Path>, labels: impl AsRef<Path>) -> Result<Self, DataError> {
        let (images, labels) = (images.as_ref(), labels.as_ref());
        let features = read_idx(images)?.into_features().map_err(|e| e.in_file(images))?;
        let rows = read_idx(labels)?.into_labels().map_err(|e| e.in_file(labels))?;
        Self::labelled(features, rows).map_err(|e| e.in_file(labels))
    }
}
