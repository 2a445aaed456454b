//! Whole positions of an axis, found by index: the rows of a table.

use super::indices::check;
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::indexed::Tables;
use crate::listing::{Described, Description, Drawn, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Whole positions of an axis. The name is that of the method.
#[derive(Clone, Debug)]
pub(super) struct Take {
    name: &'static str,
    axis: usize,
    /// The position that no gradient flows back to.
    padding: Option<usize>,
}

impl<T: Element> TensorOp<T> for Take {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let (x, indices) = (inputs[0].shape, inputs[1]);
        check(indices, self.axis, x[self.axis])?;
        let (before, behind) = (&x[..self.axis], &x[self.axis + 1..]);
        Ok(before.iter().chain(indices.shape).chain(behind).copied().collect())
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let (x, indices) = (pass.inputs[0], pass.inputs[1].data);
        Tables::of(x.shape, self.axis).take_rows(x.data, indices, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, indices, upstream) = (pass.input(0).shape, pass.input(1).data, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            Tables::of(x, self.axis).add_rows(upstream, indices, to.zeroed(), self.padding);
        }
    }
}

impl Described for Take {
    const DESCRIPTION: Description = Description {
        name: "index_select",
        formula: "y[…, i, …] = x[…, indices[i], …] along the axis",
        derivative: "g, added up at each position of x; 0 at the padding and where no index points",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], axis, indices: (&[usize], &[f64]), padding| {
            let indices = Drawn::given(indices.0, indices.1);
            Sample::new(Self { name: "index_select", axis, padding }, [Drawn::real(shape), indices])
        };
        vec![
            case(&[4, 3], 0, (&[5], &[2.0, 0.0, 2.0, 3.0, 2.0]), None),
            case(&[2, 3, 2], 1, (&[2], &[2.0, 0.0]), None),
            case(&[2, 4], 1, (&[3], &[3.0, 3.0, 1.0]), None),
            case(&[5, 2], 0, (&[2, 3], &[0.0, 4.0, 1.0, 1.0, 0.0, 2.0]), None),
            case(&[3], 0, (&[], &[1.0]), None),
            case(&[1, 2], 0, (&[3], &[0.0; 3]), None),
            case(&[3, 2], 0, (&[0], &[]), None),
            case(&[3, 0], 0, (&[2], &[2.0, 1.0]), None),
        ]
    }

    fn specials() -> Vec<Special<Self>> {
        vec![Special {
            operation: Self { name: "embedding", axis: 0, padding: Some(1) },
            operands: vec![
                ([3, 2].as_slice().into(), vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
                ([4].as_slice().into(), vec![1.0, 2.0, 2.0, 1.0]),
            ],
            output: vec![3.0, 4.0, 5.0, 6.0, 5.0, 6.0, 3.0, 4.0],
            gradients: vec![Some(vec![0.0, 0.0, 0.0, 0.0, 2.0, 2.0]), None],
        }]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The positions of an axis that the indices name, in their order; one may be named more than once. A negative axis
    /// counts from the back.
    ///
    /// # Shapes
    /// The shape with as many positions along the axis as there are indices.
    ///
    /// # Derivative
    /// `1`, added up at each position; 0 at those that are not named.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let y = x.index_select(0, &[2, 0, 2]);
    /// assert_eq!(y.value(), array![[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[1.0, 1.0], [0.0, 0.0], [2.0, 2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_index_select`](Self::try_index_select) fails.
    #[track_caller]
    #[must_use]
    pub fn index_select(self, axis: isize, indices: &[usize]) -> Self {
        or_panic(self.try_index_select(axis, indices))
    }

    /// The positions of an axis that the indices name.
    ///
    /// # Errors
    /// The axis lies outside the shape, an index outside the axis.
    #[track_caller]
    pub fn try_index_select(self, axis: isize, indices: &[usize]) -> Result<Self, Error> {
        let name = "index_select";
        let (here, axis) = (std::panic::Location::caller(), self.axis(name, axis)?);
        let extent = self.shape()[axis];
        // Before they become numbers of another type, which may not hold them.
        if let Some(k) = indices.iter().position(|&index| index >= extent) {
            let text = format!("index {} at [{k}] is outside axis {axis} of extent {extent}", indices[k]);
            let error = Error::new(ErrorKind::OutOfRange, text).operation(name);
            return Err(error.shapes([self.shape()]).at(here));
        }
        let indices: Vec<T> = indices.iter().map(|&index| T::of(index as f64)).collect();
        let indices = self.tape.try_constant(([indices.len()], indices))?;
        Self::of_parts(Take { name, axis, padding: None }, [self.into(), indices.into()], false)
    }

    /// The rows of a table that the indices name: `PyTorch`'s `embedding`. The indices are whole numbers in a
    /// [constant](crate::Tape::constant) of any shape.
    ///
    /// # Shapes
    /// Of a table `[v, d]`: the shape of the indices, and `d`.
    ///
    /// # Derivative
    /// `1`, added up in each row; 0 in those that are not named. Nothing flows to the indices.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let table = tape.tensor(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let words = tape.constant(array![[2.0, 0.0], [2.0, 1.0]]);
    /// let y = table.embedding(words);
    /// assert_eq!(y.shape(), [2, 2, 2]);
    /// assert_eq!(y.sum().backward().wrt(table), array![[1.0, 1.0], [1.0, 1.0], [2.0, 2.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_embedding`](Self::try_embedding) fails.
    #[track_caller]
    #[must_use]
    pub fn embedding(self, indices: Self) -> Self {
        or_panic(self.try_embedding(indices))
    }

    /// The rows of a table that the indices name.
    ///
    /// # Errors
    /// The table is no matrix; an index is no whole number, or outside the table; the two belong to two tapes.
    #[track_caller]
    pub fn try_embedding(self, indices: Self) -> Result<Self, Error> {
        self.rows_of_table(indices, None)
    }

    /// The rows of a table that the indices name, of which one stands for nothing: its row is read as any other, and no
    /// gradient flows back to it. See [`embedding`](Self::embedding).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let table = tape.tensor(array![[0.0, 0.0], [3.0, 4.0]]);
    /// let y = table.embedding_with_padding(tape.constant(array![1.0, 0.0, 0.0]), 0);
    /// assert_eq!(y.sum().backward().wrt(table), array![[0.0, 0.0], [1.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_embedding_with_padding`](Self::try_embedding_with_padding) fails.
    #[track_caller]
    #[must_use]
    pub fn embedding_with_padding(self, indices: Self, padding: usize) -> Self {
        or_panic(self.try_embedding_with_padding(indices, padding))
    }

    /// The rows of a table that the indices name, of which one stands for nothing.
    ///
    /// # Errors
    /// As of [`try_embedding`](Self::try_embedding); or the padding is no row of the table.
    #[track_caller]
    pub fn try_embedding_with_padding(self, indices: Self, padding: usize) -> Result<Self, Error> {
        self.rows_of_table(indices, Some(padding))
    }

    #[track_caller]
    fn rows_of_table(self, indices: Self, padding: Option<usize>) -> Result<Self, Error> {
        let (name, here) = ("embedding", std::panic::Location::caller());
        let fail = |kind, text: String| {
            Err(Error::new(kind, text).operation(name).shapes([self.shape(), indices.shape()]).at(here))
        };
        let &[rows, _] = self.shape() else {
            return fail(ErrorKind::Shape, "a table has two axes: rows, and the numbers of each".into());
        };
        if let Some(padding) = padding.filter(|&padding| padding >= rows) {
            return fail(ErrorKind::OutOfRange, format!("the padding {padding} is none of the {rows} rows"));
        }
        Self::of_parts(Take { name, axis: 0, padding }, [self.into(), indices.into()], false)
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    #[test]
    fn rows_add_up_over_several_uses_and_the_padding_of_one_does_not_hide_another() {
        let tape = Tape::<f64>::new();
        let table = tape.tensor(([3, 1], vec![1.0, 2.0, 3.0]));
        let indices = tape.constant(([4], vec![2.0, 0.0, 2.0, 2.0]));
        let (all, without) = (table.embedding(indices), table.embedding_with_padding(indices, 2));
        assert_eq!(without.value(), all.value());
        let grads = (all.sum() * 10.0 + without.sum() + table.index_select(0, &[1]).sum()).backward();
        assert_eq!(grads.wrt(table).as_slice(), Some(&[11.0, 1.0, 30.0][..]));
        assert!(grads.get(indices).is_none());
    }

    #[test]
    fn indices_that_are_no_constant_get_no_gradient() {
        let tape = Tape::<f64>::new();
        let table = tape.tensor(([2, 1], vec![1.0, 2.0]));
        let indices = tape.tensor(([1], vec![1.0]));
        assert_eq!(table.embedding(indices).sum().backward().wrt(indices)[0], 0.0);
    }
}
