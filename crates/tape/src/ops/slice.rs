//! A part of a tensor.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo};

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::layout;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Which positions along an axis: a range, every so many of them.
///
/// ```
/// use tape::Span;
/// let every_other = Span::from(1..).step(2);
/// assert_eq!(every_other.positions(6).collect::<Vec<_>>(), [1, 3, 5]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: usize,
    /// `None`: to the end.
    stop: Option<usize>,
    step: usize,
}

impl Span {
    /// Every `step`-th position of the range.
    ///
    /// # Panics
    /// The step is 0.
    #[track_caller]
    #[must_use]
    pub fn step(self, step: usize) -> Self {
        assert!(step > 0, "a span needs a step of 1 or more");
        Self { step, ..self }
    }

    /// The positions that it takes of an axis.
    pub fn positions(self, extent: usize) -> impl ExactSizeIterator<Item = usize> {
        (self.start..self.stop.unwrap_or(extent).max(self.start)).step_by(self.step)
    }

    fn fits(self, extent: usize) -> bool {
        self.start <= extent && self.stop.unwrap_or(extent) <= extent
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

#[derive(Clone, Debug)]
pub(super) struct Slice {
    spans: SmallVec<[Span; 2]>,
}

impl Slice {
    /// What is taken of each axis, the axes that were not named included.
    fn resolved(&self, shape: &[usize]) -> SmallVec<[layout::Span; 4]> {
        let named = self.spans.iter().copied().chain(std::iter::repeat(Span::from(..)));
        let resolve = |(span, &extent): (Span, &usize)| layout::Span {
            start: span.start,
            stop: span.stop.unwrap_or(extent),
            step: span.step,
        };
        named.zip(shape).map(resolve).collect()
    }
}

impl<T: Element> TensorOp<T> for Slice {
    fn name(&self) -> &str {
        "slice"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let mut shape = Shape::from_slice(inputs[0].shape);
        if self.spans.len() > shape.len() {
            let text = format!("{} spans for {} axes", self.spans.len(), shape.len());
            return Err(Error::new(ErrorKind::OutOfRange, text));
        }
        for (axis, (extent, span)) in shape.iter_mut().zip(&self.spans).enumerate() {
            if !span.fits(*extent) {
                let text = format!("the span {}.. to {:?} is outside axis {axis}", span.start, span.stop);
                return Err(Error::new(ErrorKind::OutOfRange, text));
            }
            *extent = span.positions(*extent).len();
        }
        Ok(shape)
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        layout::slice_copy(x.data, x.shape, &self.resolved(x.shape), pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (shape, upstream) = (pass.input(0).shape, pass.upstream());
        if let Some(to) = pass.downstream(0) {
            layout::slice_add(upstream, shape, &self.resolved(shape), to.gradient, to.accumulate);
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
            Sample::new(Self { spans: SmallVec::from_slice(spans) }, [Drawn::real(shape)])
        };
        vec![
            case(&[4, 5], &[(1..3).into(), (2..).into()]),
            case(&[5, 2, 7], &[Span::from(1..).step(2), (..).into(), Span::from(..6).step(3)]),
            case(&[3, 4], &[(2..=2).into()]),
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
        self.record(Slice { spans: SmallVec::from_slice(spans) })
    }
}
