//! Walks over several tensors at once: the arithmetic of offsets that broadcasting, permutation and slicing share.

use smallvec::SmallVec;

/// One axis of a walk: how many steps it has, and how far each of `N` operands advances at a step (0: it stays). Steps
/// back are numbers that wrap around, and so do offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis<const N: usize> {
    pub(crate) extent: usize,
    pub(crate) steps: [usize; N],
}

/// The axes of a walk, outermost first. Up to six are kept without an allocation, and adjacent axes that can be
/// walked as one are, so that a tensor of any usual rank stays below.
#[derive(Clone, Debug)]
pub(crate) struct Axes<const N: usize>(SmallVec<[Axis<N>; 6]>);

impl<const N: usize> Axes<N> {
    pub(crate) fn new() -> Self {
        Self(SmallVec::new())
    }

    /// Appends the next inner axis, and joins it with the one before where that is the same walk.
    pub(crate) fn push(&mut self, extent: usize, steps: [usize; N]) {
        if extent == 1 {
            return;
        }
        match self.0.last_mut() {
            Some(last) if (0..N).all(|k| last.steps[k] == steps[k].wrapping_mul(extent)) => {
                *last = Axis { extent: last.extent * extent, steps };
            }
            _ => self.0.push(Axis { extent, steps }),
        }
    }

    /// The walk over a tensor of `shape` where operand `k` has the shape `operands[k]`, aligned at the last axis as
    /// `NumPy` does: it stays where its extent is 1 or it has no such axis.
    pub(crate) fn broadcast(shape: &[usize], operands: [&[usize]; N]) -> Self {
        let fits = |operand: &[usize]| {
            let lead = shape.len().checked_sub(operand.len());
            lead.is_some_and(|lead| operand.iter().zip(&shape[lead..]).all(|(&n, &m)| n == m || n == 1))
        };
        for operand in operands {
            assert!(fits(operand), "an operand of shape {operand:?} does not broadcast to {shape:?}");
        }
        // The step along an axis is what is left of the number of elements inside it. An empty operand has steps of
        // 0 throughout, and is never read.
        let mut left = operands.map(|operand| operand.iter().product::<usize>());
        let mut axes = Self::new();
        for (axis, &extent) in shape.iter().enumerate() {
            let steps = std::array::from_fn(|k| {
                let own =
                    (axis + operands[k].len()).checked_sub(shape.len()).map_or(1, |own| operands[k][own]);
                left[k] /= own.max(1);
                if own == 1 { 0 } else { left[k] }
            });
            axes.push(extent, steps);
        }
        axes
    }

    /// Takes the innermost axis off: what is left is walked by [`Self::each`], this one by the caller's inner loop.
    pub(crate) fn pop(&mut self) -> Axis<N> {
        self.0.pop().unwrap_or(Axis { extent: 1, steps: [0; N] })
    }

    /// Whether there is no axis left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The innermost axis.
    pub(crate) fn last(&self) -> Option<Axis<N>> {
        self.0.last().copied()
    }

    /// Replaces every axis.
    pub(crate) fn map(&mut self, to: impl Fn(Axis<N>) -> Axis<N>) {
        self.0.iter_mut().for_each(|axis| *axis = to(*axis));
    }

    /// The axes of which that holds, and the others.
    pub(crate) fn split(self, holds: impl Fn(&Axis<N>) -> bool) -> (Self, Self) {
        let (mut those, mut others) = (Self::new(), Self::new());
        for axis in self.0 {
            if holds(&axis) { &mut those } else { &mut others }.push(axis.extent, axis.steps);
        }
        (those, others)
    }

    /// How many points the walk has.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|axis| axis.extent).product()
    }

    /// The operands' offsets at point number `index`, counted as [`Self::each`] visits them.
    #[inline]
    pub(crate) fn at(&self, mut index: usize) -> [usize; N] {
        let mut offsets = [0; N];
        for axis in self.0.iter().rev() {
            let (rest, step) =
                if self.0.len() == 1 { (0, index) } else { (index / axis.extent, index % axis.extent) };
            (0..N).for_each(|k| offsets[k] += step * axis.steps[k]);
            index = rest;
        }
        offsets
    }

    /// The largest offset of each operand; 0 where there is no point.
    pub(crate) fn furthest(&self) -> [usize; N] {
        std::array::from_fn(|k| self.0.iter().map(|axis| axis.extent.saturating_sub(1) * axis.steps[k]).sum())
    }

    /// Takes off the innermost axis along which operand `k` advances by one element.
    pub(crate) fn take_unit(&mut self, k: usize) -> Option<Axis<N>> {
        self.0.iter().rposition(|axis| axis.steps[k] == 1).map(|position| self.0.remove(position))
    }

    /// Calls `visit` with the operands' offsets at every point of the walk, the last axis running fastest.
    #[inline]
    pub(crate) fn each(&self, mut visit: impl FnMut([usize; N])) {
        if self.0.iter().any(|axis| axis.extent == 0) {
            return;
        }
        let mut counters = SmallVec::<[usize; 6]>::from_elem(0, self.0.len());
        let mut offsets = [0; N];
        loop {
            visit(offsets);
            // The odometer: the innermost axis that can still advance does; those inside it start over.
            let mut axis = self.0.len();
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                let Axis { extent, steps } = self.0[axis];
                counters[axis] += 1;
                if counters[axis] < extent {
                    (0..N).for_each(|k| offsets[k] = offsets[k].wrapping_add(steps[k]));
                    break;
                }
                counters[axis] = 0;
                (0..N).for_each(|k| {
                    offsets[k] = offsets[k].wrapping_sub(steps[k].wrapping_mul(extent - 1));
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offsets<const N: usize>(axes: &Axes<N>) -> Vec<[usize; N]> {
        let mut all = Vec::new();
        axes.each(|offset| all.push(offset));
        all
    }

    #[test]
    fn adjacent_axes_are_joined() {
        let same = Axes::broadcast(&[2, 3, 4], [&[2, 3, 4], &[2, 3, 4]]);
        assert_eq!(same.0.as_slice(), [Axis { extent: 24, steps: [1, 1] }]);
        let row = Axes::broadcast(&[5, 2, 3], [&[5, 2, 3], &[2, 3]]);
        assert_eq!(row.0.as_slice(), [Axis { extent: 5, steps: [6, 0] }, Axis { extent: 6, steps: [1, 1] }]);
        let number = Axes::broadcast(&[5, 1, 3], [&[5, 1, 3], &[]]);
        assert_eq!(number.0.as_slice(), [Axis { extent: 15, steps: [1, 0] }]);
    }

    #[test]
    fn points_by_number() {
        for operands in [[&[2, 1, 3][..], &[3]], [&[2, 4, 3], &[2, 4, 3]], [&[4, 1], &[2, 1, 1]]] {
            let axes = Axes::broadcast(&[2, 4, 3], operands);
            let all = offsets(&axes);
            assert_eq!(axes.count(), all.len());
            assert!(all.iter().enumerate().all(|(index, offsets)| axes.at(index) == *offsets));
            let furthest = [0, 1].map(|k| all.iter().map(|offsets| offsets[k]).max().unwrap());
            assert_eq!(axes.furthest(), furthest);
            let (still, moving) = axes.split(|axis| axis.steps[0] == 0);
            assert_eq!(still.count() * moving.count(), 24);
            assert_eq!(still.furthest()[0], 0);
        }
    }

    #[test]
    fn the_last_axis_runs_fastest() {
        let axes = Axes::broadcast(&[2, 3], [&[2, 1], &[3]]);
        assert_eq!(offsets(&axes), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(offsets(&Axes::broadcast(&[], [&[]])), [[0]]);
        assert!(offsets(&Axes::broadcast(&[2, 0, 3], [&[3]])).is_empty());
    }

    #[test]
    #[should_panic(expected = "an operand of shape [2] does not broadcast to [3]")]
    fn a_wrong_operand_is_refused() {
        Axes::broadcast(&[3], [&[2]]);
    }
}
