//! What is summed for a number of the result: a list of places in the padded copy, each with its weight.

use std::cell::RefCell;

use super::Geometry;
use super::padded::Padded;
use crate::kernels::gemm::vector::Vector;
use crate::kernels::windows::Axis;

/// A term of the sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    /// The distance in the copy from the first number of a window.
    pub(super) from: usize,
    /// Where the weight of the first channel stands.
    weight: usize,
}

/// A part of the result whose numbers all have the same taps: every so many lines and columns of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    /// Its taps in the list.
    pub(super) first: usize,
    pub(super) taps: usize,
    /// Its extents.
    pub(super) lines: usize,
    pub(super) columns: usize,
    /// Where it begins in a plane of the result.
    pub(super) start: usize,
}

/// How a product with the weight is done: one group of one image.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) padded: Padded,
    /// Channels of the result.
    pub(super) channels: usize,
    /// The distance of lines of a phase in the copy.
    pub(super) copy_line: usize,
    /// The distance of lines, and of columns, of a phase in the result.
    pub(super) line: usize,
    pub(super) column: usize,
    /// The distance of the weights of neighbouring channels.
    weight_row: usize,
}

/// Lists that are kept for the next time.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) taps: Vec<Tap>,
    pub(super) phases: Vec<Phase>,
}

thread_local! {
    static LISTS: RefCell<Lists> = RefCell::default();
}

/// Calls `work` with empty lists. Calls do not nest.
pub(super) fn with_lists(work: impl FnOnce(&mut Lists)) {
    LISTS.with_borrow_mut(|lists| {
        lists.taps.clear();
        lists.phases.clear();
        work(lists);
    });
}

impl Plan {
    /// The output from the input.
    pub(super) fn output(geometry: &Geometry, lists: &mut Lists) -> Self {
        let Geometry { inputs, outputs, axes, .. } = *geometry;
        let [rows, columns] = axes;
        let least = axes.map(|axis| (axis.output - 1) * axis.stride + axis.reach() + 1);
        let padding = axes.map(|axis| axis.padding);
        let padded = Padded::new(inputs, axes.map(|axis| axis.input), padding, least, columns.stride);
        for i in 0..inputs {
            for (ky, kx) in pairs(rows.kernel, columns.kernel) {
                let from = padded.at(i, ky * rows.dilation, kx * columns.dilation);
                lists.taps.push(Tap { from, weight: lists.taps.len() });
            }
        }
        let taps = lists.taps.len();
        lists.phases.push(Phase { first: 0, taps, lines: rows.output, columns: columns.output, start: 0 });
        Self {
            padded,
            channels: outputs,
            copy_line: rows.stride * padded.line(),
            line: columns.output,
            column: 1,
            weight_row: taps,
        }
    }

    /// The input from the output: a phase for each remainder of lines and columns by the strides, since those are the
    /// numbers of the input that stand at the same places of their windows.
    pub(super) fn input(geometry: &Geometry, lists: &mut Lists) -> Self {
        let Geometry { inputs, outputs, axes, .. } = *geometry;
        let [rows, columns] = axes;
        // From a number of the input, windows reach back as far as their last place lies behind it.
        let before = axes.map(|axis| axis.reach().saturating_sub(axis.padding) / axis.stride);
        let least = [0, 1].map(|k| before[k] + (axes[k].input - 1 + axes[k].padding) / axes[k].stride + 1);
        let padded = Padded::new(outputs, axes.map(|axis| axis.output), before, least, 1);
        let plane = rows.kernel * columns.kernel;
        for (ry, rx) in pairs(rows.stride.min(rows.input), columns.stride.min(columns.input)) {
            let first = lists.taps.len();
            for o in 0..outputs {
                for (ky, kx) in pairs(rows.kernel, columns.kernel) {
                    let window = |axis: &Axis, remainder: usize, k: usize, before: usize| {
                        let end = remainder + axis.padding + before * axis.stride;
                        let at = end.checked_sub(k * axis.dilation)?;
                        (at % axis.stride == 0).then_some(at / axis.stride)
                    };
                    let line = window(&rows, ry, ky, before[0]);
                    let column = window(&columns, rx, kx, before[1]);
                    if let (Some(line), Some(column)) = (line, column) {
                        let weight = o * inputs * plane + ky * columns.kernel + kx;
                        lists.taps.push(Tap { from: padded.at(o, line, column), weight });
                    }
                }
            }
            lists.phases.push(Phase {
                first,
                taps: lists.taps.len() - first,
                lines: (rows.input - ry).div_ceil(rows.stride),
                columns: (columns.input - rx).div_ceil(columns.stride),
                start: ry * columns.input + rx,
            });
        }
        Self {
            padded,
            channels: inputs,
            copy_line: padded.line(),
            line: rows.stride * columns.input,
            column: columns.stride,
            weight_row: plane,
        }
    }

    /// Copies the weights of a group so that they lie as the tiles want them: phase after phase, and in it, for a few
    /// channels after another, tap after tap.
    #[inline(always)]
    pub(super) fn pack<V: Vector>(&self, lists: &Lists, weights: &[V::Number], packed: &mut [V::Number]) {
        let mut at = 0;
        for phase in &lists.phases {
            let mut channel = 0;
            while channel < self.channels {
                let rows = abreast::<V>(self.channels - channel);
                for tap in &lists.taps[phase.first..phase.first + phase.taps] {
                    for row in 0..rows {
                        packed[at] = weights[tap.weight + (channel + row) * self.weight_row];
                        at += 1;
                    }
                }
                channel += rows;
            }
        }
    }
}

/// How many of so many channels are worked on at once.
#[inline(always)]
pub(super) fn abreast<V: Vector>(channels: usize) -> usize {
    match channels {
        8.. if V::ROWS >= 8 => 8,
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}

fn pairs(lines: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..lines).flat_map(move |line| (0..columns).map(move |column| (line, column)))
}
