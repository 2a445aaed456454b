//! What a prediction can be compared with.

use ndarray::{ArrayBase, ArrayView, Data, Dimension};
use tape::{Element, Error, ErrorKind, Shape, Tape, Tensor, TensorData};

/// Targets of [`mse`](crate::Losses::mse) and the cross-entropies on probabilities: an `ndarray` array or view, a tensor
/// of the tape, or plain numbers in row-major order, which take the shape of the prediction. Labels of two classes
/// stand for the numbers 0 and 1.
///
/// Arrays and numbers become constants; a tensor that is none gets a gradient like any other operand.
pub trait Target<'t, T: Element> {
    /// The targets of a prediction of this shape, on the tape.
    ///
    /// # Errors
    /// Plain numbers are too many or too few.
    #[track_caller]
    fn target(self, tape: &'t Tape<T>, shape: &[usize]) -> Result<Tensor<'t, T>, Error>;
}

impl<'t, T: Element> Target<'t, T> for Tensor<'t, T> {
    #[track_caller]
    fn target(self, _: &'t Tape<T>, _: &[usize]) -> Result<Tensor<'t, T>, Error> {
        Ok(self)
    }
}

impl<'t, T: Element> Target<'t, T> for &Tensor<'t, T> {
    #[track_caller]
    fn target(self, _: &'t Tape<T>, _: &[usize]) -> Result<Tensor<'t, T>, Error> {
        Ok(*self)
    }
}

impl<'t, T: Element, S: Data<Elem = T>, D: Dimension> Target<'t, T> for &ArrayBase<S, D> {
    #[track_caller]
    fn target(self, tape: &'t Tape<T>, _: &[usize]) -> Result<Tensor<'t, T>, Error> {
        tape.try_constant(self.view())
    }
}

impl<'t, T: Element, D: Dimension> Target<'t, T> for ArrayView<'_, T, D> {
    #[track_caller]
    fn target(self, tape: &'t Tape<T>, _: &[usize]) -> Result<Tensor<'t, T>, Error> {
        tape.try_constant(self)
    }
}

/// `len` numbers in a shape.
#[track_caller]
fn written<'t, T: Element>(
    tape: &'t Tape<T>,
    shape: &[usize],
    len: usize,
    number: &dyn Fn(usize) -> T,
) -> Result<Tensor<'t, T>, Error> {
    let wanted = tape::shape::elements(shape)?;
    if len != wanted {
        let text = format!("one target for each of {wanted} predictions is expected, found {len}");
        let here = std::panic::Location::caller();
        return Err(Error::new(ErrorKind::Shape, text).shapes([shape]).at(here));
    }
    tape.try_constant(TensorData::Written(Shape::from_slice(shape), number))
}

macro_rules! numbers {
    ([$($generics:tt)*] $Element:ty, $Number:ty, $number:expr) => {
        numbers! { @ [$($generics)*] $Element, $Number, $number, &[$Number] }
        numbers! { @ [$($generics)*] $Element, $Number, $number, &&[$Number] }
        numbers! { @ [$($generics)*] $Element, $Number, $number, &Vec<$Number> }
        numbers! { @ [const N: usize, $($generics)*] $Element, $Number, $number, &[$Number; N] }
    };
    (@ [$($generics:tt)*] $Element:ty, $Number:ty, $number:expr, $Slice:ty) => {
        impl<'t, $($generics)*> Target<'t, $Element> for $Slice {
            #[track_caller]
            fn target(self, tape: &'t Tape<$Element>, shape: &[usize]) -> Result<Tensor<'t, $Element>, Error> {
                written(tape, shape, self.len(), &|k| $number(self[k]))
            }
        }
    };
}

numbers! { [] f32, f32, std::convert::identity }
numbers! { [] f64, f64, std::convert::identity }
numbers! { [T: Element] T, usize, |label: usize| T::of(label as f64) }
