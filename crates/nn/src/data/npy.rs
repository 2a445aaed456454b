//! npy files: one array, as `NumPy` writes it.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

use ndarray::{ArrayBase, ArrayD, Data, Dimension, IxDyn, ShapeBuilder};

use super::error::{DataError, DataErrorKind};
use super::numbers::{Number, Numbers};
use super::source::{LIMIT, Source, read_file};

mod header;
#[cfg(test)]
mod tests;

use header::Header;

/// The array of an npy file, whatever its numbers are, in either order of bytes and of axes. The array comes in
/// row-major order.
///
/// # Errors
/// The file cannot be read; is no npy file of version 1, 2 or 3; holds other things than numbers of 8 to 64 bits; has
/// fewer or more of them than its shape says. The error names the file and the byte, and says what was expected and
/// what was found. No more memory is asked for than the file has bytes, whatever its header says.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("chainrule-npy-{}.npy", std::process::id()));
/// # let path = path.as_path();
/// use nn::data::{read_npy, write_npy};
/// let array = ndarray::array![[0.1, 0.2], [0.3, 0.4]];
/// write_npy(path, &array)?;
/// assert_eq!(read_npy(path)?.to_f64(), array.into_dyn());
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), nn::data::DataError>(())
/// ```
///
/// Source: R. Kern, *A simple file format for `NumPy` arrays*, `numpy.lib.format`.
pub fn read_npy(path: impl AsRef<Path>) -> Result<Numbers, DataError> {
    read_file(path.as_ref(), |file| read_npy_from(file, LIMIT))
}

/// [`read_npy`] from any reader; if its bytes are packed by gzip, they may unpack to `limit` bytes.
///
/// # Errors
/// As [`read_npy`], or packed bytes unpack to more than `limit`.
///
/// ```
/// let mut bytes = Vec::new();
/// nn::data::write_npy_to(&mut bytes, &ndarray::array![1i64, 2, 3])?;
/// assert_eq!(nn::data::read_npy_from(&bytes[..], 0)?.shape(), [3]);
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub fn read_npy_from(reader: impl Read, limit: u64) -> Result<Numbers, DataError> {
    read_array(&mut Source::new(reader, limit)?)
}

/// The array that these bytes, and nothing else, hold.
pub(super) fn read_array(source: &mut Source<impl Read>) -> Result<Numbers, DataError> {
    let header = Header::read(source)?;
    match &*header.kind {
        "u1" | "b1" => array::<u8>(source, &header),
        "i1" => array::<i8>(source, &header),
        "u2" => array::<u16>(source, &header),
        "i2" => array::<i16>(source, &header),
        "u4" => array::<u32>(source, &header),
        "i4" => array::<i32>(source, &header),
        "u8" => array::<u64>(source, &header),
        "i8" => array::<i64>(source, &header),
        "f4" => array::<f32>(source, &header),
        "f8" => array::<f64>(source, &header),
        kind => {
            let text =
                format!("numbers of 8 to 64 bits, whole or f4 or f8, are expected, found the type `{kind}`");
            Err(header.fault(text))
        }
    }
}

fn array<T: Number>(source: &mut Source<impl Read>, header: &Header) -> Result<Numbers, DataError>
where
    Numbers: From<ArrayD<T>>,
{
    let shape = &header.shape;
    let size = size_of::<T>() as u64;
    let count = shape.iter().try_fold(size, |product, &length| product.checked_mul(length as u64));
    let Some(count) = count else {
        return Err(header.fault(format!("the shape {shape:?} has more numbers than can be counted")));
    };
    let bytes = source.exactly(count, &format!("numbers for the shape {shape:?}"))?;
    let numbers = T::decoded(&bytes, header.big_endian);
    let array = ArrayD::from_shape_vec(IxDyn(shape).set_f(header.fortran), numbers);
    source.end()?;
    // Axes that are too long for memory pass where another has the length 0.
    let array = array.map_err(|e| header.fault(format!("the shape {shape:?}: {e}")))?;
    Ok(if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() }.into())
}

/// Writes an array to an npy file; one that is there is replaced.
///
/// # Errors
/// The file cannot be written. The error names it.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("chainrule-npy-write-{}.npy", std::process::id()));
/// # let path = path.as_path();
/// nn::data::write_npy(path, &ndarray::array![1.5f32, 2.5])?;
/// assert_eq!(nn::data::read_npy(path)?.kind(), "f32");
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub fn write_npy<T: Number, S: Data<Elem = T>, D: Dimension>(
    path: impl AsRef<Path>,
    array: &ArrayBase<S, D>,
) -> Result<(), DataError> {
    let path = path.as_ref();
    let file = File::create(path).map_err(DataError::io);
    file.and_then(|file| write_npy_to(file, array)).map_err(|e| e.in_file(path))
}

/// [`write_npy`] to any writer.
///
/// # Errors
/// The bytes cannot be written.
///
/// ```
/// let mut bytes = Vec::new();
/// nn::data::write_npy_to(&mut bytes, &ndarray::array![[1u8, 2]])?;
/// assert!(bytes.starts_with(b"\x93NUMPY") && bytes.ends_with(&[1, 2]));
/// # Ok::<(), nn::data::DataError>(())
/// ```
pub fn write_npy_to<T: Number, S: Data<Elem = T>, D: Dimension>(
    writer: impl Write,
    array: &ArrayBase<S, D>,
) -> Result<(), DataError> {
    let write = || {
        let mut writer = BufWriter::new(writer);
        writer.write_all(&header::written(T::DESCRIPTION, array.shape()))?;
        let mut bytes = Vec::with_capacity(size_of::<T>());
        for x in array {
            bytes.clear();
            x.encode(&mut bytes);
            writer.write_all(&bytes)?;
        }
        writer.flush()
    };
    write().map_err(DataError::io)
}

impl Header {
    /// It says what is not so.
    fn fault(&self, text: String) -> DataError {
        DataError::new(DataErrorKind::Format, text).at_byte(self.offset)
    }
}
