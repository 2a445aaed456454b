//! Windows that move along an axis: which numbers each of them holds.

use std::ops::Range;

/// Windows along one axis. Window `o` holds the numbers at `o · stride + k · dilation − padding` for each `k` below
/// `kernel`; where that lies outside the axis there is padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    /// How many numbers there are.
    pub(crate) input: usize,
    /// How many windows there are.
    pub(crate) output: usize,
    /// Places in a window.
    pub(crate) kernel: usize,
    /// From one window to the next.
    pub(crate) stride: usize,
    /// Numbers that are thought in front of the axis.
    pub(crate) padding: usize,
    /// From one place in a window to the next.
    pub(crate) dilation: usize,
}

impl Axis {
    /// An axis of one number and one window around it.
    pub(crate) const POINT: Self =
        Self { input: 1, output: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 };

    /// From the first place of a window to its last one.
    pub(crate) fn reach(&self) -> usize {
        (self.kernel - 1) * self.dilation
    }

    /// The places of window `o` that lie within the axis.
    #[inline]
    pub(crate) fn places(&self, o: usize) -> Range<usize> {
        let start = o * self.stride;
        // Most windows have no gaps, and a division takes long.
        let places =
            |numbers: usize| if self.dilation == 1 { numbers } else { numbers.div_ceil(self.dilation) };
        let first = places(self.padding.saturating_sub(start)).min(self.kernel);
        let end = places((self.input + self.padding).saturating_sub(start)).min(self.kernel);
        first..end.max(first)
    }

    /// The windows whose place `k` lies within the axis.
    #[inline]
    pub(crate) fn windows(&self, k: usize) -> Range<usize> {
        let place = k * self.dilation;
        let first = self.padding.saturating_sub(place).div_ceil(self.stride).min(self.output);
        let end = (self.input + self.padding).saturating_sub(place).div_ceil(self.stride).min(self.output);
        first..end.max(first)
    }

    /// The number at place `k` of window `o`, which lies within the axis.
    #[inline]
    pub(crate) fn at(&self, o: usize, k: usize) -> usize {
        o * self.stride + k * self.dilation - self.padding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_windows_are_those_within_the_axis() {
        for kernel in 1..4 {
            for (stride, dilation, padding) in [(1, 1, 0), (2, 1, 1), (1, 3, 2), (3, 2, 5), (2, 2, 3)] {
                for (input, output) in [(1, 4), (5, 3), (7, 6), (0, 2)] {
                    let axis = Axis { input, output, kernel, stride, padding, dilation };
                    let inside = |o: usize, k: usize| {
                        let at = o * stride + k * dilation;
                        (padding..input + padding).contains(&at)
                    };
                    for o in 0..output {
                        let want: Vec<_> = (0..kernel).filter(|&k| inside(o, k)).collect();
                        assert_eq!(axis.places(o).collect::<Vec<_>>(), want, "{axis:?} window {o}");
                    }
                    for k in 0..kernel {
                        let want: Vec<_> = (0..output).filter(|&o| inside(o, k)).collect();
                        assert_eq!(axis.windows(k).collect::<Vec<_>>(), want, "{axis:?} place {k}");
                    }
                }
            }
        }
    }
}
