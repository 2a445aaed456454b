//! Axes that come, go, or move: the same numbers under another shape.

use super::layout::{Permute, Reshape};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::shape::{self, Shape};

impl<T: Element> Tensor<'_, T> {
    /// The same elements without an axis of extent 1; nothing is copied. A negative axis counts from the back.
    ///
    /// # Shapes
    /// `[2, 1, 3] → [2, 3]` for axis 1. An axis of another extent is an error, as in `NumPy`, and not left in place.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 1, 3], vec![0.0; 6]));
    /// assert_eq!(x.squeeze(1).shape(), [2, 3]);
    /// ```
    ///
    /// # Panics
    /// As [`try_squeeze`](Self::try_squeeze) fails.
    #[track_caller]
    #[must_use]
    pub fn squeeze(self, axis: isize) -> Self {
        or_panic(self.try_squeeze(axis))
    }

    /// The same elements without an axis of extent 1.
    ///
    /// # Errors
    /// The axis lies outside the shape, or has another extent.
    #[track_caller]
    pub fn try_squeeze(self, axis: isize) -> Result<Self, Error> {
        let (name, here) = ("squeeze", std::panic::Location::caller());
        let axis = self.axis(name, axis)?;
        let mut shape = Shape::from_slice(self.shape());
        let extent = shape.remove(axis);
        if extent != 1 {
            let error = Error::new(ErrorKind::Shape, format!("axis {axis} has the extent {extent}, not 1"));
            return Err(error.operation(name).shapes([self.shape()]).at(here));
        }
        self.record(Reshape { name, shape })
    }

    /// The same elements with a new axis of extent 1; nothing is copied. A negative axis counts from the back of the
    /// result.
    ///
    /// # Shapes
    /// `[2, 3] → [1, 2, 3]`, `[2, 1, 3]`, `[2, 3, 1]` for the axes 0, 1, 2.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3], vec![0.0; 6]));
    /// assert_eq!((x.unsqueeze(1).shape(), x.unsqueeze(-1).shape()), (&[2, 1, 3][..], &[2, 3, 1][..]));
    /// ```
    ///
    /// # Panics
    /// As [`try_unsqueeze`](Self::try_unsqueeze) fails.
    #[track_caller]
    #[must_use]
    pub fn unsqueeze(self, axis: isize) -> Self {
        or_panic(self.try_unsqueeze(axis))
    }

    /// The same elements with a new axis of extent 1.
    ///
    /// # Errors
    /// The axis lies outside the shape of the result.
    #[track_caller]
    pub fn try_unsqueeze(self, axis: isize) -> Result<Self, Error> {
        let (name, here) = ("unsqueeze", std::panic::Location::caller());
        let explain = |error: Error| error.operation(name).shapes([self.shape()]).at(here);
        let mut shape = Shape::from_slice(self.shape());
        let axis = shape::axis(axis, shape.len() + 1).map_err(explain)?;
        shape.insert(axis, 1);
        self.record(Reshape { name, shape })
    }

    /// The same elements with the axes from `start` to `end`, both included, as one; nothing is copied. Negative axes
    /// count from the back.
    ///
    /// # Shapes
    /// `[2, 3, 4, 5] → [2, 12, 5]` for `flatten(1, 2)`; no axes become one of extent 1.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3, 4], vec![0.0; 24]));
    /// assert_eq!((x.flatten(1, -1).shape(), x.flatten(0, -1).shape()), (&[2, 12][..], &[24][..]));
    /// ```
    ///
    /// # Panics
    /// As [`try_flatten`](Self::try_flatten) fails.
    #[track_caller]
    #[must_use]
    pub fn flatten(self, start: isize, end: isize) -> Self {
        or_panic(self.try_flatten(start, end))
    }

    /// The same elements with the axes from `start` to `end` as one.
    ///
    /// # Errors
    /// An axis lies outside the shape, or `end` lies before `start`.
    #[track_caller]
    pub fn try_flatten(self, start: isize, end: isize) -> Result<Self, Error> {
        let (name, here) = ("flatten", std::panic::Location::caller());
        let explain = |error: Error| error.operation(name).shapes([self.shape()]).at(here);
        // A tensor without axes is flattened as one of extent 1.
        let extents = if self.shape().is_empty() { &[1] } else { self.shape() };
        let named = |axis| shape::axis(axis, extents.len()).map_err(explain);
        let (start, end) = (named(start)?, named(end)?);
        if end < start {
            let text = format!("axis {end} lies before axis {start}");
            return Err(explain(Error::new(ErrorKind::OutOfRange, text)));
        }
        let mut shape = Shape::from_slice(&extents[..start]);
        shape.push(shape::elements(&extents[start..=end]).map_err(explain)?);
        shape.extend_from_slice(&extents[end + 1..]);
        self.record(Reshape { name, shape })
    }

    /// One axis moved to another place, the others in their order. Negative axes count from the back.
    ///
    /// # Shapes
    /// `[2, 3, 4] → [3, 4, 2]` for `moveaxis(0, -1)`.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(([2, 3, 4], vec![0.0; 24]));
    /// assert_eq!(x.moveaxis(0, -1).shape(), [3, 4, 2]);
    /// ```
    ///
    /// # Panics
    /// As [`try_moveaxis`](Self::try_moveaxis) fails.
    #[track_caller]
    #[must_use]
    pub fn moveaxis(self, from: isize, to: isize) -> Self {
        or_panic(self.try_moveaxis(from, to))
    }

    /// One axis moved to another place, the others in their order.
    ///
    /// # Errors
    /// An axis lies outside the shape.
    #[track_caller]
    pub fn try_moveaxis(self, from: isize, to: isize) -> Result<Self, Error> {
        let name = "moveaxis";
        let (from, to) = (self.axis(name, from)?, self.axis(name, to)?);
        let mut dims: Shape = (0..self.shape().len()).collect();
        dims.remove(from);
        dims.insert(to, from);
        self.record(Permute { name, dims })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Tensor};

    #[test]
    fn axes_of_small_tensors() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([], vec![3.0]));
        assert_eq!((x.flatten(0, -1).shape(), x.unsqueeze(-1).shape()), (&[1][..], &[1][..]));
        assert!(x.unsqueeze(0).squeeze(0).shape().is_empty());
        let empty = tape.tensor(([2, 0, 3], vec![]));
        assert_eq!(
            (empty.flatten(0, 1).shape(), empty.moveaxis(-1, 0).shape()),
            (&[0, 3][..], &[3, 2, 0][..])
        );
    }

    #[test]
    fn errors_name_axis_and_extent() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 1, 3], vec![0.0; 6]));
        let text = |result: Result<Tensor<'_>, crate::Error>| result.map(|_| ()).unwrap_err().to_string();
        for (error, start) in [
            (x.try_squeeze(-1), "squeeze: [2, 1, 3]: axis 2 has the extent 3, not 1 (at "),
            (x.try_squeeze(3), "squeeze: [2, 1, 3]: axis 3 is outside a tensor of 3 axes (at "),
            (x.try_unsqueeze(4), "unsqueeze: [2, 1, 3]: axis 4 is outside a tensor of 4 axes (at "),
            (x.try_flatten(2, 1), "flatten: [2, 1, 3]: axis 1 lies before axis 2 (at "),
            (x.try_flatten(0, 3), "flatten: [2, 1, 3]: axis 3 is outside a tensor of 3 axes (at "),
            (x.try_moveaxis(0, -4), "moveaxis: [2, 1, 3]: axis -4 is outside a tensor of 3 axes (at "),
        ] {
            let error = text(error);
            assert!(error.starts_with(start) && error.contains("axes.rs:"), "{error}");
        }
    }
}
