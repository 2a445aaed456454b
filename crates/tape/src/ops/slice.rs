//! Parts of a tensor, forwards and backwards.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo};

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::slicing;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Which positions along an axis: a range, every so many of them, forwards or backwards.
///
/// A negative step goes through the same range from its end, as in `ndarray`; Python's `x[::-1]` is
/// `Span::from(..).step(-1)`, and its `x[7:2:-2]` is `Span::from(3..8).step(-2)`.
///
/// ```
/// use tape::Span;
/// let every_other = Span::from(1..).step(2);
/// assert_eq!(every_other.positions(6).collect::<Vec<_>>(), [1, 3, 5]);
/// let backwards = Span::from(1..).step(-2);
/// assert_eq!(backwards.positions(5).collect::<Vec<_>>(), [4, 2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: usize,
    /// `None`: to the end.
    stop: Option<usize>,
    step: isize,
}

impl Span {
    /// Every `step`-th position of the range: from its start, or from its end where the step is negative.
    ///
    /// # Panics
    /// The step is 0.
    #[track_caller]
    #[must_use]
    pub fn step(self, step: isize) -> Self {
        assert!(step != 0, "a span needs a step other than 0");
        Self { step, ..self }
    }

    /// The positions that it takes of an axis.
    pub fn positions(self, extent: usize) -> impl ExactSizeIterator<Item = usize> {
        let slicing::Span { start, len, step } = self.resolved(extent);
        (0..len).map(move |k| start.wrapping_add_signed(step.wrapping_mul(k as isize)))
    }

    fn resolved(self, extent: usize) -> slicing::Span {
        let stop = self.stop.unwrap_or(extent).max(self.start);
        let len = (stop - self.start).div_ceil(self.step.unsigned_abs());
        let start = if self.step < 0 && len > 0 { stop - 1 } else { self.start };
        slicing::Span { start, len, step: self.step }
    }

    fn fits(self, extent: usize) -> bool {
        self.start <= extent && self.stop.unwrap_or(extent) <= extent
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..", self.start)?;
        self.stop.map_or(Ok(()), |stop| write!(f, "{stop}"))
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, stop: Some(range.end), step: 1 }
    }
}

impl From<RangeInclusive<usize>> for Span {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self { start: *range.start(), stop: Some(range.end().saturating_add(1)), step: 1 }
    }
}

impl From<RangeFrom<usize>> for Span {
    fn from(range: RangeFrom<usize>) -> Self {
        Self { start: range.start, stop: None, step: 1 }
    }
}

impl From<RangeTo<usize>> for Span {
    fn from(range: RangeTo<usize>) -> Self {
        Self { start: 0, stop: Some(range.end), step: 1 }
    }
}

impl From<RangeFull> for Span {
    fn from(_: RangeFull) -> Self {
        Self { start: 0, stop: None, step: 1 }
    }
}

/// The name is that of the method.
#[derive(Clone, Debug)]
pub(super) struct Slice {
    name: &'static str,
    spans: SmallVec<[Span; 4]>,
}

impl Slice {
    /// What is taken of each axis, the axes that were not named included.
    fn resolved(&self, shape: &[usize]) -> SmallVec<[slicing::Span; 4]> {
        let named = self.spans.iter().copied().chain(std::iter::repeat(Span::from(..)));
        named.zip(shape).map(|(span, &extent)| span.resolved(extent)).collect()
    }
}

impl<T: Element> TensorOp<T> for Slice {
    fn name(&self) -> &str {
        self.name
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let mut shape = Shape::from_slice(inputs[0].shape);
        if self.spans.len() > shape.len() {
            let text = format!("{} spans for {} axes", self.spans.len(), shape.len());
            return Err(Error::new(ErrorKind::OutOfRange, text));
        }
        for (axis, (extent, span)) in shape.iter_mut().zip(&self.spans).enumerate() {
            if !span.fits(*extent) {
                let text = format!("the span {span} is outside axis {axis} of extent {extent}");
                return Err(Error::new(ErrorKind::OutOfRange, text));
            }
            *extent = span.resolved(*extent).len;
        }
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        slicing::take(x.data, x.shape, &self.resolved(x.shape), pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (shape, upstream) = (pass.input(0).shape, pass.upstream());
        match pass.downstream(0) {
            Some(to) if to.accumulate => {
                slicing::add(upstream, shape, &self.resolved(shape), to.gradient);
            }
            Some(to) => slicing::write(upstream, shape, &self.resolved(shape), to.gradient, T::zero()),
            None => {}
        }
    }
}

impl Described for Slice {
    const DESCRIPTION: Description = Description {
        name: "slice",
        formula: "y = x at the positions that a span takes of each axis",
        derivative: "g at these positions, 0 elsewhere",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |shape: &[usize], spans: &[Span]| {
            Sample::new(Self { name: "slice", spans: spans.into() }, [Drawn::real(shape)])
        };
        vec![
            case(&[4, 5], &[(1..3).into(), (2..).into()]),
            case(&[5, 2, 7], &[Span::from(1..).step(2), (..).into(), Span::from(..6).step(3)]),
            case(&[3, 4], &[(2..=2).into()]),
            case(&[5, 3], &[Span::from(1..).step(-2), Span::from(..).step(-1)]),
            case(&[2, 3, 2], &[Span::from(..).step(-1), (1..).into(), Span::from(..).step(-3)]),
            case(&[2, 1], &[]),
            case(&[], &[]),
            case(&[4, 3], &[(2..2).into()]),
            case(&[0, 3], &[(..).into(), (1..).into()]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The part within a span along each axis; axes that are not named are taken whole.
    ///
    /// # Shapes
    /// As many positions along each axis as its span takes.
    ///
    /// # Derivative
    /// `1` in what is taken, 0 elsewhere.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Span;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y = x.slice(&[(1..).into(), Span::from(..).step(2)]);
    /// assert_eq!(y.value(), array![[4.0, 6.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_slice`](Self::try_slice) fails.
    #[track_caller]
    #[must_use]
    pub fn slice(self, spans: &[Span]) -> Self {
        or_panic(self.try_slice(spans))
    }

    /// The part within a span along each axis.
    ///
    /// # Errors
    /// A span reaches outside its axis, or there are more spans than axes.
    #[track_caller]
    pub fn try_slice(self, spans: &[Span]) -> Result<Self, Error> {
        self.record(Slice { name: "slice", spans: spans.into() })
    }

    /// Some axes in reverse order; negative ones count from the back.
    ///
    /// # Derivative
    /// `1`, in reverse order.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.flip(&[-1]).value(), array![[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_flip`](Self::try_flip) fails.
    #[track_caller]
    #[must_use]
    pub fn flip(self, axes: &[isize]) -> Self {
        or_panic(self.try_flip(axes))
    }

    /// Some axes in reverse order.
    ///
    /// # Errors
    /// An axis lies outside the shape, or is named twice.
    #[track_caller]
    pub fn try_flip(self, axes: &[isize]) -> Result<Self, Error> {
        let (here, rank) = (std::panic::Location::caller(), self.shape().len());
        let explain = |error: Error| error.operation("flip").shapes([self.shape()]).at(here);
        let mut spans = SmallVec::<[Span; 4]>::from_elem(Span::from(..), rank);
        shape::axes(axes, rank).map_err(explain)?.iter().for_each(|&axis| spans[axis].step = -1);
        self.record(Slice { name: "flip", spans })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Span, Tape};

    #[test]
    fn negative_steps_start_at_the_end() {
        let positions = |span: Span| span.positions(6).collect::<Vec<_>>();
        assert_eq!(positions(Span::from(..).step(-1)), [5, 4, 3, 2, 1, 0]);
        assert_eq!(positions(Span::from(..).step(-4)), [5, 1]);
        assert_eq!(positions(Span::from(1..=3).step(-2)), [3, 1]);
        assert_eq!(positions(Span::from(..1).step(-9)), [0]);
        assert!(positions(Span::from(2..2).step(-1)).is_empty());
        #[allow(clippy::reversed_empty_ranges, reason = "it takes nothing")]
        let none = Span::from(4..2);
        assert!(positions(none).is_empty());
    }

    #[test]
    #[should_panic(expected = "a span needs a step other than 0")]
    fn a_step_of_zero_is_refused() {
        let _ = Span::from(..).step(0);
    }

    #[test]
    fn errors_name_span_axis_and_extent() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 3], vec![0.0; 6]));
        let text =
            |result: Result<_, crate::Error>| result.map(|_: crate::Tensor<'_>| ()).unwrap_err().to_string();
        let error = text(x.try_slice(&[(..).into(), (1..4).into()]));
        assert!(
            error.starts_with("slice: [2, 3]: the span 1..4 is outside axis 1 of extent 3 (at "),
            "{error}"
        );
        let error = text(x.try_slice(&[(3..).into()]));
        assert!(
            error.starts_with("slice: [2, 3]: the span 3.. is outside axis 0 of extent 2 (at "),
            "{error}"
        );
        let error = text(x.try_slice(&[(..).into(); 3]));
        assert!(error.starts_with("slice: [2, 3]: 3 spans for 2 axes (at "), "{error}");
        let error = text(x.try_flip(&[0, -2]));
        assert!(error.starts_with("flip: [2, 3]: axis 0 is named twice (at "), "{error}");
    }
}
