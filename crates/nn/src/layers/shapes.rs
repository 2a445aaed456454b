//! The same numbers in other shapes.

use tape::{Element, Shape, Tensor};

use super::Layer;
use crate::net::Net;

/// Each sample as one row. Nothing is copied.
///
/// # Shapes
/// `[N, …]` → `[N, numbers of a sample]`
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Flatten};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([5, 2, 3, 3], vec![0.0; 90]));
/// assert_eq!(Flatten.forward(&params.on(&tape), x).shape(), [5, 18]);
/// ```
///
/// # Panics
/// The tensor has no axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten;

impl<T: Element> Layer<T> for Flatten {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        match x.shape() {
            [] => panic!("flatten: []: samples along the first axis are wanted"),
            [_, _] => x,
            [samples] => x.reshape(&[samples.cast_signed(), 1]),
            _ => x.flatten(1, -1),
        }
    }
}

/// Each sample in another shape: the rows of a data set as the images that they are. Nothing is copied, and samples
/// that are in that shape stay as they are.
///
/// # Shapes
/// `[N, …]` → `[N, shape]`
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::Reshape};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let rows = tape.constant(([5, 64], vec![0.0; 320]));
/// assert_eq!(Reshape::new(&[1, 8, 8]).forward(&params.on(&tape), rows).shape(), [5, 1, 8, 8]);
/// ```
///
/// # Panics
/// A sample has another number of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshape {
    /// The shape of a sample.
    pub shape: Shape,
}

impl Reshape {
    /// Samples of this shape.
    pub fn new(shape: &[usize]) -> Self {
        Self { shape: shape.into() }
    }
}

impl<T: Element> Layer<T> for Reshape {
    #[track_caller]
    fn forward<'t>(&self, _: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let [samples, sample @ ..] = x.shape() else {
            panic!("reshape: []: samples along the first axis are wanted");
        };
        if *sample == self.shape[..] {
            return x;
        }
        let [found, wanted] = [sample, &self.shape].map(|shape| shape.iter().product::<usize>());
        assert!(
            found == wanted,
            "reshape: {:?}: samples of {found} numbers do not fit into {:?}, which has {wanted}",
            x.shape(),
            self.shape
        );
        let shape: Vec<isize> = [*samples].iter().chain(&self.shape).map(|&n| n.cast_signed()).collect();
        x.reshape(&shape)
    }
}
