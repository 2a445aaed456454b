//! Arrays whose kind of number only the file knows: [`Numbers`].

use ndarray::{Array2, ArrayD, ArrayView2, Axis, Ix1, ShapeError};

use super::classes::Classes;
use super::dataset::Dataset;
use super::error::{DataError, DataErrorKind};
use super::values::Values;

/// How many classes labels that are numbers may count: a label that is not meant as one would ask for as many names.
const MOST_CLASSES: usize = 1 << 16;

/// A number that files of arrays hold: of 8 to 64 bits, whole, or `f32` or `f64`.
///
/// ```
/// use nn::data::Number;
/// assert_eq!(<f32 as Number>::NAME, "f32");
/// ```
pub trait Number: Copy + sealed::Sealed + 'static {
    /// What the type is called in Rust.
    const NAME: &'static str;
    /// What `NumPy` calls it, in the order of bytes that this crate writes.
    const DESCRIPTION: &'static str;

    #[doc(hidden)]
    fn decoded(bytes: &[u8], big_endian: bool) -> Vec<Self>;

    #[doc(hidden)]
    fn encode(self, bytes: &mut Vec<u8>);
}

mod sealed {
    pub trait Sealed {}
}

/// The kinds of numbers, and nothing else that would have to be written once for each.
macro_rules! numbers {
    ($($variant:ident($type:ident, $description:literal)),+) => {
        /// An array of any kind of number, as a file gave it; from IDX, npy and npz files.
        ///
        /// ```
        /// use nn::data::Numbers;
        /// let labels = Numbers::from(ndarray::arr1(&[3u8, 1]).into_dyn());
        /// assert_eq!((labels.shape(), labels.kind()), (&[2][..], "u8"));
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Numbers {
            $(
                #[doc = concat!("Of `", stringify!($type), "`.")]
                $variant(ArrayD<$type>),
            )+
        }

        #[allow(clippy::cast_lossless)] // some are, some are not
        impl Numbers {
            /// The length of each axis.
            ///
            /// ```
            /// # use nn::data::Numbers;
            /// assert_eq!(Numbers::F32(ndarray::ArrayD::zeros(vec![2, 3])).shape(), [2, 3]);
            /// ```
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$variant(array) => array.shape(),)+ }
            }

            /// The type of the numbers.
            ///
            /// ```
            /// # use nn::data::Numbers;
            /// assert_eq!(Numbers::F32(ndarray::ArrayD::zeros(vec![2, 3])).kind(), "f32");
            /// ```
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$type as Number>::NAME,)+ }
            }

            /// All of them as `f32`, rounded where that holds fewer digits.
            ///
            /// ```
            /// use nn::data::Numbers;
            /// let numbers = Numbers::from(ndarray::arr1(&[3i64, -1]).into_dyn());
            /// assert_eq!(numbers.to_f32(), ndarray::arr1(&[3.0, -1.0]).into_dyn());
            /// ```
            pub fn to_f32(&self) -> ArrayD<f32> {
                match self { $(Self::$variant(array) => array.mapv(|x| x as f32),)+ }
            }

            /// All of them as `f64`, rounded where that holds fewer digits, which is so only beyond 2⁵³.
            ///
            /// ```
            /// use nn::data::Numbers;
            /// let numbers = Numbers::from(ndarray::arr1(&[3i64, -1]).into_dyn());
            /// assert_eq!(numbers.to_f64(), ndarray::arr1(&[3.0, -1.0]).into_dyn());
            /// ```
            pub fn to_f64(&self) -> ArrayD<f64> {
                match self { $(Self::$variant(array) => array.mapv(|x| x as f64),)+ }
            }
        }

        $(
            impl From<ArrayD<$type>> for Numbers {
                fn from(array: ArrayD<$type>) -> Self {
                    Self::$variant(array)
                }
            }

            impl sealed::Sealed for $type {}

            impl Number for $type {
                const NAME: &'static str = stringify!($type);
                const DESCRIPTION: &'static str = $description;

                fn decoded(bytes: &[u8], big_endian: bool) -> Vec<Self> {
                    let (elements, _) = bytes.as_chunks();
                    let decode = if big_endian { Self::from_be_bytes } else { Self::from_le_bytes };
                    elements.iter().map(|&element| decode(element)).collect()
                }

                fn encode(self, bytes: &mut Vec<u8>) {
                    bytes.extend_from_slice(&self.to_le_bytes());
                }
            }
        )+
    };
}

numbers! {
    U8(u8, "|u1"), I8(i8, "|i1"), U16(u16, "<u2"), I16(i16, "<i2"), U32(u32, "<u4"), I32(i32, "<i4"),
    U64(u64, "<u8"), I64(i64, "<i8"), F32(f32, "<f4"), F64(f64, "<f8")
}

impl Numbers {
    /// Rows along the first axis, and the shape of one of them.
    pub(super) fn into_features(self) -> Result<Features, DataError> {
        let fault = |text| DataError::new(DataErrorKind::Shape, text);
        let sample = match self.shape() {
            [] => {
                return Err(fault(
                    "features with an axis of rows are expected, found a single number".to_owned(),
                ));
            }
            [0, ..] => return Err(DataError::new(DataErrorKind::Empty, "there are no rows")),
            [_] => vec![1],
            &[_, height, width] => vec![1, height, width],
            [_, others @ ..] => others.to_vec(),
        };
        let (rows, width): (usize, usize) = (self.shape()[0], sample.iter().product());
        let pixels = matches!(self, Self::U8(_));
        let array = self.to_f32();
        let array = if array.is_standard_layout() { array } else { array.as_standard_layout().into_owned() };
        let mut array =
            array.into_shape_with_order((rows, width)).map_err(|e: ShapeError| fault(e.to_string()))?;
        if pixels {
            array.mapv_inplace(|x| x / 255.0);
        }
        finite(&array.view())?;
        Ok((array, sample))
    }

    /// Whole numbers from 0 along one axis.
    pub(super) fn into_labels(self) -> Result<Vec<usize>, DataError> {
        let shape = format!("labels along one axis are expected, found the shape {:?}", self.shape());
        let array = self.to_f64();
        let array = if array.shape().get(1..) == Some(&[1]) { array.remove_axis(Axis(1)) } else { array };
        let array =
            array.into_dimensionality::<Ix1>().map_err(|_| DataError::new(DataErrorKind::Shape, shape))?;
        let label = |(row, &x): (usize, &f64)| {
            if x.fract() == 0.0 && (0.0..MOST_CLASSES as f64).contains(&x) {
                return Ok(x as usize);
            }
            let text = format!("row {row}: a class from 0 to {} is expected, found {x}", MOST_CLASSES - 1);
            Err(DataError::new(DataErrorKind::Value, text))
        };
        array.iter().enumerate().map(label).collect()
    }

    pub(super) fn into_values(self) -> Result<Values, DataError> {
        let values = Values::new(self.to_f32())?;
        finite(&values.array())?;
        Ok(values)
    }
}

fn finite(rows: &ArrayView2<'_, f32>) -> Result<(), DataError> {
    match rows.indexed_iter().find(|(_, x)| !x.is_finite()) {
        None => Ok(()),
        Some(((row, column), x)) => {
            let text = format!("row {row}, column {column}: a finite number (f32) is expected, found {x}");
            Err(DataError::new(DataErrorKind::Value, text))
        }
    }
}

/// Rows along the first axis, with the shape of one of them.
pub(super) type Features = (Array2<f32>, Vec<usize>);

impl Dataset {
    /// Images or other rows, and the class of each, from two arrays of a file.
    ///
    /// The first axis is that of the rows. Bytes (`u8`) are pixels: 0 to 255 become 0 to 1. The
    /// [shape of a sample](Self::sample_shape) is that of the other axes; two are taken for an image of one channel,
    /// `[1, height, width]`. Classes are called `0`, `1` … up to the greatest label; see
    /// [`with_class_names`](Self::with_class_names).
    ///
    /// # Errors
    /// There are no rows; a number is not finite, or not within the range of `f32`; labels have more than one axis,
    /// are not whole numbers from 0 to 65,535, or not one to each row.
    ///
    /// ```
    /// use ndarray::{arr1, arr3};
    /// use nn::{Dataset, data::Numbers};
    /// let images = Numbers::from(arr3(&[[[0u8, 255], [51, 0]]]).into_dyn());
    /// let data = Dataset::from_numbers(images, arr1(&[3u8]).into_dyn().into())?;
    /// assert_eq!(data.features().row(0).to_vec(), [0.0, 1.0, 0.2, 0.0]);
    /// assert_eq!((data.sample_shape(), data.classes()), (&[1, 2, 2][..], 4));
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn from_numbers(features: Numbers, labels: Numbers) -> Result<Self, DataError> {
        Self::labelled(features.into_features()?, labels.into_labels()?)
    }

    pub(super) fn labelled((features, sample): Features, labels: Vec<usize>) -> Result<Self, DataError> {
        let classes = labels.iter().max().map_or(0, |&label| label + 1);
        let classes = Classes::new(labels, (0..classes).map(|class| class.to_string()))?;
        Self::with_targets(features, classes)?.with_sample_shape(sample)
    }
}

impl Dataset<Values> {
    /// Rows and the numbers to be predicted for each, from two arrays of a file.
    ///
    /// Features are taken as for [classes](Dataset::from_numbers); targets have the shape `[rows, outputs]` or
    /// `[rows]`.
    ///
    /// # Errors
    /// There are no rows; a number is not finite, or not within the range of `f32`; targets have other than one or
    /// two axes, or not one row to each row.
    ///
    /// ```
    /// use ndarray::{arr1, arr2};
    /// use nn::{Dataset, data::Numbers};
    /// let features = Numbers::from(arr2(&[[0.5f64, 2.0]]).into_dyn());
    /// let data = Dataset::regression_numbers(features, arr1(&[3i64]).into_dyn().into())?;
    /// assert_eq!(data.targets()[[0, 0]], 3.0);
    /// # Ok::<(), nn::data::DataError>(())
    /// ```
    pub fn regression_numbers(features: Numbers, targets: Numbers) -> Result<Self, DataError> {
        Self::valued(features.into_features()?, targets.into_values()?)
    }

    pub(super) fn valued((features, sample): Features, targets: Values) -> Result<Self, DataError> {
        Self::with_targets(features, targets)?.with_sample_shape(sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, Dimension, arr0, arr1, arr2};

    fn any<T, D: Dimension>(array: Array<T, D>) -> Numbers
    where
        Numbers: From<ArrayD<T>>,
    {
        Numbers::from(array.into_dyn())
    }

    #[test]
    fn rows_of_any_shape_become_features() {
        let data = |numbers: Numbers| {
            let labels = any(Array::from_elem(numbers.shape()[0], 1i8));
            Dataset::from_numbers(numbers, labels).unwrap()
        };
        assert_eq!(data(any(arr1(&[1.5f64, -2.0]))).features(), arr2(&[[1.5], [-2.0]]));
        let colours = data(any(ArrayD::<u8>::from_elem(vec![2, 3, 4, 5], 255)));
        assert_eq!((colours.sample_shape(), colours.width()), (&[3, 4, 5][..], 60));
        assert!(colours.features().iter().all(|&x| x == 1.0));
        let grey = data(any(ArrayD::<i16>::from_elem(vec![2, 4, 5], 255)));
        assert_eq!(grey.sample_shape(), [1, 4, 5]);
        assert!(grey.features().iter().all(|&x| x == 255.0), "only bytes are pixels");
        let turned = data(any(arr2(&[[1i32, 2], [3, 4]]).reversed_axes()));
        assert_eq!(turned.features(), arr2(&[[1.0, 3.0], [2.0, 4.0]]));
    }

    #[test]
    fn labels_are_whole_numbers() {
        let features = || any(arr1(&[0.5f32, 1.5]));
        let labels = |labels| Dataset::from_numbers(features(), labels).map(|data| data.labels().to_vec());
        assert_eq!(labels(any(arr1(&[2.0f32, 0.0]))).unwrap(), [2, 0]);
        assert_eq!(labels(any(arr2(&[[2u64], [65_535]]))).unwrap(), [2, 65_535]);
        let text = |numbers| labels(numbers).unwrap_err().to_string();
        assert_eq!(text(any(arr1(&[1i8, -1]))), "row 1: a class from 0 to 65535 is expected, found -1");
        assert_eq!(text(any(arr1(&[1.5f64, 1.0]))), "row 0: a class from 0 to 65535 is expected, found 1.5");
        assert_eq!(
            text(any(arr1(&[f64::NAN, 1.0]))),
            "row 0: a class from 0 to 65535 is expected, found NaN"
        );
        assert_eq!(
            text(any(arr1(&[0u64, 1 << 16]))),
            "row 1: a class from 0 to 65535 is expected, found 65536"
        );
        assert_eq!(text(any(arr1(&[0u8]))), "one label for each of 2 rows is expected, found 1");
        assert_eq!(
            text(any(ArrayD::<u8>::zeros(vec![2, 2]))),
            "labels along one axis are expected, found the shape [2, 2]"
        );
    }

    #[test]
    fn numbers_are_finite() {
        let text =
            |features, targets| Dataset::regression_numbers(features, targets).unwrap_err().to_string();
        let good = || any(arr1(&[0.5f64]));
        let wanted = "row 0, column 0: a finite number (f32) is expected, found ";
        assert_eq!(text(any(arr1(&[f32::NAN])), good()), format!("{wanted}NaN"));
        assert_eq!(text(any(arr1(&[1e39])), good()), format!("{wanted}inf"));
        assert_eq!(text(good(), any(arr1(&[f64::NEG_INFINITY]))), format!("{wanted}-inf"));
        assert_eq!(
            text(any(arr0(1.0f32)), good()),
            "features with an axis of rows are expected, found a single number"
        );
        assert_eq!(text(any(ArrayD::<f32>::zeros(vec![0, 3])), good()), "there are no rows");
        assert_eq!(
            text(good(), any(arr0(1u8))),
            "targets of the shape [rows, outputs] are expected, found []"
        );
    }
}
