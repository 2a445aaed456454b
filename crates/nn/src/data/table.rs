//! Numbers in columns, wherever they are: [`Table`].

use ndarray::{ArrayBase, ArrayView, ArrayViewMut, Data, DataMut, Ix2, RemoveAxis};

use super::dataset::Dataset;
use super::targets::Targets;

/// Numbers in columns, the last axis being that of the columns: an array, or the features of a [`Dataset`].
///
/// ```
/// use nn::data::{Dataset, Table};
/// assert_eq!(Dataset::iris().table().shape(), [150, 4]);
/// assert_eq!(ndarray::Array3::<f32>::zeros((2, 3, 4)).table().shape(), [2, 3, 4]);
/// ```
pub trait Table {
    /// How many axes there are.
    type Axes: RemoveAxis;

    /// All numbers.
    fn table(&self) -> ArrayView<'_, f32, Self::Axes>;
}

/// A [`Table`] that can be changed.
///
/// ```
/// use nn::data::{Dataset, TableMut};
/// let mut iris = Dataset::iris();
/// iris.table_mut().fill(0.0);
/// assert_eq!(iris.features().sum(), 0.0);
/// ```
pub trait TableMut: Table {
    /// All numbers, to be changed in place.
    fn table_mut(&mut self) -> ArrayViewMut<'_, f32, Self::Axes>;
}

impl<S: Data<Elem = f32>, D: RemoveAxis> Table for ArrayBase<S, D> {
    type Axes = D;

    fn table(&self) -> ArrayView<'_, f32, D> {
        self.view()
    }
}

impl<S: DataMut<Elem = f32>, D: RemoveAxis> TableMut for ArrayBase<S, D> {
    fn table_mut(&mut self) -> ArrayViewMut<'_, f32, D> {
        self.view_mut()
    }
}

impl<Y: Targets> Table for Dataset<Y> {
    type Axes = Ix2;

    fn table(&self) -> ArrayView<'_, f32, Ix2> {
        self.features()
    }
}

impl<Y: Targets> TableMut for Dataset<Y> {
    fn table_mut(&mut self) -> ArrayViewMut<'_, f32, Ix2> {
        self.features_mut()
    }
}
