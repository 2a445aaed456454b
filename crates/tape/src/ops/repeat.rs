//! A tensor several times.

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::reduce;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// How often along each axis.
#[derive(Clone, Debug)]
pub(super) struct Repeat {
    reps: Shape,
}

/// A shape in which each axis is two, so that repeating is broadcasting.
type Doubled = SmallVec<[usize; 8]>;

impl Repeat {
    /// Extent and repetitions along each axis of the result: what is missing of either, in front, is 1.
    fn axes<'a>(&'a self, shape: &'a [usize]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let rank = self.reps.len().max(shape.len());
        let at = move |extents: &[usize], axis: usize| {
            (axis + extents.len()).checked_sub(rank).map_or(1, |own| extents[own])
        };
        (0..rank).map(move |axis| (at(shape, axis), at(&self.reps, axis)))
    }

    /// The shapes between which it is a broadcast: `[1, m, 1, n]` and `[reps, m, reps, n]`.
    fn doubled(&self, shape: &[usize]) -> (Doubled, Doubled) {
        let from = self.axes(shape).flat_map(|(extent, _)| [1, extent]);
        (from.collect(), self.axes(shape).flat_map(|(extent, reps)| [reps, extent]).collect())
    }
}

impl<T: Element> TensorOp<T> for Repeat {
    fn name(&self) -> &str {
        "repeat"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let overflow = || Error::new(ErrorKind::Memory, "the number of elements overflows");
        self.axes(inputs[0].shape).map(|(m, n)| m.checked_mul(n).ok_or_else(overflow)).collect()
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let (from, to) = self.doubled(x.shape);
        reduce::broadcast(x.data, &from, &to, pass.output, false);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (upstream, (to, from)) = (pass.upstream(), self.doubled(pass.input(0).shape));
        if let Some(mut downstream) = pass.downstream(0) {
            let accumulate = downstream.accumulate;
            let (gradient, room) = downstream.scratch(reduce::sum_to_scratch(&from, &to));
            reduce::sum_to(upstream, &from, &to, gradient, accumulate, room);
        }
    }
}

impl Described for Repeat {
    const DESCRIPTION: Description = Description {
        name: "repeat",
        formula: "y[i] = x[i mod extents of x]",
        derivative: "Σ g over the copies of each number",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case =
            |shape: &[usize], reps: &[usize]| Sample::new(Self { reps: reps.into() }, [Drawn::real(shape)]);
        vec![
            case(&[2, 3], &[2, 3]),
            case(&[3], &[4]),
            case(&[2, 3], &[2]),
            case(&[3], &[2, 1, 2]),
            case(&[2, 1, 2], &[1, 3, 1]),
            case(&[], &[2]),
            case(&[], &[]),
            case(&[2, 3], &[1, 0]),
            case(&[2, 0], &[2, 2]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The tensor several times along each axis: `NumPy`'s `tile`, `PyTorch`'s `repeat`.
    ///
    /// # Shapes
    /// Each extent times its number of repetitions. Where there are fewer axes than repetitions, or the other way round,
    /// ones are added in front.
    ///
    /// # Derivative
    /// The sum over the copies of each number.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 2.0]);
    /// let y = x.repeat(&[2, 2]);
    /// assert_eq!(y.value(), array![[1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![4.0, 4.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_repeat`](Self::try_repeat) fails.
    #[track_caller]
    #[must_use]
    pub fn repeat(self, reps: &[usize]) -> Self {
        or_panic(self.try_repeat(reps))
    }

    /// The tensor several times along each axis.
    ///
    /// # Errors
    /// The number of elements overflows, or memory for them cannot be had.
    #[track_caller]
    pub fn try_repeat(self, reps: &[usize]) -> Result<Self, Error> {
        self.record(Repeat { reps: reps.into() })
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    #[test]
    fn too_many_repetitions_are_refused() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([2, 3], vec![0.0; 6]));
        let error = x.try_repeat(&[usize::MAX, 1]).unwrap_err().to_string();
        assert!(error.starts_with("repeat: [2, 3]: the number of elements overflows (at "), "{error}");
    }
}
