//! What can become a tensor of the tape.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ndarray::{Array, ArrayView, ArrayViewD, Dimension};

use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::shape::{self, Shape};

/// Numbers on their way onto a tape: see [`IntoTensor`].
pub enum TensorData<'a, T> {
    /// Handed over: nothing is copied.
    Owned(Shape, Vec<T>),
    /// Shared with the tape until it is reset: nothing is copied.
    Shared(Shape, Arc<Vec<T>>),
    /// Copied into the tape's memory, whatever the strides.
    Copied(ArrayViewD<'a, T>),
    /// Written into the tape's memory, element by element in row-major order: for numbers that lie elsewhere as
    /// another type, such as labels.
    Written(Shape, &'a dyn Fn(usize) -> T),
}

impl<T: Element> TensorData<'_, T> {
    /// The shape, and the numbers in row-major order; copied only where they do not lie so.
    pub(crate) fn numbers(&self) -> Result<(Shape, Cow<'_, [T]>), Error> {
        Ok(match self {
            Self::Owned(shape, numbers) => (shape.clone(), numbers.into()),
            Self::Shared(shape, numbers) => (shape.clone(), numbers.as_slice().into()),
            Self::Copied(view) => {
                let copied = || view.iter().copied().collect::<Vec<_>>().into();
                (view.shape().into(), view.as_slice().map_or_else(copied, Cow::Borrowed))
            }
            Self::Written(shape, number) => {
                (shape.clone(), (0..shape::elements(shape)?).map(number).collect())
            }
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for TensorData<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owned(shape, numbers) => f.debug_tuple("Owned").field(shape).field(numbers).finish(),
            Self::Shared(shape, numbers) => f.debug_tuple("Shared").field(shape).field(numbers).finish(),
            Self::Copied(view) => f.debug_tuple("Copied").field(view).finish(),
            Self::Written(shape, _) => f.debug_tuple("Written").field(shape).finish_non_exhaustive(),
        }
    }
}

/// What [`Tape::tensor`](crate::Tape::tensor) and [`Tape::constant`](crate::Tape::constant) accept: an `ndarray` array
/// or view of any dimension, or a pair of shape and numbers in row-major order.
///
/// ```
/// use ndarray::array;
/// use tape::Tape;
/// let tape = Tape::<f64>::new();
/// let m = array![[1.0, 2.0], [3.0, 4.0]];
/// tape.tensor(m.t());                          // a view, copied
/// tape.tensor(m);                              // an array, handed over
/// tape.constant(([2, 1], vec![0.5, -1.0]));    // shape and numbers
/// ```
pub trait IntoTensor<'a, T> {
    /// The shape and the numbers.
    ///
    /// # Errors
    /// The number of elements overflows, or is not that of the shape.
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error>;
}

/// As it is: for data that is [written](TensorData::Written).
///
/// ```
/// use tape::{Shape, Tape, TensorData};
/// let labels = [2usize, 0, 1];
/// let tape = Tape::<f64>::new();
/// let t = tape.constant(TensorData::Written(Shape::from_slice(&[3]), &|k| labels[k] as f64));
/// assert_eq!(t.value().as_slice(), Some(&[2.0, 0.0, 1.0][..]));
/// ```
impl<'a, T: Element> IntoTensor<'a, T> for TensorData<'a, T> {
    #[inline]
    fn into_tensor(self) -> Result<Self, Error> {
        match &self {
            Self::Owned(shape, numbers) => drop(checked(shape, numbers.len())?),
            Self::Shared(shape, numbers) => drop(checked(shape, numbers.len())?),
            Self::Copied(_) | Self::Written(..) => {}
        }
        Ok(self)
    }
}

impl<'a, T: Element, D: Dimension> IntoTensor<'a, T> for ArrayView<'a, T, D> {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        Ok(TensorData::Copied(self.into_dyn()))
    }
}

impl<'a, T: Element, D: Dimension> IntoTensor<'a, T> for &'a Array<T, D> {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        self.view().into_tensor()
    }
}

impl<'a, T: Element, D: Dimension> IntoTensor<'a, T> for Array<T, D> {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        let shape = Shape::from_slice(self.shape());
        let len = self.len();
        let array = if self.is_standard_layout() { self } else { self.as_standard_layout().into_owned() };
        let (mut numbers, offset) = array.into_raw_vec_and_offset();
        let start = offset.unwrap_or(0);
        if start > 0 {
            numbers.drain(..start);
        }
        numbers.truncate(len);
        Ok(TensorData::Owned(shape, numbers))
    }
}

impl<'a, T: Element, S: AsRef<[usize]>> IntoTensor<'a, T> for (S, Vec<T>) {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        Ok(TensorData::Owned(checked(self.0.as_ref(), self.1.len())?, self.1))
    }
}

impl<'a, T: Element, S: AsRef<[usize]>> IntoTensor<'a, T> for (S, Arc<Vec<T>>) {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        Ok(TensorData::Shared(checked(self.0.as_ref(), self.1.len())?, self.1))
    }
}

impl<'a, T: Element, S: AsRef<[usize]>> IntoTensor<'a, T> for (S, &'a [T]) {
    #[inline]
    fn into_tensor(self) -> Result<TensorData<'a, T>, Error> {
        let shape = checked(self.0.as_ref(), self.1.len())?;
        let view = ArrayViewD::from_shape(&shape[..], self.1);
        Ok(TensorData::Copied(view.map_err(|error| Error::new(ErrorKind::Shape, error.to_string()))?))
    }
}

#[inline]
fn checked(extents: &[usize], len: usize) -> Result<Shape, Error> {
    let wanted = shape::elements(extents)?;
    if wanted != len {
        let text = format!("the shape has {wanted} elements, the data {len}");
        return Err(Error::new(ErrorKind::Shape, text).shapes([extents]));
    }
    Ok(Shape::from_slice(extents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;

    #[test]
    fn numbers_may_come_from_the_same_tape() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([3], vec![1.0, 2.0, 3.0]));
        let number = |k: usize| x.value()[2 - k] + (tape.scalar(1.0) * 2.0).value();
        let y = tape.constant(TensorData::Written(Shape::from_slice(&[3]), &number));
        assert_eq!(y.value().as_slice(), Some(&[5.0, 4.0, 3.0][..]));
        assert_eq!((x * y).sum().value(), 5.0 + 8.0 + 9.0);
    }
}
