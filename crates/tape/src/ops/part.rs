//! Positions next to one another along one axis: one of them, or all of them in parts.

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::layout;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// `len` positions from `start` on along an axis. The name is that of the method.
#[derive(Clone, Debug)]
pub(super) struct Part {
    name: &'static str,
    axis: usize,
    start: usize,
    len: usize,
    /// The axis, of one position, is left out of the shape.
    drop: bool,
}

impl Part {
    /// How many blocks there are, how long each is, how far they are apart, and where the first one starts.
    fn blocks(&self, shape: &[usize]) -> (usize, usize, usize, usize) {
        let inner: usize = shape[self.axis + 1..].iter().product();
        let outer = shape[..self.axis].iter().product();
        (outer, self.len * inner, shape[self.axis] * inner, self.start * inner)
    }
}

impl<T: Element> TensorOp<T> for Part {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let mut shape = Shape::from_slice(inputs[0].shape);
        let (extent, end) = (shape[self.axis], self.start + self.len);
        if end > extent {
            let text = format!("positions up to {end} are outside axis {} of extent {extent}", self.axis);
            return Err(Error::new(ErrorKind::OutOfRange, text));
        }
        if self.drop {
            shape.remove(self.axis);
        } else {
            shape[self.axis] = self.len;
        }
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let (outer, inner, whole, offset) = self.blocks(x.shape);
        layout::take_block(x.data, outer, whole, offset, pass.output, inner, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let upstream = pass.upstream();
        let (outer, inner, whole, offset) = self.blocks(pass.input(0).shape);
        match pass.downstream(0) {
            Some(to) if to.accumulate => {
                layout::add_block(upstream, outer, inner, to.gradient, whole, offset);
            }
            Some(to) => layout::lone_block(upstream, outer, inner, to.gradient, whole, offset),
            None => {}
        }
    }
}

impl Described for Part {
    const DESCRIPTION: Description = Description {
        name: "split",
        formula: "y = x at some positions next to one another along an axis",
        derivative: "g at these positions, 0 elsewhere",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], axis, start, len, drop| {
            Sample::new(Self { name: "split", axis, start, len, drop }, [Drawn::real(shape)])
        };
        vec![
            case(&[5], 0, 1, 3, false),
            case(&[2, 4, 3], 1, 2, 1, true),
            case(&[2, 4, 3], 1, 0, 2, false),
            case(&[3, 2], 1, 1, 1, true),
            case(&[1, 2], 0, 0, 1, false),
            case(&[4, 2], 0, 4, 0, false),
            case(&[0, 3], 1, 2, 1, true),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// One position along an axis, which is then gone: `PyTorch`'s `select(dim, index)`. A negative axis or index counts
    /// from the back.
    ///
    /// # Shapes
    /// The shape without that axis.
    ///
    /// # Derivative
    /// `1` at the position, 0 elsewhere.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let y = x.index_axis(1, -1);
    /// assert_eq!(y.value(), array![2.0, 4.0].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[0.0, 1.0], [0.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_index_axis`](Self::try_index_axis) fails.
    #[track_caller]
    #[must_use]
    pub fn index_axis(self, axis: isize, index: isize) -> Self {
        or_panic(self.try_index_axis(axis, index))
    }

    /// One position along an axis, which is then gone.
    ///
    /// # Errors
    /// The axis lies outside the shape, or the index outside the axis.
    #[track_caller]
    pub fn try_index_axis(self, axis: isize, index: isize) -> Result<Self, Error> {
        let (name, here) = ("index_axis", std::panic::Location::caller());
        let axis = self.axis(name, axis)?;
        let extent = self.shape()[axis];
        let from_front = if index < 0 { extent.checked_add_signed(index) } else { Some(index as usize) };
        let Some(start) = from_front.filter(|&k| k < extent) else {
            let text = format!("index {index} is outside axis {axis} of extent {extent}");
            let error = Error::new(ErrorKind::OutOfRange, text).operation(name);
            return Err(error.shapes([self.shape()]).at(here));
        };
        self.record(Part { name, axis, start, len: 1, drop: true })
    }

    /// All of an axis in parts of the given extents; [`concat`](Self::concat) puts them together again. A negative axis
    /// counts from the back.
    ///
    /// # Derivative
    /// `1`, from each part to where it was taken from.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0, 3.0]]);
    /// let [a, b] = x.split(1, &[1, 2])[..] else { unreachable!() };
    /// assert_eq!((a.value(), b.value()), (array![[1.0]].into_dyn().view(), array![[2.0, 3.0]].into_dyn().view()));
    /// ```
    ///
    /// # Panics
    /// As [`try_split`](Self::try_split) fails.
    #[track_caller]
    #[must_use]
    pub fn split(self, axis: isize, extents: &[usize]) -> Vec<Self> {
        or_panic(self.try_split(axis, extents))
    }

    /// All of an axis in parts of the given extents.
    ///
    /// # Errors
    /// The axis lies outside the shape, or the extents do not add up to that of the axis.
    #[track_caller]
    pub fn try_split(self, axis: isize, extents: &[usize]) -> Result<Vec<Self>, Error> {
        let (name, here) = ("split", std::panic::Location::caller());
        let axis = self.axis(name, axis)?;
        let extent = self.shape()[axis];
        if extents.iter().try_fold(0usize, |sum, &part| sum.checked_add(part)) != Some(extent) {
            let text = format!("the extents {extents:?} do not add up to {extent}, that of axis {axis}");
            let error = Error::new(ErrorKind::Shape, text).operation(name);
            return Err(error.shapes([self.shape()]).at(here));
        }
        self.parts(name, axis, extents.iter().copied())
    }

    /// All of an axis in at most `n` parts of one extent, rounded up; the last part may be smaller, and where they are
    /// used up earlier there are fewer parts: `PyTorch`'s `chunk`. An axis of extent 0 is one part. A negative axis counts
    /// from the back.
    ///
    /// # Derivative
    /// `1`, from each part to where it was taken from.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([5, 2], vec![0.0; 10]));
    /// let extents = |n| x.chunks(0, n).iter().map(|part| part.shape()[0]).collect::<Vec<_>>();
    /// assert_eq!((extents(2), extents(4)), (vec![3, 2], vec![2, 2, 1]));
    /// ```
    ///
    /// # Panics
    /// As [`try_chunks`](Self::try_chunks) fails.
    #[track_caller]
    #[must_use]
    pub fn chunks(self, axis: isize, n: usize) -> Vec<Self> {
        or_panic(self.try_chunks(axis, n))
    }

    /// All of an axis in at most `n` parts of one extent.
    ///
    /// # Errors
    /// The axis lies outside the shape, or `n` is 0.
    #[track_caller]
    pub fn try_chunks(self, axis: isize, n: usize) -> Result<Vec<Self>, Error> {
        let (name, here) = ("chunks", std::panic::Location::caller());
        let axis = self.axis(name, axis)?;
        let extent = self.shape()[axis];
        if n == 0 {
            let error = Error::new(ErrorKind::Value, "an axis is not cut into 0 parts").operation(name);
            return Err(error.shapes([self.shape()]).at(here));
        }
        let part = extent.div_ceil(n).max(1);
        let parts = extent.div_ceil(part).max(1);
        self.parts(name, axis, (0..parts).map(|k| part.min(extent - k * part)))
    }

    /// Consecutive parts of an axis.
    #[track_caller]
    fn parts(
        self,
        name: &'static str,
        axis: usize,
        extents: impl ExactSizeIterator<Item = usize>,
    ) -> Result<Vec<Self>, Error> {
        let mut parts = Vec::with_capacity(extents.len());
        let mut start = 0;
        for len in extents {
            parts.push(self.record(Part { name, axis, start, len, drop: false })?);
            start += len;
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Tensor};

    #[test]
    fn errors_name_what_is_outside() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 3], vec![0.0; 6]));
        let one = |result: Result<Tensor<'_>, crate::Error>| result.map(|_| ()).unwrap_err().to_string();
        let many =
            |result: Result<Vec<Tensor<'_>>, crate::Error>| result.map(|_| ()).unwrap_err().to_string();
        for (error, start) in [
            (one(x.try_index_axis(1, 3)), "index_axis: [2, 3]: index 3 is outside axis 1 of extent 3 (at "),
            (
                one(x.try_index_axis(-2, -3)),
                "index_axis: [2, 3]: index -3 is outside axis 0 of extent 2 (at ",
            ),
            (one(x.try_index_axis(2, 0)), "index_axis: [2, 3]: axis 2 is outside a tensor of 2 axes (at "),
            (
                many(x.try_split(1, &[2, 2])),
                "split: [2, 3]: the extents [2, 2] do not add up to 3, that of axis 1 (at ",
            ),
            (
                many(x.try_split(1, &[usize::MAX, 4])),
                "split: [2, 3]: the extents [18446744073709551615, 4] do not add up to 3, that of axis 1 (at ",
            ),
            (many(x.try_chunks(0, 0)), "chunks: [2, 3]: an axis is not cut into 0 parts (at "),
        ] {
            assert!(error.starts_with(start) && error.contains("part.rs:"), "{error}");
        }
    }

    #[test]
    fn parts_of_little_and_of_nothing() {
        let tape = Tape::<f64>::new();
        let extents =
            |x: Tensor<'_>, n| x.chunks(-1, n).iter().map(|part| part.shape()[0]).collect::<Vec<_>>();
        assert_eq!(extents(tape.tensor(([3], vec![0.0; 3])), 7), [1, 1, 1]);
        assert_eq!(extents(tape.tensor(([0], vec![])), 3), [0]);
        assert!(tape.tensor(([0], vec![])).split(0, &[]).is_empty());
    }
}
